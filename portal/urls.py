"""Addresses of the portal. Each room has its own `urls.py`; pages and API are joined here."""

from allauth.account.urls import urlpatterns as account_pages
from allauth.mfa.base.views import authenticate as ask_for_code
from django.urls import URLPattern, URLResolver, include, path

from foundation.web import views

# Signing in and passwords only: an e-mail address is a person's name here and is not changed by themselves.
ACCOUNT_PAGES = {
    "account_login",
    "account_logout",
    "account_inactive",
    "account_signup",
    "account_reauthenticate",
    "account_change_password",
    "account_set_password",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
}

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/", include([page for page in account_pages if page.name in ACCOUNT_PAGES])),
    path("accounts/code/", ask_for_code, name="mfa_authenticate"),
    path("healthz", views.healthz, name="healthz"),
    path("favicon.ico", views.favicon),
    path("api/v1/", include("portal.api.urls")),
    path("", include("foundation.people.urls")),
    path("", include("foundation.audit.urls")),
    path("", include("foundation.jobs.urls")),
    path("", include("foundation.notices.urls")),
    path("", include("foundation.calendar.urls")),
    path("", include("lifecycle.methodologies.urls")),
    path("", include("lifecycle.projects.urls")),
    path("", include("lifecycle.kpis.urls")),
    path("", include("lifecycle.signoff.urls")),
    path("", include("lifecycle.acceptance.urls")),
    # Before those of single post-mortems, so that post-mortems/themes/ is not taken for a reference.
    path("", include("lifecycle.lessons.urls")),
    # Before post-mortems, which take any word for a reference or a part.
    path("", include("lifecycle.lessons.checks.urls")),
    path("", include("lifecycle.lessons.similar.urls")),
    path("", include("lifecycle.lessons.offers.urls")),
    path("", include("lifecycle.postmortems.urls")),
    path("", include("lifecycle.dossier.urls")),
    path("", include("explain.register.urls")),
    path("", include("explain.attributions.urls")),
    path("", include("explain.outcomes.urls")),
    path("", include("explain.cases.urls")),
    path("", include("explain.steering.urls")),
    # Last, so that projects/new/ is not taken for a project's key.
    path("", include("portal.home.urls")),
]
