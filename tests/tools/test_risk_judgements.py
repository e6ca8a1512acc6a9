"""What a log says was unwanted."""

import numpy as np
import pytest

from concierge_tools.config import InteractionsConfig
from concierge_tools.data.interactions import Interactions
from concierge_tools.errors import DataError
from concierge_tools.risk.judgements import Judged, judged_in, judgements, negative_rows


def config(**keys: object) -> InteractionsConfig:
    return InteractionsConfig.model_validate({"path": "log.csv", "user": "u", "item": "i", **keys})


RATED = Interactions.of(
    ["a", "a", "a", "b", "b"],
    [0, 1, 0, 0, 1],
    weights=[0, 1, 1, 0, 0],
    values=[1, 5, 4, 2, np.nan],
    times=[1, 2, 3, 4, 5],
)


def test_a_later_rating_replaces_an_earlier_one() -> None:
    known = judgements(config(value="v", negative="<= 2"), RATED)
    assert known.users.tolist() == [0, 0, 1, 1]
    assert known.items.tolist() == [1, 0, 0, 1]
    assert known.unwanted.tolist() == [False, False, True, False]


def test_a_later_view_does_not_take_a_dislike_back() -> None:
    log = Interactions.of(["a", "a"], [0, 0], weights=[0, 1], events=["dislike", "view"], times=[1, 2])
    known = judgements(config(event="e", negative_events=["dislike"]), log)
    assert known.unwanted.tolist() == [True]


def test_a_user_s_own_rows_say_the_same_as_the_whole_log() -> None:
    settings = config(value="v", negative="<= 2")
    own = judged_in(settings, RATED, RATED.history("b"))
    assert (own.items.tolist(), own.unwanted.tolist()) == ([0, 1], [True, False])
    assert judged_in(settings, RATED, RATED.history("nobody")).items.tolist() == []


def test_what_is_said_now_replaces_what_was_judged_before() -> None:
    before = Judged(np.array([3, 4], np.int32), np.array([True, False]))
    now = before.and_now([3, 5], [4, 5])
    assert dict(zip(now.items.tolist(), now.unwanted.tolist(), strict=True)) == {3: False, 4: True, 5: True}


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({}, "Nothing says what is unwanted"),
        ({"negative": "<= 2"}, "needs the column of values"),
        ({"negative_events": ["dislike"]}, "need the column of events"),
        ({"value": "v", "negative": "bad"}, 'negative = .* is not a comparison; write for example "<= 2"'),
        ({"value": "v", "negative": "<= 4"}, "value 5|value 4"),
    ],
)
def test_what_cannot_be_applied_is_refused_with_what_to_write(keys: dict[str, object], said: str) -> None:
    with pytest.raises(DataError, match=said):
        negative_rows(config(**keys), RATED)
