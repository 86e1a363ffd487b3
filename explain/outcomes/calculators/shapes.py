"""What the calculators take and give over REST, for the schema: the calculators read their input themselves."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class CashFlowRequest(serializers.Serializer[Any]):
    """Flows by period, or costs and benefits. Money and rates are text."""

    flows = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="Amounts by period, costs negative"
    )
    costs = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="With benefits in place of flows, above zero"
    )
    benefits = serializers.ListField(child=serializers.CharField(), required=False)
    rate = serializers.CharField(required=False, help_text="Per year, as a share: 0.10 is 10 %")
    period = serializers.ChoiceField(["year", "month"], required=False)
    first_flow = serializers.ChoiceField(["now", "end_of_period"], required=False)
    dates = serializers.ListField(
        child=serializers.DateField(), required=False, help_text="Actual/365 in place of periods"
    )
    finance_rate = serializers.CharField(required=False)
    reinvest_rate = serializers.CharField(required=False)
    currency = serializers.CharField(required=False, help_text="ISO 4217; rounds money to its minor unit")


class CashFlowAnswer(serializers.Serializer[Any]):
    """What is undefined is null, with its reason in `undefined`."""

    npv = serializers.CharField(allow_null=True)
    irr = serializers.DictField(help_text="status (unique, none, multiple) and all roots")
    irr_annual = serializers.CharField(allow_null=True)
    mirr = serializers.CharField(allow_null=True)
    roi_percent = serializers.CharField(allow_null=True)
    discounted_roi_percent = serializers.CharField(allow_null=True)
    roi_basis = serializers.CharField()
    net_benefit = serializers.CharField()
    payback = serializers.CharField(allow_null=True)
    payback_status = serializers.CharField()
    first_crossing = serializers.CharField(allow_null=True)
    discounted_payback = serializers.CharField(allow_null=True)
    discounted_payback_status = serializers.CharField(allow_null=True)
    time_unit = serializers.CharField()
    sign_changes = serializers.IntegerField()
    undefined = serializers.DictField(child=serializers.CharField())
    formula_version = serializers.CharField()


class EffectRequest(serializers.Serializer[Any]):
    """A KPI by period with its go-live; null is a missing period."""

    values = serializers.ListField(child=serializers.FloatField(allow_null=True))
    go_live = serializers.JSONField(help_text="Index of the first period after, or a date where dates are given")
    dates = serializers.ListField(
        child=serializers.DateField(), required=False, help_text="Gaps become missing periods"
    )
    ramp = serializers.IntegerField(required=False, help_text="Periods after go-live that count on neither side")
    direction = serializers.CharField(required=False, help_text="What is better: increase or decrease")
    season = serializers.ChoiceField([7, 12, 52], required=False, allow_null=True)
    controls = serializers.ListField(
        child=serializers.ListField(child=serializers.FloatField(allow_null=True)), required=False
    )
    counts = serializers.BooleanField(required=False)
    exposure = serializers.ListField(child=serializers.FloatField(allow_null=True), required=False)
    method = serializers.CharField(required=False, help_text="auto, level, its, did or structural")
    confidence = serializers.FloatField(required=False)
    seed = serializers.IntegerField(required=False)
    unit = serializers.CharField(required=False, help_text="For the sentence")


class EffectAnswer(serializers.Serializer[Any]):
    """Null is unknown or not of this method, with its reason in `undefined`. The full list: docs/calculators.md."""

    status = serializers.CharField(help_text="measured, indicative or not_enough_data")
    reasons = serializers.ListField(child=serializers.CharField())
    method = serializers.CharField()
    why = serializers.CharField()
    effect = serializers.FloatField(allow_null=True, help_text="After less counterfactual, in the KPI's unit")
    interval = serializers.ListField(child=serializers.FloatField(), allow_null=True)
    standard_error = serializers.FloatField(allow_null=True)
    improvement = serializers.FloatField(allow_null=True, help_text="Positive is better")
    relative = serializers.FloatField(allow_null=True, help_text="Improvement as a share of the counterfactual mean")
    rate_ratio = serializers.FloatField(allow_null=True)
    level_change = serializers.FloatField(allow_null=True)
    slope_change = serializers.FloatField(allow_null=True)
    cumulative = serializers.FloatField(allow_null=True)
    counterfactual = serializers.ListField(child=serializers.DictField(), allow_null=True)
    pre_mean = serializers.FloatField(allow_null=True)
    post_mean = serializers.FloatField(allow_null=True)
    n_pre = serializers.IntegerField()
    n_post = serializers.IntegerField()
    n_eff_pre = serializers.FloatField(allow_null=True)
    n_eff_post = serializers.FloatField(allow_null=True)
    rho = serializers.FloatField(allow_null=True)
    placebo = serializers.DictField(allow_null=True)
    minimum_detectable_effect = serializers.FloatField(allow_null=True)
    undefined = serializers.DictField(child=serializers.CharField())
    statement = serializers.CharField()
    formula_version = serializers.CharField()


class KpiRequest(serializers.Serializer[Any]):
    """An effect with its interval, and what it is worth. Money is text; a range is low, mode and high."""

    name = serializers.CharField(required=False, help_text="Within `kpis`: how the answer calls it")
    effect = serializers.FloatField()
    interval = serializers.ListField(child=serializers.FloatField(), required=False)
    standard_error = serializers.FloatField(required=False, help_text="In place of the interval")
    degrees_of_freedom = serializers.FloatField(required=False)
    confidence = serializers.FloatField(required=False)
    direction = serializers.CharField(required=False, help_text="What is better: increase or decrease")
    value_per_unit = serializers.JSONField(help_text="An amount, or a range")
    volumes = serializers.ListField(child=serializers.FloatField(), help_text="Units by month, 0 before go-live")
    share = serializers.CharField(required=False, help_text="Attribution times realisation, 0 to 1")


class UncertaintyRequest(serializers.Serializer[Any]):
    """One KPI by the fields of `kpis`, which then stand here, or several as `kpis`; and costs. Money is text."""

    kpis = KpiRequest(many=True, required=False, help_text="At most 20, drawn independently of each other")
    effect = serializers.FloatField(required=False)
    interval = serializers.ListField(child=serializers.FloatField(), required=False)
    standard_error = serializers.FloatField(required=False, help_text="In place of the interval")
    degrees_of_freedom = serializers.FloatField(required=False)
    confidence = serializers.FloatField(required=False)
    direction = serializers.CharField(required=False, help_text="What is better: increase or decrease")
    value_per_unit = serializers.JSONField(required=False, help_text="An amount, or a range")
    volumes = serializers.ListField(
        child=serializers.FloatField(), required=False, help_text="Units by month, 0 before go-live"
    )
    share = serializers.CharField(required=False, help_text="Attribution times realisation, 0 to 1")
    planned_costs = serializers.JSONField(
        required=False, help_text="Months of amounts or ranges, or named lines of them"
    )
    actual_costs = serializers.ListField(child=serializers.CharField(), required=False)
    rate = serializers.CharField(required=False)
    currency = serializers.CharField(required=False)
    draws = serializers.IntegerField(required=False)
    seed = serializers.IntegerField(required=False)


class UncertaintyAnswer(serializers.Serializer[Any]):
    """Percentiles of the draws; money is text."""

    npv = serializers.DictField(child=serializers.CharField(allow_null=True), help_text="p10, p50, p90, mean")
    roi_percent = serializers.DictField(child=serializers.CharField(allow_null=True))
    discounted_roi_percent = serializers.DictField(child=serializers.CharField(allow_null=True))
    probability_positive = serializers.FloatField()
    likelihood = serializers.CharField()
    improvement = serializers.FloatField(allow_null=True, help_text="Null with `kpis`")
    kpis = serializers.ListField(
        child=serializers.DictField(), allow_null=True, help_text="Name and improvement of each, null for a single one"
    )
    tornado = serializers.ListField(child=serializers.DictField())
    band = serializers.ListField(child=serializers.DictField())
    draws = serializers.IntegerField()
    seed = serializers.IntegerField()
    inputs_hash = serializers.CharField()
    undefined = serializers.DictField(child=serializers.CharField())
    statement = serializers.CharField()
    formula_version = serializers.CharField()


class BusinessCaseRequest(serializers.Serializer[Any]):
    """A plan by month: costs and benefits in lines. All figures are text; a range is low, mode and high."""

    costs = serializers.JSONField(required=False, help_text="Lines with name and months: null, an amount or a range")
    benefits = serializers.JSONField(required=False, help_text="Lines with name, uplift, value, volumes and share")
    rate = serializers.CharField(required=False, help_text="Per year, as a share: 0.10 is 10 %")
    currency = serializers.CharField(required=False)
    draws = serializers.IntegerField(required=False)
    seed = serializers.IntegerField(required=False)


class BusinessCaseAnswer(serializers.Serializer[Any]):
    """Money is text; `uncertainty` is null where no statistics library is installed."""

    cash_flow = CashFlowAnswer()
    uncertainty = UncertaintyAnswer(allow_null=True)
    break_even = serializers.DictField(help_text="Each driver where the plan is worth nothing, the others as planned")
    cost_of_delay = serializers.DictField(child=serializers.CharField(), help_text="Of one month: end_moves, end_stays")
    totals = serializers.DictField(child=serializers.CharField())
    months = serializers.ListField(child=serializers.DictField(child=serializers.CharField()))
    benefits = serializers.ListField(child=serializers.DictField())
    undefined = serializers.DictField(child=serializers.CharField())
    statement = serializers.CharField()
    formula_version = serializers.CharField()


class Awaited(serializers.Serializer[Any]):
    """A calculation that waits for a worker."""

    state = serializers.CharField(help_text="waiting")
    answer = serializers.CharField(help_text="Where the answer will be, also in Location")
    job = serializers.CharField(help_text="How far the worker is")
