"""How far words reach: which attitude, negation and softness each stretch of a text stands under.

One pass from left to right. A cue phrase opens a scope; a sentence's end, "but", a comma or conjunction before
something of another kind, and a new cue close it. Not known here: quotation of other people and conditions
("if it rains").
"""

from collections.abc import Mapping
from dataclasses import replace

from concierge_agent.offline.frames import ATTITUDES, Attitude, Family, Frame, Scope, Span
from concierge_agent.offline.grammar import (
    ADVERBS,
    CONJUNCTIONS,
    DETERMINERS,
    EXCEPTING,
    FREE_OBJECTS,
    FUNCTION_WORDS,
    LIKE_SUBJECTS,
    OPEN_OBJECTS,
    PREPOSITIONS,
    UNIVERSAL,
    CueKind,
    cues_at,
)
from concierge_agent.offline.inquiries import asks_about, is_inquiry
from concierge_agent.offline.text import Token, word_set
from concierge_agent.offline.verdicts import give_verdicts

_TASTE = frozenset({"like", "dislike"})
_PARTICLES = word_set("off up out home back in through done away to here there been had")
_SUBJECTS = word_set("i we he she they")
_BREAKS = word_set("but though although however yet")


class Scan:
    """The pass over one text."""

    def __init__(self, tokens: list[Token], spans: Mapping[int, Span], item_starts: set[int]) -> None:
        self.tokens, self.spans, self.item_starts = tokens, spans, item_starts
        self.now = Frame()
        self.since = 0
        self.last: Family | None = None
        self.at = 0
        self.passed = 0
        self.scope = Scope([Frame()] * len(tokens))

    def run(self) -> Scope:
        """Read the whole text."""
        i = 0
        while i < len(self.tokens):
            self.at = i
            if i == 0 or self.tokens[i - 1].ends_sentence:
                self.now = replace(self.now, inquiry=is_inquiry(self.tokens, i, self.spans))
            span = self.spans.get(i)
            if span is not None:
                for j in range(span.start, span.end):
                    self.scope.frames[j] = self.now
                self.since, self.last, i = self.since + 1, span.family, span.end
                continue
            self.scope.frames[i] = self.now
            if i in self.item_starts and self.now.attitude in ("like", "dislike", "seen", "similar"):
                self.since, self.last = self.since + 1, "item"
            i = self._word(i)
        give_verdicts(self.tokens, self.spans, self.scope)
        return self.scope

    def _word(self, i: int) -> int:
        token = self.tokens[i]
        if token.ends_sentence:
            self.now = Frame(chunk=self.now.chunk + 1, sentence=self.now.sentence + 1)
            self.since, self.last = 0, None
        elif token.text == "non":
            return self._non(i)
        elif token.text == "but" and self._excepts(i):
            self._cue("negate", i, i + 1)
        elif token.text in _BREAKS:
            self._break(i)
        elif token.text in (",", "(", ")"):
            self._comma(i)
        elif self._interjection(i):
            self.scope.correcting = True
            self.scope.consumed.add(i)
        elif token.text in CONJUNCTIONS:
            self._conjunction(i)
        else:
            cues = cues_at(self.tokens, i)
            if cues:
                end = max(end for _, end in cues)
                for kind, _ in cues:
                    self._cue(kind, i, end)
                for j in range(i, end):
                    self.scope.frames[j] = self.now
                self.scope.consumed |= set(range(i, end))
                return end
            self.passed += token.is_word and token.text not in DETERMINERS | ADVERBS | FUNCTION_WORDS
            if token.text in ("i", "we", "he", "she", "they") or asks_about(self.tokens, i):
                self.now = replace(self.now, asked=False)
                self.scope.frames[i] = self.now
            if token.text in PREPOSITIONS and self.now.negated and self.since:
                self.now = replace(self.now, negated=False)
        return i + 1

    def _interjection(self, i: int) -> bool:
        if self.tokens[i].text not in ("no", "nope", "nah", "yes", "yeah", "ok", "okay", "sure"):
            return False
        starts = i == 0 or self.tokens[i - 1].ends_sentence
        return starts and self._text(i + 1) in ("", ",", ".", "!", ";", "i", "we", "make", "thanks", "but", "and")

    def _text(self, i: int) -> str:
        return self.tokens[i].text if 0 <= i < len(self.tokens) else ""

    def _non(self, i: int) -> int:
        """Deny the one word after "non" alone; where that is a value, its reader sees the prefix."""
        end = i + 1 + (self._text(i + 1) == "-")
        if end < len(self.tokens) and end not in self.spans:
            self.scope.frames[end] = replace(self.now, negated=True)
            end += 1
            self.scope.frames[i : end - 1] = [self.now] * (end - 1 - i)
        self.scope.consumed |= {j for j in range(i, end) if not self.scope.frames[j].negated}
        return end

    def _excepts(self, i: int) -> bool:
        """Whether "but" excepts a value from all there are, as in "any colour but red"."""
        if self._next(i + 1)[1] not in ("value", "item"):
            return False
        for j in range(i - 1, max(-1, i - 5), -1):
            if not self.tokens[j].is_word or any(
                s.start <= j < s.end and s.family not in ("field", "quality") for s in self.spans.values()
            ):
                return False
            if self.tokens[j].text in UNIVERSAL:
                return True
        return False

    def _break(self, i: int) -> None:
        keeps = self._text(i + 1) == "not" and self.now.attitude == "like"
        attitude = self.now.attitude if keeps else "want"
        self.now = replace(
            self.now,
            attitude=attitude,
            negated=False,
            soft=False,
            chunk=self.now.chunk + 1,
            past=keeps and self.now.past,
        )
        self.since = 0

    def _next(self, i: int) -> tuple[int, Family | None]:
        """Return what stands at `i` after determiners, adverbs and conjunctions."""
        while i < len(self.tokens) and i not in self.spans and i not in self.item_starts:
            if self.tokens[i].text not in DETERMINERS | ADVERBS | CONJUNCTIONS | {"'"}:
                return i, None
            i += 1
        if i in self.spans:
            return i, self.spans[i].family
        return i, "item" if i in self.item_starts else None

    def _comma(self, i: int) -> None:
        position, family = self._next(i + 1)
        attitude, negated, soft = self.now.attitude, self.now.negated, self.now.soft
        self.passed += self._text(i + 1) in _SUBJECTS
        same = family is not None and family == self.last and self.since > 0
        if not same and self.since:
            keeps = self._text(i + 1) == "not" and attitude in _TASTE | {"want"}
            attitude = attitude if keeps else "want"
        if (self.since or self.passed) and not (same and self._list_goes_on(position)):
            negated = False
            soft = False
        self.now = replace(self.now, attitude=attitude, negated=negated, soft=soft, chunk=self.now.chunk + 1)

    def _list_goes_on(self, i: int) -> bool:
        """Whether the list that continues at `i` ends in a conjunction and another member."""
        while i in self.spans:
            i = self.spans[i].end
            if self._text(i) == "," or self._text(i) in CONJUNCTIONS:
                joined = self._text(i) in CONJUNCTIONS or self._text(i + 1) in CONJUNCTIONS
                i, family = self._next(i + 1)
                if family != self.last:
                    return False
                if joined:
                    return True
            else:
                return False
        return False

    def _conjunction(self, i: int) -> None:
        position, family = self._next(i + 1)
        negated, attitude = self.now.negated, self.now.attitude
        freely = self.tokens[i].text == "or" and negated and self._text(i + 1) in FREE_OBJECTS
        if self.tokens[i].text == "nor" or freely:
            self.now = replace(self.now, negated=True)
            self.since = 0
            return
        if family is None:
            alternative = self.tokens[i].text in ("or", "nor") and not cues_at(
                self.tokens, min(position, len(self.tokens) - 1)
            )
            negated = negated and (not self.since or alternative)
        elif self.last is not None and family != self.last:
            negated = negated and family == "value" and self.last == "quality"
            if self.last == "item" and attitude in _TASTE | {"seen", "similar"}:
                attitude = "want"
        elif family == "amount" and self.tokens[i].text in ("and", "plus", "&"):
            negated = False
        self.now = replace(self.now, negated=negated, attitude=attitude)

    def _cue(self, kind: CueKind, start: int, end: int) -> None:
        self.passed = 0
        if kind == "like":
            self._like(start, end)
        elif kind == "request":
            self._request(start)
        elif kind == "negate":
            keeps = self.now.attitude == "like" and self._text(end - 1) == "not"
            attitude = self.now.attitude if keeps else "want"
            named_only = not self.since or self.last == "field"
            doubled = self.now.negated and named_only and self.tokens[start].text in EXCEPTING
            soft = self.now.soft and not self.since
            self.now = replace(self.now, negated=not doubled, attitude=attitude, soft=soft)
            self.since = 0
        elif kind == "dislike":
            if not (self.now.negated and not self.since):
                self._set("dislike", past=self.tokens[end - 1].text.endswith("ed"))
        elif kind == "seen" and self.now.negated and not self.since:
            self._set("unseen")
        elif kind == "have" and self._text(end) in _PARTICLES:
            self.now = replace(self.now, asked=False)
        elif kind in ATTITUDES:
            self._set(ATTITUDES[kind])
        elif kind == "soft" and self._ends(end):
            self._mark_chunk(soft=True, back=self._text(start - 1) == ",")
        elif kind == "soft":
            self.now = replace(self.now, soft=True, negated=self.now.negated and not self.since)
            self.since = 0
        elif kind == "soft_after":
            self._mark_chunk(soft=True)
        elif kind == "retract_after":
            self._mark_chunk(okay=True)
        elif kind == "hard":
            self.now = replace(self.now, soft=False)
        elif kind == "correct":
            self.scope.correcting = True
        elif kind == "anymore":
            self.scope.anymore = True

    def _set(self, attitude: Attitude, *, past: bool = False) -> None:
        self.now = replace(self.now, attitude=attitude, negated=False, soft=False, past=past)
        self.since = 0

    def _like(self, start: int, end: int) -> None:
        word = self.tokens[end - 1].text
        before = next((self._text(j) for j in range(start - 1, -1, -1) if self._text(j) not in ADVERBS), "")
        if self._text(end) == "to":
            self._request(start)
            return
        if word == "into" and before not in ("am", "are", "is", "been", "was", "not", "really") and end - start == 1:
            return
        if word == "like" and start == end - 1 and before not in LIKE_SUBJECTS | CONJUNCTIONS:
            position, family = self._next(end)
            if family == "item" and position - end <= 2:
                self._set("similar")
            return
        past = word in ("loved", "liked", "enjoyed", "adored")
        if self.now.negated and not self.since:
            self._set("dislike", past=past)
        else:
            self._set("like", past=past)

    def _request(self, start: int) -> None:
        if (
            self.tokens[start].text in OPEN_OBJECTS
            and self.now.attitude in _TASTE | {"similar", "seen"}
            and not self.since
        ):
            return
        self.scope.requested = True
        keeps_negation = self.now.negated and not self.since
        soft = self.now.soft and not self.since
        self.now = replace(self.now, attitude="want", negated=keeps_negation, soft=soft, asked=True, past=False)
        self.since = 0

    def _ends(self, i: int) -> bool:
        """Whether nothing follows in the sentence that a cue before `i` could act on."""
        return self.at > 0 and self._text(i) in ("", ".", "!", "?", ";", "\n", "please")

    def _mark_chunk(self, *, soft: bool = False, okay: bool = False, back: bool = False) -> None:
        """Let a cue act on what its chunk, or with `back` the one before, holds; else softness acts forwards."""
        here = [s for s in self.spans.values() if s.end <= self.at]
        spans = [s for s in here if self.scope.frames[s.start].chunk == self.now.chunk - back]
        for span in spans:
            frame = self.scope.frames[span.start]
            for j in range(span.start, span.end):
                attitude: Attitude = "okay" if okay and span.family != "amount" else frame.attitude
                self.scope.frames[j] = replace(frame, soft=frame.soft or soft, attitude=attitude)
        if soft and not spans:
            self.now = replace(self.now, soft=True)
            self.since = 0
