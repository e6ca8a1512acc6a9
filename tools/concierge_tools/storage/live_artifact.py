"""A live artifact: an artifact under live items. What they leave as it was is the artifact's own.

Items that were added have no interactions: recommenders of taste say nothing of them, popularity is zero, and content
and search take them in at once. Nothing of it is written to disk.
"""

from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from concierge_tools.data.catalog import Catalog
from concierge_tools.data.live import LiveItems, with_live, worded
from concierge_tools.recommenders.content import Content
from concierge_tools.recommenders.padded import Padded, PaddedLikeness, unpopular
from concierge_tools.recommenders.recommender import Floats, LinearRecommender
from concierge_tools.storage.artifact import Artifact

if TYPE_CHECKING:
    from concierge_tools.text.meaning import Encoder, Meanings
    from concierge_tools.text.mentions import Vocabulary
    from concierge_tools.text.search import Search
    from concierge_tools.text.terms import TermIndex


@dataclass(frozen=True, eq=False)
class LiveWords:
    """What is made of the words of a live catalog: each part at its first use, and kept while the words are the same.

    It is as costly as the items whose words changed are many, but for the vocabulary: its titles, and its values, are
    indexed anew where any is another.
    """

    base: Artifact
    catalog: Catalog
    changed: tuple[int, ...]
    """The positions of the items that were added or are told in other words than in the base."""
    before: "Vocabulary | None"
    """Of an earlier state, where it was made."""
    terms_before: "TermIndex | None"
    """Of an earlier state, where they were indexed."""

    @cached_property
    def content(self) -> Content:
        """Content with the changed items described anew."""
        return self.base.content.over(self.catalog, self.changed)

    @cached_property
    def search(self) -> "Search":
        """The search index, with a small one of the changed items beside it."""
        from concierge_tools.text.live_search import LiveSearch

        return LiveSearch.over(self.base.search, self.catalog, self.changed) if self.changed else self.base.search

    @cached_property
    def vocabulary(self) -> "Vocabulary":
        """The titles and values of the catalog as it is now, to be found in texts."""
        from concierge_tools.text.mentions import Vocabulary

        if not self.changed and self.catalog.present.all():
            return self.base.vocabulary
        return Vocabulary(self.catalog, self._popularity, self.terms, before=self.before)

    @cached_property
    def terms(self) -> "TermIndex":
        """The values of the catalog as it is now, to be found in texts."""
        from concierge_tools.text.mentions import weights_of
        from concierge_tools.text.terms import TermIndex
        from concierge_tools.text.words import Stemmer

        if self.terms_before is not None and self.terms_before.tell(self.catalog):
            return self.terms_before
        if self.base.terms.tell(self.catalog):
            return self.base.terms
        return TermIndex(self.catalog, Stemmer(), weights_of(self.catalog, self._popularity))

    @cached_property
    def meanings(self) -> "Meanings | None":
        """What the items mean, those that changed embedded anew; None when `fit` embedded none."""
        found = self.base.meanings
        return found.over(self.catalog, self.changed, self.base.encoder) if found and self.changed else found

    @property
    def _popularity(self) -> Floats:
        added = len(self.catalog) - len(self.base.catalog)
        return np.append(self.base.popularity.ever, np.zeros(added, np.float32))

    def same_as(self, other: "LiveWords") -> bool:
        """Tell whether another's words are these."""
        return (
            self.base is other.base
            and self.changed == other.changed
            and np.array_equal(self.catalog.present, other.catalog.present)
            and all(
                self.catalog.ids[i] == other.catalog.ids[i] and self.catalog.document(i) == other.catalog.document(i)
                for i in self.changed
            )
        )


@dataclass(frozen=True, eq=False)
class LiveArtifact(Artifact):
    """An artifact whose catalog has live items in place."""

    words: LiveWords

    @cached_property
    def search(self) -> "Search":
        """The search index, with a small one of what changed beside it."""
        return self.words.search

    @cached_property
    def vocabulary(self) -> "Vocabulary":
        """The titles and values of the catalog as it is now, to be found in texts."""
        return self.words.vocabulary

    @cached_property
    def terms(self) -> "TermIndex":
        """The values of the catalog as it is now, to be found in texts."""
        return self.words.terms

    @cached_property
    def meanings(self) -> "Meanings | None":
        """What the items mean as they are now."""
        return self.words.meanings

    @cached_property
    def encoder(self) -> "Encoder | None":
        """What embeds queries as the items were embedded."""
        return self.words.base.encoder

    @property
    def known_vocabulary(self) -> "Vocabulary | None":
        """The vocabulary if it was made already."""
        return vars(self.words).get("vocabulary", self.words.before)

    @property
    def known_terms(self) -> "TermIndex | None":
        """The terms if they were indexed already."""
        return vars(self.words).get("terms", self.words.terms_before)


def under(live: LiveItems, base: Artifact, *, before: Artifact | None = None) -> Artifact:
    """Put an artifact under live items; the artifact itself where they change nothing.

    Args:
        live: All that changed since the artifact was fitted.
        base: As it was fitted.
        before: What an earlier call returned: what it made of the words is taken over where they are the same.

    Raises:
        InputError: A value does not fit its field's type.
    """
    catalog = with_live(base.catalog, live)
    if catalog is base.catalog:
        return base
    fitted, items = len(base.catalog), len(catalog)
    earlier = before if before is not None else base
    changes = tuple(worded(base.catalog, catalog, live))
    words = LiveWords(base, catalog, changes, earlier.known_vocabulary, earlier.known_terms)
    if isinstance(before, LiveArtifact) and words.same_as(before.words):
        words = before.words
    changed: dict[str, object] = {"catalog": catalog, "content": words.content}
    members: dict[str, LinearRecommender] = dict(base.members)
    if items > fitted:
        members = {name: Padded(member, fitted, items) for name, member in members.items()}
        changed["similar"] = None if base.similar is None else PaddedLikeness(base.similar, fitted, items)
        changed["popularity"] = unpopular(base.popularity, items - fitted)
    changed["members"] = members | {Content.name: words.content}
    own = {field.name: getattr(base, field.name) for field in fields(Artifact)}
    return LiveArtifact(**own | changed, words=words)
