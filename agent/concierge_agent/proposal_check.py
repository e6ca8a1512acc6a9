"""Checks a proposal before anything of it happens: against the tools' schemas, the catalog and the conversation."""

from collections.abc import Iterable, Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from concierge_agent.brain import TurnContext
from concierge_agent.enforcement import PRESENTING, Enforcement
from concierge_agent.ground import Ground
from concierge_agent.ledger import Change, Entry, Ledger
from concierge_agent.phrases import phrases
from concierge_agent.plan import REFERENCE, Plan, Proposal, Step
from concierge_agent.tools import CALL_LIMIT
from concierge_agent.trace import HISTORY
from concierge_agent.values import CatalogDescription, Constraint, Question

CONSENT_NEEDS_PENDING = "There is no consent to give: nothing is waiting for it."


def check(proposal: Proposal, context: TurnContext) -> list[str]:
    """Return everything that is wrong with a proposal, as sentences its author can act on; empty when it may run."""
    problems = [p for change in proposal.changes for p in _change_problems(change, context)]
    if not problems:
        problems += _ledger_problems(proposal, context)
    problems += _plan_problems(proposal, context)
    if proposal.question is not None:
        problems += _question_problems(proposal.question, context)
    said = proposal.plan.steps or proposal.question or proposal.reply or proposal.changes or proposal.stepwise
    if not said:
        problems.append("The proposal runs nothing, asks nothing and says nothing.")
    return problems


def known_items(context: TurnContext) -> dict[str, str]:
    """Return every item that a tool result of this conversation holds, with its title."""
    conversation = context.conversation
    known = conversation.titles
    liked = (entry.item_id for entry in conversation.ledger.entries if entry.item_id)
    known |= {i: known.get(i, i) for i in (*liked, *conversation.shown, *conversation.rejected)}
    known |= {seed: known.get(seed, seed) for turn in conversation.turns for seed in turn.seeds}
    if conversation.pending is not None:
        known |= {i: known.get(i, i) for i in conversation.pending.item_ids}
    for call in context.toolbox.calls:
        if call.step == HISTORY and call.tool == "get_user_history" and call.result is not None:
            known |= {past["item_id"]: past["title"] for past in call.result.get("interactions", ())}
    return known | Ground.of(context.toolbox.calls).titles


def with_titles(changes: Iterable[Change], context: TurnContext) -> tuple[Change, ...]:
    """Return changes whose likes and dislikes carry the catalog's own titles."""
    known = known_items(context)
    told = []
    for change in changes:
        entry = change.entry
        if entry is not None and entry.item_id in known:
            change = change.model_copy(update={"entry": entry.model_copy(update={"title": known[entry.item_id]})})
        told.append(change)
    return tuple(told)


def _change_problems(change: Change, context: TurnContext) -> list[str]:
    ledger = context.conversation.ledger
    if change.op == "retract":
        active = {entry.id for entry in ledger.active()}
        if change.entry_id in active:
            return []
        return [f"No active ledger entry {change.entry_id!r} to retract; active are {_listed(active)}."]
    if change.entry is None:
        return ["An added ledger change needs its entry."]
    return _entry_problems(change.entry, context)


def _entry_problems(entry: Entry, context: TurnContext) -> list[str]:
    pending = context.conversation.pending
    match entry.kind:
        case "constraint":
            if entry.constraint is None:
                return ["A ledger entry of kind 'constraint' needs its constraint."]
            return _constraint_problems(entry.constraint, context.catalog)
        case "like" | "dislike":
            if entry.item_id in known_items(context):
                return []
            told = "look its id up with resolve_mentions or search_catalog first"
            return [f"No result of this conversation holds the item {entry.item_id!r}; {told}."]
        case "answer":
            askable = {field.name for field in context.catalog.fields} | set(context.catalog.policy.ask_first)
            if entry.field in askable:
                return []
            return [f"An answer belongs to a field; {entry.field!r} is none of {_listed(askable)}."]
        case "consent":
            if pending is None or pending.kind != "consent":
                return [CONSENT_NEEDS_PENDING]
            if entry.value != pending.confirmation:
                return ["The consent's value must be the token that is pending, unchanged."]
            return []
        case "wish":
            return [] if entry.text.strip() else ["A wish needs its words in `text`."]


def _constraint_problems(constraint: Constraint, catalog: CatalogDescription) -> list[str]:
    if constraint.field in ("id", "title"):
        return []
    field = catalog.field(constraint.field)
    if field is None:
        return [f"No field {constraint.field!r}; the fields are {_listed(f.name for f in catalog.fields)}."]
    if field.operators and constraint.op not in field.operators:
        return [f"Field {field.name!r} does not take {constraint.op!r}; it takes {', '.join(field.operators)}."]
    values = constraint.value if isinstance(constraint.value, list) else [constraint.value]
    if field.type == "number" and not all(_is_number(value) for value in values):
        return [f"Field {field.name!r} holds numbers; {constraint.value!r} is none."]
    if field.type == "boolean" and not isinstance(constraint.value, bool):
        return [f"Field {field.name!r} is true or false, not {constraint.value!r}."]
    return []


def _ledger_problems(proposal: Proposal, context: TurnContext) -> list[str]:
    try:
        context.conversation.ledger.apply(proposal.changes, turn=len(context.conversation.turns) + 1)
    except (KeyError, ValueError) as error:
        return [str(error.args[0])]
    return []


def _plan_problems(proposal: Proposal, context: TurnContext) -> list[str]:
    steps = proposal.plan.steps
    if len(steps) > CALL_LIMIT:
        return [f"The plan has {len(steps)} steps; at most {CALL_LIMIT} may run."]
    problems: list[str] = []
    ledger = Ledger()
    enforce = Enforcement(context.conversation, ledger, context.toolbox, context.catalog, present=False)
    for step in steps:
        tools = context.toolbox.tools
        if step.tool == PRESENTING:
            problems.append(f"Step {step.id}: {PRESENTING} is called by the agent itself; leave it out of the plan.")
        elif step.tool not in tools:
            problems.append(f"Step {step.id}: no tool {step.tool!r}; the tools are {_listed(tools)}.")
        elif step.tool == "get_user_history" and context.conversation.user_id is None:
            problems.append(f"Step {step.id}: this conversation has no user, so there is no history to read.")
        else:
            problems += schema_problems(enforce.step(step), tools[step.tool].input_schema)
    return problems


def schema_problems(step: Step, schema: Mapping[str, Any]) -> list[str]:
    """Return how a step's arguments break the tool's schema; references may stand where handles and ids do."""
    instance = _with_samples(step.arguments)
    problems = []
    for error in Draft202012Validator(dict(schema)).iter_errors(instance):
        cause = _deepest(error)
        path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in cause.absolute_path)
        if cause.validator in ("pattern", "minLength", "maxLength") and cause.instance == _SAMPLE:
            continue
        problems.append(f"Step {step.id}: {step.tool}{path}: {cause.message}.")
    return problems


_SAMPLE = "sample"


def _with_samples(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_samples(part) for key, part in value.items() if part is not None}
    if isinstance(value, list):
        flat: list[Any] = []
        for part in value:
            new = _with_samples(part)
            flat += new if isinstance(new, list) and isinstance(part, str) else [new]
        return flat
    if isinstance(value, str) and (reference := REFERENCE.fullmatch(value)):
        return [_SAMPLE] if reference[2] else _SAMPLE
    return value


def _deepest(error: ValidationError) -> ValidationError:
    """Return the most telling cause of an error: of several alternatives the one that got furthest."""
    while error.context:
        error = max(error.context, key=lambda e: (len(e.absolute_path), e.validator != "type"))
    return error


def _question_problems(question: Question, context: TurnContext) -> list[str]:
    if question.field is None:
        return _option_problems(question, context)
    field = context.catalog.field(question.field)
    if field is None and question.field not in context.catalog.policy.ask_first:
        return [f"The question is about {question.field!r}, which is no field of the catalog."]
    offered = {str(known.value).casefold() for known in (field.top_values if field else [])}
    for call in context.toolbox.calls:
        if call.tool == "suggest_question" and call.result is not None and call.result.get("field") == question.field:
            offered |= {str(option["value"]).casefold() for option in call.result.get("options", ())}
    invented = [o.value for o in question.options if str(o.value).casefold() not in offered]
    if invented and field is not None and field.type in ("category", "tags"):
        return [f"The question offers {invented[0]!r}, which no result holds for {question.field!r}."]
    return []


def _option_problems(question: Question, context: TurnContext) -> list[str]:
    """Return the options that name something nobody has named: neither a result, nor the catalog, nor the user."""
    fields = context.catalog.fields
    named = "\n".join(
        [
            context.text,
            *known_items(context).values(),
            *(f"{f.name.replace('_', ' ')}\n{f.name}\n{' '.join(f.aliases)}" for f in fields),
            *(str(known.value) for f in fields for known in f.top_values),
            *phrases(context.conversation.ledger.constraints, context.catalog),
        ]
    ).casefold()
    offered = [str(option.value) for option in question.options]
    invented = [said for said in offered if said != said.lower() and said.casefold() not in named]
    return [f"The question offers {invented[0]!r}, which no result holds."] if invented else []


def _is_number(value: object) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, int | float):
        return True
    try:
        float(str(value))
    except ValueError:
        return False
    return True


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def steps_of(plan: Plan) -> list[dict[str, Any]]:
    """Return a plan as JSON: id, tool, arguments and purpose of each step."""
    return [step.model_dump(include={"id", "tool", "arguments", "purpose"}) for step in plan.steps]
