"""Verdicts on items: "X was great", "the other looks dull"."""

from collections.abc import Mapping
from dataclasses import replace

from concierge_agent.offline.frames import Attitude, Scope, Span
from concierge_agent.offline.grammar import BLAME, PRAISE
from concierge_agent.offline.text import Token, word_set

_COPULAS = word_set("is was are were")
_SEEMING = word_set("looks look sounds sound seems seem")


def give_verdicts(tokens: list[Token], spans: Mapping[int, Span], scope: Scope) -> None:
    """Let "X was great" and "the other looks dull" speak about the item before them."""
    for span in spans.values():
        if span.family != "item":
            continue
        verb = tokens[span.end].text if span.end < len(tokens) else ""
        if verb not in _COPULAS | _SEEMING:
            continue
        words = []
        for j in range(span.end + 1, min(len(tokens), span.end + 5)):
            if tokens[j].ends_sentence or tokens[j].text in (",", "but"):
                break
            words.append(tokens[j].text)
        verdict = next((w for w in words if w in PRAISE | BLAME), None)
        if verdict is None:
            continue
        good = (verdict in PRAISE) != ("not" in words[: words.index(verdict)])
        attitude: Attitude = "like" if good else "dislike"
        if verb in _SEEMING:
            attitude = "want" if good else "pass"
        for j in range(span.start, span.end):
            scope.frames[j] = replace(scope.frames[j], attitude=attitude, negated=False)
        scope.consumed |= set(range(span.end, span.end + 1 + len(words)))
