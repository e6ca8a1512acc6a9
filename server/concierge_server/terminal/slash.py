"""The commands of the conversation, all of which start with a slash."""

import difflib

COMMANDS = {
    "/help": "this list",
    "/why": "why the last items were recommended, in detail; /why 2: the second; /why TITLE: why that one was not",
    "/plan": "the plan of the last turn, and every call that ran",
    "/evidence": "what proves each claim about the last items",
    "/ledger": "what you asked for so far, and what you took back",
    "/new": "start a new conversation",
    "/quit": "leave (also /exit, Ctrl-D)",
}
_ALIASES = {"/exit": "/quit", "/?": "/help"}


def command(text: str) -> str | None:
    """Return the command `text` is (aliases resolved, whether it exists or not), or None when it is a message."""
    words = text.split()
    if not words or not words[0].startswith("/"):
        return None
    name = words[0].casefold()
    return _ALIASES.get(name, name)


def after(text: str) -> str:
    """Return what follows the command in `text`."""
    return text.strip().partition(" ")[2].strip()


def unknown(name: str) -> str:
    """Say that there is no command `name`, and what comes close."""
    close = difflib.get_close_matches(name, COMMANDS, n=1)
    return f"No command {name}; " + (f"did you mean {close[0]}?" if close else "/help lists them.")
