"""Meaning: items and queries as static embeddings, so that a query finds what it means in other words.

The encoder comes with an optional package. Knows no grammar: a text is the mean of its words.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, Self

import numpy as np
from pydantic import JsonValue
from safetensors.numpy import load_file, save_file

from concierge_tools.data.catalog import Catalog
from concierge_tools.errors import DataError
from concierge_tools.recommenders.recommender import Floats, Positions
from concierge_tools.text.sketch import Sketch
from concierge_tools.text.titles import natural

PACKAGE = "wordllama"
EXTRA = 'pip install "concierge-mcp[semantic]"'
FILE = "meaning.safetensors"
SMALL = 100
"""A field's values are a part of an item's meaning when there are at most so many different ones: others are names."""
DIMENSIONS = 128
"""How many of the encoder's dimensions are kept: it was trained to be cut, and half of them find as much here."""
NOISE = 400
"""How many made-up queries tell which likeness says nothing."""
SKETCHED = 5_000
"""So many items are worth a sketch, which tells most of those that mean something else."""
LOUD = 0.995
"""The share of made-up queries whose nearest item must be less like them than what counts."""

Encoder = Callable[[Sequence[str]], Floats]
"""Texts to vectors of length 1 (or 0), shape (texts, dimensions)."""


@dataclass(frozen=True, eq=False)
class Meanings:
    """What every item means."""

    vectors: Floats
    """Shape (items, dimensions), of length 1; zeros for items without words."""
    floor: float
    """A cosine below this is reached by words that mean nothing."""

    @classmethod
    def fit(cls, catalog: Catalog, encode: Encoder, *, seed: int = 0) -> Self:
        """Embed every item, and find out how like an item nonsense can seem."""
        vectors = encode([document(catalog, i) for i in range(len(catalog))]).astype(np.float16).astype(np.float32)
        if not len(vectors):
            return cls(vectors, 1.0)
        noise = encode(_nonsense(seed))
        nearest = np.array([(vectors @ one).max() for one in noise])
        return cls(vectors, float(np.quantile(nearest, LOUD)))

    def cosines(self, query: Floats, items: Positions) -> Floats:
        """Return the likeness of some items to a query's vector, one each; equal vectors have equal ones."""
        found: Floats = np.einsum("ij,j->i", self.vectors[items], query)
        return found

    def near(self, query: Floats) -> tuple[Positions, Floats]:
        """Return the items that are like a query's vector, ascending, and how like it they are."""
        if len(self.vectors) < SKETCHED:
            items = np.arange(len(self.vectors), dtype=np.int32)
        else:
            items = self._sketch.maybe(query, self.floor)
        cosines = self.cosines(query, items)
        near = cosines >= self.floor
        return items[near], cosines[near]

    @cached_property
    def _sketch(self) -> Sketch:
        return Sketch.of(self.vectors)

    def over(self, catalog: Catalog, changed: Sequence[int], encode: Encoder | None) -> Self:
        """Return the meanings of a later catalog, whose items at some positions were added or are told in other words.

        Without `encode` nothing is known of what those mean.
        """
        vectors = np.zeros((len(catalog), self.vectors.shape[1]), np.float32)
        vectors[: len(self.vectors)] = self.vectors
        positions = list(changed)
        vectors[positions] = encode([document(catalog, i) for i in positions]) if encode and positions else 0.0
        return type(self)(vectors, self.floor)

    def to_json(self) -> dict[str, JsonValue]:
        """Return what the manifest says of them."""
        return {"encoder": described(), "floor": round(self.floor, 6)}

    def save(self, folder: Path) -> None:
        """Write the vectors, in half precision, and the floor into an existing folder."""
        floor = np.array([self.floor], np.float32)
        save_file({"vectors": self.vectors.astype(np.float16), "floor": floor}, folder / FILE)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote."""
        held = load_file(folder / FILE)
        return cls(held["vectors"].astype(np.float32), float(held["floor"][0]))


def embedded(catalog: Catalog, semantic: Literal["auto", "on", "off"], *, seed: int) -> Meanings | None:
    """Embed a catalog's items where that is wanted and, for "auto", where the package is there.

    Raises:
        DataError: "on", and the package is not installed.
    """
    if semantic == "off" or (semantic == "auto" and not installed()):
        return None
    return Meanings.fit(catalog, load_encoder(), seed=seed)


def installed() -> bool:
    """Return whether the encoder's package is there."""
    return find_spec(PACKAGE) is not None


def described() -> str:
    """Return which encoder the installed package holds: vectors of one are not comparable with another's."""
    return f"{PACKAGE} {version(PACKAGE)}, {DIMENSIONS} dimensions"


def load_encoder() -> Encoder:
    """Return the encoder, whose weights lie in its package; nothing is downloaded.

    Raises:
        DataError: The package is not installed.
    """
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise DataError(f"Search by meaning needs the package {PACKAGE!r}; install it with: {EXTRA}")
    from wordllama import WordLlama

    model = WordLlama.load(cache_dir=Path(spec.origin).parent, disable_download=True)

    def encode(texts: Sequence[str]) -> Floats:
        found = np.asarray(model.embed(list(texts)), np.float32)[:, :DIMENSIONS]
        lengths = np.linalg.norm(found, axis=1, keepdims=True).astype(np.float32)
        unit: Floats = np.divide(found, lengths, out=np.zeros_like(found), where=lengths > 0)
        return unit

    return encode


def document(catalog: Catalog, i: int) -> str:
    """Return what an item is, in words: its title, the values of its small fields, its texts."""
    parts = [natural(catalog.titles[i])]
    for field in catalog.fields:
        if field.role == "image" or field.type not in ("tags", "category", "text"):
            continue
        values = getattr(catalog.column(field.name), "values", ())
        if field.type == "text" or len(values) <= SMALL:
            value = catalog.value(field.name, i)
            parts.append(", ".join(value) if isinstance(value, list) else str(value or ""))
    return ". ".join(part for part in parts if part)


def _nonsense(seed: int) -> list[str]:
    """Return made-up queries of one to four words of random letters."""
    rng = np.random.default_rng(seed)
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    return [
        " ".join("".join(rng.choice(letters, rng.integers(4, 11))) for _ in range(rng.integers(1, 5)))
        for _ in range(NOISE)
    ]
