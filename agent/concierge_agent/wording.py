"""Words of a sentence that a verifier looks at: sentences, numbers, titles, quotations and names. Knows no item."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_QUOTED = re.compile(r"\*\*(.+?)\*\*|\*([^*\n]+)\*|[“„](.+?)[”“]|\"(.+?)\"|«(.+?)»|‘(.+?)’(?!\w)")
_BREAK = re.compile(
    r"(?<!\b[A-Z]\.)(?<!\b(?:Dr|Mr|Ms|Jr|Sr|St|vs)\.)(?<!\bMrs\.)(?<=[.!?…])[\"”*)]*\s+(?=[^\W\d_a-zà-ÿ]|[\"“*(\d])|\n+"
)
_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
)
_NUMBER_WORDS = {word: number for number, word in enumerate(f"{_SMALL} eighteen nineteen twenty".split())} | {
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
    "hundred": 100,
    "dozen": 12,
}
_UNCOUNTED = {"zero", "one"}
"""Number words that are mostly not numbers ("this one")."""
PLAIN_WORDS = frozenset(
    re.findall(
        r"\S+",
        """
    a about after all also although an and another any anything as ask at because before both but by can could
    do each either else enjoy every everyone everything feel few for from glad good great happy have here hello
    hi hope how however i i'd i'll i'm i've if in instead is it it's its just let like look many maybe more most
    my neither no none nor not note nothing of ok okay on one only or other our perhaps please pick say shall
    should similar since so some something sorry still sure tell thank thanks that the their them there these
    they this those though to together too try unlike until want we welcome what whatever when where whether
    which while who why will with without would yes yet you you'll you're your
        """,
    )
)
"""Words that may be capitalised anywhere without naming anything."""
_ENGLISH = frozenset(
    re.findall(
        r"\S+",
        """
    the and you your with these this of from for is are that a at have has it its they them by to than because about
    but as like liked would which
        """,
    )
)
_RUN = re.compile(
    r"[A-Z][\w'’-]*(?: (?:(?:of|the|and|in|a|to|for|as|at|on|with|from|by|&|e|de|la|le|les|o) ){0,2}[A-Z][\w'’-]*)+"
)
_TELLING = frozenset({"is", "was", "has", "stars", "follows", "tells", "offers", "features", "won", "delivers"})


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it stands in a text."""

    text: str
    values: tuple[float, ...]
    """Its readings: "1,5" may be 1.5, "1,500" may be 1500."""
    decimals: int
    start: int
    suffix: str
    """What follows at once: "%", "s" for decades, or nothing."""


def numbers(text: str) -> Iterator[Number]:
    """Yield the numbers of a text, in digits or in words ("one" is left out: it is mostly no number)."""
    for match in _NUMBER.finditer(text):
        digits = match[0]
        plain, decimals = digits.replace(",", ""), len(digits.partition(".")[2])
        readings = [float(plain)] if plain.count(".") <= 1 else []
        if re.fullmatch(r"\d+,\d{1,2}", digits):
            readings, decimals = [float(digits.replace(",", "."))], len(digits.partition(",")[2])
        after = text[match.end() : match.end() + 2]
        suffix = "%" if after.startswith("%") else "s" if re.match(r"['’]?s\b", text[match.end() :]) else ""
        yield Number(digits, tuple(readings), decimals, match.start(), suffix)
    for match in _WORD.finditer(text):
        for part in match[0].casefold().split("-"):
            if part in _NUMBER_WORDS and part not in _UNCOUNTED:
                yield Number(match[0], (float(_NUMBER_WORDS[part]),), 0, match.start(), "")


def number_values(text: str) -> set[float]:
    """Return every reading of every number of a text."""
    return {value for number in numbers(text) for value in number.values}


def sentences(text: str, protected: Iterable[str] = ()) -> list[str]:
    """Split text into sentences, never inside one of the `protected` phrases ("Mr. Bean")."""
    kept = [
        m.span() for phrase in protected if "." in phrase or "!" in phrase or "?" in phrase for m in _all(phrase, text)
    ]
    pieces, start = [], 0
    for match in _BREAK.finditer(text):
        if any(begin < match.end() and match.start() < end for begin, end in kept):
            continue
        pieces.append(text[start : match.end()].strip())
        start = match.end()
    return [piece for piece in [*pieces, text[start:].strip()] if piece]


def quotations(text: str) -> Iterator[re.Match[str]]:
    """Yield what is quoted, bold or italic; the phrase itself is the one group that is set."""
    yield from _QUOTED.finditer(text)


def words(text: str) -> set[str]:
    """Return the words of a text, casefolded, with the parts of hyphenated ones."""
    found: set[str] = set()
    for match in _WORD.finditer(text):
        word = match[0].casefold().replace("’", "'")
        found |= {word, word.removesuffix("'s"), *word.split("-")}
    return found


def names(text: str, known: set[str]) -> list[str]:
    """Return the words of a sentence that name something not among the `known` words (casefolded).

    A capitalised word in mid-sentence counts as a name, and so does a first word that something is told of ("Vertigo
    is ..."). A lone capitalised word counts in English sentences only: elsewhere nouns may be capitalised.
    """
    found: list[str] = []
    matches = list(_WORD.finditer(text))
    english = any(match[0].casefold() in _ENGLISH for match in matches)
    for index, match in enumerate(matches):
        word = match[0]
        if not word[0].isupper() or _is_known(word, known):
            continue
        before, after = (
            text[: match.start()].rstrip('"“*_( –-'),
            matches[index + 1][0] if index + 1 < len(matches) else "",
        )
        if not before:
            if after in _TELLING:
                found.append(word)
            continue
        beside = matches[index - 1][0]
        in_row = after[:1].isupper() or (beside[0].isupper() and not _is_known(beside, known))
        if english or in_row:
            found.append(word)
    return found


def runs(text: str) -> list[str]:
    """Return the stretches of an English sentence in which word after word has a capital ("Return to the Lake").

    A first word that may begin any sentence is left out of them, and what then is one word is no stretch.
    """
    if not any(match[0].casefold() in _ENGLISH for match in _WORD.finditer(text)):
        return []
    found = []
    for match in _RUN.finditer(text):
        run = match[0]
        while not text[: match.start()].strip('"“*_( –-') and run.partition(" ")[0].casefold() in PLAIN_WORDS:
            run = run.partition(" ")[2]
        if " " in run and run[:1].isupper():
            found.append(run)
    return found


def title_forms(title: str) -> list[str]:
    """Return the ways a title is written: without its bracketed end, and with a trailing article in front."""
    forms = [title]
    bare = re.sub(r"\s*\([^()]*\)\s*$", "", title).strip()
    if bare and bare != title:
        forms.append(bare)
    if turned := re.fullmatch(r"(.+), (\w{1,4})", bare or title):
        forms += [f"{turned[2]} {turned[1]}", turned[1]]
    return forms


def mentions(form: str, text: str, plain: set[str]) -> list[re.Match[str]]:
    """Return where a title's form is named in a sentence.

    A single word counts only when capitalised, and at the start of a sentence or among the `plain` words (of the
    language or the catalog's vocabulary) only when it is quoted.
    """
    found = list(_all(form, text))
    if re.search(r"\w\W+\w", form):
        return found
    lone = len(form) < 4 or form.casefold() in plain or form.casefold() in PLAIN_WORDS
    kept = []
    for match in found:
        around = text[max(0, match.start() - 1) : match.start()] + text[match.end() : match.end() + 1]
        quoted = re.fullmatch(r"[\"“”*‘’«»]{2}", around) is not None
        if quoted or not (lone or not text[: match.start()].strip()):
            kept.append(match)
    return kept


def _all(phrase: str, text: str) -> Iterator[re.Match[str]]:
    if phrase in text:
        yield from re.finditer(rf"(?<!\w){re.escape(phrase)}(?!\w)", text)


def _is_known(word: str, known: set[str]) -> bool:
    said = word.casefold().replace("’", "'").removesuffix("'s")
    if said in PLAIN_WORDS or said in known or said.removesuffix("s") in known or said.endswith("'"):
        return True
    if "'" in said and said.partition("'")[0] in PLAIN_WORDS:
        return True
    return "-" in said and all(part in known or part in PLAIN_WORDS for part in said.split("-"))
