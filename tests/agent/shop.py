"""A small shop behind a real MCP server, and brains that say what a test gives them."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from anyio.lowlevel import checkpoint
from mcp import Client
from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

from concierge_agent.agent import Agent
from concierge_agent.answer import Answer, Claim, Draft, DraftItem
from concierge_agent.brain import Brain, Material, TurnContext
from concierge_agent.conversation import Conversation
from concierge_agent.errors import BrainError
from concierge_agent.ledger import Change, Entry
from concierge_agent.local_store import LocalConversations
from concierge_agent.plain_writer import PlainWriter
from concierge_agent.plan import Plan, Proposal, Step
from concierge_agent.tools import CALL_LIMIT, Toolbox
from concierge_agent.trace import Usage
from concierge_agent.values import CatalogDescription, Constraint

ITEMS: list[dict[str, Any]] = [
    {"id": "b1", "title": "Harbour Lights", "topics": ["Sea", "Comedy"], "pages": 90, "year": 1994, "adult": False},
    {"id": "b2", "title": "Night Ferry", "topics": ["Sea", "Crime"], "pages": 240, "year": 1996, "adult": False},
    {"id": "b3", "title": "The Quiet Garden", "topics": ["Nature"], "pages": 120, "year": 1999, "adult": False},
    {"id": "b4", "title": "Salt and Rust", "topics": ["Sea", "Nature"], "pages": 310, "year": 2003, "adult": False},
    {"id": "b5", "title": "Red Cellar", "topics": ["Crime", "Horror"], "pages": 200, "year": 1991, "adult": True},
    {
        "id": "b6",
        "title": "Promised Shore",
        "topics": ["Sea"],
        "pages": 150,
        "year": 2010,
        "adult": False,
        "paid": True,
    },
]
FIELDS: list[dict[str, Any]] = [
    {
        "name": "topics",
        "role": "tags",
        "type": "tags",
        "operators": ["contains", "not_contains", "contains_any", "contains_all"],
        "top_values": [
            {"value": "Sea", "count": 4},
            {"value": "Crime", "count": 2},
            {"value": "Nature", "count": 2},
            {"value": "Comedy", "count": 1},
            {"value": "Horror", "count": 1},
        ],
    },
    {"name": "pages", "role": "number", "type": "number", "unit": "pages", "operators": ["==", "<", "<=", ">", ">="]},
    {"name": "year", "role": "number", "type": "number", "operators": ["==", "<", "<=", ">", ">="]},
    {"name": "adult", "role": "boolean", "type": "boolean", "operators": ["==", "!="]},
    {"name": "mood", "role": "category", "type": "category", "operators": ["==", "!="], "generated": True},
]
CATALOG = CatalogDescription.model_validate(
    {
        "name": "Book corner",
        "items": len(ITEMS),
        "fields": FIELDS,
        "policy": {
            "confirm": [{"constraint": {"field": "adult", "op": "==", "value": True}, "text": "It is for adults."}],
        },
        "models": ["blend"],
        "artifact": "a1",
    }
)
SEA = Constraint(field="topics", op="contains", value="Sea")
NO_CRIME = Constraint(field="topics", op="not_contains", value="Crime")
SHORT = Constraint(field="pages", op="<=", value=100)
_TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda have, want: have == want,
    "!=": lambda have, want: have != want,
    "<": lambda have, want: have < want,
    "<=": lambda have, want: have <= want,
    ">": lambda have, want: have > want,
    ">=": lambda have, want: have >= want,
    "contains": lambda have, want: want in have,
    "not_contains": lambda have, want: want not in have,
    "contains_any": lambda have, want: bool(set(have) & set(want)),
    "contains_all": lambda have, want: set(want) <= set(have),
}
Filters = Sequence[dict[str, Any]]
Ids = Sequence[str]


class Shop:
    """The shop's state: the sets it handed out, what was recorded, and the owner's rules."""

    def __init__(self, *, ask_first: str | None = None, consent: bool = False, most: int = 5) -> None:
        self.ask_first = ask_first
        self.consent = consent
        self.most = most
        self.sets: dict[str, list[str]] = {}
        self.recorded: list[dict[str, Any]] = []
        self.broken: set[str] = set()
        """Tools that refuse every call."""

    def server(self) -> MCPServer:
        """Return the shop's tools behind MCP."""
        server = MCPServer("shop", version="1")
        for tool in (
            self.describe_catalog,
            self.search_catalog,
            self.recommend_for_user,
            self.get_similar_items,
            self.get_trending_items,
            self.filter_candidates,
            self.combine_candidates,
            self.get_item_details,
            self.explain_recommendation,
            self.show_recommendations,
            self.record_feedback,
        ):
            server.add_tool(tool)
        return server

    def describe_catalog(self) -> dict[str, Any]:
        return CATALOG.model_dump()

    def search_catalog(self, query: str, filters: Filters = (), n: int = 10) -> dict[str, Any]:
        words = query.casefold().split()
        found = [i for i in ITEMS if all(word in str(i).casefold() for word in words)]
        return self._list("search_catalog", found, filters, [], n)

    def recommend_for_user(
        self,
        user_id: str | None = None,
        liked: Ids = (),
        disliked: Ids = (),
        filters: Filters = (),
        exclude: Ids = (),
        n: int = 10,
    ) -> dict[str, Any]:
        basis = "blend" if liked or user_id else "trending"
        return self._list("recommend_for_user", ITEMS, filters, [*exclude, *liked], n, basis)

    def get_similar_items(
        self, item_ids: list[str], filters: Filters = (), exclude: Ids = (), n: int = 10
    ) -> dict[str, Any]:
        return self._list("get_similar_items", ITEMS, filters, [*exclude, *item_ids], n)

    def get_trending_items(self, filters: Filters = (), n: int = 10) -> dict[str, Any]:
        return self._list("get_trending_items", ITEMS, filters, [], n, "trending")

    def filter_candidates(self, candidates: str, filters: Filters, exclude: Ids = (), n: int = 10) -> dict[str, Any]:
        return self._list("filter_candidates", self._items(candidates), filters, exclude, n)

    def combine_candidates(self, operation: str, candidates: list[str]) -> dict[str, Any]:
        sets = [set(self.sets[handle]) for handle in candidates]
        kept = sets[0].difference(*sets[1:]) if operation == "difference" else sets[0].union(*sets[1:])
        return self._list("combine_candidates", [i for i in ITEMS if i["id"] in kept], [], [], 10)

    def get_item_details(self, item_ids: list[str]) -> dict[str, Any]:
        found = [i for i in ITEMS if i["id"] in item_ids]
        return {"items": [_row(i) for i in found], "unknown": [], "artifact": "a1"}

    def explain_recommendation(
        self,
        item_ids: list[str],
        user_id: str | None = None,
        liked: Ids = (),
        disliked: Ids = (),
        filters: Filters = (),
        query: str | None = None,
    ) -> dict[str, Any]:
        self._refuse("explain_recommendation")
        told = []
        for item in (i for i in ITEMS if i["id"] in item_ids):
            proof = {"item_id": item["id"], "source": "field", "name": "topics", "value": item["topics"]}
            text = f"It is about {' and '.join(item['topics'])}."
            reason = {"kind": "matches", "text": text, "evidence": [proof]}
            told.append(
                {
                    "id": item["id"],
                    "title": item["title"],
                    "short": text,
                    "detailed": f"{text} It has {item['pages']} pages.",
                    "reasons": [reason],
                    "contributions": [],
                    "score": 0.5,
                    "evidence": [proof],
                }
            )
        return {"items": told, "unknown": [], "artifact": "a1"}

    def show_recommendations(
        self,
        candidates: str | None = None,
        item_ids: Ids = (),
        filters: Filters = (),
        user_id: str | None = None,
        answers: dict[str, Any] | None = None,
        confirmation: str | None = None,
    ) -> dict[str, Any]:
        self._refuse("show_recommendations")
        result: dict[str, Any] = {"items": [], "withheld": [], "artifact": "a1", "notes": []}
        if self.ask_first is not None and self.ask_first not in (answers or {}):
            text, options = "Which topic do you like?", [{"value": "Sea", "count": 4}, {"value": "Crime", "count": 2}]
            question = {"field": self.ask_first, "text": text, "options": options, "gain": 1.0}
            return {**result, "status": "question", "question": question}
        proposed = self._items(candidates) if candidates else [i for i in ITEMS if i["id"] in item_ids]
        kept = [i for i in proposed if _meets(i, filters)][: self.most]
        owed = [i for i in kept if self.consent and i["adult"] and confirmation != f"token-{i['id']}"]
        shown = [_row(i) for i in kept if i not in owed]
        if owed:
            ids = [i["id"] for i in owed]
            result["confirmation"] = {"token": f"token-{ids[0]}", "item_ids": ids, "text": "It is for adults."}
        status = "shown" if shown else "confirmation" if owed else "empty"
        return {**result, "status": status, "items": shown}

    def record_feedback(
        self, item_id: str, event: str, user_id: str | None = None, idempotency_key: str | None = None
    ) -> dict[str, Any]:
        self.recorded.append({"item_id": item_id, "event": event, "user_id": user_id, "key": idempotency_key})
        return {"id": "f1", "item_id": item_id, "event": event, "status": "stored"}

    def _refuse(self, tool: str) -> None:
        if tool in self.broken:
            raise ToolError(f"{tool} is out of order; try again later.")

    def _items(self, handle: str) -> list[dict[str, Any]]:
        if handle not in self.sets:
            raise ToolError(f"No candidate set {handle!r}.")
        return [i for wanted in self.sets[handle] for i in ITEMS if i["id"] == wanted]

    def _list(
        self,
        tool: str,
        items: Sequence[dict[str, Any]],
        filters: Filters,
        exclude: Sequence[str],
        n: int,
        basis: str = "blend",
    ) -> dict[str, Any]:
        self._refuse(tool)
        found = [i for i in items if _meets(i, filters) and i["id"] not in exclude]
        handle = f"cs_{len(self.sets) + 1}"
        self.sets[handle] = [i["id"] for i in found]
        return {
            "candidates": handle,
            "total": len(found),
            "matched": len(found),
            "items": [_row(i) for i in found[:n]],
            "artifact": "a1",
            "basis": basis,
            "notes": [],
        }


class ScriptedBrain:
    """Gives the proposals and drafts of a test, in order; without a draft it writes plainly."""

    def __init__(
        self,
        proposals: Sequence[Proposal | BrainError],
        drafts: Sequence[Draft | BrainError] = (),
        name: str = "scripted",
    ) -> None:
        self.name = name
        self._proposals = list(proposals)
        self._drafts = list(drafts)
        self.problems: list[tuple[str, ...]] = []
        """The problems each call to `plan` and `write` was told of."""

    async def plan(self, context: TurnContext, problems: tuple[str, ...] = ()) -> Proposal:
        await checkpoint()
        self.problems.append(problems)
        proposal = self._proposals.pop(0)
        if isinstance(proposal, BrainError):
            raise proposal
        return proposal

    async def write(self, material: Material) -> Draft:
        await checkpoint()
        if not self._drafts:
            return await PlainWriter().write(material)
        self.problems.append(material.problems)
        draft = self._drafts.pop(0)
        if isinstance(draft, BrainError):
            raise draft
        return draft

    def take_usage(self) -> Usage:
        return Usage()


def recommend(*changes: Change, tool: str = "recommend_for_user", **arguments: Any) -> Proposal:
    """Return a proposal that changes the ledger and runs one retrieval."""
    plan = Plan(steps=(Step(id="s1", tool=tool, arguments=arguments, purpose="find books"),))
    return Proposal(intent="ask", changes=changes, plan=plan)


def steps(*tools: tuple[str, dict[str, Any]]) -> Plan:
    """Return a plan of tools with their arguments."""
    numbered = enumerate(tools, start=1)
    return Plan(steps=tuple(Step(id=f"s{i}", tool=tool, arguments=arguments) for i, (tool, arguments) in numbered))


def wants(constraint: Constraint, text: str = "said so") -> Change:
    """Return the change that adds a hard constraint."""
    return Change(op="add", entry=Entry(id="", kind="constraint", turn=0, text=text, constraint=constraint))


def item(item_id: str, reason: str = "", **claims: Any) -> DraftItem:
    """Return a draft's item with its claims."""
    told = tuple(Claim(item_id=item_id, name=name, value=value) for name, value in claims.items())
    return DraftItem(id=item_id, reason=reason, claims=told)


@asynccontextmanager
async def toolbox_over(shop: Shop, *, limit: int = CALL_LIMIT) -> AsyncIterator[Toolbox]:
    """Open a toolbox on the shop over a real MCP client."""
    async with Client(shop.server()) as client:
        yield Toolbox(client, {tool.name: tool for tool in (await client.list_tools()).tools}, limit=limit)


@asynccontextmanager
async def agent_over(
    shop: Shop,
    brain: Brain,
    fallback: Brain | None = None,
    *,
    store: LocalConversations | None = None,
    user_id: str | None = None,
) -> AsyncIterator[Agent]:
    """Open an agent on the shop over a real MCP client."""
    async with Client(shop.server()) as client:
        yield Agent(client, brain, fallback, store or LocalConversations(), user_id=user_id)


async def converse(
    brain: Brain,
    *texts: str,
    shop: Shop | None = None,
    fallback: Brain | None = None,
    user_id: str | None = None,
) -> tuple[Conversation, list[Answer]]:
    """Say `texts` one after the other; return the conversation and the answers."""
    conversation, answers = Conversation(id="c1", user_id=user_id), []
    async with agent_over(shop or Shop(), brain, fallback, user_id=user_id) as agent:
        for text in texts:
            conversation, answer = await agent.turn(conversation, text)
            answers.append(answer)
    return conversation, answers


def _row(item: dict[str, Any]) -> dict[str, Any]:
    fields = {name: item[name] for name in ("topics", "pages", "year", "adult")}
    disclosures = ["The publisher paid for this place."] if item.get("paid") else []
    return {"id": item["id"], "title": item["title"], "score": 0.5, "fields": fields, "disclosures": disclosures}


def _meets(item: dict[str, Any], filters: Filters) -> bool:
    for condition in filters:
        if condition["field"] not in item:
            raise ToolError(f"No field {condition['field']!r}.")
    return all(_TESTS[c["op"]](item[c["field"]], c["value"]) for c in filters)
