"""Each warning comes with data that has the fault, and not with data that has not."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from concierge_tools.data.interactions import Interactions
from concierge_tools.evaluation.checks import SplitFacts, Warned, warnings
from concierge_tools.evaluation.splits import Split, leave_last_out, temporal

ITEMS, USERS, STEPS, DAY = 40, 60, 6, 86_400

Row = tuple[str, int, int]
"""User, item and time."""


def sound() -> list[Row]:
    """Everybody likes six items of their own choice, weeks apart, one user after the other."""
    rng = np.random.default_rng(0)
    return [
        (f"u{user:02}", int(item), (user * STEPS + step) * DAY * 7)
        for user in range(USERS)
        for step, item in enumerate(rng.choice(ITEMS, STEPS, replace=False))
    ]


def log(rows: Sequence[Row]) -> Interactions:
    return Interactions.of([u for u, _, _ in rows], [i for _, i, _ in rows], times=[t for _, _, t in rows])


def found(interactions: Interactions, split: Split | None = None) -> dict[str, Warned]:
    cut = split or leave_last_out(interactions, fewest=5)
    facts = SplitFacts.of(interactions, cut)
    return {warned.kind: warned for warned in warnings(interactions, [facts], users=len(np.unique(cut.users)))}


def leaked() -> dict[str, Warned]:
    interactions = log(sound())
    return found(interactions, replace(leave_last_out(interactions), train=interactions))


def copied() -> dict[str, Warned]:
    return found(log([*sound(), *(("u99", item, time) for user, item, time in sound() if user == "u07")]))


def timed(when: Callable[[int, int], int]) -> dict[str, Warned]:
    """Look at the sound log with other times, by user and step."""
    rows = [(user, item, when(n // STEPS, n % STEPS)) for n, (user, item, _) in enumerate(sound())]
    return found(log(rows))


def crowded() -> dict[str, Warned]:
    return found(log([*sound(), *((f"x{n:03}", 0, n * DAY) for n in range(USERS * STEPS))]))


def new_every_day() -> dict[str, Warned]:
    rows = [(user, n % STEPS if n % STEPS < 5 else 50 + n // STEPS, time) for n, (user, _, time) in enumerate(sound())]
    return found(log(rows))


FAULTY: dict[str, Callable[[], dict[str, Warned]]] = {
    "leaked pairs": leaked,
    "later training": lambda: found(log(sound())),
    "duplicate users": copied,
    "duplicate ids": lambda: found(log([*sound(), ("U07 ", 3, 0)])),
    "duplicate pairs": lambda: found(log([*sound(), sound()[0]])),
    "no times": lambda: timed(lambda user, step: -1),
    "constant times": lambda: timed(lambda user, step: 5 * DAY),
    "missing times": lambda: timed(lambda user, step: -1 if step == 0 else step * DAY),
    "tied times": lambda: timed(lambda user, step: user * 10 * DAY + step // 3),
    "page order": lambda: timed(lambda user, step: user * DAY + 2 * step),
    "unreachable targets": new_every_day,
    "concentration": crowded,
    "few users": lambda: found(log(sound()[: 20 * STEPS])),
}


@pytest.mark.parametrize("kind", FAULTY)
def test_a_fault_is_told(kind: str) -> None:
    assert kind in FAULTY[kind]()


def test_a_sound_log_split_in_time_gives_no_warning() -> None:
    rows = [(user, item, ((n % STEPS) * USERS + n // STEPS) * DAY) for n, (user, item, _) in enumerate(sound())]
    interactions = log(rows)
    assert found(interactions, temporal(interactions, share=0.6)) == {}


def test_the_last_choices_of_a_sound_log_warn_of_nothing_but_later_training() -> None:
    assert set(found(log(sound()))) == {"later training"}


def test_copies_are_named_as_examples_and_not_in_the_text() -> None:
    warned = copied()["duplicate users"]
    assert warned.examples == ("u99",)
    assert "u99" not in warned.text


def test_the_same_items_at_other_times_are_no_copy() -> None:
    later = [("u99", item, time + 60) for user, item, time in sound() if user == "u07"]
    assert "duplicate users" not in found(log([*sound(), *later]))


def test_the_share_of_later_training_is_counted_over_the_targets() -> None:
    interactions = log([("a", 0, 1), ("a", 1, 2), ("a", 2, 5), ("b", 0, 3), ("b", 1, 4), ("b", 2, 6)])
    facts = SplitFacts.of(interactions, leave_last_out(interactions))
    assert facts.later == 0
    together = log([("a", 0, 1), ("a", 1, 2), ("a", 2, 5), ("b", 0, 3), ("b", 1, 5), ("b", 2, 6), ("c", 0, 7)])
    assert SplitFacts.of(together, leave_last_out(together)).later == pytest.approx((1 / 5 + 1 / 5) / 2)
