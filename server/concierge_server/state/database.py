"""The state database: SQLite (WAL) by default, PostgreSQL by changing the URL; one code path."""

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Engine,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    create_engine,
    event,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from concierge_tools.errors import DataError, StoreError

METADATA = MetaData()

FEEDBACK = Table(
    "feedback",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", String(40), nullable=False, unique=True),
    Column("principal", String(200), nullable=False),
    Column("user_id", String(200), nullable=False),
    Column("item_id", String(500), nullable=False),
    Column("event", String(40), nullable=False),
    Column("value", Float),
    Column("time", String(40), nullable=False),
    Column("idempotency_key", String(200)),
    Column("undone", Boolean, nullable=False, default=False),
    UniqueConstraint("principal", "user_id", "idempotency_key"),
    Index("feedback_by_user", "user_id", "undone"),
)
CANDIDATE_SETS = Table(
    "candidate_sets",
    METADATA,
    Column("handle", String(40), primary_key=True),
    Column("principal", String(200), nullable=False),
    Column("artifact", String(80), nullable=False),
    Column("expires_at", Float, nullable=False, index=True),
    Column("item_ids", JSON, nullable=False),
    Column("scores", JSON, nullable=False),
    Column("matched", Integer, nullable=False),
    Column("basis", String(400), nullable=False),
    Column("recipe", JSON, nullable=False),
)
CONFIRMATIONS = Table(
    "confirmations",
    METADATA,
    Column("token", String(40), primary_key=True),
    Column("principal", String(200), nullable=False),
    Column("user_id", String(200)),
    Column("item_ids", JSON, nullable=False),
    Column("expires_at", Float, nullable=False, index=True),
)
OVERLAY = Table(
    "overlay",
    METADATA,
    Column("item_id", String(500), primary_key=True),
    Column("field", String(200), primary_key=True),
    Column("value", JSON),
    Column("updated_at", String(40), nullable=False),
    Column("revision", Integer, nullable=False, index=True),
)
CONVERSATIONS = Table(
    "conversations",
    METADATA,
    Column("id", String(40), primary_key=True),
    Column("user_id", String(200), index=True),
    Column("updated_at", String(40), nullable=False),
    Column("body", JSON, nullable=False),
)
TRACES = Table(
    "traces",
    METADATA,
    Column("id", String(40), primary_key=True),
    Column("conversation_id", String(40), nullable=False, index=True),
    Column("turn", Integer, nullable=False),
    Column("created_at", String(40), nullable=False),
    Column("body", JSON, nullable=False),
)
REPLIES = Table(
    "replies",
    METADATA,
    Column("key", String(64), primary_key=True),
    Column("user_id", String(200), index=True),
    Column("expires_at", Float, nullable=False, index=True),
    Column("text", JSON, nullable=False),
)
STANDING = Table(
    "standing",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("user_id", String(200), nullable=False, index=True),
    Column("conversation_id", String(40)),
    Column("created_at", String(40), nullable=False),
    Column("body", JSON, nullable=False),
    sqlite_autoincrement=True,
)
LESSONS = Table(
    "lessons",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("user_id", String(200), nullable=False, index=True),
    Column("created_at", String(40), nullable=False),
    Column("body", JSON, nullable=False),
)
FORGOTTEN = Table("forgotten", METADATA, Column("user_hash", String(64), primary_key=True))


def open_database(url: str) -> Engine:
    """Open the state database at `url` and create what is missing.

    Raises:
        DataError: The URL is not one, or names a driver that is not installed.
        StoreError: The database cannot be opened or written.
    """
    try:
        parsed = make_url(url)
        sqlite = parsed.get_backend_name() == "sqlite"
        if sqlite and parsed.database and parsed.database != ":memory:":
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(parsed, connect_args={"timeout": 15} if sqlite else {})
    except (ArgumentError, ModuleNotFoundError) as error:
        raise DataError(
            f"[state] url {url!r} cannot be used: {error}. Write for instance sqlite:///state.db."
        ) from None
    except OSError as error:
        raise StoreError(f"The folder of the state database {url!r} cannot be made: {error}.") from None
    if sqlite:
        event.listen(engine, "connect", _tune_sqlite)
    try:
        METADATA.create_all(engine)
    except SQLAlchemyError as error:
        raise StoreError(f"The state database {url!r} cannot be written: {error.__cause__ or error}.") from None
    return engine


def now() -> str:
    """Return the present moment as ISO 8601 in UTC."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def _tune_sqlite(connection: "object", _record: object) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]  # SQLAlchemy hands over the driver's own connection
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()
