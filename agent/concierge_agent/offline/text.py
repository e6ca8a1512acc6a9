"""Text as tokens with spans: contractions opened, numbers apart from their units, number words read as numbers.

Knows nothing of catalogs. Not known here: fractions other than halves and quarters, numbers above the millions.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

import snowballstemmer


def word_set(words: str) -> frozenset[str]:
    """Return the words of a list written with spaces between them."""
    return frozenset(words.split())


def _list(words: str) -> list[str]:
    return words.split()


_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)*|<=|>=|[^\w\s]")
_ABBREVIATED = frozenset({"max", "min", "approx", "ca"})
_AMOUNT = re.compile(r"\s*[\d€$£]")
_SENTENCE_END = frozenset(".!?;\n")
_SHORTENED = {
    "n't": "not",
    "'m": "am",
    "'ve": "have",
    "'re": "are",
    "'ll": "will",
    "'d": "would",
}
_IRREGULAR = {"can't": ("can", "not"), "won't": ("will", "not"), "let's": ("let", "us"), "cannot": ("can", "not")}
_BARE = {
    word.replace("'", ""): (word[:-3], "not")
    for word in _list("don't doesn't didn't isn't aren't wasn't weren't haven't hasn't wouldn't shouldn't couldn't")
} | {
    "cant": ("can", "not"),
    "im": ("i", "am"),
    "ive": ("i", "have"),
    "wanna": ("want", "to"),
    "lets": ("let", "us"),
    "whats": ("what", "is"),
    "thats": ("that", "is"),
    "id": ("i", "would"),
    "gimme": ("give", "me"),
}
_IS_AFTER = word_set("it that this what who where there here he she how one everything nothing something")
_ONES = _list("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen")
_UNITS = {word: number for number, word in enumerate([*_ONES, "seventeen", "eighteen", "nineteen"])}
_TENS = {
    word: 10 * number
    for number, word in enumerate(_list("twenty thirty forty fifty sixty seventy eighty ninety"), start=2)
}
_SCALES = {"hundred": 100, "thousand": 1000, "k": 1000, "million": 1_000_000}
_FEW = {("a", "couple", "of"): 2.0, ("couple", "of"): 2.0, ("a", "couple"): 2.0, ("a", "dozen"): 12.0}
_PARTS = {
    ("and", "a", "half"): 0.5,
    ("and", "a", "quarter"): 0.25,
    ("and", "three", "quarters"): 0.75,
    ("and", "three", "-", "quarters"): 0.75,
}
_ENGLISH = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?")
_CONTINENTAL = re.compile(r"\d{1,3}(\.\d{3})+,\d+|\d{1,3}(\.\d{3}){2,}")
ORDINALS = {
    word: number
    for number, word in enumerate(_list("first second third fourth fifth sixth seventh eighth ninth tenth"), start=1)
}


@dataclass(frozen=True, slots=True)
class Token:
    """A word, number or mark in lower case, with the characters it came from; `glued` to the token before it."""

    text: str
    raw: str
    start: int
    end: int
    glued: bool

    @property
    def is_number(self) -> bool:
        """Whether it is written in digits."""
        return self.text[0].isdigit()

    @property
    def is_word(self) -> bool:
        """Whether it is made of letters."""
        return self.text[0].isalpha()

    @property
    def ends_sentence(self) -> bool:
        """Whether a sentence ends here."""
        return self.text in _SENTENCE_END


def tokenize(text: str) -> list[Token]:
    """Split `text`; the words a contraction stands for all keep its span."""
    plain = text.replace("’", "'")
    tokens: list[Token] = []
    before = -1
    for match in _TOKEN.finditer(plain):
        raw, start, end = match.group(), match.start(), match.end()
        gap = plain[before:start] if before >= 0 else ""
        if "\n" in gap:
            tokens.append(Token("\n", "\n", before, start, False))
        if raw in "-–—" and gap.strip() == "" and gap and plain[end : end + 1].isspace():
            raw = ";"
        if raw == "." and start == before and tokens[-1].text in _ABBREVIATED and _AMOUNT.match(plain, end):
            continue
        parts = _opened(raw.lower())
        tokens += [Token(part, raw, start, end, start == before) for part in parts]
        before = end
    return tokens


def _opened(word: str) -> tuple[str, ...]:
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word in _BARE:
        return _BARE[word]
    for ending, full in _SHORTENED.items():
        if word.endswith(ending) and len(word) > len(ending):
            return word.removesuffix(ending), full
    if word.endswith("'s"):
        stem = word[:-2]
        return (stem, "is") if stem in _IS_AFTER else (stem, "'s")
    return (word,)


def number_at(tokens: list[Token], i: int) -> tuple[float, int] | None:
    """Read a number in digits or words at `i`; return it with the position after it."""
    read = _digits(tokens, i) or _worded(tokens, i)
    if read is None:
        return None
    value, j = read
    part = part_at(tokens, j)
    return (value, j) if part is None else (value + part[0], part[1])


def part_at(tokens: list[Token], i: int) -> tuple[float, int] | None:
    """Read "and a half", "and three quarters" at `i`: a part of one, with the position after it."""
    return next(
        ((part, i + len(words)) for words, part in _PARTS.items() if _texts(tokens, i, len(words)) == words), None
    )


def _digits(tokens: list[Token], i: int) -> tuple[float, int] | None:
    if i >= len(tokens) or not tokens[i].is_number:
        return None
    text = tokens[i].text
    if _ENGLISH.fullmatch(text):
        text = text.replace(",", "")
    elif _CONTINENTAL.fullmatch(text):
        text = text.replace(".", "")
    text = text.replace(",", ".")
    if text.count(".") > 1:
        return None
    value, j = float(text), i + 1
    if j < len(tokens) and (tokens[j].text in _SCALES) and (tokens[j].glued or tokens[j].text != "k"):
        return value * _SCALES[tokens[j].text], j + 1
    return value, j


def _worded(tokens: list[Token], i: int) -> tuple[float, int] | None:
    total, current, j, any_word = 0.0, 0.0, i, False
    if _texts(tokens, i, 2) in {("a", "hundred"), ("a", "thousand")}:
        current, j = 1.0, i + 1
    for words, number in _FEW.items():
        if _texts(tokens, i, len(words)) == words:
            current, j, any_word = number, i + len(words), True
            break
    while j < len(tokens):
        word = tokens[j].text
        if word in _TENS and current % 100 == 0:
            current += _TENS[word]
        elif word in _UNITS and (not any_word or current % 100 == 0 or (current % 10 == 0 and _UNITS[word] < 10)):
            current += _UNITS[word]
        elif word in _SCALES and word != "k" and (any_word or j > i):
            if word == "hundred":
                current *= 100
            else:
                total, current = total + current * _SCALES[word], 0.0
        elif word != "and" or not any_word or not _rest_of_number(tokens, j + 1, total + current):
            dashed = word == "-" and any_word and j + 1 < len(tokens) and tokens[j + 1].text in _UNITS
            if not dashed:
                break
        any_word = True
        j += 1
    return (total + current, j) if any_word else None


def _rest_of_number(tokens: list[Token], i: int, so_far: float) -> bool:
    """Whether "and" goes on a number that ended in a scale: "a hundred and twenty", not "a hundred and two hundred"."""
    word = _texts(tokens, i, 1)
    if so_far < 100 or so_far % 100 or not word or word[0] not in _UNITS.keys() | _TENS.keys() or word[0] == "zero":
        return False
    after = i + 1
    while after < len(tokens) and tokens[after].text in {"-", *_UNITS, *_TENS}:
        after += 1
    return after >= len(tokens) or tokens[after].text not in _SCALES


def ordinal_at(tokens: list[Token], i: int) -> tuple[int, int] | None:
    """Read "second" or "2nd" at `i`; return the number with the position after it."""
    if i >= len(tokens):
        return None
    if tokens[i].text in ORDINALS:
        return ORDINALS[tokens[i].text], i + 1
    suffix = tokens[i + 1] if i + 1 < len(tokens) else None
    if tokens[i].text.isdigit() and suffix is not None and suffix.glued and suffix.text in {"st", "nd", "rd", "th"}:
        return int(tokens[i].text), i + 2
    return None


def decade_at(tokens: list[Token], i: int) -> tuple[int, int] | None:
    """Read "90s", "1990s", "'90s" or "nineties" at `i`; return its first year with the position after it.

    Two digits mean the latest decade that could be meant: 20 and above the 1900s, 00 and 10 the 2000s.
    """
    if i >= len(tokens):
        return None
    word = tokens[i].text
    tens = next((value for name, value in _TENS.items() if word == f"{name[:-1]}ies"), None)
    if tens is not None:
        return 1900 + tens, i + 1
    j = i + 2 if i + 2 < len(tokens) and tokens[i + 1].text == "'" else i + 1
    if word.isdigit() and j < len(tokens) and tokens[j].text == "s" and tokens[j].glued and int(word) % 10 == 0:
        if len(word) == 4:
            return int(word), j + 1
        if len(word) == 2:
            return int(word) + (1900 if int(word) >= 20 else 2000), j + 1
    return None


def _texts(tokens: list[Token], i: int, n: int) -> tuple[str, ...]:
    return tuple(token.text for token in tokens[i : i + n])


@lru_cache(maxsize=4096)
def stem(word: str) -> str:
    """Return the stem of an English word."""
    stemmed: str = snowballstemmer.stemmer("english").stemWord(word.lower())
    return stemmed


def key(phrase: str) -> tuple[str, ...]:
    """Return the stems of a phrase's words, so that inflections compare equal."""
    return tuple(stem(token.text) for token in tokenize(phrase.replace("_", " ")) if token.is_word or token.is_number)
