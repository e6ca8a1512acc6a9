"""An artifact: everything that `fit` made of the owner's files, in memory and in its layout on disk.

config.json  fields.json  items.parquet  interactions.parquet and users.parquet (when there is a log)
models/NAME/NAME.safetensors  search/ (tantivy)
similar/similar.safetensors (when there are item factors)  similar/items.faiss (when they are indexed)
ranker/ranker.json (when one is used)  risk/ (when there is risk control)
meaning/meaning.safetensors (when items were embedded)
"""

import os
import shutil
import tempfile
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
from pydantic import TypeAdapter

from concierge_tools.config import Config
from concierge_tools.data.catalog import Catalog
from concierge_tools.data.fields import Field
from concierge_tools.data.interactions import Interactions
from concierge_tools.ranking.ranker import Ranker
from concierge_tools.ranking.similar import Likeness, SimilarItems
from concierge_tools.ranking.similar_index import IndexChoice
from concierge_tools.recommenders.als import Als
from concierge_tools.recommenders.content import Content
from concierge_tools.recommenders.ease import Ease
from concierge_tools.recommenders.neighbours import Neighbours
from concierge_tools.recommenders.popularity import Popularity
from concierge_tools.recommenders.recommender import LinearRecommender, Mask
from concierge_tools.recommenders.svd import PureSvd
from concierge_tools.recommenders.transitions import Transitions
from concierge_tools.risk.control import RiskControl
from concierge_tools.storage.manifest import Manifest

if TYPE_CHECKING:
    from concierge_tools.text.meaning import Encoder, Meanings
    from concierge_tools.text.mentions import Vocabulary
    from concierge_tools.text.search import Search
    from concierge_tools.text.terms import TermIndex

LINEAR: tuple[type[LinearRecommender], ...] = (Als, Neighbours, Transitions, PureSvd, Ease, Content)
"""Every recommender that splits its scores over a profile, in the order they are listed to users."""

MEANING = "meaning"
"""The folder of what items mean, and its name among the parameters in the manifest."""
RANKER_FOLDER = "ranker"

_FIELDS: TypeAdapter[list[Field]] = TypeAdapter(list[Field])


@dataclass(frozen=True, eq=False)
class Artifact:
    """One immutable, versioned set of a catalog, its log, its recommenders and its indexes."""

    version: str
    path: Path
    manifest: Manifest
    config: Config
    catalog: Catalog
    interactions: Interactions | None
    """None when the owner has no log."""
    popularity: Popularity
    content: Content
    members: Mapping[str, LinearRecommender]
    """The recommenders that split their scores over a profile, by name; content is one of them."""
    similar: Likeness | None
    """None when there are no item factors."""
    risk: RiskControl | None
    """None unless the owner asked for it."""
    ranker: Ranker | None
    """None when the blend has the last word."""
    search_folder: Path
    """A private copy of the search index, which tantivy may write locks into."""

    @classmethod
    def open(cls, folder: Path, manifest: Manifest) -> Self:
        """Read an artifact whose files were verified."""
        config = Config.model_validate_json((folder / "config.json").read_bytes())
        fields = _FIELDS.validate_json((folder / "fields.json").read_bytes())
        members = {kind.name: kind.load(path) for kind in LINEAR if (path := folder / "models" / kind.name).is_dir()}
        als, content = members.get(Als.name), members[Content.name]
        if not isinstance(content, Content):
            raise TypeError(f"The recommender 'content' is a {type(content).__name__}.")
        search_folder = Path(tempfile.mkdtemp(prefix="concierge-search-"))
        _share(folder / "search", search_folder)
        artifact = cls(
            version=manifest.version,
            path=folder,
            manifest=manifest,
            config=config,
            catalog=Catalog.read(folder, fields, config.name),
            interactions=Interactions.read(folder) if config.interactions is not None else None,
            popularity=Popularity.load(folder / "models" / Popularity.name),
            content=content,
            members=members,
            similar=_similar(als, folder, manifest) if isinstance(als, Als) else None,
            risk=RiskControl.load(folder),
            ranker=Ranker.load(path) if (path := folder / RANKER_FOLDER).is_dir() else None,
            search_folder=search_folder,
        )
        weakref.finalize(artifact, shutil.rmtree, search_folder, ignore_errors=True)
        return artifact

    @property
    def blend(self) -> tuple[str, ...]:
        """The names of the recommenders that the blend is made of; none where no log connects items."""
        chosen = self.manifest.parameters.get("blend")
        names = chosen.get("members") if isinstance(chosen, dict) else None
        return tuple(name for name in names if isinstance(name, str)) if isinstance(names, list) else ()

    @property
    def items_modified_at(self) -> str:
        """When the owner's items file was last changed before the fit, ISO 8601: live values set earlier are in it."""
        items = self.manifest.parameters.get("items")
        modified = items.get("modified_at") if isinstance(items, dict) else None
        return modified if isinstance(modified, str) else ""

    @cached_property
    def untouched(self) -> Mask:
        """Which items have no interaction of any kind, shape (items,)."""
        touched = np.zeros(0, np.int32) if self.interactions is None else self.interactions.items
        none_of_it: Mask = np.bincount(touched, minlength=len(self.catalog)) == 0
        return none_of_it

    @cached_property
    def search(self) -> "Search":
        """The search index."""
        from concierge_tools.text.search import SearchIndex

        return SearchIndex.open(self.search_folder)

    @cached_property
    def meanings(self) -> "Meanings | None":
        """What the items mean, as vectors; None when `fit` did not embed them."""
        if not (self.path / MEANING).is_dir():
            return None
        from concierge_tools.text.meaning import Meanings

        return Meanings.load(self.path / MEANING)

    @cached_property
    def encoder(self) -> "Encoder | None":
        """What embeds queries as the items were embedded; None where items were not, or its package is not here."""
        if self.meanings is None or self.encoder_missing:
            return None
        from concierge_tools.text.meaning import load_encoder

        return load_encoder()

    @cached_property
    def encoder_missing(self) -> str | None:
        """Why queries cannot be embedded as the items were, and what to do; None when they can or need not be."""
        if not (self.path / MEANING).is_dir():
            return None
        from concierge_tools.text.meaning import EXTRA, PACKAGE, described, installed

        if not installed():
            return f"Searched by words alone: the package {PACKAGE!r} is not installed here; {EXTRA}."
        told = self.manifest.parameters.get(MEANING)
        fitted = told.get("encoder") if isinstance(told, dict) else None
        if fitted != described():
            return f"Searched by words alone: items were embedded by {fitted}, here is {described()}; fit again."
        return None

    @cached_property
    def vocabulary(self) -> "Vocabulary":
        """The titles and values of the catalog, to be found in texts."""
        from concierge_tools.text.mentions import Vocabulary

        return Vocabulary(self.catalog, self.popularity.ever, self.terms)

    @cached_property
    def terms(self) -> "TermIndex":
        """The values of the catalog, to be found in texts."""
        from concierge_tools.text.mentions import weights_of
        from concierge_tools.text.terms import TermIndex
        from concierge_tools.text.words import Stemmer

        return TermIndex(self.catalog, Stemmer(), weights_of(self.catalog, self.popularity.ever))

    @property
    def known_vocabulary(self) -> "Vocabulary | None":
        """The vocabulary if it was made already."""
        return vars(self).get("vocabulary")

    @property
    def known_terms(self) -> "TermIndex | None":
        """The terms if they were indexed already."""
        return vars(self).get("terms")


def write_artifact(
    folder: Path,
    *,
    config: Config,
    catalog: Catalog,
    interactions: Interactions | None,
    popularity: Popularity,
    members: Sequence[LinearRecommender],
    ranker: Ranker | None = None,
) -> None:
    """Write everything but the indexes into an empty folder; see `write_indexes`."""
    (folder / "config.json").write_text(config.model_dump_json(indent=2), encoding="utf-8")
    (folder / "fields.json").write_bytes(_FIELDS.dump_json(list(catalog.fields), indent=2))
    catalog.write(folder)
    if interactions is not None:
        interactions.write(folder)
    for model in (popularity, *members):
        path = folder / "models" / model.name
        path.mkdir(parents=True)
        model.save(path)
    if ranker is not None:
        (folder / RANKER_FOLDER).mkdir()
        ranker.save(folder / RANKER_FOLDER)


def write_indexes(
    folder: Path, *, catalog: Catalog, similar: SimilarItems | None, meanings: "Meanings | None" = None
) -> None:
    """Write the search index, and what there is of the items' meanings and of what finds similar items."""
    from concierge_tools.text.search import SearchIndex

    SearchIndex.build(catalog, folder / "search")
    if meanings is not None:
        (folder / MEANING).mkdir()
        meanings.save(folder / MEANING)
    if similar is not None:
        (folder / "similar").mkdir()
        similar.save(folder / "similar")


def _similar(als: Als, folder: Path, manifest: Manifest) -> SimilarItems:
    choice = IndexChoice.of_json(manifest.parameters.get("similar"))
    return SimilarItems.load(als.factors, folder / "similar", choice)


def _share(source: Path, target: Path) -> None:
    """Link or copy files into another folder; those that tantivy rewrites are always copied."""
    for path in source.iterdir():
        if path.suffix == ".lock":
            continue
        if path.suffix == ".json":
            shutil.copyfile(path, target / path.name)
            continue
        try:
            os.link(path, target / path.name)
        except OSError:
            shutil.copyfile(path, target / path.name)
