import random
from typing import Any

import pytest

from concierge_server.evaluation.predicates import Predicate
from concierge_server.evaluation.scripted_user import Reveal, Script, ScriptedUser
from concierge_server.evaluation.user import Remark
from concierge_server.evaluation.voice import Voice
from concierge_server.evaluation.wordings import fingerprint, load_wordings
from tests.server.playhouse import items

pytestmark = pytest.mark.anyio

MATURE = Predicate(field="content_rating", op="in", value=("R", "NC-17"))
COMEDY = Predicate(field="genres", op="contains", value="Comedy")
SHORT = Predicate(field="runtime", op="<=", value=100)
GOOD = Predicate(field="rating", op=">=", value=7)


def dice(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311  (chooses words, nothing secret)


def user(*conditions: tuple[Predicate, Reveal], seed: int = 0, **more: Any) -> ScriptedUser:
    script = Script(conditions=conditions, services_field="streaming_services", **more)
    return ScriptedUser(script, items=items(), consent_to=[MATURE], wordings=load_wordings(), rng=dice(seed))


def turn(**keys: Any) -> dict[str, Any]:
    return {"reply": "", "items": [], "question": None, "abstained": False} | keys


def shows(*ids: str) -> dict[str, Any]:
    return turn(items=[{"id": item_id} for item_id in ids])


def asks(field: str | None, *options: str) -> dict[str, Any]:
    return turn(question={"field": field, "text": "?", "options": [{"value": o, "count": 1} for o in options]})


async def said(remark: Remark | None) -> Remark:
    assert remark is not None
    return remark


@pytest.mark.parametrize("seed", range(20))
async def test_what_is_volunteered_is_said_first_and_nothing_else(seed: int) -> None:
    opening = await user((COMEDY, "volunteer"), (SHORT, "on_ask"), (GOOD, "hidden"), seed=seed).opening()

    assert opening.told == (COMEDY,)
    assert "comedy" in opening.text.lower()
    assert not any(character.isdigit() for character in opening.text)


async def test_a_condition_for_the_asking_is_told_when_its_field_is_asked_about() -> None:
    someone = user((SHORT, "on_ask"))

    other = await said(await someone.reply(asks("rating")))
    asked = await said(await someone.reply(asks("runtime")))

    assert other.told == ()
    assert asked.told == (SHORT,)


async def test_a_question_in_plain_words_is_answered_too() -> None:
    remark = await said(await user((SHORT, "on_ask")).reply(turn(reply="Happy to help. How long may it be?")))

    assert remark.told == (SHORT,)


async def test_a_hidden_condition_is_not_told_to_who_asks_before_it_was_broken() -> None:
    someone = user((SHORT, "hidden"))

    before = await said(await someone.reply(asks("runtime")))
    await someone.reply(shows("p2"))
    after = await said(await someone.reply(asks("runtime")))

    assert before.told == ()
    assert any(words.rstrip(".").lower() in before.text.lower() for words in load_wordings().evasive)
    assert after.told == (SHORT,)


@pytest.mark.parametrize("seed", range(20))
async def test_a_hidden_bound_is_hinted_at_first_and_named_the_second_time(seed: int) -> None:
    someone = user((SHORT, "hidden"), seed=seed)

    first = await said(await someone.reply(shows("p2")))
    second = await said(await someone.reply(shows("p5")))

    assert first.told == ()
    assert not any(character.isdigit() for character in first.text)
    assert second.told == (SHORT,)


async def test_the_hint_tells_on_which_side_an_age_rating_lies() -> None:
    wanted = Predicate(field="content_rating", op="==", value="PG-13")
    voice = Voice(load_wordings(), items=[], rng=dice(0))
    hints = load_wordings().fields["content_rating"].one_of
    assert hints is not None
    assert isinstance(hints.vague, dict)

    for shown, direction in (("PG", "low"), ("R", "high"), ("NR", "unlisted")):
        assert voice.put(wanted, "vague", shown={"content_rating": shown})[0] in hints.vague[direction]


async def test_an_item_that_meets_everything_is_accepted_whatever_it_was_not_asked_for() -> None:
    someone = user((COMEDY, "volunteer"), (SHORT, "hidden"), (GOOD, "on_ask"), services=("Hulu",))

    assert (await said(await someone.reply(shows("p9")))).act == "accept"


async def test_an_item_that_is_on_none_of_the_services_is_refused() -> None:
    remark = await said(await user((COMEDY, "volunteer"), services=("Hulu",)).reply(shows("p1")))

    assert remark.act == "say"


async def test_what_was_watched_is_refused_even_if_it_fits() -> None:
    remark = await said(await user((COMEDY, "volunteer"), watched=frozenset({"p1"})).reply(shows("p1")))

    assert remark.act == "say"


@pytest.mark.parametrize(
    ("wanted", "act"), [(("PG-13", "R"), "grant"), (("R", "NR"), "grant"), (("PG",), "decline"), ((), "grant")]
)
async def test_consent_follows_the_ratings_that_the_conditions_allow(wanted: tuple[str, ...], act: str) -> None:
    condition = Predicate(field="content_rating", op="in", value=wanted)
    conditions: list[tuple[Predicate, Reveal]] = [(condition, "hidden")] if wanted else []

    remark = await said(await user(*conditions).reply(asks(None, "yes", "no")))

    assert remark.act == act


async def test_services_are_told_when_asked_and_only_the_part_that_is_wanted() -> None:
    on_hulu = Predicate(field="streaming_services", op="contains_any", value=("Hulu",))

    all_of_them = await said(await user(services=("Hulu", "Netflix")).reply(asks("streaming_services")))
    one = await said(await user((on_hulu, "on_ask"), services=("Hulu", "Netflix")).reply(asks("streaming_services")))
    none = await said(await user().reply(asks("streaming_services")))

    assert "hulu" in all_of_them.text.lower()
    assert "netflix" in all_of_them.text.lower()
    assert "hulu" in one.text.lower()
    assert on_hulu in one.told
    assert none.told == ()


async def test_a_dislike_of_the_persona_comes_with_the_first_refusal() -> None:
    no_horror = Predicate(field="genres", op="not_contains", value="Horror")
    someone = user((GOOD, "on_ask"), (no_horror, "first_refusal"))

    remark = await said(await someone.reply(shows("p10")))

    assert remark.told == (no_horror,)


async def test_the_user_insists_once_when_nothing_is_found_and_then_leaves() -> None:
    someone = user((COMEDY, "volunteer"))
    await someone.opening()

    insisting = await said(await someone.reply(turn(abstained=True)))

    assert "comedy" in insisting.text.lower()
    assert await someone.reply(turn(abstained=True)) is None


async def test_the_user_leaves_after_fifteen_remarks() -> None:
    someone = user((COMEDY, "volunteer"))
    await someone.opening()

    remarks = [await someone.reply(shows("p5")) for _ in range(15)]

    assert [remark is None for remark in remarks] == [False] * 14 + [True]


async def test_several_items_at_once_are_never_accepted() -> None:
    assert (await said(await user().reply(shows("p1", "p9")))).act == "say"


def test_a_wording_without_the_bound_itself_is_used_only_where_no_item_lies_on_it() -> None:
    voice = Voice(load_wordings(), items=items().values(), rng=dice(0))
    strict = ("under ", "below ", "shorter than ", "that's less than ")

    on_it, off_it = (
        [voice.put(Predicate(field="runtime", op="<=", value=bound), "attached")[0] for _ in range(200)]
        for bound in (99, 100)
    )

    assert not any(text.startswith(strict) for text in on_it)
    assert any(text.startswith(strict) for text in off_it)


async def test_the_same_seed_says_the_same_and_another_seed_something_else() -> None:
    openings = [
        (await user((COMEDY, "volunteer"), (SHORT, "volunteer"), seed=seed).opening()).text for seed in (1, 1, 2)
    ]

    assert openings[0] == openings[1]
    assert openings[0] != openings[2]


def test_the_wordings_are_frozen() -> None:
    assert fingerprint() == "17964176bb73", "wordings.toml is frozen: its header says when it may change"


def test_every_common_situation_has_a_dozen_wordings() -> None:
    wordings = load_wordings()
    for name, kinds in {
        "runtime": ("at_most", "at_least"),
        "rating": ("at_least",),
        "content_rating": ("one_of",),
        "genres": ("with",),
        "streaming_services": ("with",),
    }.items():
        for kind in kinds:
            found = getattr(wordings.fields[name], "with_" if kind == "with" else kind)
            vague = [found.vague] if isinstance(found.vague, list) else list(found.vague.values())
            for alternatives in (found.attached, found.sentence, found.answer, found.exact, *vague):
                assert len(set(alternatives)) >= 12
