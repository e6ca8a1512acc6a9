"""A scratch copy of the state as it was before a turn, to run the turn on again; the real state is only read."""

import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine, Table, insert, select
from sqlalchemy.sql.elements import ColumnElement

from concierge_agent.conversation import Pending
from concierge_server.principal import OWNER
from concierge_server.state.database import CANDIDATE_SETS, CONFIRMATIONS, FEEDBACK, FORGOTTEN, OVERLAY, open_database
from concierge_server.state.marks import Mark

_AN_HOUR = 3600.0


@contextmanager
def scratch_state(
    engine: Engine, user_id: str | None, noted: Mark, *, handles: Collection[str] = (), consent: Pending | None = None
) -> Iterator[Engine]:
    """Copy live values, the user's feedback up to the mark, and the candidate sets behind `handles`.

    `consent` is what the user was asked to confirm: its token is made valid again, for it may have expired since.
    """
    user = user_id if user_id is not None else OWNER
    with TemporaryDirectory(prefix="concierge-replay-", ignore_cleanup_errors=True) as folder:
        copy = open_database(f"sqlite:///{Path(folder) / 'state.db'}")
        try:
            _copy(engine, copy, OVERLAY)
            _copy(engine, copy, FORGOTTEN)
            _copy(engine, copy, FEEDBACK, FEEDBACK.c.user_id == user, FEEDBACK.c.number <= int(noted["last_feedback"]))
            _copy(engine, copy, CANDIDATE_SETS, CANDIDATE_SETS.c.handle.in_(list(handles)))
            if consent is not None and consent.confirmation is not None:
                with copy.begin() as connection:
                    connection.execute(
                        insert(CONFIRMATIONS).values(
                            token=consent.confirmation,
                            principal=OWNER,
                            user_id=user_id,
                            item_ids=list(consent.item_ids),
                            expires_at=time.time() + _AN_HOUR,
                        )
                    )
            yield copy
        finally:
            copy.dispose()


def _copy(source: Engine, target: Engine, table: Table, *where: ColumnElement[bool]) -> None:
    with source.connect() as connection:
        rows = [dict(row._mapping) for row in connection.execute(select(table).where(*where))]
    if "expires_at" in table.c:
        rows = [{**row, "expires_at": time.time() + _AN_HOUR} for row in rows]
    if rows:
        with target.begin() as connection:
            connection.execute(insert(table), rows)
