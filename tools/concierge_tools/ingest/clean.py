"""Clean text: what a person would see of it, without markup and without characters that hide or forge something."""

import html
import re
import unicodedata

_TAG = re.compile(r"<[a-zA-Z/!][^<>]*>")
_SPACE = re.compile(r"\s+")
_HIDDEN = frozenset({"Cc", "Cf", "Co", "Cs"})
"""Unicode categories of controls, invisible format characters, private use and lone surrogates."""


def visible(text: str) -> str:
    """Return `text` without HTML tags, entities and invisible characters, with every run of white space as one space.

    Entities are decoded first and the rest done once more, so that nothing hides behind them.
    """
    if text.isascii() and text.isprintable() and not ("<" in text or "&" in text or "  " in text):
        return text.strip()
    for _ in range(2):
        text = _TAG.sub(" ", html.unescape(text))
        text = plain(text)
    return text


def plain(text: str) -> str:
    """Return `text` without invisible characters, with every run of white space as one space."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    spaced = _SPACE.sub(" ", text)
    return "".join(c for c in spaced if unicodedata.category(c) not in _HIDDEN).strip()
