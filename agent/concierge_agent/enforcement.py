"""What holds whatever a plan says: hard constraints, the user, their likes and dislikes, and what they have seen."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from concierge_agent.conditions import conditions
from concierge_agent.conversation import Conversation
from concierge_agent.ledger import Ledger
from concierge_agent.plan import Plan, Step
from concierge_agent.tools import Toolbox
from concierge_agent.values import CatalogDescription, Constraint

RETRIEVAL = frozenset(
    {"search_catalog", "recommend_for_user", "get_similar_items", "get_trending_items", "filter_candidates"}
)
"""Tools whose `filters` carry the user's hard constraints."""
PRESENTING = "show_recommendations"
_LISTED = 200
_EXCLUDED = 1000


@dataclass(frozen=True, slots=True)
class Enforcement:
    """Completes the steps of one turn's plan. Only tools' own parameter lists decide what they are given."""

    conversation: Conversation
    ledger: Ledger
    toolbox: Toolbox
    catalog: CatalogDescription
    present: bool
    """Whether the plan's candidates are to be presented; look-ups keep their own conditions."""
    also_excluded: tuple[str, ...] = ()
    """Items the plan's author left out anywhere in the plan."""
    variety: float = 0.0
    """The `diversity` of lists whose plan names none."""

    @property
    def conditions(self) -> tuple[Constraint, ...]:
        """What every item must meet."""
        return conditions(self.ledger, self.catalog)

    @property
    def seen(self) -> tuple[str, ...]:
        """Ids of items that are not to be presented again: shown, waved away, liked or disliked; the newest last."""
        told = (*self.conversation.rejected, *self.ledger.liked, *self.ledger.disliked, *self.also_excluded)
        return tuple(dict.fromkeys([*told, *self.conversation.shown]))[-_EXCLUDED:]

    def plan(self, plan: Plan, *, without: Iterable[Constraint] = (), include_seen: bool = False) -> Plan:
        """Return `plan` with everything enforced; `without` leaves constraints out, wherever the plan has them."""
        dropped = tuple(without)
        return Plan(steps=tuple(self.step(s, without=dropped, include_seen=include_seen) for s in plan.steps))

    def step(self, step: Step, *, without: tuple[Constraint, ...] = (), include_seen: bool = False) -> Step:
        """Return `step` with its arguments completed."""
        arguments = dict(step.arguments)
        if self.toolbox.takes(step.tool, "user_id"):
            arguments.pop("user_id", None)
            if self.conversation.user_id is not None:
                arguments["user_id"] = self.conversation.user_id
        if step.tool == "explain_recommendation":
            self._explain(step.tool, arguments)
        elif self.present:
            self._present(step.tool, arguments, without, include_seen)
        if step.tool == "record_feedback":
            told = f"{self.conversation.id}:{len(self.conversation.turns) + 1}"
            parts = (arguments.get("item_id"), arguments.get("event"), bool(arguments.get("undo")))
            arguments.setdefault("idempotency_key", ":".join([told, *map(str, parts)])[:200])
        return step.model_copy(update={"arguments": arguments})

    def _present(
        self, tool: str, arguments: dict[str, Any], without: tuple[Constraint, ...], include_seen: bool
    ) -> None:
        if tool in RETRIEVAL and self.toolbox.takes(tool, "filters"):
            arguments["filters"] = self._filters(arguments.get("filters"), without)
        if self.toolbox.takes(tool, "exclude"):
            excluded = _joined(self.seen, arguments.pop("exclude", None), limit=_EXCLUDED)
            if tool == "search_catalog":  # what is searched for by name may be something the user is fond of
                excluded = [item_id for item_id in excluded if item_id not in self.ledger.liked]
            if include_seen:
                excluded = [item_id for item_id in excluded if item_id not in self.conversation.shown]
            if excluded:
                arguments["exclude"] = excluded
        if arguments.get("by", "personal") == "personal":
            self._taste(tool, arguments)
            if self.variety > 0 and self.toolbox.takes(tool, "diversity"):
                arguments.setdefault("diversity", self.variety)

    def _explain(self, tool: str, arguments: dict[str, Any]) -> None:
        """Give an explanation what the recommendation had: its list, or the user's taste, conditions and words."""
        self._taste(tool, arguments)
        arguments["filters"] = self._filters(arguments.get("filters"), ())
        if self.ledger.wish is not None:
            arguments.setdefault("query", self.ledger.wish)
        if self.toolbox.takes(tool, "candidates"):
            listed = self._presented(arguments.get("item_ids"))
            last = next((turn for turn in reversed(self.conversation.turns) if turn.items), None)
            if listed is not None:
                arguments["candidates"] = listed
            elif last is not None and last.candidates is not None:  # why not: what was shown goes by what was listed
                arguments["candidates"] = last.candidates
                if self.toolbox.takes(tool, "n"):
                    arguments["n"] = len(last.items)
        if self.toolbox.takes(tool, "standing"):
            always = [e.constraint for e in self.ledger.active("constraint") if e.scope == "user" and e.constraint]
            arguments["standing"] = [constraint.model_dump() for constraint in always]

    def _presented(self, asked: object) -> str | None:
        """Return the handle of the latest list that presented all the items asked about."""
        ids = {i for i in asked if isinstance(i, str)} if isinstance(asked, list) else set()
        turns = (turn for turn in reversed(self.conversation.turns) if turn.items)
        return next((t.candidates for t in turns if ids and ids <= {item.id for item in t.items}), None)

    def _taste(self, tool: str, arguments: dict[str, Any]) -> None:
        for name, ids in (("liked", self.ledger.liked), ("disliked", self.ledger.disliked)):
            if ids and self.toolbox.takes(tool, name):
                arguments[name] = _joined(ids, arguments.get(name), limit=_LISTED)

    def _filters(self, stated: object, without: tuple[Constraint, ...]) -> list[Any]:
        own = [f for f in stated if isinstance(f, dict)] if isinstance(stated, list) else []
        merged = [f for f in own if not any(_says(f, constraint) for constraint in without)]
        for constraint in self.conditions:
            if constraint not in without and not any(_says(f, constraint) for f in merged):
                merged.append(constraint.model_dump())
        return merged


def excluded_by(plan: Plan) -> tuple[str, ...]:
    """Return the item ids that a plan's author leaves out in any step."""
    listed = (step.arguments.get("exclude") for step in plan.steps)
    return tuple(dict.fromkeys(i for ids in listed if isinstance(ids, list) for i in ids if isinstance(i, str)))


def _says(raw: dict[str, Any], constraint: Constraint) -> bool:
    return (raw.get("field"), raw.get("op"), raw.get("value")) == (constraint.field, constraint.op, constraint.value)


def _joined(first: Iterable[str], then: object, *, limit: int) -> list[str]:
    own = [i for i in then if isinstance(i, str)] if isinstance(then, list) else []
    return list(dict.fromkeys([*own, *first]))[-limit:]
