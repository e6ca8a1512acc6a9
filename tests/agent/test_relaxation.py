import pytest

from concierge_agent.conversation import Conversation, Turn
from concierge_agent.enforcement import Enforcement
from concierge_agent.ledger import Ledger
from concierge_agent.relaxation import CALL_CAP, Relaxation, Way, abstention, relax
from concierge_agent.values import Constraint
from tests.agent.shop import CATALOG, NO_CRIME, SEA, SHORT, Shop, steps, toolbox_over, wants

pytestmark = pytest.mark.anyio
LONG = Constraint(field="pages", op=">", value=400)
OLD = Constraint(field="year", op="<", value=1900)


async def relaxed(*constraints: Constraint, shop: Shop | None = None, shown: tuple[str, ...] = ()) -> Relaxation:
    ledger = Ledger().apply([wants(c) for c in constraints], turn=1)
    async with toolbox_over(shop or Shop()) as toolbox:
        enforcement = Enforcement(Conversation(id="c", shown=shown), ledger, toolbox, CATALOG, present=True)
        return await relax(
            steps(("recommend_for_user", {"filters": [c.model_dump() for c in constraints]})), "s1", enforcement
        )


async def test_the_one_constraint_in_the_way_is_found_with_what_dropping_it_gives() -> None:
    found = await relaxed(SEA, NO_CRIME, LONG)

    assert found.ways == (Way((LONG,), 3),)


async def test_every_constraint_that_would_help_alone_is_offered_in_the_order_it_was_said() -> None:
    found = await relaxed(SHORT, Constraint(field="topics", op="contains", value="Nature"))

    assert [(way.drop[0].field, way.matched) for way in found.ways] == [("pages", 2), ("topics", 1)]


async def test_pairs_are_tried_only_when_no_single_constraint_helps() -> None:
    found = await relaxed(SEA, LONG, OLD)

    assert found.ways == (Way((LONG, OLD), 4),)


async def test_what_was_already_shown_is_not_called_a_conflict() -> None:
    found = await relaxed(SEA, SHORT, shown=("b1",))

    assert found.already_shown == 1
    said, _ = abstention(found, CATALOG)
    assert said.startswith("I have already shown you everything that meets all of this")


async def test_words_in_the_way_are_named() -> None:
    ledger = Ledger().apply([wants(SEA)], turn=1)
    async with toolbox_over(Shop()) as toolbox:
        enforcement = Enforcement(Conversation(id="c"), ledger, toolbox, CATALOG, present=True)
        found = await relax(steps(("search_catalog", {"query": "penguin"})), "s1", enforcement)

    said, pending = abstention(found, CATALOG)
    assert said == (
        'Nothing that mentions "penguin" meets this: topics include Sea. Leaving those words aside there are 4.'
    )
    assert pending is not None
    assert pending.drops == ((),)
    assert pending.question.options[0].value == 'the words "penguin"'


async def test_nothing_similar_is_not_said_of_the_whole_catalog() -> None:
    said, pending = abstention(Relaxation((SEA,), like=("Night Ferry",), without_pool=3), CATALOG)

    assert said == ("Nothing similar to Night Ferry meets this: topics include Sea. Without that likeness there are 3.")
    assert pending is not None
    assert [o.value for o in pending.question.options] == ["the likeness to Night Ferry"]


async def test_the_search_for_the_culprit_is_bounded() -> None:
    constraints = [Constraint(field="pages", op=">", value=1000 + i) for i in range(30)]
    shop = Shop()

    found = await relaxed(*constraints, shop=shop)

    assert found.ways == ()
    assert len(shop.sets) == CALL_CAP
    assert "does not help" not in abstention(found, CATALOG)[0]


async def test_when_the_topic_changed_everything_asked_before_is_offered_to_be_dropped() -> None:
    before = [Constraint(field="pages", op=">", value=n) for n in (700, 800, 900)]
    ledger = Ledger().apply([wants(c) for c in before], turn=1).apply([wants(SEA)], turn=2)
    turn = Turn(number=1, text="", reply="", intent="ask")
    async with toolbox_over(Shop()) as toolbox:
        enforcement = Enforcement(Conversation(id="c", turns=(turn,)), ledger, toolbox, CATALOG, present=True)
        found = await relax(steps(("recommend_for_user", {})), "s1", enforcement)

    assert found.ways == (Way(tuple(before), 4),)


async def test_a_tool_that_fails_on_the_way_is_no_help_and_no_error() -> None:
    shop = Shop()
    shop.broken = {"recommend_for_user"}

    assert (await relaxed(SEA, LONG, shop=shop)).ways == ()


def test_the_offer_names_each_way_and_the_rules_behind_it() -> None:
    said, pending = abstention(Relaxation((SEA, LONG), ways=(Way((SEA,), 1), Way((LONG,), 12))), CATALOG)

    assert said == (
        "Nothing in the catalog meets all of this: topics include Sea and pages over 400. "
        'Without "topics include Sea" there is 1; without "pages over 400" there are 12.'
    )
    assert pending is not None
    assert pending.rules == (SEA, LONG)
    assert pending.drops == ((SEA,), (LONG,))
    assert [(o.value, o.count) for o in pending.question.options] == [
        ("topics include Sea", 1),
        ("pages over 400", 12),
    ]


def test_an_answer_in_the_way_is_named_but_not_offered() -> None:
    said, pending = abstention(Relaxation((SEA, LONG), answers=(SEA,), ways=(Way((SEA,), 1),)), CATALOG)

    assert 'Without "topics include Sea" there is 1.' in said
    assert pending is None


def test_when_nothing_helps_nothing_is_offered() -> None:
    said, pending = abstention(Relaxation((SEA, LONG), tried=2), CATALOG)

    assert said.endswith("Leaving out one or two of these conditions does not help either.")
    assert pending is None


async def test_what_was_said_last_is_offered_first_and_what_holds_in_general_only_when_nothing_else_helps() -> None:
    nature = Constraint(field="topics", op="contains", value="Nature")
    always = wants(SHORT)
    assert always.entry is not None
    always = always.model_copy(update={"entry": always.entry.model_copy(update={"scope": "user"})})
    ledger = Ledger().apply([always], turn=1).apply([wants(SEA)], turn=2).apply([wants(nature)], turn=3)
    later = Ledger().apply([wants(SHORT)], turn=1).apply([wants(nature)], turn=2)
    async with toolbox_over(Shop()) as toolbox:
        alone = Enforcement(Conversation(id="c"), ledger.apply([], turn=4), toolbox, CATALOG, present=True)
        told = Enforcement(Conversation(id="c"), later, toolbox, CATALOG, present=True)
        plan = steps(("recommend_for_user", {}))
        with_rule, without_rule = await relax(plan, "s1", alone), await relax(plan, "s1", told)

    assert [way.drop for way in with_rule.ways] == [(nature,)]
    assert [way.drop for way in without_rule.ways] == [(nature,), (SHORT,)]


def test_a_bound_in_the_way_is_told_with_the_nearest_value_there_is() -> None:
    said, _ = abstention(Relaxation((SEA, SHORT), ways=(Way((SHORT,), 1000, nearest=120),)), CATALOG)

    assert said.endswith('Without "pages at most 100" there are at least 1000 (the nearest pages: 120).')
