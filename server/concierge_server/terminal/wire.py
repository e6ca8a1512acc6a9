"""`chat --json` and `--jsonl`: one JSON object per turn on stdout, and nothing else, whatever a dependency prints."""

import io
import json
import logging
import os
import sys
from collections.abc import Mapping
from typing import Any, TextIO

from concierge_agent.answer import Answer
from concierge_agent.conversation import Conversation
from concierge_agent.rendering import answer_json, ledger_json
from concierge_agent.trace import Trace
from concierge_server.terminal.lines import Reader
from concierge_server.terminal.speaker import Speaker

_LINE_ENDS = {0x85: "\\u0085", 0x2028: "\\u2028", 0x2029: "\\u2029"}
"""Characters that some readers take for the end of a line; escaped, one object stays one line for all of them."""

_log = logging.getLogger(__name__)


def take_stdout() -> TextIO:
    """Return a UTF-8 stream to stdout that this process alone knows; all other writing to stdout goes to stderr.

    It holds for the rest of the process, C libraries included, since some of them flush only when it ends.
    """
    sys.stdout.flush()
    try:
        descriptor = sys.stdout.fileno()
    except (io.UnsupportedOperation, OSError):  # a stream in memory: there is no descriptor to guard
        mine = sys.stdout
    else:
        mine = os.fdopen(os.dup(descriptor), "w", encoding="utf-8", errors="backslashreplace", newline="\n")
        os.dup2(sys.stderr.fileno(), descriptor)
    sys.stdout = sys.stderr
    return mine


def write_object(out: TextIO, body: Mapping[str, Any]) -> None:
    """Write one JSON object on one line and flush it. A lone surrogate comes out as its JSON escape."""
    out.write(json.dumps(body, ensure_ascii=False, separators=(", ", ": ")).translate(_LINE_ENDS) + "\n")
    out.flush()


def message(row: str) -> str:
    """Return the user's message of one input line: the `text` of a JSON object that has one, else the line itself."""
    text = row.strip()
    if text.startswith("{"):
        try:
            body = json.loads(text)
        except (ValueError, RecursionError):
            body = None
        if isinstance(body, dict) and isinstance(body.get("text"), str):
            text = body["text"].strip()
    return text.encode("utf-8", "replace").decode("utf-8")


async def converse(agent: Speaker, conversation: Conversation, *, reader: Reader, out: TextIO) -> None:
    """Answer each line with one object until the input ends; a turn that fails leaves the conversation as it was."""
    while True:
        try:
            text = message(await reader.read())
        except EOFError:
            return
        if not text:
            continue
        try:
            conversation, answer = await agent.turn(conversation, text)
        except Exception as error:  # the top of the program for one turn: one line in, one object out, come what may
            _log.exception("A turn failed.")
            answer = failed(conversation, text, error)
        try:
            write_object(out, answer_json(answer))
        except BrokenPipeError:  # nobody reads any more
            _discard(out)
            return


def failed(conversation: Conversation, text: str, error: Exception) -> Answer:
    """Return the answer of a turn that did not happen, and so left no trace."""
    turn = len(conversation.turns) + 1
    trace = Trace(id="", conversation=conversation.id, turn=turn, text=text, method="none")
    return Answer(
        turn=turn,
        reply="",
        method="none",
        ledger=tuple(ledger_json(conversation.ledger)),
        trace_id="",
        error=f"{type(error).__name__}: {error}",
        trace=trace,
    )


def _discard(out: TextIO) -> None:
    """Let what `out` still holds go nowhere, so that closing it fails no more."""
    with open(os.devnull, "wb") as nowhere:  # noqa: PTH123  (not a file of ours)
        os.dup2(nowhere.fileno(), out.fileno())
