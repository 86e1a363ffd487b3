"""Addresses of the room: pages in `urlpatterns`, REST in `api_urlpatterns`."""

from __future__ import annotations

from django.urls import URLPattern, path

from lifecycle.acceptance.api import acceptances, handoffs, reports, signatories
from lifecycle.acceptance.api import criteria as api_criteria
from lifecycle.acceptance.views import acceptance, criteria, deeds, handoff, links, report, signing

app_name = "acceptance"
_BASE = "projects/<slug:key>/acceptance/"
_ONE = f"{_BASE}<int:number>/"
_LINK = f"{_BASE}links/<int:link_id>/"
_HAND = f"{_BASE}hand-off/"
_REPORT = f"{_BASE}exit-report/"
_SIGN = "sign/<str:token>/"
urlpatterns: list[URLPattern] = [
    path(_BASE, acceptance.acceptance, name="acceptance"),
    path(f"{_BASE}open/", deeds.open_acceptance, name="open"),
    path(f"{_BASE}criteria/", criteria.criteria, name="criteria"),
    path(f"{_BASE}criteria/<slug:criterion_key>/withdraw/", criteria.withdraw_criterion, name="withdraw_criterion"),
    path(f"{_BASE}criteria/changes/<int:change_id>/answer/", criteria.answer_change, name="answer_change"),
    path(f"{_ONE}judge/<int:result_id>/", deeds.judge, name="judge"),
    path(f"{_ONE}offer/", deeds.offer, name="offer"),
    path(f"{_ONE}withdraw/", deeds.withdraw, name="withdraw"),
    path(f"{_ONE}decide/", deeds.decide, name="decide"),
    path(f"{_ONE}withdraw-verdict/", deeds.withdraw_verdict, name="withdraw_verdict"),
    path(f"{_ONE}conditions/<int:condition>/close/", deeds.close_condition, name="close_condition"),
    path(f"{_ONE}conditions/<int:condition>/verify/", deeds.verify_condition, name="verify_condition"),
    path(f"{_BASE}links/", links.invite, name="invite"),
    path(f"{_LINK}end/", links.end_link, name="end_link"),
    path(f"{_LINK}new/", links.new_link, name="new_link"),
    path(_HAND, handoff.handoff, name="handoff"),
    path(f"{_HAND}<int:number>/sign/", handoff.hand_over, name="hand_over"),
    path(f"{_HAND}<int:number>/receive/", handoff.receive, name="receive"),
    path(_REPORT, report.exit_report, name="exit_report"),
    path(f"{_REPORT}issue/", report.issue, name="issue_report"),
    path(f"{_REPORT}<int:number>.pdf", report.pdf, name="exit_report_pdf"),
    # For people without an account: the token is the key.
    path(_SIGN, signing.sign, name="sign"),
    path(f"{_SIGN}code/", signing.send_code, name="sign_code"),
    path(f"{_SIGN}open/", signing.open_session, name="sign_open"),
    path(f"{_SIGN}verdict/", signing.give_verdict, name="sign_verdict"),
    path(f"{_SIGN}withdrawal/", signing.take_back, name="sign_withdrawal"),
    path(f"{_SIGN}receipt/", signing.give_receipt, name="sign_receipt"),
    path(f"{_SIGN}exit-report.pdf", signing.report_file, name="sign_report"),
]
_PROJECT = "projects/<slug:key>/"
_ACCEPTANCE = "acceptances/<int:pk>/"
_CONDITION = f"{_ACCEPTANCE}conditions/<int:number>/"
api_urlpatterns: list[URLPattern] = [
    path(f"{_PROJECT}criteria/", api_criteria.Criteria.as_view(), name="api-criteria"),
    path(
        f"{_PROJECT}criteria/<slug:criterion_key>/withdrawals/",
        api_criteria.CriterionWithdrawals.as_view(),
        name="api-criterion-withdrawals",
    ),
    path(f"{_PROJECT}criterion-changes/", api_criteria.CriterionChanges.as_view(), name="api-criterion-changes"),
    path(
        "criterion-changes/<int:pk>/answers/",
        api_criteria.CriterionChangeAnswers.as_view(),
        name="api-criterion-change-answers",
    ),
    path(f"{_PROJECT}acceptances/", acceptances.Acceptances.as_view(), name="api-acceptances"),
    path(_ACCEPTANCE, acceptances.AcceptanceDetail.as_view(), name="api-acceptance"),
    path(f"{_ACCEPTANCE}evidence/", acceptances.AcceptanceEvidence.as_view(), name="api-acceptance-evidence"),
    path(f"{_ACCEPTANCE}judgements/", acceptances.Judgements.as_view(), name="api-judgements"),
    path(f"{_ACCEPTANCE}offers/", acceptances.Offer.as_view(), name="api-offer"),
    path(f"{_ACCEPTANCE}withdrawals/", acceptances.Withdrawal.as_view(), name="api-acceptance-withdrawals"),
    path(f"{_ACCEPTANCE}decisions/", acceptances.Decisions.as_view(), name="api-acceptance-decisions"),
    path(
        f"{_ACCEPTANCE}verdict-withdrawals/", acceptances.VerdictWithdrawals.as_view(), name="api-verdict-withdrawals"
    ),
    path(f"{_CONDITION}proofs/", acceptances.ConditionProofs.as_view(), name="api-condition-proofs"),
    path(
        f"{_CONDITION}verifications/", acceptances.ConditionVerifications.as_view(), name="api-condition-verifications"
    ),
    path(f"{_PROJECT}signatories/", signatories.Signatories.as_view(), name="api-signatories"),
    path("signatories/<int:pk>/", signatories.SignatoryDetail.as_view(), name="api-signatory"),
    path("signatories/<int:pk>/endings/", signatories.SignatoryEndings.as_view(), name="api-signatory-endings"),
    path("signatories/<int:pk>/links/", signatories.SignatoryLinks.as_view(), name="api-signatory-links"),
    path(f"{_PROJECT}handoffs/", handoffs.HandOffs.as_view(), name="api-handoffs"),
    path("handoffs/<int:pk>/signatures/", handoffs.HandOffSignatures.as_view(), name="api-handoff-signatures"),
    path("handoffs/<int:pk>/receipts/", handoffs.HandOffReceipts.as_view(), name="api-handoff-receipts"),
    path(f"{_PROJECT}exit-report/", reports.ExitReportView.as_view(), name="api-exit-report"),
    path(f"{_PROJECT}exit-report/issues/", reports.ExitReportIssues.as_view(), name="api-exit-report-issues"),
]
