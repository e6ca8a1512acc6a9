"""Words: how text is cut, folded and stemmed, the same way for queries, values and titles.

Knows single words only; which of them name something is for titles, terms and mentions to say.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from tantivy import Filter, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

from concierge_tools.text.english import COMMON_WORDS, STOP_WORDS

_TOKEN = re.compile(r"&|[^\W_](?:[^\W_]|[\u0300-\u036f]|['’ʼ](?=[^\W_]))*(?:[+#]+(?![^\W_]))?")
_SENTENCE_END = re.compile(r"[.!?…]\s|[\n:;•–—]|\s-\s|[\"“«(]$")
_COMPARED = re.compile(r"(.{3,})(?:er|est)")
_LETTERS = str.maketrans(
    {"ø": "o", "đ": "d", "ł": "l", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "’": "'", "ʼ": "'"}
)
_NUMERALS = {"ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9", "xi": "11", "xii": "12"}
"""Roman numerals that are not also English words or initials."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a text: where it stands, how it is written and how it is compared."""

    start: int
    end: int
    raw: str
    folded: str
    gap: str
    """What stands between the token before and this one."""
    opens_sentence: bool

    @property
    def capital(self) -> bool:
        """Whether it starts with a capital letter."""
        return self.raw[0].isupper()

    @property
    def possessive(self) -> bool:
        """Whether it ends in an apostrophe and s."""
        return len(self.raw) > 2 and self.raw[-1] in "sS" and self.raw[-2] in "'’ʼ"


def fold(text: str) -> str:
    """Fold case, accents, ligatures and width, so that equal words look equal."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(c for c in decomposed if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", kept).casefold().translate(_LETTERS)


@lru_cache(maxsize=1 << 16)
def fold_word(raw: str) -> str:
    """Fold one token: apostrophes vanish, an ampersand is `and`, a Roman numeral its number."""
    if raw == "&":
        return "and"
    folded = fold(raw).replace("'", "")
    return _NUMERALS.get(folded, folded)


def tokens(text: str) -> list[Token]:
    """Cut a text into words; `+` and `#` stay with the word they end ("C++", "Disney+")."""
    found: list[Token] = []
    end = 0
    for match in _TOKEN.finditer(text):
        gap = text[end : match.start()]
        folded = fold_word(match.group())
        if not folded:
            continue
        opens = not found or _SENTENCE_END.search(gap) is not None
        found.append(Token(match.start(), match.end(), match.group(), folded, gap, opens))
        end = match.end()
    return found


def words(text: str) -> list[str]:
    """Return the folded words of a text, in order."""
    if text.isascii() and text.replace(" ", "").isalpha():  # most names and titles: the same, but quicker
        return [_NUMERALS.get(word, word) for word in text.lower().split()]
    return [folded for raw in _TOKEN.findall(text) if (folded := fold_word(raw))]


def cuts_number(before: Token, after: Token) -> bool:
    """Whether a span boundary between two tokens would cut a code in two ("PG-13", "4.5"); "18-year" may be cut."""
    if not after.gap or after.gap.isspace():
        return False
    if any(c.isspace() for c in after.gap) or after.gap not in {"-", "‑", "–", ".", "/", "_"}:
        return False
    if any(token.raw.isalpha() and token.raw.islower() for token in (before, after)):
        return False
    return before.raw[-1].isdigit() or after.raw[0].isdigit()


def capitals_tell(text: list[Token]) -> bool:
    """Whether capitals mark names in a text: not when function words have them too, or nothing has them."""
    inner = [t for t in text if not t.opens_sentence and t.raw not in {"I", "&"} and t.raw[0].isalpha()]
    function = [t.capital for t in inner if t.folded in STOP_WORDS and not t.raw.startswith(("I'", "I’"))]
    if len(function) >= 2 and sum(function) > len(function) / 2:
        return False
    return not (len(inner) >= 2 and all(t.raw.isupper() for t in inner))


class Stemmer:
    """English snowball stems of folded words."""

    def __init__(self) -> None:
        self._analyzer: TextAnalyzer = TextAnalyzerBuilder(Tokenizer.raw()).filter(Filter.stemmer("english")).build()
        self._common = frozenset(self.stem(word) for word in COMMON_WORDS)

    def stem(self, word: str) -> str:
        """Return the stem of one folded word; a word with a digit or a sign is its own stem."""
        if not word.isalpha():
            return word
        stems: list[str] = self._analyzer.analyze(word)
        return stems[0] if stems else word

    def common(self, word: str) -> bool:
        """Whether a folded word is, or is a form of, a frequent English word."""
        return (
            word in STOP_WORDS or self.stem(word) in self._common or bool(self._common.intersection(_positives(word)))
        )


def _positives(word: str) -> list[str]:
    """Return what a word may be the comparative or superlative of."""
    match = _COMPARED.fullmatch(word)
    if match is None:
        return []
    base = match.group(1)
    return [base, base + "e", base[:-1] + "i", base[:-1]]


def shared_prefix(left: str, right: str) -> int:
    """Return how many characters two words share at their start."""
    return next((i for i, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right)))


def runs(flags: list[bool]) -> list[tuple[int, int]]:
    """Return the (start, end) ranges of consecutive true flags."""
    edges = [i for i, (a, b) in enumerate(pairwise([False, *flags, False])) if a != b]
    return list(zip(edges[::2], edges[1::2], strict=True))
