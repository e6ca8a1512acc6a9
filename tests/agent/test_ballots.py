"""Ballots: whatever a ranker names, what comes of it is the candidates, each once, in a defensible order."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from concierge_agent.ballots import Ballot, agreement, borda, checked

CANDIDATES = tuple("abcdefg")
NAMED = st.lists(st.sampled_from([*CANDIDATES, "x", "y", ""]), max_size=12)
BALLOTS = st.lists(st.permutations(CANDIDATES).flatmap(lambda p: st.integers(0, 7).map(lambda n: tuple(p[:n]))))


def ballots(*samples: str) -> list[Ballot]:
    return [checked(sample, CANDIDATES) for sample in samples]


def counted(samples: Sequence[Sequence[str]]) -> dict[str, float]:
    """Borda's own definition: a point for each candidate placed behind, half of one for each that is level."""
    points = dict.fromkeys(CANDIDATES, 0.0)
    for sample in samples:
        place = {c: sample.index(c) if c in sample else len(sample) for c in CANDIDATES}
        for one in CANDIDATES:
            for other in set(CANDIDATES) - {one}:
                points[one] += 1.0 if place[one] < place[other] else 0.5 if place[one] == place[other] else 0.0
    return points


@given(NAMED)
def test_a_checked_sample_holds_candidates_once_and_accounts_for_every_id(named: list[str]) -> None:
    ballot = checked(named, CANDIDATES)

    assert list(ballot.ids) == list(dict.fromkeys(i for i in named if i in CANDIDATES))
    assert sorted([*ballot.ids, *ballot.outsiders, *ballot.repeated]) == sorted(named)
    assert ballot.named == len(named)


@given(BALLOTS)
def test_the_aggregate_holds_every_candidate_once_by_borda_s_own_definition(samples: list[tuple[str, ...]]) -> None:
    order = borda([Ballot(sample) for sample in samples], CANDIDATES)

    points = counted(samples)
    assert order == tuple(sorted(CANDIDATES, key=lambda c: -points[c]))


@given(BALLOTS)
def test_what_any_ballot_names_comes_before_what_none_does(samples: list[tuple[str, ...]]) -> None:
    order = borda([Ballot(sample) for sample in samples], CANDIDATES)

    named = {c for sample in samples for c in sample}
    assert set(order[: len(named)]) == named
    assert [c for c in order if c not in named] == [c for c in CANDIDATES if c not in named]


def test_one_ballot_is_followed_and_the_rest_keeps_its_order() -> None:
    assert "".join(borda(ballots("fb"), CANDIDATES)) == "fbacdeg"


def test_agreement_is_the_share_of_ballots_with_an_item_in_front() -> None:
    assert agreement(ballots("ab", "ba", "ca"), 2) == {"a": 1.0, "b": 0.6667, "c": 0.3333}


def test_a_single_ballot_has_nothing_to_agree_with() -> None:
    assert agreement(ballots("ab"), 2) == {}
