"""Runs labelled dialogues through the offline brain, over the protocol, and compares what it made of each turn."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mcp import Client

from concierge_agent.answer import AnswerItem
from concierge_agent.brain import TurnContext
from concierge_agent.conversation import Conversation, Pending, Turn
from concierge_agent.ledger import Entry, Ledger
from concierge_agent.offline.brain import OfflineBrain
from concierge_agent.plan import Proposal
from concierge_agent.tools import Toolbox
from concierge_agent.values import CatalogDescription, Constraint, Option, Question


@dataclass
class Talk:
    """A conversation with the offline brain, kept as the agent would keep it."""

    catalog: CatalogDescription
    client: Client
    rows: dict[str, dict[str, Any]]
    conversation: Conversation = field(default_factory=lambda: Conversation(id="c"))

    async def say(self, text: str) -> Proposal:
        listed = await self.client.list_tools()
        toolbox = Toolbox(self.client, {tool.name: tool for tool in listed.tools})
        context = TurnContext(text=text, conversation=self.conversation, catalog=self.catalog, toolbox=toolbox)
        proposal = await OfflineBrain().plan(context)
        number = len(self.conversation.turns) + 1
        ledger = self.conversation.ledger.apply(proposal.changes, turn=number)
        seeds = tuple(
            i for s in proposal.plan.steps for i in s.arguments.get("item_ids", ()) if s.tool == "get_similar_items"
        )
        turn = Turn(number=number, text=text, reply="", intent=proposal.intent, seeds=seeds)
        turns = (*self.conversation.turns, turn)
        self.conversation = self.conversation.model_copy(update={"ledger": ledger, "turns": turns, "pending": None})
        return proposal

    def show(self, ids: list[str]) -> None:
        items = tuple(AnswerItem(id=i, title=self.rows[i]["title"], reason="", fields={}) for i in ids)
        turns = self.conversation.turns
        last = turns[-1].model_copy(update={"items": items})
        shown = (*self.conversation.shown, *ids)
        self.conversation = self.conversation.model_copy(update={"turns": (*turns[:-1], last), "shown": shown})

    def ask(self, asked: dict[str, Any]) -> None:
        options = [Option(value=value, count=1) for value in asked.get("options", [])]
        question = Question(field=asked.get("field"), text="?", options=options)
        rules = tuple(constraint(text) for text in asked.get("rules", []))
        pending = Pending(
            kind=asked["kind"],
            question=question,
            confirmation=asked.get("confirmation"),
            item_ids=tuple(asked.get("items", ())),
            rules=rules,
        )
        self.conversation = self.conversation.model_copy(update={"pending": pending})


def constraint(text: str) -> Constraint:
    """Read "runtime < 120" or "genres contains_any Comedy|Drama"."""
    name, op, raw = text.split(" ", 2)
    parts: list[Any] = [float(p) if p.replace(".", "", 1).isdigit() else p for p in raw.split("|")]
    several = op in ("in", "not_in", "contains_any", "contains_all")
    return Constraint.model_validate({"field": name, "op": op, "value": parts if several else parts[0]})


def spelt(given: Constraint) -> str:
    """Write a constraint as the tables do."""
    values = given.value if isinstance(given.value, list) else [given.value]
    shown = sorted(f"{v:g}" if isinstance(v, int | float) and not isinstance(v, bool) else str(v) for v in values)
    return f"{given.field} {given.op} {'|'.join(shown)}"


def mistakes(expected: dict[str, Any], proposal: Proposal, ledger: Ledger) -> list[str]:
    """Return how a turn differs from its labels; what labels leave out is empty, save intent, tools and notes."""
    wrong = []

    def same(name: str, wanted: Any, got: Any) -> None:
        if wanted != got:
            wrong.append(f"{name}: wanted {wanted}, got {got}")

    constraints = [e for e in ledger.active("constraint") if e.constraint is not None]
    same("must", sorted(expected.get("must", [])), _spelt(constraints, hard=True))
    same("soft", sorted(expected.get("soft", [])), _spelt(constraints, hard=False))
    same("likes", sorted(expected.get("likes", [])), sorted(ledger.liked))
    same("dislikes", sorted(expected.get("dislikes", [])), sorted(ledger.disliked))
    same("wish", expected.get("wish"), ledger.wish)
    answers = {name: sorted(v) if isinstance(v, list) else v for name, v in ledger.answers.items()}
    same("answers", expected.get("answers", {}), answers)
    steps = proposal.plan.steps
    if "intent" in expected:
        same("intent", expected["intent"], proposal.intent)
    for tool in expected.get("tools", []):
        same(f"uses {tool}", True, any(step.tool == tool for step in steps))
    ids: list[str] = next((step.arguments["item_ids"] for step in steps if "item_ids" in step.arguments), [])
    if "items" in expected:
        same("items", expected["items"], ids)
    if "seeds" in expected:
        seeds = [step.arguments["item_ids"] for step in steps if step.tool == "get_similar_items"]
        same("seeds", [expected["seeds"]], seeds)
    if "exclude" in expected:
        excluded = {i for step in steps for i in step.arguments.get("exclude", ())}
        same("exclude", set(), set(expected["exclude"]) - excluded)
    if "note" in expected:
        same("note", True, expected["note"] in " ".join([*proposal.notes, proposal.reply or ""]))
    if "consent" in expected:
        same("consent", [expected["consent"]], [e.value for e in ledger.active("consent")])
    return wrong


def _spelt(entries: list[Entry], *, hard: bool) -> list[str]:
    return sorted(spelt(e.constraint) for e in entries if e.hard is hard and e.constraint is not None)


def read_table(path: Path) -> list[dict[str, Any]]:
    """Read a table of labelled dialogues, one a line."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
