"""Values in words: how people write durations, scores and lists."""

import random
import re
from collections.abc import Sequence

_NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_ARTICLE = re.compile(r"\b([Aa]) (?=8|11\b|18\b|R\b|NR\b|NC|[aeiou])")
_PLAIN = 0.6
_TYPO_LENGTH = 5


def duration(minutes: float, rng: random.Random) -> str:
    """Return a number of minutes as one of the ways to say exactly that."""
    if minutes != int(minutes) or minutes < 60:
        return f"{minutes:g} {rng.choice(['minutes', 'min', 'mins'])}"
    total = int(minutes)
    hours, rest = divmod(total, 60)
    forms = [f"{total} minutes", f"{total} min", f"{total} mins"]
    word = "an hour" if hours == 1 else f"{_word(hours)} hours"
    if rest == 0:
        forms += [word, f"{hours} hour{'s' if hours > 1 else ''}", f"{hours}h"]
    elif rest == 30:
        forms += ["an hour and a half" if hours == 1 else f"{_word(hours)} and a half hours", f"{hours}h30"]
    else:
        forms += [f"{word} and {rest} minutes", f"{hours}h{rest:02d}", f"{hours}h {rest}min"]
    return rng.choice(forms)


def score(value: float, rng: random.Random) -> str:
    """Return a score out of ten as one of the ways to say it."""
    if rng.random() < _PLAIN:
        return f"{value:g}"
    forms = [f"{value:g}/10", f"{value:g} out of 10"]
    if value == int(value):
        forms.append(_word(int(value)))
    return rng.choice(forms)


def listed(words: Sequence[str], joint: str, rng: random.Random) -> str:
    """Return words as a list with "and" or "or" before the last."""
    if len(words) < 2:
        return "".join(words)
    comma = "," if len(words) > 2 and rng.random() < 0.3 else ""
    return f"{', '.join(words[:-1])}{comma} {joint} {words[-1]}"


def articles(text: str) -> str:
    """Return text with "a" as "an" where it is spoken so."""
    return _ARTICLE.sub(r"\1n ", text)


def capital(text: str) -> str:
    """Return text with its first letter as a capital."""
    return text[:1].upper() + text[1:]


def lower(text: str) -> str:
    """Return text with the capital of its first word taken away, unless it is "I" or a name in capitals."""
    word = text.split(" ", 1)[0]
    plain = word[:1].isupper() and word[1:].islower() and not word.startswith(("I'", "I’"))
    return text[:1].lower() + text[1:] if plain else text


def mistyped(text: str, rate: float, rng: random.Random) -> str:
    """Return text in which each word of five letters or more has a typo with probability `rate`."""
    return "".join(_slip(part, rng) if _typable(part) and rng.random() < rate else part for part in _parts(text))


def _parts(text: str) -> list[str]:
    return re.split(r"(\s+)", text)


def _typable(part: str) -> bool:
    return len(part) >= _TYPO_LENGTH and part.isalpha()


def _slip(word: str, rng: random.Random) -> str:
    """Swap two letters within a word, drop one or double one."""
    at = rng.randrange(1, len(word) - 2)
    return rng.choice(
        [
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
        ]
    )


def _word(number: int) -> str:
    return _NUMBERS[number] if number < len(_NUMBERS) else str(number)
