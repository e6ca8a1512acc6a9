"""References to what was shown: "the second one", "number 2", "the last", "both", "that one".

Bare pronouns ("it", "that") are only references where the sentence calls for an item; callers ask for them by position.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from concierge_agent.offline.text import Token, number_at, ordinal_at, word_set

_COUNTED = word_set("number option no # pick choice")
_NUMBERED = word_set("number option choice")
_HEADS = word_set("one item pick option suggestion recommendation choice")
_THE = word_set("the your")
_DEMONSTRATIVES = word_set("that this those these")
_ALL = word_set("those these them they all both")


@dataclass(frozen=True, slots=True)
class Reference:
    """Positions (from 0) of shown items, said at token positions `start` to `end`."""

    start: int
    end: int
    positions: tuple[int, ...]


def references(tokens: Sequence[Token], shown: int, masked: set[int]) -> list[Reference]:
    """Find the references to the `shown` items of the last list; none when nothing was shown."""
    found: list[Reference] = []
    i = 0
    while shown and i < len(tokens):
        reference = None if i in masked else _at(list(tokens), i, shown, [p for r in found for p in r.positions])
        if reference is not None and not any(j in masked for j in range(reference.start, reference.end)):
            found.append(reference)
            i = reference.end
        else:
            i += 1
    return found


def _at(tokens: list[Token], i: int, shown: int, earlier: list[int]) -> Reference | None:
    word = tokens[i].text
    following = tokens[i + 1].text if i + 1 < len(tokens) else ""
    counted = number_at(tokens, i + 1) if word in _COUNTED and following else None
    spelt_out = counted is not None and counted[1] == i + 2 and (following.isdigit() or word in _NUMBERED)
    if counted is not None and spelt_out and counted[0] in range(1, shown + 1):
        return Reference(i, i + 2, (int(counted[0]) - 1,))
    if word in _DEMONSTRATIVES and following in ("one", "ones"):
        return Reference(i, i + 2, tuple(range(shown)))
    if word in ("both", "all") and following in ("of",):
        return Reference(i, min(i + 3, len(tokens)), tuple(range(shown)))
    if word == "both" and shown == 2:
        return Reference(i, i + 1, (0, 1))
    j = i + 1 if word in _THE else i
    if j >= len(tokens):
        return None
    after_list = i > 0 and tokens[i - 1].text in ("and", "or", ",", "nor") and bool(earlier)
    head = tokens[j].text
    era = tokens[j + 1].text if j + 1 < len(tokens) else ""
    if era in ("year", "years", "decade", "decades", "century", "couple", "few"):
        return None
    if head in ("last", "final", "bottom") and word in _THE and _ends(tokens, j + 1):
        return Reference(i, _past_head(tokens, j + 1), (shown - 1,))
    if head in ("top",) and word in _THE and _ends(tokens, j + 1):
        return Reference(i, _past_head(tokens, j + 1), (0,))
    if head == "other" and word in _THE and _ends(tokens, j + 1):
        rest = tuple(p for p in range(shown) if p not in earlier)
        return Reference(i, _past_head(tokens, j + 1), rest) if earlier and rest else None
    nth = ordinal_at(tokens, j)
    if nth is None or not 1 <= nth[0] <= shown:
        return None
    after = tokens[nth[1]].text if nth[1] < len(tokens) else ""
    if word in _THE or after in _HEADS or after_list or len(tokens) <= 2:
        return Reference(i, _past_head(tokens, nth[1]), (nth[0] - 1,))
    return None


def _ends(tokens: list[Token], i: int) -> bool:
    return i >= len(tokens) or tokens[i].text in _HEADS or number_at(tokens, i) is None


def _past_head(tokens: list[Token], i: int) -> int:
    return i + 1 if i < len(tokens) and tokens[i].text in _HEADS | {"ones", "two"} else i


def pronoun_at(tokens: Sequence[Token], i: int, shown: int) -> tuple[int, ...] | None:
    """Return the positions "it", "that", "them" at `i` stand for: all that was shown, when anything was."""
    if not shown or i >= len(tokens) or tokens[i].text not in _DEMONSTRATIVES | _ALL | {"it"}:
        return None
    return tuple(range(shown))
