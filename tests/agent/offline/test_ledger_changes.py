"""What new statements do to old ones in the ledger."""

import pytest

from concierge_agent.ledger import Ledger
from concierge_agent.offline.changes import Changes
from concierge_agent.offline.reading import Answered, Named, Reading, Stated
from concierge_agent.offline.vocabulary import Vocabulary
from concierge_agent.values import CatalogDescription
from tests.agent.offline.conftest import World
from tests.agent.offline.dialogues import constraint, spelt


def after(world: World, *turns: Reading) -> Ledger:
    words = Vocabulary(CatalogDescription.model_validate(world.description()))
    ledger = Ledger()
    for number, reading in enumerate(turns, start=1):
        changes = Changes(ledger, words)
        changes.read(reading)
        ledger = ledger.apply(changes.changes, turn=number)
    return ledger


def stating(*texts: str, correcting: bool = False) -> Reading:
    return Reading("", stated=[Stated(constraint(t), t) for t in texts], correcting=correcting)


@pytest.mark.parametrize(
    ("first", "then", "left"),
    [
        (["runtime < 120"], ["runtime < 100"], ["runtime < 100"]),
        (["runtime < 120"], ["runtime > 90"], ["runtime < 120", "runtime > 90"]),
        (["runtime < 120"], ["runtime > 150"], ["runtime > 150"]),
        (["year >= 1990", "year <= 1999"], ["year == 2001"], ["year == 2001"]),
        (["year == 2001"], ["year >= 1990", "year <= 1999"], ["year <= 1999", "year >= 1990"]),
        (["genres contains Comedy"], ["genres contains Drama"], ["genres contains Comedy", "genres contains Drama"]),
        (["genres contains Comedy"], ["genres not_contains Comedy"], ["genres not_contains Comedy"]),
        (["genres contains_any Comedy|Drama"], ["genres not_contains Comedy"],
         ["genres contains_any Drama", "genres not_contains Comedy"]),
        (["director == Pete Docter"], ["director == Paul King"], ["director == Paul King"]),
        (["director != Paul King"], ["director == Paul King"], ["director == Paul King"]),
        (["director != Paul King"], ["director == Pete Docter"], ["director != Paul King", "director == Pete Docter"]),
    ],
)  # fmt: skip
def test_a_new_constraint_replaces_what_it_contradicts(
    first: list[str], then: list[str], left: list[str], worlds: dict[str, World]
) -> None:
    ledger = after(worlds["films"], stating(*first), stating(*then))

    assert sorted(spelt(c) for c in ledger.constraints) == left


def test_a_correction_replaces_the_values_of_its_field_only(worlds: dict[str, World]) -> None:
    first = stating("genres contains Comedy", "genres not_contains War", "runtime < 90")

    ledger = after(worlds["films"], first, stating("genres contains Drama", correcting=True))

    assert sorted(spelt(c) for c in ledger.constraints) == [
        "genres contains Drama",
        "genres not_contains War",
        "runtime < 90",
    ]


def test_liking_what_was_disliked_takes_the_dislike_back(worlds: dict[str, World]) -> None:
    heat = Named("f4", "Heat", "Heat")

    ledger = after(worlds["films"], Reading("", dislikes=[heat]), Reading("", likes=[heat]))

    assert (ledger.liked, ledger.disliked) == (("f4",), ())
    assert ledger.entries[0].retracted == 2


def test_an_answer_replaces_or_extends_the_one_before(worlds: dict[str, World]) -> None:
    hulu = Reading("", answered=[Answered("services", ("Hulu",), "Hulu")])
    netflix = Reading("", answered=[Answered("services", ("Netflix",), "Netflix")])
    also = Reading("", answered=[Answered("services", ("Disney+",), "also Disney+", extends=True)])

    ledger = after(worlds["films"], hulu, netflix, also)

    assert ledger.answers == {"services": ["Netflix", "Disney+"]}


def test_source_turns_and_the_users_words_are_kept(worlds: dict[str, World]) -> None:
    ledger = after(worlds["films"], stating("runtime < 120"), stating("year > 1990"))

    assert [(e.turn, e.text) for e in ledger.active()] == [(1, "runtime < 120"), (2, "year > 1990")]
