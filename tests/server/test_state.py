"""State survives processes: handles, feedback, confirmations, live values, forgetting."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from concierge_server.state.candidates import CandidateBus
from concierge_server.state.confirmations import Confirmations
from concierge_server.state.database import open_database
from concierge_server.state.feedback import FeedbackLog
from concierge_server.state.forgotten import Forgotten
from concierge_server.state.overlay import LiveValues
from concierge_tools.errors import DataError, InputError, StoreError


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return open_database(f"sqlite:///{tmp_path / 'state.db'}")


def test_a_handle_returns_its_set_to_its_principal_and_to_nobody_else(engine: Engine) -> None:
    bus = CandidateBus(engine)
    put = bus.put("ann", "v1", ["a", "b"], [0.5, None], matched=2, basis="blend", recipe={"filters": []})
    assert CandidateBus(engine).get("ann", put.handle) == put
    with pytest.raises(InputError, match="No candidate set"):
        bus.get("bob", put.handle)


def test_the_same_idempotency_key_stores_an_event_once(engine: Engine) -> None:
    log = FeedbackLog(engine)
    first, new = log.record("owner", "u", "i", "like", None, "key")
    second, again = log.record("owner", "u", "i", "like", None, "key")
    assert (new, again) == (True, False)
    assert second == first
    assert log.of("u") == [first]


def test_events_without_a_key_are_all_kept_newest_first(engine: Engine) -> None:
    log = FeedbackLog(engine)
    log.record("owner", "u", "i", "view", None, None)
    log.record("owner", "u", "j", "view", None, None)
    assert [event.item_id for event in log.of("u")] == ["j", "i"]


def test_undo_takes_back_the_newest_such_event_and_only_that(engine: Engine) -> None:
    log = FeedbackLog(engine)
    log.record("owner", "u", "i", "like", None, None)
    log.record("owner", "u", "j", "like", None, None)
    assert log.undo("owner", "u", "i", "like", None).id
    assert not log.undo("owner", "u", "i", "like", None).id
    assert [event.item_id for event in log.of("u")] == ["j"]


def test_a_confirmation_is_bound_to_principal_and_user(engine: Engine) -> None:
    confirmations = Confirmations(engine)
    token, _ = confirmations.mint("ann", "u", ["i"])
    assert confirmations.confirmed("ann", "u", token) == frozenset({"i"})
    assert confirmations.confirmed("bob", "u", token) is None
    assert confirmations.confirmed("ann", "v", token) is None
    assert confirmations.confirmed("ann", "u", "cf_made_up") is None


def test_a_live_value_replaces_the_one_before_and_raises_the_revision(engine: Engine) -> None:
    live = LiveValues(engine)
    assert live.revision() == 0
    live.update({"i": {"price": 10, "stock": 3}})
    live.update({"i": {"price": 12}})
    assert live.read().values == {"i": {"price": 12, "stock": 3}}
    assert live.revision() == 2


def test_forgotten_users_are_known_by_hash_alone(engine: Engine) -> None:
    forgotten = Forgotten(engine)
    forgotten.add("ann")
    forgotten.add("ann")
    assert "ann" in forgotten
    assert forgotten.among(["ann", "bob"]) == {"ann"}


def test_a_url_that_is_none_says_what_to_write() -> None:
    with pytest.raises(DataError, match="Write for instance"):
        open_database("nonsense")


def test_a_place_that_cannot_be_written_is_a_store_error(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(StoreError):
        open_database(f"sqlite:///{blocked / 'state.db'}")
