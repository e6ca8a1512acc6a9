from concierge_agent.answer import Answer, AnswerItem
from concierge_agent.rendering import answer_json, blocks, question_text
from concierge_agent.trace import Trace
from concierge_agent.values import Option, Question

ITEM = AnswerItem(id="b1", title="M*A*S*H [now](http://evil)\n<b>", reason="Short.", disclosures=("Paid  for.",))


def test_an_item_is_one_numbered_line_in_which_its_title_is_literal() -> None:
    [line] = blocks("", [ITEM])

    assert line == r"1. **M\*A\*S\*H [now\](http://evil) \<b>** – Short. *Paid for.*"


def test_the_blocks_stand_in_order_and_empty_ones_are_left_out() -> None:
    assert blocks("Hello.", [], ["", "Bye."], ["left out: a_b"]) == ["Hello.", "Bye.", "_left out: a b_"]


def test_a_question_lists_its_options_with_counts_but_not_yes_and_no() -> None:
    offered = Question(
        field="topics", text="Which?", options=[Option(value="Sea", count=4), Option(value="Fog", count=0)]
    )
    consent = Question(field=None, text="Shall I?", options=[Option(value="yes", count=1), Option(value="no", count=0)])

    assert question_text(offered) == "Which?\n\n- Sea (4)\n- Fog"
    assert question_text(consent) == "Shall I?"


def test_the_json_has_exactly_the_promised_keys() -> None:
    trace = Trace(id="t1", conversation="c1", turn=1, text="hi")
    said = answer_json(Answer(turn=1, reply="Hello.", items=(ITEM,), trace_id="t1", trace=trace))

    assert list(said) == [
        "turn",
        "reply",
        "items",
        "question",
        "abstained",
        "method",
        "ledger",
        "plan",
        "trace_id",
        "usage",
        "error",
    ]
    assert list(said["items"][0]) == ["id", "title", "reason", "evidence", "disclosures", "needs_confirmation"]
    assert said["question"] is None
