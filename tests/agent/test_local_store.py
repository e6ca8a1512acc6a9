from pathlib import Path

import pytest

from concierge_agent.conversation import Conversation, ConversationStore
from concierge_agent.local_store import FolderConversations, LocalConversations
from concierge_agent.trace import Trace

TRACE = Trace(id="t1", conversation="c1", turn=1, text="hello")


@pytest.fixture(params=["memory", "folder"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ConversationStore:
    return LocalConversations() if request.param == "memory" else FolderConversations(tmp_path / "conversations")


def test_what_was_saved_is_loaded(store: ConversationStore) -> None:
    saved = Conversation(id="c1", user_id="ann", shown=("b1",))
    store.save(Conversation(id="c1"), TRACE)
    store.save(saved, TRACE)

    assert store.load("c1") == saved


def test_an_unknown_conversation_is_none(store: ConversationStore) -> None:
    assert store.load("c9") is None


def test_a_folder_outlives_the_store_and_is_its_owners_alone(tmp_path: Path) -> None:
    FolderConversations(tmp_path).save(Conversation(id="c1"), TRACE)

    assert FolderConversations(tmp_path).load("c1") == Conversation(id="c1")
    assert {path.name for path in (tmp_path / "c1").iterdir()} == {"conversation.json", "trace-1.json"}
    assert (tmp_path / "c1").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", ["../c1", "a/b", "", ".hidden"])
def test_an_id_that_leads_elsewhere_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot be the name"):
        FolderConversations(tmp_path).load(name)


def test_the_latest_conversation_is_the_user_s_that_was_saved_last(store: ConversationStore) -> None:
    for name, user in (("c1", "ann"), ("c2", "ann"), ("c3", "bob"), ("c1", "ann")):
        store.save(Conversation(id=name, user_id=user), TRACE)

    found = [store.latest(user) for user in ("ann", "bob", None)]

    assert [conversation.id if conversation is not None else None for conversation in found] == ["c1", "c3", None]
