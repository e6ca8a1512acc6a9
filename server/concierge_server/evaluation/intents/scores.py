"""Scores of a brain's intents: precision, recall and F1 by class, and macro-F1 with a bootstrap interval."""

import math
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from concierge_agent.conversation import Conversation
from concierge_agent.plan import Intent
from concierge_server.brains import BrainChoice
from concierge_server.evaluation.generated.play import copied
from concierge_server.evaluation.intents.utterances import OPENERS, CatalogName, Part, Utterance, fingerprint
from concierge_server.evaluation.tables import report_table
from concierge_server.session import Session
from concierge_tools.errors import DataError

if TYPE_CHECKING:
    from rich.console import Console

INTENTS: tuple[Intent, ...] = get_args(Intent)
_RESAMPLES = 2000
_TAIL = 0.025


@dataclass(frozen=True, slots=True)
class Classified:
    """What an utterance means, and what it was taken for."""

    text: str
    meant: Intent
    taken: Intent


async def classify(
    store: Path,
    catalog: CatalogName,
    utterances: Sequence[Utterance],
    brain: BrainChoice,
    on_turn: Callable[[], object],
) -> tuple[list[Classified], str]:
    """Say each utterance to the agent in its context, on a copy of the store; return also the brain's name.

    Raises:
        DataError: The store shows fewer items than the utterances speak of.
        StoreError: There is no store at that place.
        click.UsageError: The brain that was asked for has no key, server or model.
    """
    async with copied(store, brain) as session:
        fresh = Conversation(id="intents")
        opened, _ = await session.agent.turn(fresh, OPENERS[catalog])
        found = []
        for utterance in utterances:
            before = opened if utterance.context == "shown" else fresh
            found.append(await _classified(session, before, utterance))
            on_turn()
        return found, session.brain


def report_json(
    catalog: CatalogName, part: Part, brain: str, found: Sequence[Classified], *, seed: int
) -> dict[str, Any]:
    """Return macro-F1 with its 95% interval over utterances, every class, and what was taken for what."""
    rng = random.Random(seed)  # noqa: S311  (a bootstrap, nothing secret)
    drawn = sorted(macro_f1(rng.choices(found, k=len(found))) for _ in range(_RESAMPLES))
    confusions = Counter(f"{c.meant} taken for {c.taken}" for c in found if c.meant != c.taken)
    return {
        "set": catalog,
        "part": part,
        "brain": brain,
        "utterances": len(found),
        "fingerprint": fingerprint(part),
        "macro_f1": macro_f1(found),
        "low": drawn[int(_TAIL * _RESAMPLES)],
        "high": drawn[math.ceil((1 - _TAIL) * _RESAMPLES) - 1],
        "classes": {intent: _class(found, intent) for intent in INTENTS},
        "confusions": dict(confusions.most_common()),
    }


def macro_f1(found: Sequence[Classified]) -> float:
    """Return the mean F1 over the classes that were meant or taken at all."""
    present = [i for i in INTENTS if any(i in (c.meant, c.taken) for c in found)]
    return math.fsum(_class(found, intent)["f1"] for intent in present) / len(present) if present else 0.0


def render_report(console: "Console", body: dict[str, Any]) -> None:
    """Print a report for people."""
    table = report_table("Intents", ("intent",), ("precision", "recall", "F1", "of"))
    for intent, row in body["classes"].items():
        table.add_row(intent, *(f"{row[key]:.1%}" for key in ("precision", "recall", "f1")), str(row["of"]))
    console.print(table)
    console.print(
        f"macro-F1 {body['macro_f1']:.1%} (95% interval {body['low']:.1%} to {body['high']:.1%} over "
        f"{body['utterances']} utterances), set {body['set']}, part {body['part']}, brain {body['brain']}, "
        f"utterances {body['fingerprint']}."
    )
    for what, count in body["confusions"].items():
        console.print(f"{what}: {count}")


async def _classified(session: Session, before: Conversation, utterance: Utterance) -> Classified:
    titles = [item.title for item in before.last_items]
    if len(titles) < 2 and "{" in utterance.text:
        raise DataError(f"{utterance.text!r} speaks of two items that were shown, and this store showed {len(titles)}.")
    text = utterance.text.format(**dict(zip(("first", "second"), titles, strict=False)))
    after, _ = await session.agent.turn(before, text)
    return Classified(text, utterance.intent, after.turns[-1].intent)


def _class(found: Sequence[Classified], intent: Intent) -> dict[str, float]:
    meant = sum(c.meant == intent for c in found)
    taken = sum(c.taken == intent for c in found)
    right = sum(c.meant == intent == c.taken for c in found)
    return {
        "precision": right / taken if taken else 0.0,
        "recall": right / meant if meant else 0.0,
        "f1": 2 * right / (meant + taken) if meant + taken else 0.0,
        "of": meant,
    }
