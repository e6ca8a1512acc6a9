"""Markup: HTML and SVG elements whose text and attributes are always escaped."""

from collections.abc import Iterable
from html import escape
from typing import TypeAlias

VOID = frozenset({"br", "circle", "line", "meta", "path", "rect"})
"""Elements without content, as they are used here."""


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


Content: TypeAlias = "str | Markup | Iterable[str | Markup]"


def element(name: str, /, *content: Content, **attributes: str | float | None) -> Markup:
    """Return an element.

    Args:
        name: Of the element.
        content: Markup stays as it is, any other text is escaped.
        attributes: Their `_` is written as `-`, and one at the end is dropped (`class_`); None leaves one out.
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_number(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    inner = joined(*content)
    return Markup(f"<{name}{written}/>" if name in VOID else f"<{name}{written}>{inner}</{name}>")


def joined(*content: Content) -> Markup:
    """Return pieces of content one after the other."""
    parts: list[str] = []
    for piece in content:
        if isinstance(piece, str):
            parts.append(piece if isinstance(piece, Markup) else escape(piece))
        else:
            parts.append(joined(*piece))
    return Markup("".join(parts))


def _number(value: str | float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
