import io
from collections.abc import Callable

import pytest
from rich.console import Console

from concierge_agent.answer import Answer, AnswerItem, Evidence, Preview
from concierge_agent.ledger import Change, Entry, Ledger
from concierge_agent.plan import Plan, Step
from concierge_agent.rendering import blocks, question_text
from concierge_agent.trace import Call, Trace, Usage
from concierge_agent.values import (
    CatalogDescription,
    Constraint,
    FieldDescription,
    Option,
    PolicyDescription,
    Question,
)
from concierge_server.terminal.answers import prose, render_answer
from concierge_server.terminal.details import render_evidence, render_ledger, render_why
from concierge_server.terminal.proofs import summary
from concierge_server.terminal.stage import LiveStage, QuietStage, SpokenStage, stage_for, streamed
from concierge_server.terminal.wording import spent_text

CATALOG = CatalogDescription(
    name="Corner shop",
    items=12,
    fields=[
        FieldDescription(name="name", role="title", type="text"),
        FieldDescription(name="price", role="price", type="number", unit="EUR"),
        FieldDescription(name="made_in", role="category", type="category"),
        FieldDescription(name="colours", role="tags", type="tags"),
        FieldDescription(name="weight", role="number", type="number", unit="g"),
        FieldDescription(name="guess", role="category", type="category", generated=True),
        FieldDescription(name="description", role="text", type="text"),
    ],
    policy=PolicyDescription(),
    models=["als"],
    artifact="a1",
)
QUESTION = Question(
    field="price",
    text="How much may it cost?",
    options=[Option(value="under 10", count=4), Option(value="any", count=12)],
)


def item(number: int, title: str, reason: str = "Blue, as you asked.", **extra: object) -> AnswerItem:
    fields = {"price": 9.5, "made_in": "Chile", "colours": ["blue", "red"], "weight": 120, "guess": "gift"}
    proof = Evidence(step="s1", item_id=f"i{number}", source="field", name="colours", value=["blue", "red"])
    return AnswerItem.model_validate(
        {"id": f"i{number}", "title": title, "reason": reason, "evidence": (proof,), "fields": fields, **extra}
    )


def answer(reply: str = "Two things.", *items: AnswerItem, **extra: object) -> Answer:
    plan = Plan(
        steps=(Step(id="s1", tool="search_catalog", purpose="look for mugs"), Step(id="s2", tool="rank_candidates"))
    )
    filters = [{"field": "price", "op": "<=", "value": 10}]
    calls = (
        Call(
            step="s1",
            tool="search_catalog",
            arguments={"query": "mug", "filters": filters},
            result={"items": [{}, {}], "total": 7, "basis": "text search"},
            seconds=0.012,
        ),
        Call(step="s9", tool="invented", arguments={"n": 3}, error="No tool 'invented'."),
    )
    trace = Trace(
        id="t1", conversation="c1", turn=1, text="a mug", plan=plan, calls=calls, notes=("One claim was cut.",)
    )
    body = {"turn": 1, "reply": reply, "items": items, "trace_id": "t1", "trace": trace}
    return Answer.model_validate({**body, "usage": Usage(tool_calls=2, seconds=0.5), **extra})


def printed(width: int, print_it: Callable[[Console], None]) -> str:
    console = Console(file=io.StringIO(), width=width, force_terminal=False, color_system=None)
    print_it(console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def rendered(shown: Answer, width: int, **options: bool) -> str:
    return printed(width, lambda console: render_answer(console, shown, CATALOG, **options))


@pytest.mark.parametrize("width", [60, 120])
def test_an_answer_shows_items_reasons_disclosures_question_and_method(width: int) -> None:
    shown = answer(
        "Two things.",
        item(1, "Blue mug", disclosures=("Promoted.",)),
        item(2, "Red mug", needs_confirmation=True),
        question=QUESTION,
    )

    text = rendered(shown, width, show_plan=True)

    assert max(len(row) for row in text.splitlines()) <= width
    for words in (
        "Two things.",
        "Blue mug",
        "Red mug",
        "Blue, as you asked.",
        "! Promoted.",
        "! Needs your confirmation",
    ):
        assert words in text
    assert "evidence: colours" in " ".join(text.split())
    assert "How much may it cost?" in text
    assert "1. under 10" in text
    assert "offline · 2 tool calls · 500 ms" in text


def test_a_wide_terminal_gets_columns_and_a_narrow_one_a_list() -> None:
    shown = answer("Here.", item(1, "Blue mug"))

    wide, narrow = rendered(shown, 120), rendered(shown, 60)

    header = next(row for row in wide.splitlines() if "title" in row)
    assert header.split() == ["title", "price", "colours", "made", "in", "weight", "why"]
    assert "title" not in narrow
    assert "price 9.5 EUR · colours blue, red · made in Chile · weight 120 g" in " ".join(narrow.split())


def test_generated_values_are_never_shown_as_fields() -> None:
    assert "gift" not in rendered(answer("Here.", item(1, "Blue mug")), 160)


def test_the_fields_the_user_constrained_come_first() -> None:
    entry = {"kind": "constraint", "field": "weight", "op": "<", "value": 200}

    text = rendered(answer("Here.", item(1, "Blue mug"), ledger=(entry,)), 120)

    header = next(row for row in text.splitlines() if "title" in row)
    assert header.split()[:2] == ["title", "weight"]


def test_a_long_list_of_values_is_cut_and_counted() -> None:
    text = rendered(answer("Here.", item(1, "Blue mug", fields={"colours": list("abcdefgh")})), 60)

    assert "colours a, b, c, d, e, f, 2 more" in text


def test_catalog_text_is_never_markup_nor_terminal_control() -> None:
    title = "[red]M*A*S*H[/red] \x1b[31mX\u202e"

    text = rendered(answer(f"Take {title}, *really*.", item(1, title)), 120)

    assert text.count("[red]M*A*S*H[/red]") == 2
    assert "really" in text
    assert "*really*" not in text
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_items_and_question_are_taken_out_of_the_reply_that_repeats_them() -> None:
    items = (item(1, "M*A*S*H"), item(2, "Red mug", disclosures=("Promoted.",)))
    reply = "\n\n".join(blocks("Two things.", items, ["Take care.", question_text(QUESTION)]))

    assert prose(answer(reply, *items, question=QUESTION)).split() == ["Two", "things.", "Take", "care."]


def test_the_plan_tells_what_ran_what_was_refused_and_what_did_not_run() -> None:
    text = rendered(answer(), 100, show_plan=True)

    assert "search_catalog  look for mugs" in text
    assert "filters: price at most 10 EUR" in text
    assert "2 of 7 items · text search" in text
    assert "refused: No tool 'invented'." in text
    assert "rank_candidates  did not run" in text
    assert "note: One claim was cut." in text


def test_the_ledger_shows_what_counts_before_what_was_taken_back() -> None:
    cheap = Entry(
        id="", kind="constraint", turn=0, text="cheap", constraint=Constraint(field="price", op="<=", value=10)
    )
    liked = Entry(id="", kind="like", turn=0, text="the blue one", item_id="i1", title="Blue mug")
    ledger = Ledger().apply([Change(op="add", entry=cheap), Change(op="add", entry=liked)], 1)
    ledger = ledger.apply([Change(op="retract", entry_id="e1")], 3)

    text = printed(80, lambda console: render_ledger(console, ledger, CATALOG))

    assert [row.split("  ")[2] for row in text.splitlines()] == ["likes Blue mug", "price at most 10 EUR"]
    assert "taken back in turn 3" in text


def test_why_tells_of_one_item_by_its_number() -> None:
    shown = answer("Here.", item(1, "Blue mug"), item(2, "Red mug"))

    second = printed(80, lambda console: render_why(console, shown, number=2))
    assert ("Red mug" in second, "Blue mug" in second) == (True, False)
    assert "no number 3" in printed(80, lambda console: render_why(console, shown, number=3))


def test_why_and_evidence_point_at_the_trace() -> None:
    explained = {"id": "i1", "detailed": "Blue like the bowl you bought.", "contributions": []}
    call = Call(step="explain", tool="explain_recommendation", arguments={}, result={"items": [explained]})
    shown = answer("Here.", item(1, "Blue mug"))
    shown = shown.model_copy(update={"trace": shown.trace.model_copy(update={"calls": (call,)})})

    assert "Blue like the bowl you bought." in printed(80, lambda console: render_why(console, shown))
    evidence = printed(80, lambda console: render_evidence(console, shown, CATALOG))
    assert "field: colours blue, red  (s1)" in evidence


def test_evidence_names_the_liked_items_behind_a_score() -> None:
    proof = (
        Evidence(step="explain", item_id="i1", source="contribution", name="i9", value=0.0209),
        Evidence(step="explain", item_id="i9", source="field", name="name", value="Blue bowl"),
        Evidence(step="explain", item_id="i1", source="field", name="price", value=9.5),
        Evidence(step="explain", item_id="i1", source="statistic", name="liked_by", value=112),
    )

    assert summary(item(1, "Blue mug", evidence=proof), CATALOG, beside=["colours"]) == (
        "score Blue bowl +0.0209 · price 9.5 EUR · liked by 112"
    )


def test_the_stage_suits_the_terminal() -> None:
    def console(*, terminal: bool, kind: str = "xterm") -> Console:
        return Console(file=io.StringIO(), force_terminal=terminal, _environ={"TERM": kind})

    assert isinstance(stage_for(console(terminal=True), console(terminal=True)), LiveStage)
    assert isinstance(stage_for(console(terminal=True, kind="dumb"), console(terminal=True)), SpokenStage)
    assert isinstance(stage_for(console(terminal=False), console(terminal=False)), QuietStage)


def test_a_dumb_terminal_gets_each_sentence_once() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, _environ={"TERM": "dumb"}, width=60)
    with stage_for(console, console) as stage:
        stage.progress("searching")
        stage.sentence("Two things.")
        stage.sentence("Look.")

    assert isinstance(console.file, io.StringIO)
    assert console.file.getvalue() == "Two things.\nLook.\n"
    assert streamed(stage, answer("Two things. Look."))
    assert not streamed(stage, answer("Something else."))


def test_a_dumb_terminal_tells_first_ideas_from_the_answer() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, _environ={"TERM": "dumb"}, width=60)
    with stage_for(console, console) as stage:
        stage.preview(Preview(reply="A mug.", items=()))
        stage.sentence("A red mug.")

    assert isinstance(console.file, io.StringIO)
    said = console.file.getvalue().splitlines()
    assert said == ["First ideas, while a model works on it:", "A mug.", "What the model makes of it:", "A red mug."]
    assert streamed(stage, answer("A red mug.")), "first ideas are no part of the answer"


def test_first_ideas_stand_above_the_spinner_until_the_first_sentence() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, _environ={"TERM": "xterm"}, width=60)
    with LiveStage(console) as stage:
        stage.preview(Preview(reply="A mug \x1b[31m.", items=()))
        stage.sentence("A red mug.")

    assert isinstance(console.file, io.StringIO)
    said = console.file.getvalue()
    assert said.index("First ideas") < said.index("A mug [31m.") < said.index("A red mug.")
    assert "First ideas" not in said[said.index("A red mug.") :]
    assert stage.spoken == ""


def test_what_models_cost_is_one_line() -> None:
    usage = Usage(model_calls=2, input_tokens=1834, cached_input_tokens=1500, output_tokens=212, cost=0.0031)

    assert spent_text(usage) == "2 model calls, 1,834 + 212 tokens, 1,500 from cache, $0.0031"
    assert spent_text(usage.model_copy(update={"cost": None})).endswith("1,500 from cache")
    assert spent_text(usage.model_copy(update={"cost": 0.00002})).endswith("under $0.0001")
    assert spent_text(Usage(cached_calls=2, cost=0.0)) == "2 model calls saved, $0"
    assert spent_text(Usage(tool_calls=4, seconds=1.0)) == ""
    assert spent_text(usage) in rendered(answer("Here.", usage=usage), 120)
