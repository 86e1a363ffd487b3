"""Settings, all from the environment; `docs/settings.md` lists them, `manage.py check` explains a bad value."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import structlog
from csp.constants import NONCE, NONE, SELF

from portal.environment import Environment

BASE_DIR = Path(__file__).resolve().parent.parent
ENVIRONMENT = Environment()
_env = ENVIRONMENT

DATA_DIR = _env.folder("TOLLGATE_DATA", BASE_DIR / "var", "Folder for the database, files and the embedded broker.")
DEBUG = _env.flag("TOLLGATE_DEBUG", False, "Django's debug pages; never in production.")
HTTPS = _env.flag("TOLLGATE_HTTPS", False, "The portal is reached over https: secure cookies, HSTS, redirects.")
PRODUCTION = _env.flag("TOLLGATE_PRODUCTION", False, "Refuse to start on defaults that only suit a trial.")
DEMO = _env.flag("TOLLGATE_DEMO", True, "`make run` loads the demo story into an empty database.")
HOST = _env.text("HOST", "127.0.0.1", "Address that `make run` listens on.")
PORT = _env.number("PORT", 8000, "Port that `make run` listens on.", low=0, high=65535)


def _secret_key() -> str:
    given = _env.text(
        "TOLLGATE_SECRET_KEY", "", "Secret for sessions, links and second factors; made in the data folder if absent."
    )
    if given:
        return given
    path = DATA_DIR / "secret_key"
    try:
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(50))
        return path.read_text().strip()
    except OSError:
        return secrets.token_urlsafe(50)


SECRET_KEY = _secret_key()
ALLOWED_HOSTS = _env.names(
    "TOLLGATE_HOSTS",
    ["127.0.0.1", "localhost", "[::1]", HOST],
    "Host names the portal answers to, with commas between.",
)
BASE_URL = _env.text("TOLLGATE_URL", f"http://{HOST}:{PORT}", "Address of the portal, for links in e-mails.").rstrip(
    "/"
)
CSRF_TRUSTED_ORIGINS = [BASE_URL] if BASE_URL.startswith("https://") else []

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "drf_spectacular",
    "django_filters",
    "django_htmx",
    "template_partials",
    "lucide",
    "csp",
    "django_structlog",
    "foundation",
    "lifecycle",
    "explain",
    "portal",
    "demo",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "foundation.web.middleware.RequestFacts",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "foundation.web.middleware.SignInRequired",
    "foundation.web.middleware.Refusals",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "foundation.web.context.frame",
                "lifecycle.postmortems.naming.named",
            ],
            "builtins": [
                "foundation.web.templatetags.tollgate",
                "lucide.templatetags.lucide",
                "template_partials.templatetags.partials",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

DATABASES: dict[str, dict[str, Any]] = {
    "default": _env.database(
        "DATABASE_URL",
        f"sqlite:///{DATA_DIR / 'tollgate.sqlite3'}",
        "Database: sqlite:///file or postgres://...",
    )
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # BEGIN IMMEDIATE takes the write lock at the start, so two deeds queue instead of failing half-way.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Throttles count in the database: they hold across processes and while the broker is away.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "foundation_cache"},
    # What pages have read and may show again until the next deed (foundation/audit/since.py): of each process, and small.
    "answers": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "answers",
        "OPTIONS": {"MAX_ENTRIES": 60},
    },
}

AUTH_USER_MODEL = "foundation.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
# Each signature asks for the password, so its hash is one that is strong by memory, not by time (RFC 9106).
# Older hashes are taken, and made anew at the next sign-in.
PASSWORD_HASHERS = [
    "foundation.people.hashers.PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home:inbox"
ACCOUNT_ADAPTER = "foundation.people.adapter.Adapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = False
# An unknown address gets no mail; the page says the same either way.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[Tollgate] "
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "10/m/ip,5/5m/key"}
MFA_ADAPTER = "foundation.people.adapter.FactorAdapter"
MFA_FORMS = {"authenticate": "foundation.people.forms.SignInCodeForm"}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Tollgate"
# The step before and the one after count too: clocks differ, and people type slowly. A code counts once all the same.
MFA_TOTP_TOLERANCE = 1
# gunicorn hands over the peer's address; behind a proxy, name how many proxies to trust.
ALLAUTH_TRUSTED_PROXY_COUNT = _env.number(
    "TOLLGATE_PROXIES", 0, "Number of reverse proxies in front of the portal.", high=5
)

SESSION_COOKIE_AGE = _env.number("TOLLGATE_SESSION_HOURS", 12, "Hours until a session ends.", low=1, high=720) * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "foundation.web.views.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if HTTPS:
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        # Widths of bars and positions of marks come as style attributes from our own templates.
        "style-src-attr": ["'unsafe-inline'"],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
ORGANISATION_TIME_ZONE = _env.text("TOLLGATE_TIME_ZONE", "UTC", "Time zone in which dates and months are counted.")
ORGANISATION_CURRENCY = _env.text("TOLLGATE_CURRENCY", "EUR", "Currency in which the portfolio is reported (ISO 4217).")
POSTMORTEM_NAME = (
    _env.text(
        "TOLLGATE_POSTMORTEM_NAME", "post-mortem", "What a post-mortem is called, such as retrospective."
    ).strip()[:40]
    or "post-mortem"
)
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = _env.folder("TOLLGATE_STATIC", DATA_DIR / "static", "Folder of the collected static files.")
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "foundation.web.finders.PackageFinder",
]
MANIFEST_STATIC = _env.flag(
    "TOLLGATE_MANIFEST_STATIC",
    False,
    "Serve collected, compressed files with hashed names (production image).",
)
WHITENOISE_USE_FINDERS = not MANIFEST_STATIC
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if MANIFEST_STATIC
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
# Files are never served by their path: a view checks the right and sends them as an attachment.
MEDIA_ROOT = DATA_DIR / "files"
FILE_UPLOAD_PERMISSIONS = 0o640
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
UPLOAD_LIMIT_MB = _env.number("TOLLGATE_UPLOAD_MB", 200, "Largest file that may be uploaded, in MB.", low=1, high=5000)

EMAIL_BACKEND = _env.choice(
    "TOLLGATE_EMAIL_BACKEND",
    "django.core.mail.backends.filebased.EmailBackend",
    (
        "django.core.mail.backends.filebased.EmailBackend",
        "django.core.mail.backends.smtp.EmailBackend",
        "django.core.mail.backends.console.EmailBackend",
        "django.core.mail.backends.locmem.EmailBackend",
    ),
    "How e-mail leaves: files in the data folder until a mail server is named.",
)
EMAIL_FILE_PATH = DATA_DIR / "mail"
EMAIL_HOST = _env.text("TOLLGATE_EMAIL_HOST", "localhost", "Mail server.")
EMAIL_PORT = _env.number("TOLLGATE_EMAIL_PORT", 25, "Port of the mail server.", low=1, high=65535)
EMAIL_HOST_USER = _env.text("TOLLGATE_EMAIL_USER", "", "User at the mail server.")
EMAIL_HOST_PASSWORD = _env.text("TOLLGATE_EMAIL_PASSWORD", "", "Password at the mail server.")
EMAIL_USE_TLS = _env.flag("TOLLGATE_EMAIL_TLS", False, "Use STARTTLS towards the mail server.")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = _env.text("TOLLGATE_EMAIL_FROM", "tollgate@localhost", "Sender of e-mails.")

# Broker. Absent: `make run` starts an embedded Valkey and hands its address to web, worker and scheduler.
REDIS_URL = _env.text(
    "REDIS_URL", "", "Broker over the Redis protocol; absent: the embedded Valkey in the data folder."
)
JOB_LEASE_SECONDS = _env.number(
    "TOLLGATE_JOB_LEASE", 60, "Seconds a worker holds a job without a sign of life.", low=2, high=3600
)
EXPLAIN_SHARD_ROWS = _env.number(
    "TOLLGATE_EXPLAIN_SHARD_ROWS",
    50_000,
    "Rows that one worker explains at once; more are shared among the workers.",
    low=1_000,
    high=1_000_000,
)
RECONCILE_SECONDS = _env.number(
    "TOLLGATE_RECONCILE", 15, "Seconds between two looks at jobs that got lost.", low=1, high=600
)
JOB_TIME_LIMIT = _env.number(
    "TOLLGATE_JOB_TIME_LIMIT", 3600, "Seconds after which a job's process is ended.", low=5, high=86400
)

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "portal.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "rest_framework.parsers.JSONParser",
        "rest_framework.parsers.MultiPartParser",
        "rest_framework.parsers.FormParser",
    ],
    "DEFAULT_PAGINATION_CLASS": "portal.api.pagination.Pages",
    "PAGE_SIZE": 50,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "portal.api.errors.answer",
    "DEFAULT_THROTTLE_CLASSES": [
        "rest_framework.throttling.UserRateThrottle",
        "rest_framework.throttling.AnonRateThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {
        "user": _env.text("TOLLGATE_API_RATE", "6000/hour", "API calls per user."),
        "anon": "60/hour",
        "token": "20/minute",  # nosec B105
    },
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Tollgate",
    "DESCRIPTION": "Sign-off on evidence, KPIs against baselines, ROI, explanations and post-mortems of machine-learning projects.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    # Fields of the same name with different choices get names of their own.
    "ENUM_NAME_OVERRIDES": {
        "RiskEnum": "lifecycle.projects.models.Project.Risk",
        "ProjectStateEnum": "lifecycle.projects.models.Project.State",
        "StageStateEnum": "lifecycle.projects.models.Stage.State",
        "RoundStateEnum": "lifecycle.signoff.models.Round.State",
        "ConditionStateEnum": "lifecycle.signoff.models.Condition.State",
        "ConditionSeverityEnum": "lifecycle.signoff.models.Condition.Severity",
        "BaselineStateEnum": "lifecycle.kpis.models.Baseline.State",
        "AcceptanceStateEnum": "lifecycle.acceptance.models.Acceptance.State",
        "AcceptanceConditionStateEnum": "lifecycle.acceptance.models.AcceptanceCondition.State",
        "CriterionChangeStateEnum": "lifecycle.acceptance.models.CriterionChange.State",
        "CriterionChangeKindEnum": "lifecycle.acceptance.models.CriterionChange.Kind",
        "HandOffStateEnum": "lifecycle.acceptance.models.HandOff.State",
        "ExitReportStateEnum": "lifecycle.acceptance.models.ExitReport.State",
        "PostMortemStateEnum": "lifecycle.postmortems.models.PostMortem.State",
        "JobStateEnum": "foundation.jobs.models.Job.State",
        "ModelStateEnum": "explain.register.models.ModelVersion.State",
        "ComputedStateEnum": "explain.attributions.models.Explanation.State",
        "KpiKindEnum": "lifecycle.kpis.models.Kpi.Kind",
        "PostMortemKindEnum": "lifecycle.postmortems.models.PostMortem.Kind",
        "LessonKindEnum": "lifecycle.postmortems.models.Lesson.Kind",
        "ActionKindEnum": "lifecycle.postmortems.models.ActionItem.Kind",
        "CriterionVerdictEnum": "lifecycle.acceptance.models.CriterionResult.Verdict",
        "FeedbackGradeEnum": "lifecycle.signoff.models.Feedback.Grade",
        "OutcomeGradeEnum": "explain.outcomes.models.OutcomeReport.Grade",
        "DecisionVerdictEnum": "lifecycle.signoff.models.Decision.Verdict",
        "WaiverWhatEnum": "lifecycle.signoff.models.Waiver.What",
        "ProposalWhatEnum": "explain.steering.models.Proposal.What",
        "ProposalStateEnum": "explain.steering.models.Proposal.State",
        "ScenarioKindEnum": "explain.cases.models.Scenario.Kind",
        "ClaimStateEnum": "lifecycle.kpis.claims.models.KpiClaim.State",
        "RateKindEnum": "lifecycle.kpis.rates.models.ExchangeRate.Kind",
        "KpiSeasonEnum": "lifecycle.kpis.models.Kpi.Season",
        "CalculatorSeasonEnum": [(7, "7"), (12, "12"), (52, "52")],
    },
}

DJANGO_STRUCTLOG_CELERY_ENABLED = False
LOG_FORMAT = _env.choice("TOLLGATE_LOG_FORMAT", "console", ("console", "json"), "How log lines look.")
LOG_LEVEL = _env.choice(
    "TOLLGATE_LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"), "Least severity that is logged."
)
_processors: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.stdlib.PositionalArgumentsFormatter(),
]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "lines": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processor": structlog.processors.JSONRenderer()
            if LOG_FORMAT == "json"
            else structlog.dev.ConsoleRenderer(colors=False),
            "foreign_pre_chain": _processors,
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "lines"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {"django_structlog": {"level": "WARNING"}},
}
structlog.configure(
    processors=[
        *_processors,
        structlog.processors.format_exc_info,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
