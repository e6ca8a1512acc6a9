"""Moves of a dialogue, clause by clause: what takes an item, agrees, refuses, leaves a choice open, or is only kind."""

from collections.abc import Callable

import pytest

from concierge_agent.offline import moves
from concierge_agent.offline.acts import decision
from concierge_agent.offline.clauses import clauses
from concierge_agent.offline.text import tokenize

PREFERRING = "the first one sounds great | that one looks perfect | the second one is wonderful"
NOT_PREFERRING = "comedies are great | something great | the first one is too long | that one is great but long"
ACCEPTING = """
    I'll take it | we'll go with that one | I am going to order the second one | let's have this one |
    that's the one | sold | it's a deal | that'll do | this one works for me | that would be perfect |
    exactly what we were after | great choice | what a lovely suggestion | I'd like to reserve that one, please |
    then I choose the first | okay, that's settled | I'm happy with that one | we have a winner | that one it is |
    I want this one | this is just what I needed | good pick | I will try the last one then
"""
NOT_ACCEPTING = """
    I'd like something cheaper | I'll skip that one | we won't take it | I want to know about that one |
    not that one | I'll think about it | show me that | that one is too long | I would take it if it were shorter |
    a good one please | is that the one by the sea | I need it by tomorrow
"""
AGREEING = """
    yes | go ahead | that's no problem | that is fine by me | I don't mind | we have no objection |
    it doesn't bother us | sure thing | by all means | okay, show me | you may show it | let me see it anyway |
    I'm fine with that | please do | we're all adults here | I can live with that | not a problem at all |
    that's quite all right with us | why not
"""
REFUSING = """
    no | I'd rather not | skip it | please don't | not with my parents in the room | something else | better not |
    no way | I would prefer one without that | leave it out | hide that one | never | I pass | we can't do that
"""
OPEN = """
    no preference | I have no strong feelings | any will do | anything is fine by me | whatever you think is best |
    it makes no difference to me | up to you | you decide | I don't mind which | doesn't matter |
    I'm flexible there | either is fine | all the same to us | that's not important | I couldn't care less |
    whichever | surprise me | I really don't care about that | we're easy | your call | nothing in particular |
    I trust you | no limit
"""
NOT_OPEN = """
    something red | the first one | anything but wool | under fifty | a quiet one | not the green one | by the sea |
    two of them | I prefer the large one
"""
TELLING = """
    it's been a long day | I just got off a twelve hour shift | we have been driving for nine hours |
    my train was late | I'm exhausted | it's raining again | it is our anniversary | my sister moved in last week |
    I hope you can do better
"""
NOT_TELLING = """
    I need something light | we want a window seat | it's rated four stars | I had two hours in mind |
    my budget is 40 | I've been looking for a gift | it was released in 1995 | I finished that one
"""
KIND = """
    thanks in advance | much appreciated | good evening | greetings | hello there | thank you for your help |
    cheers | that would be lovely | I'd be grateful | sorry | many thanks
"""
ANOTHER = """
    another one please | got another | what else is there | anything else | next one | show me some other options |
    can you try again | something different please | do you have other suggestions | more
"""
NOT_ANOTHER = """
    another red one | something less loud | not that one again | more like this | something else under forty
"""
TURNING_DOWN = """
    I'll pass | not quite | nah | that's not for me | no thanks | not really my taste | I don't think so |
    hard pass | not what I had in mind | that doesn't appeal to us
"""


def lines(table: str) -> list[str]:
    return [" ".join(part.split()) for part in table.split("|")]


def words(text: str) -> str:
    """The last clause of a sentence, as the moves see it."""
    return clauses(tokenize(text))[-1 if not text.endswith("please") else 0].words


@pytest.mark.parametrize(
    ("judge", "yes", "no"),
    [
        (moves.accepts, ACCEPTING, NOT_ACCEPTING),
        (moves.prefers, PREFERRING, NOT_PREFERRING),
        (moves.agrees, AGREEING, REFUSING),
        (moves.refuses, REFUSING, AGREEING),
        (moves.leaves_open, OPEN, NOT_OPEN),
        (moves.tells, TELLING, NOT_TELLING),
        (moves.is_courtesy, KIND, ANOTHER),
        (moves.asks_for_another, ANOTHER, NOT_ANOTHER),
        (moves.declines, TURNING_DOWN, ACCEPTING),
    ],
)  # fmt: skip
def test_a_move_is_told_from_what_is_none(judge: Callable[[str], bool], yes: str, no: str) -> None:
    assert [text for text in lines(yes) if not judge(words(text))] == []
    assert [text for text in lines(no) if judge(words(text))] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("No, go ahead.", "yes"),
        ("OK, but not that one.", "no"),
        ("I'm over eighteen, so yes.", "yes"),
        ("Hm, I'd rather not. Something milder?", "no"),
        ("Sure, no problem!", "yes"),
        ("under an hour, please", None),
    ],
)
def test_a_refusal_anywhere_goes_before_agreement_but_a_mere_no_may_open_it(text: str, expected: str | None) -> None:
    assert decision(tokenize(text)) == expected
