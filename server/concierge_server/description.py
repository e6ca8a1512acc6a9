"""The catalog's description: fields, ranges, top values, policy and models, as `describe_catalog` returns it."""

from concierge_server.desk import Snapshot
from concierge_server.results import (
    CatalogResult,
    ConstraintResult,
    FieldResult,
    PolicyResult,
    PolicyRule,
    RiskResult,
    Scalar,
    ValueCount,
)
from concierge_tools.config import RuleConfig
from concierge_tools.data.columns import BooleanColumn, CategoryColumn, DateColumn, NumberColumn, TagsColumn
from concierge_tools.data.constraints import OPERATORS, Constraint
from concierge_tools.data.fields import Field

TOP_VALUES = 40
TOP_OF_MANY = 8
MANY = 200


def describe(snapshot: Snapshot) -> CatalogResult:
    """Describe a snapshot's catalog."""
    artifact, catalog, policy = snapshot.artifact, snapshot.catalog, snapshot.policy
    log = artifact.interactions
    return CatalogResult(
        name=catalog.name,
        items=int(catalog.present.sum()),
        users=len(log.user_ids) if log is not None else 0,
        interactions=len(log) if log is not None else 0,
        fields=[_describe(snapshot, field) for field in catalog.fields],
        policy=PolicyResult(
            exclude_history=policy.exclude_history,
            require=[as_result(c) for c in policy.require],
            disclose=[_rule(rule) for rule in policy.disclose],
            confirm=[_rule(rule) for rule in policy.confirm],
            ask_first=policy.ask_first,
            max_items=policy.max_items,
        ),
        risk=_risk(snapshot),
        models=snapshot.retrieval.models,
        artifact=artifact.version,
        fitted_at=artifact.manifest.created_at,
        live_values_as_of=snapshot.live_as_of,
    )


def as_result(constraint: Constraint) -> ConstraintResult:
    """Return a constraint as results carry it."""
    return ConstraintResult(field=constraint.field, op=constraint.op, value=constraint.value)


def _risk(snapshot: Snapshot) -> RiskResult | None:
    if snapshot.artifact.risk is None:
        return None
    found = snapshot.artifact.risk.calibrated
    return RiskResult(level=found.level, n=found.n, users=found.users, without=found.before)


def _rule(rule: RuleConfig) -> PolicyRule:
    return PolicyRule(constraint=as_result(rule), text=rule.text)


def _describe(snapshot: Snapshot, field: Field) -> FieldResult:
    column = snapshot.catalog.column(field.name)
    minimum: Scalar | None = None
    maximum: Scalar | None = None
    quartiles: list[float] | None = None
    distinct: int | None = None
    top: list[ValueCount] = []
    if isinstance(column, NumberColumn):
        minimum, maximum = column.minimum, column.maximum
        quartiles = None if column.quartiles is None else [float(q) for q in column.quartiles]
    elif isinstance(column, DateColumn):
        minimum, maximum = column.minimum, column.maximum
    elif isinstance(column, CategoryColumn | TagsColumn):
        distinct = len(column.values)
        order = sorted(range(distinct), key=lambda i: (-int(column.counts[i]), column.values[i]))
        limit = TOP_VALUES if distinct <= MANY else TOP_OF_MANY
        top = [ValueCount(value=column.values[i], count=int(column.counts[i])) for i in order[:limit]]
    elif isinstance(column, BooleanColumn):
        counts = {value: int(column.mask("==", value).sum()) for value in (True, False)}
        top = [ValueCount(value=value, count=count) for value, count in counts.items() if count]
    return FieldResult(
        name=field.name,
        role=field.role,
        type=field.type,
        unit=field.unit,
        aliases=list(field.aliases),
        operators=list(OPERATORS[field.type]),
        minimum=minimum,
        maximum=maximum,
        quartiles=quartiles,
        distinct=distinct,
        missing=int(column.missing) - int((~snapshot.catalog.present).sum()),
        top_values=top,
        generated=field.generated,
    )
