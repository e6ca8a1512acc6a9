"""Playing: many generated conversations over one copy of a store, each with a user of its own."""

import random
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from concierge_agent.conversation import Conversation
from concierge_agent.rendering import answer_json
from concierge_server.brains import BrainChoice
from concierge_server.evaluation.conversing import tried
from concierge_server.evaluation.generated.checks import Checked, Checks
from concierge_server.evaluation.generated.names import Names
from concierge_server.evaluation.generated.oracle import Oracle
from concierge_server.evaluation.generated.user import GeneratedUser, Said
from concierge_server.evaluation.generated.wordings import load_wordings
from concierge_server.evaluation.user import asks_consent
from concierge_server.session import Session, open_session
from concierge_tools.storage.artifact import Artifact
from concierge_tools.storage.store import Store

_FEW = 200
_KNOWN_USERS = 0.5


@dataclass(frozen=True, slots=True)
class Settings:
    """How many conversations are played, and with whom."""

    conversations: int = 1000
    seed: int = 0
    brain: BrainChoice = field(default_factory=BrainChoice)


@dataclass(frozen=True, slots=True)
class Played:
    """One conversation, turn by turn."""

    number: int
    user_id: str | None
    satisfiable: bool
    turns: tuple[Checked, ...]


async def play(
    store: Path, settings: Settings, on_played: Callable[[Played], None], *, oracle: Oracle
) -> tuple[list[Played], str]:
    """Play the conversations on a copy of the store; return them with the name of the brain that answered.

    Raises:
        StoreError: There is no store at that place.
        click.UsageError: The brain that was asked for has no key, server or model.
    """
    names = names_of(oracle)
    wordings = load_wordings()
    played: list[Played] = []
    async with copied(store, settings.brain) as session:
        for number in range(1, settings.conversations + 1):
            rng = random.Random(f"{settings.seed}:{number}")  # noqa: S311  (draws wishes and words, nothing secret)
            known = sorted(oracle.histories)
            user_id = rng.choice(known) if known and rng.random() < _KNOWN_USERS else None
            user = GeneratedUser(oracle, wordings, rng=rng, user_id=user_id)
            turns = await converse(session, user, Checks(oracle, names, user_id), number=number)
            played.append(Played(number, user_id, user.satisfiable, tuple(turns)))
            on_played(played[-1])
        return played, session.brain


def oracle_of(store: Path) -> Oracle:
    """Read what is true of a store's items, users and rules.

    Raises:
        StoreError: There is no store at that place.
    """
    artifact = Store(store).load()
    histories, consumed = _histories(artifact)
    return Oracle.of(artifact.catalog, artifact.config.policy, histories=histories, consumed=consumed)


def names_of(oracle: Oracle) -> Names:
    """Return the names of a catalog, and what its owner says to everyone."""
    few: set[str] = set()
    for known in oracle.fields.values():
        if known.type in ("category", "tags"):
            parts = (row.get(known.name) for row in oracle.items.values())
            values = {str(v) for part in parts for v in (part if isinstance(part, list) else [part]) if v is not None}
            few |= values if len(values) <= _FEW else set()
    policy = oracle.policy
    spoken = [oracle.name, *(rule.text for rule in (*policy.disclose, *policy.confirm))]
    spoken += [name.replace("_", " ") for name in oracle.fields]
    return Names(oracle.items, "\n".join(spoken), tuple(sorted(v for v in few if len(v) > 3 and v[:1].isupper())))


@asynccontextmanager
async def copied(store: Path, brain: BrainChoice) -> AsyncIterator[Session]:
    """Open a session on a copy of the store, so that what is said leaves no mark on it.

    Raises:
        StoreError: There is no store at that place.
    """
    Store(store).current_version()
    with TemporaryDirectory(prefix="concierge-evaluate-") as folder:
        copy = Path(folder) / "store"
        shutil.copytree(store, copy)
        async with open_session(store=copy, connect=None, user_id=None, choice=brain) as session:
            yield session


async def converse(session: Session, user: GeneratedUser, checks: Checks, *, number: int) -> list[Checked]:
    """Let a user talk to the agent until the user leaves, and check every turn."""
    conversation = Conversation(id=f"generated-{number}", user_id=checks.user_id)
    turns: list[Checked] = []
    said: Said | None = user.opening()
    while said is not None:
        conversation, answer = await tried(session, conversation, said.text)
        turn = answer_json(answer)
        turns.append(checks.turn(said, answer, turn, consent_asked=asks_consent(turn)))
        said = user.reply(turn)
    return turns


def _histories(artifact: Artifact) -> tuple[dict[str, frozenset[str]], dict[str, frozenset[str]]]:
    """Return, for each user of the log, what they interacted with, and what of it is not to be shown again."""
    log, ids = artifact.interactions, artifact.catalog.ids
    if log is None:
        return {}, {}
    rows = {user_id: log.history(user_id) for user_id in log.user_ids}
    return (
        {user_id: frozenset(ids[log.items[row]] for row in own) for user_id, own in rows.items()},
        {user_id: frozenset(ids[log.items[row]] for row in own if log.consumed[row]) for user_id, own in rows.items()},
    )
