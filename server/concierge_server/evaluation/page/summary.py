"""The summary: the report in plain sentences, with what it does not show."""

from datetime import UTC, datetime
from typing import Any

from concierge_tools.evaluation.models import CHOSEN, PLAIN_ALS
from concierge_tools.evaluation.served import RANKER, SERVED

SPLITS = {
    "last": "the last item they liked, which no model had seen",
    "time": "the first new item they liked after a point in time; the models had seen nothing later than that",
}


_NAMES = {PLAIN_ALS: "plain ALS", CHOSEN: "the chosen blend", RANKER: "the learned ranker", SERVED: "what is served"}
"""How systems are called within a sentence, where not by their own names."""


def headline(body: dict[str, Any]) -> str:
    """Return the answer in one sentence: what wins over the usual baseline, and whether beyond chance."""
    chosen, base = chosen_row(body), body["bases"][0]
    found = chosen["over"].get(base)
    if not body["enough"]:
        return f"Only {body['users']:,} users could be asked about: too few to tell which model is better."
    if found is None:
        return f"{_opening(chosen['system'])} is all there is to compare."
    gain, level = found[body["main"]], row_of(body, base)[body["main"]]["mean"]
    chance = "" if gain["low"] > 0 or gain["high"] < 0 else ", within chance"
    size = f": {body['main']} {gain['mean'] / level:+.0%}{chance}" if level > 0 else ""
    return f"{_opening(chosen['system'])} is {verdict(gain)} {named(base)} on this log{size}."


def measured(body: dict[str, Any]) -> list[str]:
    """Return what was measured, and on what."""
    data = body["data"]
    period = f", from {_day(data['from'])} to {_day(data['to'])}" if data["from"] is not None else ", without times"
    seeds = body["seeds"]
    times = f"{len(seeds)} times with other random draws (seeds {', '.join(map(str, seeds))})"
    again = f" All was repeated {times}." if len(seeds) > 1 else f" It was done once, with seed {seeds[0]}."
    return [
        f"{body['users']:,} users were each asked about one item: {SPLITS[body['split']]}. Every model was trained "
        "anew on the rest and ranked all items that the user did not have yet; a good model puts that one item far up. "
        f"Nothing was sampled.{again}",
        f"The log of {body['catalog']!r} holds {data['interactions']:,} interactions of {data['users']:,} users"
        f"{period}. {data['positives']:,} of them count as liked, of {data['items_with_positives']:,} items; half of "
        f"these are of the {data['items_with_half_of_positives']:,} most popular.",
    ]


def results(body: dict[str, Any]) -> list[str]:
    """Return what came out, in sentences."""
    chosen, main = chosen_row(body), body["main"]
    hits = main.replace("NDCG", "HR")
    k = main.partition("@")[2]
    said = [
        f"{_opening(chosen['system'])} ({_made_of(body)}) has the item among its first {k} for "
        f"{_percent(chosen[hits])} of the users; "
        + " and ".join(f"{named(base)} for {_percent(row_of(body, base)[hits])}" for base in body["bases"])
        + "."
    ]
    for base, found in chosen["over"].items():
        gain = found[main]
        level = row_of(body, base)[main]["mean"]
        share = f", {gain['mean'] / level:+.0%}" if level > 0 else ""
        said.append(
            f"{main} is {chosen[main]['mean']:.4f} against {level:.4f} of {named(base)}{share}: a difference of "
            f"{gain['mean']:+.4f}, 95% interval {gain['low']:+.4f} to {gain['high']:+.4f}. "
            + (_weight(gain) if body["enough"] else "So few users decide nothing.")
        )
    best = max(body["rows"], key=lambda row: row[main]["mean"])
    if best is not chosen:
        said.append(
            f"The highest {main} of all is that of {named(best['system'])}, {best[main]['mean']:.4f}; it was found by "
            "looking at these very figures, so that another log need not agree."
        )
    said += _by_gap(body)
    return said


def unsaid(body: dict[str, Any]) -> list[str]:
    """Return what the report does not show."""
    chosen, main = chosen_row(body), body["main"]
    said = [
        "No user was asked. An item that the user would have liked but had not met counts as wrong, and what the log's "
        "users were shown in their time shapes what they chose.",
        "The intervals are about other users of the same log. They say nothing of another shop, another season, or of "
        "what people do once they are shown these lists.",
        f"{len(body['rows'])} models and {len(body['slices'])} slices are compared; of twenty differences that are "
        "none, about one lies outside its 95% interval.",
    ]
    gain = next(iter(chosen["over"].values()), None)
    if gain is not None and body["enough"]:
        half = (gain[main]["high"] - gain[main]["low"]) / 2
        said.append(
            f"With {body['users']:,} users, differences in {main} under about {half:.4f} cannot be told from none."
        )
    if any(found["high"] == 0 for row in body["slices"] for found in row[main].values()):
        said.append("An interval from 0 to 0 says that no item was found in the slice, not that none ever would be.")
    few = [row for row in body["slices"] if not row["enough"]]
    if few:
        names = ", ".join(f"{row['kind']} {row['slice']} ({row['users']:,} users)" for row in few)
        said.append(f"Slices of too few users to decide anything: {names}.")
    return said


def chosen_row(body: dict[str, Any]) -> dict[str, Any]:
    """Return the row of the system that `concierge fit` would serve."""
    row: dict[str, Any] = next(row for row in body["rows"] if row["chosen"])
    return row


def row_of(body: dict[str, Any], system: str) -> dict[str, Any]:
    """Return the row of a system."""
    row: dict[str, Any] = next(row for row in body["rows"] if row["system"] == system)
    return row


def verdict(gain: dict[str, float]) -> str:
    """Say in a few words whether a difference is more than chance."""
    if gain["low"] > 0:
        return "better, beyond chance, than"
    return "worse, beyond chance, than" if gain["high"] < 0 else "not clearly different from"


def direction(gain: dict[str, float], *, enough: bool) -> str:
    """Return the class that colours a difference: better or worse beyond chance, else plain."""
    if not enough or gain["low"] <= 0 <= gain["high"]:
        return "plain"
    return "better" if gain["low"] > 0 else "worse"


def named(system: str) -> str:
    """Return a system's name as it reads within a sentence."""
    return _NAMES.get(system, system)


def _opening(system: str) -> str:
    name = named(system)
    return name[0].upper() + name[1:]


def _weight(gain: dict[str, float]) -> str:
    if gain["low"] > 0:
        return "The interval is above zero: this is more than chance."
    if gain["high"] < 0:
        return "The interval is below zero: it is worse by more than chance."
    return "The interval holds zero: chance may explain it."


def _by_gap(body: dict[str, Any]) -> list[str]:
    """Say how the chosen system does where page order can tell least: at the longest time gap with enough users."""
    chosen, base = chosen_row(body)["system"], body["bases"][0]
    rows = [row for row in body["slices"] if row["kind"] == "time gap" and row["enough"]]
    if not rows or chosen == base:
        return []
    row = rows[-1]
    gain = row[f"over {base}"][chosen]
    return [
        f"Where page order can tell least, among the {row['users']:,} users with a time gap {row['slice']!r} to the "
        f"like before, it is {verdict(gain)} {named(base)}: {gain['mean']:+.4f}, {gain['low']:+.4f} to "
        f"{gain['high']:+.4f}."
    ]


def _made_of(body: dict[str, Any]) -> str:
    made = list(dict.fromkeys(map(_last_word, body["chosen"])))
    return made[0] if len(made) == 1 else "by seed: " + "; ".join(made)


def _last_word(chosen: dict[str, Any]) -> str:
    ranker = chosen.get("ranker")
    return "the learned ranker" if ranker and ranker["used"] else f"the blend {' + '.join(chosen['members'])}"


def _percent(found: dict[str, float]) -> str:
    return f"{found['mean']:.1%} ({found['low']:.1%} to {found['high']:.1%})"


def _day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()
