import asyncio

import pytest

from concierge_agent.answer import Draft
from concierge_agent.conversation import Conversation
from concierge_agent.errors import BrainError
from concierge_agent.ledger import Change, Entry, Ledger
from concierge_agent.local_store import LocalConversations
from concierge_agent.plan import Plan, Proposal
from concierge_agent.values import Constraint, Question
from tests.agent.shop import (
    NO_CRIME,
    SEA,
    ScriptedBrain,
    Shop,
    agent_over,
    converse,
    item,
    recommend,
    steps,
    wants,
)

pytestmark = pytest.mark.anyio


def ids(answer: object) -> list[str]:
    return [shown.id for shown in getattr(answer, "items")]  # noqa: B009  (any answer of the test)


async def test_a_recommendation_names_items_that_meet_the_constraint_with_evidence_for_it() -> None:
    _, [answer] = await converse(ScriptedBrain([recommend(wants(SEA))]), "something about the sea")

    assert [shown.title for shown in answer.items] == [
        "Harbour Lights",
        "Night Ferry",
        "Salt and Rust",
        "Promised Shore",
    ]
    proofs = answer.items[0].evidence
    assert [(p.source, p.name, p.value) for p in proofs] == [("field", "topics", ["Sea", "Comedy"])]
    assert "topics include Sea" in answer.reply
    assert answer.method == "scripted"


async def test_hard_constraints_reach_every_retrieval_whatever_the_plan_says() -> None:
    first = recommend(wants(SEA), wants(NO_CRIME))
    second = Proposal(
        intent="refinement",
        plan=steps(
            ("get_trending_items", {}),
            ("recommend_for_user", {"filters": [{"field": "pages", "op": "<", "value": 200}]}),
            ("combine_candidates", {"operation": "union", "candidates": ["$s1", "$s2"]}),
        ),
    )

    brain = ScriptedBrain([first, second])
    conversation, [_, answer] = await converse(brain, "sea, no crime", "another", shop=Shop(most=1))

    assert ids(answer) == ["b4"]
    retrievals = [c for c in answer.trace.calls if c.tool in ("get_trending_items", "recommend_for_user")]
    for call in retrievals:
        assert SEA.model_dump() in call.arguments["filters"]
        assert NO_CRIME.model_dump() in call.arguments["filters"]
    shown = next(c for c in answer.trace.calls if c.step == "show")
    assert shown.arguments["filters"] == [SEA.model_dump(), NO_CRIME.model_dump()]
    assert conversation.ledger.constraints == (SEA, NO_CRIME)


async def test_a_constraint_the_plan_already_has_is_not_doubled() -> None:
    _, [answer] = await converse(ScriptedBrain([recommend(wants(SEA), filters=[SEA.model_dump()])]), "sea")

    assert answer.plan[0]["arguments"]["filters"] == [SEA.model_dump()]


async def test_the_user_is_the_conversations_and_never_the_models_invention() -> None:
    _, [answer] = await converse(ScriptedBrain([recommend(user_id="mallory")]), "anything", user_id="ann")

    users = {c.arguments["user_id"] for c in answer.trace.calls if "user_id" in c.arguments}
    assert users == {"ann"}


async def test_a_stranger_is_told_that_the_list_is_what_is_popular() -> None:
    _, [answer] = await converse(ScriptedBrain([recommend(user_id="mallory")]), "anything")

    assert "I know nothing of your taste yet" in answer.reply
    assert all("user_id" not in call.arguments for call in answer.trace.calls)


async def test_an_item_is_never_shown_twice() -> None:
    shop = Shop(most=2)
    plans = [recommend(wants(SEA)), recommend(tool="get_trending_items"), recommend(tool="search_catalog", query="sea")]

    conversation, answers = await converse(ScriptedBrain(plans), "sea", "more", "more", shop=shop)

    shown = [item_id for answer in answers for item_id in ids(answer)]
    assert shown == ["b1", "b2", "b4", "b6"]
    assert conversation.shown == ("b1", "b2", "b4", "b6")
    assert answers[2].abstained
    assert "already shown you everything" in answers[2].reply


async def test_what_the_plans_author_leaves_out_stays_left_out() -> None:
    conversation, answers = await converse(
        ScriptedBrain([recommend(wants(SEA), exclude=["b1"]), recommend()]),
        "not Harbour Lights",
        "more",
        shop=Shop(most=1),
    )

    assert [ids(answer) for answer in answers] == [["b2"], ["b4"]]
    assert conversation.rejected == ("b1",)


async def test_a_disclosure_is_in_the_reply_whatever_the_writer_wrote() -> None:
    brain = ScriptedBrain([recommend(wants(SEA))], [Draft(opening="Try this.", items=(item("b6", "A fine book."),))])

    _, [answer] = await converse(brain, "sea")

    assert ids(answer) == ["b6"]
    assert "*The publisher paid for this place.*" in answer.reply


async def test_an_invented_item_is_cut_when_the_repair_fails_to_drop_it() -> None:
    lie = Draft(items=(item("zz", "Invented."), item("b1", "It is about Sea.")))
    brain = ScriptedBrain([recommend(wants(SEA))], [lie, lie])

    _, [answer] = await converse(brain, "sea")

    assert ids(answer) == ["b1"]
    assert "Invented" not in answer.reply
    assert any("zz" in problem for problem in brain.problems[2])
    assert any(note.startswith("cut: [unknown_item]") for note in answer.trace.notes)


async def test_a_false_claim_and_its_sentence_are_cut_and_the_item_stays() -> None:
    lie = Draft(items=(item("b2", "It has 90 pages. It is about Crime.", pages=90, year=1996),))
    brain = ScriptedBrain([recommend(wants(SEA))], [lie, lie])

    _, [answer] = await converse(brain, "sea")

    [shown] = answer.items
    assert shown.reason == "It is about Crime."
    assert {p.name for p in shown.evidence} == {"topics", "year"}


async def test_a_repaired_draft_is_used_as_it_is() -> None:
    wrong, right = Draft(items=(item("zz"),)), Draft(opening="Two for you.", items=(item("b4"), item("b1")))
    brain = ScriptedBrain([recommend(wants(SEA))], [wrong, right])

    _, [answer] = await converse(brain, "sea")

    assert ids(answer) == ["b4", "b1"]
    assert answer.reply.startswith("Two for you.")


async def test_a_draft_without_a_single_real_item_gives_way_to_the_plain_answer() -> None:
    lie = Draft(items=(item("zz"),))

    _, [answer] = await converse(ScriptedBrain([recommend(wants(SEA))], [lie, lie]), "sea")

    assert ids(answer) == ["b1", "b2", "b4", "b6"]


async def test_a_writer_that_fails_leaves_the_plain_answer_and_says_so_in_the_method() -> None:
    brain = ScriptedBrain([recommend(wants(SEA))], [BrainError("cut off")], name="anthropic")

    _, [answer] = await converse(brain, "sea")

    assert ids(answer) == ["b1", "b2", "b4", "b6"]
    assert answer.method == "anthropic, plain answer (anthropic failed: cut off)"


async def test_a_planner_that_fails_twice_gives_way_to_the_fallback() -> None:
    brain = ScriptedBrain([BrainError("overloaded"), BrainError("overloaded")], name="anthropic")
    fallback = ScriptedBrain([recommend(wants(SEA))], name="offline")

    _, [answer] = await converse(brain, "sea", fallback=fallback)

    assert ids(answer) == ["b1", "b2", "b4", "b6"]
    assert answer.method == "offline (anthropic failed: overloaded)"
    assert answer.trace.notes[:2] == ("anthropic: overloaded", "anthropic: overloaded")


async def test_an_invalid_plan_goes_back_once_with_the_exact_problems() -> None:
    wrong = Proposal(intent="ask", plan=steps(("guess_items", {}), ("recommend_for_user", {"limit": 3})))
    brain = ScriptedBrain([wrong, recommend(wants(SEA))])

    _, [answer] = await converse(brain, "sea")

    told = " ".join(brain.problems[1])
    assert "no tool 'guess_items'" in told
    assert ids(answer) == ["b1", "b2", "b4", "b6"]


async def test_a_refused_step_goes_back_once_with_the_tools_words() -> None:
    wrong = recommend(filters=[{"field": "colour", "op": "==", "value": "red"}])
    brain = ScriptedBrain([wrong, recommend(wants(SEA))])

    _, [answer] = await converse(brain, "sea")

    assert brain.problems[1] == ("Step s1 (recommend_for_user): No field 'colour'.",)
    assert ids(answer) == ["b1", "b2", "b4", "b6"]


async def test_when_every_plan_fails_the_answer_says_so_and_the_ledger_stays_as_it_was() -> None:
    shop = Shop()
    shop.broken = {"recommend_for_user"}
    brain = ScriptedBrain([recommend(wants(SEA)), recommend(wants(SEA))])

    conversation, [answer] = await converse(brain, "sea", shop=shop)

    assert answer.error == "Step s1 (recommend_for_user): recommend_for_user is out of order; try again later."
    assert answer.items == ()
    assert conversation.ledger == Ledger()
    assert len(conversation.turns) == 1


async def test_an_invalid_ledger_change_is_never_applied() -> None:
    invented = Change(op="add", entry=Entry(id="", kind="like", turn=0, text="loved it", item_id="zz"))
    brain = ScriptedBrain([recommend(invented), recommend(invented)])

    conversation, [answer] = await converse(brain, "I loved it")

    assert conversation.ledger.entries == ()
    assert answer.error is not None
    assert "'zz'" in answer.error


async def test_a_new_constraint_that_no_tool_takes_is_found_out_even_when_nothing_is_retrieved() -> None:
    unknown = Constraint(field="mood", op="==", value="calm")
    asking = Proposal(intent="ask", changes=(wants(unknown),), question=Question(field="pages", text="How long?"))

    conversation, [answer] = await converse(ScriptedBrain([asking, asking]), "calm")

    assert answer.error == "No field 'mood'."
    assert conversation.ledger.constraints == ()


@pytest.mark.parametrize("stage", ["understanding", "find books", "checking what may be shown", "writing"])
async def test_a_cancelled_turn_changes_nothing(stage: str) -> None:
    store, brain = LocalConversations(), ScriptedBrain([recommend(wants(SEA)), recommend(wants(NO_CRIME))])
    async with agent_over(Shop(most=1), brain, store=store) as agent:
        before, _ = await agent.turn(Conversation(id="c1"), "sea")
        stored = before.model_copy(deep=True)

        def cancel(progress: str) -> None:
            if progress == stage:
                running.cancel()

        running = asyncio.ensure_future(agent.turn(before, "no crime", on_progress=cancel))
        await asyncio.wait([running])

    assert running.cancelled()
    assert before == stored
    assert store.load("c1") == stored
    assert len(store.traces) == 1


async def test_a_turn_interrupted_while_it_is_being_told_is_not_kept() -> None:
    store = LocalConversations()

    def interrupt(_: str) -> None:
        raise KeyboardInterrupt

    async with agent_over(Shop(), ScriptedBrain([recommend(wants(SEA))]), store=store) as agent:
        with pytest.raises(KeyboardInterrupt):
            await agent.turn(Conversation(id="c1"), "sea", on_sentence=interrupt)

    assert store.load("c1") is None


async def test_an_empty_result_abstains_and_names_the_constraint_in_the_way() -> None:
    brain = ScriptedBrain([recommend(wants(SEA), wants(NO_CRIME), wants(Constraint(field="pages", op=">", value=400)))])

    conversation, [answer] = await converse(brain, "a long one about the sea, no crime")

    assert answer.abstained
    assert answer.items == ()
    assert 'without "pages over 400" there are 3' in answer.reply.casefold()
    assert conversation.pending is not None
    assert conversation.pending.kind == "relax"
    assert [rule.field for rule in conversation.pending.rules] == ["pages"]
    assert answer.question is not None
    assert [(o.value, o.count) for o in answer.question.options] == [("pages over 400", 3)]


async def test_a_question_the_store_must_ask_first_is_asked_and_its_answer_shows_items() -> None:
    answered = Change(op="add", entry=Entry(id="", kind="answer", turn=0, text="Sea", field="topics", value="Sea"))
    brain = ScriptedBrain([recommend(), recommend(answered, wants(SEA))])

    conversation, [asked, answer] = await converse(brain, "anything", "Sea", shop=Shop(ask_first="topics"))

    assert asked.items == ()
    assert asked.question is not None
    assert asked.question.field == "topics"
    assert "Sea (4)" in asked.reply
    assert ids(answer) == ["b1", "b2", "b4", "b6"]
    assert conversation.pending is None


async def test_an_answer_to_an_owed_question_is_a_condition_from_then_on() -> None:
    answered = Change(op="add", entry=Entry(id="", kind="answer", turn=0, text="Sea", field="topics", value="Sea"))
    shop = Shop(ask_first="topics", most=1)
    brain = ScriptedBrain([recommend(answered), recommend(wants(Constraint(field="pages", op=">", value=400)))])

    _, [answer, nothing] = await converse(brain, "Sea", "a very long one", shop=shop)

    assert answer.plan[0]["arguments"]["filters"] == [{"field": "topics", "op": "contains_any", "value": ["Sea"]}]
    assert answer.reply.startswith("Here is one of 4 that meets everything you asked: topics include Sea.")
    assert "pages over 400 and topics include Sea" in nothing.reply


async def test_who_goes_on_instead_of_consenting_is_not_asked_again_for_the_same_items() -> None:
    crime = Constraint(field="topics", op="contains", value="Crime")
    brain = ScriptedBrain([recommend(wants(Constraint(field="adult", op="==", value=True))), recommend(wants(crime))])

    conversation, [asked, answer] = await converse(brain, "for adults", "or crime", shop=Shop(consent=True))

    assert "consent" in asked.reply
    assert "consent" not in answer.reply
    assert answer.items == ()
    assert conversation.rejected == ("b5",)


async def test_a_look_up_leaves_what_was_asked_open() -> None:
    look = Proposal(intent="general", present=False, plan=steps(("get_item_details", {"item_ids": ["b1"]})))
    brain = ScriptedBrain([recommend(wants(Constraint(field="adult", op="==", value=True))), look])

    conversation, [_, answer] = await converse(brain, "for adults", "first, what is b1?", shop=Shop(consent=True))

    assert answer.question is None
    assert conversation.pending is not None
    assert conversation.pending.kind == "consent"


async def test_what_needs_consent_is_shown_only_after_it_was_given() -> None:
    horror = Constraint(field="topics", op="contains", value="Horror")
    token = Change(op="add", entry=Entry(id="", kind="consent", turn=0, text="yes", value="token-b5"))
    brain = ScriptedBrain([recommend(wants(horror)), Proposal(intent="feedback", changes=(token,))])

    conversation, [asked, answer] = await converse(brain, "horror", "yes", shop=Shop(consent=True))

    assert asked.items == ()
    assert asked.question is not None
    assert [option.value for option in asked.question.options] == ["yes", "no"]
    assert "It is for adults." in asked.reply
    assert "Red Cellar" not in asked.reply
    assert ids(answer) == ["b5"]
    assert [call.step for call in answer.trace.calls] == ["show", "explain"]
    assert conversation.pending is None


async def test_a_consent_that_nobody_asked_for_is_refused() -> None:
    token = Change(op="add", entry=Entry(id="", kind="consent", turn=0, text="yes", value="token-b5"))
    brain = ScriptedBrain([recommend(token), recommend(token)])

    conversation, [answer] = await converse(brain, "yes", shop=Shop(consent=True))

    assert answer.items == ()
    assert answer.error == "There is no consent to give: nothing is waiting for it."
    assert conversation.ledger.entries == ()


async def test_items_that_need_no_consent_are_shown_and_the_others_are_asked_for() -> None:
    crime = Constraint(field="topics", op="contains", value="Crime")

    conversation, [answer] = await converse(ScriptedBrain([recommend(wants(crime))]), "crime", shop=Shop(consent=True))

    assert ids(answer) == ["b2"]
    assert "It is for adults." in answer.reply
    assert conversation.pending is not None
    assert conversation.pending.item_ids == ("b5",)
    assert [(r.field, r.op, r.value) for r in conversation.pending.rules] == [("adult", "!=", True)]


async def test_why_is_answered_from_the_explanation_and_presents_nothing_new() -> None:
    why = Proposal(
        intent="explanation", present=False, plan=steps(("explain_recommendation", {"item_ids": ["b1"], "filters": []}))
    )

    conversation, [_, answer] = await converse(ScriptedBrain([recommend(wants(SEA)), why]), "sea", "why the first?")

    assert answer.items == ()
    assert "**Harbour Lights** – It is about Sea and Comedy. It has 90 pages." in answer.reply
    assert conversation.last_items[0].id == "b1"


async def test_details_are_told_as_facts_with_their_disclosure() -> None:
    look = Proposal(intent="general", present=False, plan=steps(("get_item_details", {"item_ids": ["b6"]})))

    _, [answer] = await converse(ScriptedBrain([look]), "tell me about Promised Shore")

    assert "pages: 150" in answer.reply
    assert "*Promised Shore: The publisher paid for this place.*" in answer.reply
    assert answer.items == ()


async def test_feedback_is_recorded_for_the_conversations_user_under_a_key_of_the_turn() -> None:
    shop = Shop()
    note = Proposal(
        intent="feedback",
        present=False,
        plan=steps(("record_feedback", {"item_id": "b1", "event": "like", "user_id": "mallory"})),
    )

    _, [answer] = await converse(ScriptedBrain([note]), "I liked Harbour Lights", shop=shop, user_id="ann")

    assert shop.recorded == [{"item_id": "b1", "event": "like", "user_id": "ann", "key": "c1:1:b1:like:False"}]
    assert answer.reply == "Like noted."


async def test_a_reply_may_not_name_what_no_result_holds() -> None:
    lie = Proposal(intent="general", reply='Hello! You should try "Midnight Sunrise".')

    _, [answer] = await converse(ScriptedBrain([lie, lie]), "hello")

    assert answer.reply == "Hello!"


async def test_notes_of_the_planner_reach_the_user() -> None:
    proposal = recommend(wants(SEA)).model_copy(update={"notes": ("I left aside: blue cover.",)})

    _, [answer] = await converse(ScriptedBrain([proposal]), "sea with a blue cover")

    assert answer.reply.endswith("_I left aside: blue cover._")


async def test_what_is_streamed_is_the_reply() -> None:
    heard: list[str] = []
    async with agent_over(Shop(), ScriptedBrain([recommend(wants(SEA))])) as agent:
        _, answer = await agent.turn(Conversation(id="c1"), "sea", on_sentence=heard.append)

    assert "".join(heard) == answer.reply
    assert len(heard) == 2


async def test_only_as_many_items_as_the_plan_wants_are_presented() -> None:
    _, [answer] = await converse(ScriptedBrain([recommend(wants(SEA), n=2)]), "two about the sea")

    assert ids(answer) == ["b1", "b2"]


async def test_a_step_that_came_out_empty_is_left_aside_and_named() -> None:
    proposal = Proposal(
        intent="ask",
        plan=steps(("recommend_for_user", {}), ("search_catalog", {"query": "penguin"})),
    )

    _, [answer] = await converse(ScriptedBrain([proposal]), "penguins perhaps")

    assert ids(answer) == ["b1", "b2", "b3", "b4", "b5"]
    assert 'Nothing came of "search catalog"' in answer.reply


async def test_a_missing_explanation_leaves_the_evidence_of_the_fields() -> None:
    shop = Shop()
    shop.broken = {"explain_recommendation"}

    _, [answer] = await converse(ScriptedBrain([recommend(wants(SEA))]), "sea", shop=shop)

    assert [(p.step, p.name) for p in answer.items[0].evidence] == [("show", "topics")]


async def test_an_empty_proposal_is_refused() -> None:
    nothing = Proposal(intent="general", plan=Plan())

    _, [answer] = await converse(ScriptedBrain([nothing, nothing]), "hm")

    assert answer.error == "The proposal runs nothing, asks nothing and says nothing."
