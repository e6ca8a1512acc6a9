from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concierge_agent.answer import Claim, Draft, DraftItem
from concierge_agent.brain import Material, TurnContext
from concierge_agent.conversation import Conversation
from concierge_agent.ground import Ground, agrees
from concierge_agent.ledger import Ledger
from concierge_agent.plan import Proposal
from concierge_agent.trace import Call
from concierge_agent.values import Constraint, FieldValue
from concierge_agent.verifier import check, cut, proven_text
from tests.agent.shop import CATALOG, SEA, item, wants

HARBOUR = {
    "id": "b1",
    "title": "Harbour Lights",
    "fields": {"topics": ["Sea", "Comedy"], "pages": 90, "rating": 4.26, "released": "1994-05-31", "mood": "calm"},
    "disclosures": [],
}
FERRY = {"id": "b2", "title": "Night Ferry", "fields": {"topics": ["Sea", "Crime"], "pages": 240}, "disclosures": []}
GARDEN = {"id": "b3", "title": "The Quiet Garden", "fields": {"topics": ["Nature"]}, "disclosures": []}
EXPLAINED = {
    "id": "b1",
    "title": "Harbour Lights",
    "short": "It is popular with 12 readers.",
    "detailed": "It is popular with 12 readers.",
    "reasons": [
        {
            "kind": "popular",
            "text": "It is popular with 12 readers.",
            "evidence": [{"item_id": "b1", "source": "statistic", "name": "readers", "value": 12}],
        }
    ],
    "contributions": [{"layer": "member", "signal": "b9", "model": "als", "value": 0.25}],
    "evidence": [{"item_id": "b1", "source": "history", "name": "b9", "value": None}],
}


@pytest.fixture
def material() -> Material:
    return shown_material("Something about the sea, under 250 pages")


def shown_material(text: str, *constraints: Constraint) -> Material:
    found: dict[str, Any] = {"candidates": "cs_1", "total": 3, "items": [HARBOUR, FERRY, GARDEN], "basis": "blend"}
    history = {"user_id": "u", "total": 1, "interactions": [{"item_id": "b9", "title": "Old Anchor", "source": "log"}]}
    shown = Call(step="show", tool="show_recommendations", arguments={}, result={"items": [HARBOUR, FERRY]})
    explained = Call(step="explain", tool="explain_recommendation", arguments={}, result={"items": [EXPLAINED]})
    calls = (
        Call(step="s1", tool="recommend_for_user", arguments={}, result=found),
        Call(step="s2", tool="get_user_history", arguments={}, result=history),
        shown,
        explained,
    )
    ledger = Ledger().apply([wants(c) for c in constraints], turn=1)
    context = TurnContext(text, Conversation(id="c", ledger=ledger), CATALOG, None)  # type: ignore[arg-type]  # never called
    return Material(context, Proposal(intent="ask"), calls, shown, explained)


def claiming(name: str, value: FieldValue) -> DraftItem:
    return DraftItem(id="b1", reason="", claims=(Claim(item_id="b1", name=name, value=value),))


def codes(draft: Draft, material: Material) -> list[str]:
    return [problem.code for problem in check(draft, material)]


def test_items_that_were_not_shown_are_unknown_even_when_a_tool_returned_them(material: Material) -> None:
    assert codes(Draft(items=(item("b3"), item("zz"), item("b1"))), material) == ["unknown_item", "unknown_item"]


def test_an_item_listed_twice_is_a_problem_and_is_kept_once(material: Material) -> None:
    draft = Draft(items=(item("b1"), item("b1")))

    assert codes(draft, material) == ["repeated_item"]
    assert cut(draft, check(draft, material), material).items == (item("b1"),)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("pages", 90),
        ("pages", "90"),
        ("rating", 4.3),
        ("rating", 4.26),
        ("rating", 4),
        ("topics", "sea"),
        ("topics", ["Comedy", "Sea"]),
        ("released", "1994-05-31"),
        ("released", 1994),
        ("title", "harbour lights"),
        ("readers", 12),
        ("because_you_liked", "Old Anchor"),
        ("b9", 0.25),
    ],
)
def test_a_claim_that_a_result_holds_is_proven(name: str, value: FieldValue, material: Material) -> None:
    assert codes(Draft(items=(claiming(name, value),)), material) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("pages", 91),
        ("pages", 240),
        ("rating", 4.4),
        ("rating", 5),
        ("topics", "Crime"),
        ("topics", ["Sea", "Crime"]),
        ("topics", []),
        ("released", 1995),
        ("colour", "red"),
        ("pages", None),
        ("pages", True),
        ("because_you_liked", "The Quiet Garden"),
    ],
)
def test_a_claim_that_no_result_holds_is_false(name: str, value: FieldValue, material: Material) -> None:
    draft = Draft(items=(claiming(name, value),))

    assert codes(draft, material) == ["false_claim"]
    assert cut(draft, check(draft, material), material).items[0].claims == ()


def test_a_field_that_a_model_wrote_is_no_fact(material: Material) -> None:
    assert codes(Draft(items=(item("b1", mood="calm"),)), material) == ["generated_claim"]


def test_a_claim_about_another_item_than_it_stands_under_is_a_problem(material: Material) -> None:
    misplaced = DraftItem(id="b1", reason="", claims=(Claim(item_id="b2", name="pages", value=240),))

    assert codes(Draft(items=(misplaced,)), material) == ["foreign_claim"]


@pytest.mark.parametrize(
    "reason",
    [
        "It is popular with 12 readers.",
        "A Comedy of the Sea with just 90 pages.",
        "Rated 4.3, from 1994, and under the 250 pages you asked for.",
        "It is a book of the 90s.",
        'You liked "Old Anchor".',
        "No Crime in it at all.",
        "It goes well with Night Ferry.",
    ],
)
def test_a_reason_of_proven_words_stands(reason: str, material: Material) -> None:
    assert check(Draft(items=(item("b1", reason), item("b2"))), material) == ()


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("It has 240 pages.", "unproven_number"),
        ("It has 250 pages.", "unproven_number"),
        ("Two hundred pages long.", "unproven_number"),
        ("A book of the 80s.", "unproven_number"),
        ("Full of Crime.", "false_attribute"),
        ("Like The Quiet Garden, only wetter.", "hidden_title"),
        ("If you know **Midnight Sunrise**, you will like it.", "unknown_name"),
        ("It was written by the great Alma Verde.", "unknown_name"),
        ("An award-winning story.", "unproven_praise"),
    ],
)
def test_a_reason_beyond_the_trace_is_a_problem_and_is_cut(reason: str, code: str, material: Material) -> None:
    draft = Draft(items=(item("b1", f"A Comedy. {reason}"), item("b2")))

    assert code in codes(draft, material)
    assert cut(draft, check(draft, material), material).items[0].reason == "A Comedy."


@pytest.mark.parametrize(
    "opening",
    [
        "Here are 2 of 3 about the Sea.",
        "Here are two for you. You asked for under 250 pages.",
        "Harbour Lights is the short one, with 90 pages.",
        "Would you like Crime instead?",
        "Harbour Lights and Night Ferry both fit.",
    ],
)
def test_an_opening_of_proven_words_stands(opening: str, material: Material) -> None:
    assert check(Draft(opening=opening, items=(item("b1"), item("b2"))), material) == ()


@pytest.mark.parametrize(
    ("opening", "code"),
    [
        ("Here are 7 for you.", "unproven_number"),
        ("The Quiet Garden would fit, too.", "hidden_title"),
        ("Here are two books of Crime.", "false_attribute"),
        ("Inception is what you need.", "unknown_name"),
        ("You could also read The Glass Mountain.", "unknown_name"),
        ("These are the best-selling ones.", "unproven_praise"),
        ("Try “Midnight Sunrise”.", "unknown_name"),
    ],
)
def test_an_opening_beyond_the_trace_is_cut(opening: str, code: str, material: Material) -> None:
    draft = Draft(opening=f"Have a look. {opening}", items=(item("b1"), item("b2")))

    assert codes(draft, material) == [code] * len(codes(draft, material)) != []
    assert cut(draft, check(draft, material), material).opening == "Have a look."


def test_conditions_in_words_are_no_claims_about_single_items() -> None:
    material = shown_material("the sea", SEA, Constraint(field="pages", op="<=", value=250))
    opening = "Here are two that meet everything: topics include Sea and pages at most 250."

    assert check(Draft(opening=opening, items=(item("b1"), item("b2"))), material) == ()


def test_titles_the_user_named_may_be_repeated() -> None:
    material = shown_material("Is The Quiet Garden any good?")

    assert check(Draft(closing="The Quiet Garden is the one you named.", items=(item("b1"),)), material) == ()


def test_nouns_of_languages_that_capitalise_them_are_no_names(material: Material) -> None:
    assert check(Draft(opening="Hier sind zwei Treffer für dich.", items=(item("b1"), item("b2"))), material) == ()


def test_a_text_without_items_keeps_its_proven_sentences(material: Material) -> None:
    text, problems = proven_text("Hello! I know 9000 books. What do you like?", material)

    assert text == "Hello! What do you like?"
    assert len(problems) == 1


SENTENCES = st.sampled_from(
    [
        "Here are 7.",
        "A Comedy.",
        "Full of Crime.",
        "It has 90 pages.",
        "Try **Lost Ark**.",
        "Good.",
        "See The Quiet Garden.",
    ]
)
ITEMS = st.builds(
    DraftItem,
    id=st.sampled_from(["b1", "b2", "b3", "zz"]),
    reason=st.lists(SENTENCES, max_size=3).map(" ".join),
    claims=st.lists(
        st.builds(
            Claim,
            item_id=st.sampled_from(["b1", "b2"]),
            name=st.sampled_from(["pages", "topics", "mood"]),
            value=st.sampled_from([90, 240, "Sea", "Crime"]),
        ),
        max_size=2,
    ).map(tuple),
)
TEXTS = st.lists(SENTENCES, max_size=3).map(" ".join)


@given(st.builds(Draft, opening=TEXTS, items=st.lists(ITEMS, max_size=3).map(tuple), closing=TEXTS))
def test_what_is_left_after_cutting_is_proven(draft: Draft) -> None:
    material = shown_material("the sea")

    for _ in range(2):  # a cut item may turn a number of the opening false
        draft = cut(draft, check(draft, material), material)

    assert check(draft, material) == ()


@given(st.floats(-1e6, 1e6), st.integers(0, 4))
def test_a_number_agrees_with_its_own_rounding(value: float, decimals: int) -> None:
    assert agrees(value, round(value, decimals))


def test_every_corrupted_field_value_is_found_out() -> None:
    rows: list[dict[str, Any]] = [HARBOUR, FERRY, GARDEN]
    ground = Ground.of([Call(step="s1", tool="get_item_details", arguments={}, result={"items": rows})])

    for row in rows:
        for name, value in row["fields"].items():
            assert ground.find(row["id"], name, value) is not None
            assert ground.find(row["id"], name, corrupted(value)) is None


def corrupted(value: Any) -> FieldValue:
    if isinstance(value, list):
        return [*value, "X"]
    return value + 1 if isinstance(value, int | float) else f"{value}x"
