import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concierge_agent.llm.parsing import UnusableReply, parse
from concierge_agent.llm.wire import WireDraft

WORDS = st.text(max_size=40)
PROSE = st.text(alphabet=st.characters(exclude_characters="{"), max_size=40)
CLAIMS = st.fixed_dictionaries({"name": WORDS, "value": st.booleans() | st.integers(-9, 9) | WORDS | st.lists(WORDS)})
ITEMS = st.fixed_dictionaries({"id": WORDS, "reason": WORDS, "claims": st.lists(CLAIMS, max_size=3)})
DRAFTS = st.fixed_dictionaries({"opening": WORDS, "items": st.lists(ITEMS, max_size=3), "closing": WORDS})


@given(draft=DRAFTS, before=PROSE, after=WORDS, indent=st.sampled_from([None, 2]))
def test_a_draft_is_read_whatever_stands_around_it(
    draft: dict[str, Any], before: str, after: str, indent: int | None
) -> None:
    text = f"{before}{json.dumps(draft, indent=indent)}{after}"

    assert parse(text, WireDraft).model_dump() == draft


@given(draft=DRAFTS, data=st.data())
def test_no_part_of_a_cut_draft_is_read_as_a_draft(draft: dict[str, Any], data: st.DataObject) -> None:
    text = json.dumps(draft)
    cut = text[: data.draw(st.integers(0, len(text) - 1))]

    with pytest.raises(UnusableReply):
        parse(cut, WireDraft)


def test_the_first_problem_is_the_one_that_is_told() -> None:
    with pytest.raises(UnusableReply, match="at line 2, column 2"):
        parse('Here:\n{opening: "x"}\n{"closing": 5}', WireDraft)


def test_a_flood_of_braces_is_refused() -> None:
    with pytest.raises(UnusableReply):
        parse('{"a":' * 5000, WireDraft)
