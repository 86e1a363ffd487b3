"""Pages of notices."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from foundation.notices.forms import MailFilter
from foundation.notices.models import Notice
from foundation.notices.selectors import deliveries, sees_all_mail
from foundation.notices.services import mark_read
from foundation.web.views import signed_in


@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """The person's notices, newest first."""
    page = Paginator(Notice.objects.filter(user=signed_in(request)), 30).get_page(request.GET.get("page"))
    return render(request, "foundation/notices/notices.html", {"page": page})


@require_POST
def open_notice(request: HttpRequest, notice_id: int) -> HttpResponse:
    """Mark one as read and go where it leads. A POST: following a link must change nothing."""
    person = signed_in(request)
    notice = get_object_or_404(Notice, pk=notice_id, user=person)
    mark_read(actor=person, notice_ids=[notice.pk])
    inside = notice.link.startswith("/") and url_has_allowed_host_and_scheme(notice.link, None)
    return redirect(notice.link if inside else "notices:notices")


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark all as read."""
    person = signed_in(request)
    unread = Notice.objects.filter(user=person, read_at__isnull=True).values_list("pk", flat=True)
    mark_read(actor=person, notice_ids=list(unread))
    return redirect("notices:notices")


@require_safe
def mail(request: HttpRequest) -> HttpResponse:
    """What was mailed and what became of it: everybody's for administrators, else one's own."""
    person = signed_in(request)
    sees_all = sees_all_mail(person)
    form = MailFilter(request.GET or None, with_person=sees_all)
    wanted = form.cleaned_data if form.is_bound and form.is_valid() else {}
    # A filter that cannot be read must not look like one that found everything.
    unread = form.is_bound and not form.is_valid()
    found = deliveries(person, person=wanted.get("person", ""), result=wanted.get("result", ""))
    page = Paginator(found.none() if unread else found, 50).get_page(request.GET.get("page"))
    context = {"page": page, "form": form, "sees_all": sees_all, "filtered": any(wanted.values()), "unread": unread}
    return render(request, "foundation/notices/mail.html", context)
