"""A passage: a text cut into words, with what its quotes, capitals and cues say about where names stand."""

import re
from itertools import pairwise

from concierge_tools.text.english import COMMON_WORDS, CUES, ENGLISH_ARTICLES, STOP_WORDS
from concierge_tools.text.words import capitals_tell, cuts_number, runs, tokens

_QUOTED = re.compile(r"\"([^\"]{1,120})\"|“([^”]{1,120})”|«([^»]{1,120})»|‘([^’]{1,120})’|(?<!\w)'([^']{1,120})'(?!\w)")
_BREAK = re.compile(r"[,.;:!?…()\[\]\n\"“”«»•]|\s[-–—]\s")
_HARD_BREAK = re.compile(r"[;!?…()\[\]\n\"“”«»•]")
_STOP_MARK = re.compile(r"[;!?…\n]|\.\s")
_CONNECTIVES = frozenset(("and", "or", "nor", "&", "also", "plus", "then"))
_BRIDGES = ENGLISH_ARTICLES | {"to", "of", "both", "really", "all"}


class Passage:
    """A text as words, and the ranges of words that may be names."""

    __slots__ = ("capitals", "quotes", "text", "tokens")

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokens(text)
        self.capitals = capitals_tell(self.tokens)
        self.quotes = self._quotes()

    def __len__(self) -> int:
        return len(self.tokens)

    def span(self, first: int, end: int) -> tuple[int, int]:
        """Return the character span of the words from `first` up to `end`, without a closing possessive."""
        last = self.tokens[end - 1]
        return self.tokens[first].start, last.end - 2 if last.possessive else last.end

    def folded(self, first: int, end: int) -> list[str]:
        """Return the folded words of a range."""
        return [token.folded for token in self.tokens[first:end]]

    def bare(self, first: int, end: int) -> list[str]:
        """Return the folded words of a range without a closing possessive; the same words when there is none."""
        cut = self.folded(first, end)
        return [*cut[:-1], cut[-1][:-1]] if self.tokens[end - 1].possessive else cut

    def cuts(self, first: int, end: int) -> bool:
        """Whether the range begins or ends inside a code such as "PG-13"."""
        inside = self.tokens
        return (first > 0 and cuts_number(inside[first - 1], inside[first])) or (
            end < len(inside) and cuts_number(inside[end - 1], inside[end])
        )

    def broken(self, first: int, end: int) -> bool:
        """Whether punctuation stands between the words of a range."""
        return any(_BREAK.search(token.gap) for token in self.tokens[first + 1 : end])

    def stops(self, i: int) -> bool:
        """Whether a sentence or a bracket ends or begins right before a word; no value goes on beyond."""
        return _HARD_BREAK.search(self.tokens[i].gap) is not None

    def crosses_sentence(self, first: int, end: int) -> bool:
        """Whether a sentence seems to end between the words of a range; "Dr. No" does not."""
        inside = self.tokens[first:end]
        return any(
            _STOP_MARK.search(after.gap) and not ("." in after.gap and len(before.raw) <= 3)
            for before, after in pairwise(inside)
        )

    def cued(self, first: int) -> bool:
        """Whether a word after which things are named stands right before a position."""
        i = first - 1
        while i >= 0 and self.tokens[i].folded in _BRIDGES and not _BREAK.search(self.tokens[i + 1].gap):
            i -= 1
        return i >= 0 and self.tokens[i].folded in CUES and not _STOP_MARK.search(self.tokens[i + 1].gap)

    def continues(self, first: int, named: set[int]) -> bool:
        """Whether a list goes on at a position, right after a name; `named` holds where names end."""
        i = first
        while i > 0 and self.tokens[i - 1].folded in (_CONNECTIVES | ENGLISH_ARTICLES):
            i -= 1
        joined = i < first or (i > 0 and self.tokens[i].gap.strip() in {",", "/", "+"})
        return joined and i in named

    def capitalised(self, first: int, end: int) -> bool:
        """Whether all words of a range that carry meaning are written with a capital."""
        inside = self.tokens[first:end]
        telling = [t for t in inside if t.folded not in STOP_WORDS and t.raw[0].isalpha()] or inside[:1]
        return all(token.capital for token in telling)

    def goes_on(self, first: int, end: int) -> bool:
        """Whether a capitalised word stands directly before or behind a range, as in a longer name."""
        inside = self.tokens
        before = inside[first - 1] if first and inside[first].gap == " " else None
        after = inside[end] if end < len(inside) and inside[end].gap == " " else None
        previous = (
            before is not None
            and before.capital
            and not (before.possessive or (before.opens_sentence and before.folded in COMMON_WORDS))
            and before.folded not in STOP_WORDS | CUES
        )
        following = after is not None and after.capital and after.folded not in STOP_WORDS
        return previous or (following and not inside[end - 1].possessive)

    def capital_runs(self) -> list[tuple[int, int]]:
        """Return the ranges of capitalised words, with the small words between them; none when capitals say nothing."""
        if not self.capitals:
            return []
        inside = self.tokens
        flags = [t.capital or t.raw[0].isdigit() for t in inside]
        for i, token in enumerate(inside):
            small = token.folded in STOP_WORDS and not token.capital
            near = any(flags[i + 1 : i + 3]) and any(inside[k].capital for k in range(i + 1, min(i + 3, len(inside))))
            flags[i] = flags[i] or (small and i > 0 and flags[i - 1] and near)
        return runs(flags)

    def cued_spans(self) -> list[tuple[int, int]]:
        """Return the ranges from a cue up to the next punctuation, cue or connective."""
        found: list[tuple[int, int]] = []
        for first in range(1, len(self)):
            if self.tokens[first - 1].folded in CUES and not _BREAK.search(self.tokens[first].gap):
                start = first + (self.tokens[first].folded in {"to", "of"})
                end = start
                while end < len(self) and (end == start or not self._ends_name(end)):
                    end += 1
                found.append((start, min(end, len(self))))
        return [(first, end) for first, end in found if first < end]

    def _ends_name(self, i: int) -> bool:
        token = self.tokens[i]
        return bool(_BREAK.search(token.gap)) or token.folded in CUES or token.folded in _CONNECTIVES

    def _quotes(self) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        for match in _QUOTED.finditer(self.text):
            inside = [i for i, t in enumerate(self.tokens) if match.start() < t.start and t.end <= match.end()]
            if inside:
                found.append((inside[0], inside[-1] + 1))
        return found
