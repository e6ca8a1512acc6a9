"""What a ranking rests on, and what it does without, in words."""

from collections.abc import Iterable

from concierge_tools.recommenders.recommender import Profile


def basis_of(members: Iterable[str]) -> str:
    """Return the basis of a ranking that these recommenders make together."""
    names = [*members]
    return f"blend of {', '.join(names)}" if len(names) > 1 else "".join(names)


def without_taste(profile: Profile, model: str | None) -> tuple[str, str]:
    """Return the basis and the note of a ranking by popularity, where `model` (None: the blend) knows no taste."""
    if (profile.weights > 0).any():
        who = "No model knows any" if model is None else f"The model {model!r} knows none"
        return "popularity (no taste to go on)", f"{who} of the liked items, so this is popularity."
    return (
        "popularity, away from what is disliked",
        "No likes are known, so this is popularity, with what resembles the dislikes last.",
    )
