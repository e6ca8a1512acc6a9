"""Relaxation: when nothing meets everything, find which constraint stands in the way by trying without it."""

from dataclasses import dataclass
from itertools import combinations

from concierge_agent.conversation import Pending
from concierge_agent.enforcement import Enforcement
from concierge_agent.errors import ToolCallError
from concierge_agent.executor import chain, substitute
from concierge_agent.ground import Ground
from concierge_agent.phrases import label, listing, phrase, phrases, shorten, unit_of, value_words
from concierge_agent.plan import Plan, Step
from concierge_agent.tools import Toolbox
from concierge_agent.values import CatalogDescription, Constraint, FieldValue, Op, Option, Question

CALL_CAP = 12
"""How many calls the search for the culprit may make."""
_BOUNDS: tuple[Op, ...] = ("<", "<=", ">", ">=")
_POOL = 1000
"""A candidate set holds at most this many; a count that high is no count."""


@dataclass(frozen=True, slots=True)
class Way:
    """Constraints that could be dropped, and how many items that would give."""

    drop: tuple[Constraint, ...]
    matched: int
    nearest: FieldValue = None
    """Of a bound: the value nearest to it that anything has which meets the rest."""


@dataclass(frozen=True, slots=True)
class Relaxation:
    """What would help an empty result."""

    constraints: tuple[Constraint, ...]
    """Everything that was asked for: hard constraints, and what answers to owed questions mean."""
    answers: tuple[Constraint, ...] = ()
    """Those of them that are answers: named when they stand in the way, but not offered to be dropped."""
    ways: tuple[Way, ...] = ()
    already_shown: int = 0
    """How many items meet everything but were presented before."""
    query: str | None = None
    """The words that were searched for, when only what matches them was looked at."""
    like: tuple[str, ...] | None = None
    """Titles of the items it was to be similar to, when only what is similar was looked at."""
    without_pool: int = 0
    """How many items meet every constraint when those words, or that likeness, are left aside."""
    tried: int = 0
    """Up to how many constraints at once were left out, in every combination."""


async def relax(plan: Plan, final: str, enforcement: Enforcement) -> Relaxation:
    """Rerun the retrieval that ends in step `final` without each active hard constraint, then without each pair.

    `plan` is the planner's own, before enforcement. Pairs are tried only when no single constraint helps, and all that
    was asked in earlier turns only when no pair does. What was said last comes first, and what the user says in general
    comes last. At most `CALL_CAP` calls are made, and one for each bound that helps; they are recorded in the trace as
    relax1, relax2, ...
    """
    probe = _Probe(chain(plan, final), enforcement)
    constraints = enforcement.conditions
    lasting, turns = _standing(enforcement), _turns(enforcement)
    latest = tuple(sorted(constraints, key=lambda c: (repr(c) in lasting, -turns.get(repr(c), 0))))
    already = await probe.matched(include_seen=True) if enforcement.conversation.shown else 0
    query = next((q for q in map(_query, reversed(probe.steps)) if q), None)
    seeds = [i for step in probe.steps for i in _seeds(step)]
    like = tuple(_titles(seeds, enforcement)) if seeds else None
    without_pool = 0
    if like is not None or (query is not None and constraints):
        without_pool = await probe.matched(drop_pool=True)
    ways, tried = await _ways(probe, latest, _said_before(enforcement))
    if any(not lasting & set(map(repr, way.drop)) for way in ways):
        ways = tuple(way for way in ways if not lasting & set(map(repr, way.drop)))
    answers = tuple(c for c in constraints if c not in enforcement.ledger.constraints)
    return Relaxation(constraints, answers, ways, already, query if like is None else None, like, without_pool, tried)


async def _ways(
    probe: "_Probe", constraints: tuple[Constraint, ...], earlier: tuple[Constraint, ...]
) -> tuple[tuple[Way, ...], int]:
    """Return the ways that help, and up to how many constraints at once were left out in every combination."""
    earlier = earlier if len(earlier) > 2 else ()
    reserve = len(probe.steps) if earlier else 0
    tried = 0
    for size in (1, 2):
        drops = list(combinations(constraints, size))
        ways = [
            Way(d, found, await probe.nearest(d))
            for d in drops
            if probe.has_room(reserve) and (found := await probe.matched(without=d))
        ]
        if ways:
            return tuple(ways), tried
        tried += 1 if drops and probe.has_room(reserve) else 0
    if earlier and (found := await probe.matched(without=earlier)):
        return (Way(earlier, found),), tried
    return (), tried


def abstention(found: Relaxation, catalog: CatalogDescription) -> tuple[str, Pending | None]:
    """Return what to tell the user about an empty result, and the question that goes with it."""
    lines = [_lead(found, catalog)]
    pool = _pool(found)
    if found.without_pool:
        aside = "Without that likeness" if found.like is not None else "Leaving those words aside"
        lines.append(f"{aside} there {_are(found.without_pool)}.")
    ways = [(_dropped(way, catalog), way) for way in found.ways]
    if ways:
        given = "; ".join(f'without "{words}" there {_are(way.matched)}{_near(way, catalog)}' for words, way in ways)
        lines.append(f"{given[0].upper()}{given[1:]}.")
    elif len(found.constraints) > 1 and found.tried and not found.already_shown and not found.without_pool:
        few = "one or two" if found.tried > 1 else "one"
        lines.append(f"Leaving out {few} of these conditions does not help either.")
    options = [(words, way) for words, way in ways if not set(map(repr, way.drop)) & set(map(repr, found.answers))]
    if found.without_pool and pool is not None:
        options.insert(0, (pool, Way((), found.without_pool)))
    if not options:
        return " ".join(lines), None
    ask = "Shall I leave that out?" if len(options) == 1 else "Which of these may I leave out?"
    pending = Pending(
        kind="relax",
        question=Question(
            field=None, text=ask, options=[Option(value=words, count=way.matched) for words, way in options]
        ),
        rules=tuple(c for _, way in options for c in way.drop),
        drops=tuple(way.drop for _, way in options),
    )
    return " ".join(lines), pending


def _dropped(way: Way, catalog: CatalogDescription) -> str:
    """Name what a way drops; what was asked in many earlier turns stands in the sentence before it."""
    return " and ".join(phrase(c, catalog) for c in way.drop) if len(way.drop) < 3 else "what you asked before"


def _near(way: Way, catalog: CatalogDescription) -> str:
    if way.nearest is None:
        return ""
    name = way.drop[0].field
    return f" (the nearest {label(name)}: {value_words(way.nearest, unit_of(catalog.field(name)))})"


def _lead(found: Relaxation, catalog: CatalogDescription) -> str:
    """Say what nothing was found for; a search among similar items or by words says nothing of the whole catalog."""
    asked = phrases(found.constraints, catalog)
    among = ""
    if found.like is not None:
        among = f"similar to {listing(found.like)}" if found.like else "similar to those"
    elif found.query:
        among = f'that mentions "{shorten(found.query)}"'
    if found.already_shown:
        shown = "I have already shown you everything"
        if among:
            return f"{shown} {among}{f' that meets all of this: {listing(asked)}' if asked else ''}."
        return f"{shown} that meets all of this: {listing(asked)}." if asked else "I have shown you all there is."
    if among and not asked:
        return f"I found nothing {among}."
    if not asked:
        return "I found nothing that I could show you."
    of = among or "in the catalog"
    return f"Nothing {of} meets {'this' if len(asked) == 1 else 'all of this'}: {listing(asked)}."


def _pool(found: Relaxation) -> str | None:
    """Name what narrows the search besides the conditions, as an option to leave out."""
    if found.like is not None:
        return f"the likeness to {listing(found.like)}" if found.like else "the likeness"
    return f'the words "{shorten(found.query)}"' if found.query else None


class _Probe:
    """Reruns one chain of retrieval steps in variations, and counts what they match."""

    def __init__(self, steps: Plan, enforcement: Enforcement) -> None:
        self.steps = steps.steps
        self._enforcement = enforcement
        self._toolbox: Toolbox = enforcement.toolbox
        self._calls = 0
        self._handle: object = None

    def has_room(self, reserve: int = 0) -> bool:
        """Return whether the cap leaves room for one more variation, and `reserve` calls after it."""
        return self._calls + len(self.steps) + reserve <= CALL_CAP

    async def matched(
        self, *, without: tuple[Constraint, ...] = (), include_seen: bool = False, drop_pool: bool = False
    ) -> int:
        """Return how many items the variation matches; 0 when it cannot run or the cap is reached."""
        if not self.has_room():
            return 0
        results: dict[str, dict[str, object]] = {}
        for step in self.steps:
            varied = self._without_pool(step) if drop_pool else step
            varied = self._enforcement.step(varied, without=without, include_seen=include_seen)
            if step is self.steps[-1] and self._toolbox.takes(step.tool, "n"):
                varied = varied.model_copy(update={"arguments": {**varied.arguments, "n": 1}})
            self._calls += 1
            try:
                results[step.id] = await self._toolbox.call(
                    varied.tool, substitute(varied, results), step=f"relax{self._calls}", charged=False
                )
            except ToolCallError:
                return 0
        last = results[self.steps[-1].id]
        self._handle = last.get("candidates")
        count = last.get("matched", last.get("total", 0))
        return count if isinstance(count, int) else 0

    async def nearest(self, dropped: tuple[Constraint, ...]) -> FieldValue:
        """Return the value nearest to the one bound that is dropped, of all that meets the rest, shown or not."""
        tool = "rank_candidates"
        known = len(dropped) == 1 and dropped[0].op in _BOUNDS and self._toolbox.takes(tool, "descending")
        if known and self._enforcement.conversation.shown:
            await self.matched(without=dropped, include_seen=True)
        if not known or not isinstance(self._handle, str):
            return None
        name, above = dropped[0].field, dropped[0].op in ("<", "<=")
        arguments = {"candidates": self._handle, "by": name, "descending": not above, "n": 1, "detail": "full"}
        self._calls += 1
        try:
            result = await self._toolbox.call(tool, arguments, step=f"relax{self._calls}", charged=False)
        except ToolCallError:
            return None
        found: FieldValue = next((item.get("fields", {}).get(name) for item in result.get("items", ())), None)
        return found

    def _without_pool(self, step: Step) -> Step:
        if _query(step) is not None:
            return step.model_copy(update={"arguments": {**step.arguments, "query": ""}})
        if not _seeds(step):
            return step
        kept = {k: v for k, v in step.arguments.items() if k in ("filters", "exclude")}
        return step.model_copy(update={"tool": "recommend_for_user", "arguments": kept})


def _said_before(enforcement: Enforcement) -> tuple[Constraint, ...]:
    """Return the constraints of earlier turns, when this turn has made new ones: the topic may have changed."""
    now = len(enforcement.conversation.turns) + 1
    hard = [e for e in enforcement.ledger.active("constraint") if e.hard and e.constraint is not None]
    entries = [e for e in hard if e.scope != "user"]
    if not any(entry.turn == now for entry in entries):
        return ()
    return tuple(e.constraint for e in entries if e.turn < now and e.constraint is not None)


def _standing(enforcement: Enforcement) -> set[str]:
    """Return the constraints that hold for the user in general."""
    return {repr(e.constraint) for e in enforcement.ledger.active("constraint") if e.scope == "user"}


def _turns(enforcement: Enforcement) -> dict[str, int]:
    """Return the turn that each constraint was said in last."""
    said = enforcement.ledger.active("constraint")
    return {repr(e.constraint): e.turn for e in sorted(said, key=lambda e: e.turn)}


def _query(step: Step) -> str | None:
    query = step.arguments.get("query")
    return query if step.tool == "search_catalog" and isinstance(query, str) and query.strip() else None


def _seeds(step: Step) -> list[str]:
    ids = step.arguments.get("item_ids")
    return [i for i in ids if isinstance(i, str)] if step.tool == "get_similar_items" and isinstance(ids, list) else []


def _titles(ids: list[str], enforcement: Enforcement) -> list[str]:
    settled = enforcement.conversation.model_copy(update={"ledger": enforcement.ledger})
    known = settled.titles | Ground.of(enforcement.toolbox.calls).titles
    return [known[i] for i in dict.fromkeys(ids) if i in known]


def _are(count: int) -> str:
    return "is 1" if count == 1 else f"are {count}" if count < _POOL else f"are at least {_POOL}"
