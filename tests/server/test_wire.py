import asyncio
import io
import json
import subprocess
import sys
from collections.abc import Callable

import pytest

from concierge_agent.answer import Answer, Preview
from concierge_agent.conversation import Conversation, Turn
from concierge_agent.trace import Trace
from concierge_server.terminal.lines import LineReader
from concierge_server.terminal.wire import converse, message, write_object

NOISY = """
import ctypes, os, sys
from concierge_server.terminal.wire import take_stdout, write_object
out = take_stdout()
print("a dependency prints")
os.write(1, b"a library writes\\n")
ctypes.CDLL(None).puts(b"a C library keeps this until the end")
write_object(out, {"reply": "Caf\\u00e9"})
"""


class Counting:
    """An agent that says which turn it is, and breaks on the word "break"."""

    async def turn(
        self,
        conversation: Conversation,
        text: str,
        *,
        on_progress: Callable[[str], None] | None = None,
        on_sentence: Callable[[str], None] | None = None,
        on_preview: Callable[[Preview], None] | None = None,
    ) -> tuple[Conversation, Answer]:
        if text == "break":
            raise ValueError("a part fell off")
        turn = Turn(number=len(conversation.turns) + 1, text=text, reply=text, intent="ask")
        trace = Trace(id="t", conversation=conversation.id, turn=turn.number, text=text)
        after = conversation.model_copy(update={"turns": (*conversation.turns, turn)})
        return after, Answer(turn=turn.number, reply=text, trace_id="t", trace=trace)


def talk(lines: bytes) -> list[dict[str, object]]:
    out = io.StringIO()
    reader = LineReader(io.BytesIO(lines))
    asyncio.run(converse(Counting(), Conversation(id="c"), reader=reader, out=out))
    return [json.loads(row) for row in out.getvalue().split("\n")[:-1]]


def test_each_line_gets_one_object_and_the_conversation_goes_on() -> None:
    turns = talk(b'first\n\n   \n{"text": "second"}\n')

    assert [(turn["turn"], turn["reply"], turn["error"]) for turn in turns] == [(1, "first", None), (2, "second", None)]


def test_the_last_line_needs_no_line_end() -> None:
    assert [turn["reply"] for turn in talk(b"one\ntwo")] == ["one", "two"]


def test_a_broken_turn_says_so_with_the_same_keys_and_the_next_one_counts_on(caplog: pytest.LogCaptureFixture) -> None:
    good, broken, after = talk(b"one\nbreak\ntwo\n")

    assert broken["error"] == "ValueError: a part fell off"
    assert list(broken) == list(good)
    assert (after["turn"], after["reply"]) == (2, "two")
    assert "A turn failed." in caplog.text


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("hello", "hello"),
        ('{"text": " caf\\u00e9 "}', "café"),
        ('{"words": "hello"}', '{"words": "hello"}'),
        ('{"text": 3}', '{"text": 3}'),
        ('"hello"', '"hello"'),
        ("{broken", "{broken"),
        ('{"text": "\\ud83d"}', "?"),
        ("[" * 100_000, "[" * 100_000),
    ],
)
def test_a_line_is_the_text_of_its_object_or_itself(row: str, said: str) -> None:
    assert message(row) == said


@pytest.mark.parametrize("text", ["Amélie 🎈", "two\u2028lines\x85here", "half \ud83d a pair", 'quote " and \\'])
def test_an_object_is_one_line_and_reads_back_as_it_was(text: str) -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="utf-8", errors="backslashreplace")
    write_object(out, {"reply": text})

    written = raw.getvalue().decode("utf-8")
    assert len(written.splitlines()) == 1
    assert json.loads(written) == {"reply": text}


def test_nothing_but_json_reaches_stdout_whatever_a_dependency_prints() -> None:
    done = subprocess.run([sys.executable, "-c", NOISY], capture_output=True, check=True)

    assert done.stdout == '{"reply": "Café"}\n'.encode()
    assert b"a dependency prints" in done.stderr
    assert b"a C library keeps this until the end" in done.stderr
