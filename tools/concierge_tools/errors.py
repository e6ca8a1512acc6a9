"""Errors of the tools.

ConciergeError
├── InputError       an argument that its sender (a person or a model) can correct
│   └── UnknownItem  an item id that the catalog does not hold
├── DataError        the owner's files or configuration; says what to write where
└── StoreError       no store, or one that is damaged
"""


class ConciergeError(Exception):
    """Any error of the tools; its message says what to do next."""


class InputError(ConciergeError):
    """An argument that its sender can correct."""


class UnknownItem(InputError):  # noqa: N818  (reads as what happened)
    """An item id that the catalog does not hold."""

    def __init__(self, item_id: str) -> None:
        super().__init__(f"No item {item_id!r} in the catalog; call search_catalog to find ids.")
        self.item_id = item_id


class DataError(ConciergeError):
    """The owner's files or configuration are wrong."""


class StoreError(ConciergeError):
    """There is no store, or it is damaged."""
