import pytest
from hypothesis import given
from hypothesis import strategies as st

from concierge_agent.ledger import INFERRED, Change, Entry, Ledger
from concierge_agent.rendering import ledger_json
from concierge_agent.values import Constraint
from tests.agent.shop import NO_CRIME, SEA, SHORT, wants


def entry(kind: str, **values: object) -> Change:
    return Change.model_validate({"op": "add", "entry": {"id": "", "kind": kind, "turn": 0, "text": "t", **values}})


def test_entries_are_numbered_and_remember_their_turn() -> None:
    ledger = Ledger().apply([wants(SEA)], turn=1).apply([wants(NO_CRIME)], turn=2)

    assert [(e.id, e.turn) for e in ledger.entries] == [("e1", 1), ("e2", 2)]
    assert ledger.constraints == (SEA, NO_CRIME)


def test_what_is_taken_back_stays_on_record_but_no_longer_counts() -> None:
    ledger = Ledger().apply([wants(SEA)], turn=1).apply([Change(op="retract", entry_id="e1")], turn=3)

    assert ledger.constraints == ()
    assert ledger.entries[0].retracted == 3


def test_adding_what_is_active_changes_nothing_and_after_a_retraction_it_counts_anew() -> None:
    once = Ledger().apply([wants(SEA)], turn=1)

    assert once.apply([wants(SEA)], turn=2) == once
    again = once.apply([Change(op="retract", entry_id="e1"), wants(SEA)], turn=2)
    assert [(e.id, e.active) for e in again.entries] == [("e1", False), ("e2", True)]


@pytest.mark.parametrize("entry_id", ["e9", "e1"])
def test_only_active_entries_can_be_retracted(entry_id: str) -> None:
    ledger = Ledger().apply([wants(SEA)], turn=1).apply([Change(op="retract", entry_id="e1")], turn=2)

    with pytest.raises(KeyError, match=entry_id):
        ledger.apply([Change(op="retract", entry_id=entry_id)], turn=3)


def test_soft_constraints_are_kept_but_not_enforced() -> None:
    soft = Change(op="add", entry=Entry(id="", kind="constraint", turn=0, text="rather", constraint=SEA, hard=False))

    ledger = Ledger().apply([soft], turn=1)

    assert ledger.constraints == ()
    assert len(ledger.active("constraint")) == 1


def test_no_preference_is_an_answer() -> None:
    assert Ledger().apply([entry("answer", field="topics", value=None)], turn=1).answers == {"topics": None}


def test_the_json_has_only_the_keys_that_apply_and_never_a_token() -> None:
    changes = [wants(SEA, "sea"), entry("like", item_id="b1", title="One"), entry("consent", value="secret")]
    ledger = Ledger().apply([*changes, entry("answer", field="topics", value=None)], turn=1)

    constraint, like, consent, answer = ledger_json(ledger)

    assert constraint == {
        "id": "e1",
        "kind": "constraint",
        "field": "topics",
        "op": "contains",
        "value": "Sea",
        "hard": True,
        "turn": 1,
        "text": "sea",
    }
    assert like == {"id": "e2", "kind": "like", "turn": 1, "text": "t", "item_id": "b1", "title": "One"}
    assert consent == {"id": "e3", "kind": "consent", "turn": 1, "text": "t"}
    assert answer == {"id": "e4", "kind": "answer", "turn": 1, "text": "t", "field": "topics", "value": None}


def for_ever(constraint: Constraint) -> Change:
    entry = Entry(id="", kind="constraint", turn=0, text="never", constraint=constraint, scope="user")
    return Change(op="add", entry=entry)


def test_what_is_said_for_this_conversation_and_then_for_ever_counts_once_and_for_ever() -> None:
    ledger = Ledger().apply([wants(SEA)], turn=1).apply([for_ever(SEA)], turn=2).apply([wants(SEA)], turn=3)

    assert [(e.scope, e.active) for e in ledger.entries] == [("conversation", False), ("user", True)]


def test_a_conversation_that_goes_on_follows_the_profile_but_keeps_its_own_exceptions() -> None:
    told = Ledger().apply([for_ever(SEA), for_ever(NO_CRIME), wants(SHORT)], turn=1)
    excepted = told.apply([Change(op="retract", entry_id="e1")], turn=2)
    stands = [entry for entry in told.entries if entry.constraint == SEA]

    assert excepted.with_standing(stands, turn=2).constraints == (SHORT,)
    taken_back = told.apply([Change(op="retract", entry_id="e1", scope="user")], turn=2)
    assert taken_back.with_standing(stands, turn=2).constraints == (SHORT, SEA)


def test_entries_of_older_versions_are_read_as_plainly_said_in_their_conversation() -> None:
    old = {"id": "e1", "kind": "constraint", "turn": 1, "text": "sea", "constraint": SEA.model_dump()}

    assert (Entry.model_validate(old).scope, Entry.model_validate(old).confidence) == ("conversation", 1.0)


def test_the_json_tells_reach_and_doubt_only_where_there_is_any() -> None:
    vague = Entry(id="", kind="constraint", turn=0, text="short", constraint=SHORT, scope="user", confidence=INFERRED)

    plain, told = ledger_json(Ledger().apply([wants(SEA), Change(op="add", entry=vague)], turn=1))

    assert not {"scope", "confidence"} & set(plain)
    assert (told["scope"], told["confidence"]) == ("user", INFERRED)


POOL = (SEA, NO_CRIME, SHORT, Constraint(field="year", op=">", value=1990))


@given(st.lists(st.tuples(st.booleans(), st.integers(0, len(POOL) - 1)), max_size=60))
def test_the_active_constraints_are_those_said_and_not_taken_back(said: list[tuple[bool, int]]) -> None:
    ledger, oracle = Ledger(), list[Constraint]()
    for turn, (adds, index) in enumerate(said, start=1):
        constraint = POOL[index]
        if adds:
            ledger = ledger.apply([wants(constraint)], turn)
            oracle = oracle if constraint in oracle else [*oracle, constraint]
        elif constraint in oracle:
            [found] = [e for e in ledger.active() if e.constraint == constraint]
            ledger = ledger.apply([Change(op="retract", entry_id=found.id)], turn)
            oracle = [kept for kept in oracle if kept != constraint]
    assert list(ledger.constraints) == oracle
