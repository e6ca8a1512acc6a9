"""Names in prose: which items a reply speaks of, and which it has no ground to speak of."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from concierge_server.evaluation.predicates import Item

_MARKED = re.compile(r"\*\*(.+?)\*\*(?!\*)|“(.+?)”|\"(.+?)\"")
_RUN = re.compile(r"[A-Z][\w'’-]+(?:[ -](?:(?:of|the|and|in|a|for|to|&) )?[A-Z][\w'’-]+)+")
_WORD = re.compile(r"[^\W_]+")
_LONGEST = 12


@dataclass(slots=True)
class Names:
    """The titles and values of a catalog, for finding them in texts."""

    items: Mapping[str, Item]
    said: str = ""
    """What the store itself says to everyone: its name, its fields, its rules."""
    few_values: tuple[str, ...] = ()
    """The values, with a capital, of fields that have few of them: what a reason may say an item is."""
    _titles: dict[tuple[str, ...], set[str]] = field(default_factory=dict)
    _values: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        for item_id, row in self.items.items():
            words = tuple(_WORD.findall(str(row["title"])))
            if len(words) > 1:
                self._titles.setdefault(words, set()).add(item_id)
            for value in row.values():
                parts = value if isinstance(value, list) else [value]
                self._values |= {part.casefold() for part in parts if isinstance(part, str) and part != row["title"]}

    def unfounded(self, reply: str, allowed: Iterable[str], spoken: str) -> list[str]:
        """Return the names in a reply that nothing stands behind.

        Those are: titles of items that are not `allowed`, and marked or capitalised names that neither the allowed
        items, nor the catalog's values, nor what was `spoken` hold. Single plain words are no names here: too many
        titles are ordinary words.
        """
        rows = [self.items[i] for i in allowed if i in self.items]
        text = reply.replace("\\", "")
        titles = sorted({str(row["title"]) for row in rows}, key=len, reverse=True)
        ground = "\n".join([spoken, self.said, *(_text(row) for row in rows)]).casefold()
        known = {title.casefold() for title in titles}
        found = []
        for match in _MARKED.finditer(text):
            name = next(group for group in match.groups() if group is not None)
            marked = match[1] is not None
            if not (name.casefold() in known if marked else self._quoted(name, ground)):
                found.append(name)
        text = _MARKED.sub(" | ", text)
        for title in titles:
            text = text.replace(title, " | ")
        found += [name for name in _RUN.findall(text) if not self._grounded(name, ground)]
        found += [title for title in self._titles_in(text) if not self._grounded(title, ground)]
        return list(dict.fromkeys(found))

    def _quoted(self, text: str, ground: str) -> bool:
        """Return whether a quoted text is known, or every capitalised part of it is: "category is Tents"."""
        capital = re.findall(r"[A-Z][\w'’-]*(?:[ -][A-Z][\w'’-]*)*", text)
        return self._grounded(text, ground) or all(self._grounded(part, ground) for part in capital)

    def _titles_in(self, text: str) -> list[str]:
        words = list(_WORD.finditer(text))
        found, at = [], 0
        while at < len(words):
            for size in range(min(_LONGEST, len(words) - at), 1, -1):
                if tuple(word[0] for word in words[at : at + size]) in self._titles:
                    found.append(text[words[at].start() : words[at + size - 1].end()])
                    at += size - 1
                    break
            at += 1
        return found

    def _grounded(self, name: str, ground: str) -> bool:
        """Return whether a name, with or without a first word that may begin a sentence, is known; or each of two."""
        said = name.casefold().strip(" .,!?'’")
        rest = said.partition(" ")[2]
        if any(form and (form in ground or form in self._values) for form in (said, rest)):
            return True
        first, joint, second = said.partition(" and ")
        return bool(joint) and self._grounded(first, ground) and self._grounded(second, ground)


def _text(row: Item) -> str:
    values = (part for value in row.values() for part in (value if isinstance(value, list) else [value]))
    return "\n".join(str(value) for value in values if value is not None)
