"""The report on generated conversations: promises, which must hold every time, apart from understanding."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from concierge_server.evaluation.generated.checks import Checked
from concierge_server.evaluation.generated.play import Played, Settings
from concierge_server.evaluation.generated.wordings import fingerprint
from concierge_server.evaluation.statistics import estimate, wilson
from concierge_server.evaluation.tables import report_table

if TYPE_CHECKING:
    from rich.console import Console

_RESAMPLES = 2000
_LISTED = 12


def report_json(catalog: str, settings: Settings, brain: str, played: Sequence[Played]) -> dict[str, Any]:
    """Return every rate as `{rate, low, high, of}` with its 95% interval; `of` is what it is a share of.

    Rates of single items and turns have Wilson intervals; satisfaction of what the user told, whose misses come in
    runs, has a bootstrap interval over conversations.
    """
    turns = [turn for conversation in played for turn in conversation.turns]
    items = sum(len(t.items) for t in turns)
    asked = [t for t in turns if t.asked]
    promises = {
        "hallucination": _rate(sum(len(t.invented) for t in turns), sum(t.mentioned for t in turns)),
        "satisfaction of the agent's own ledger": _rate(items - sum(len(t.against_ledger) for t in turns), items),
        "turns within the owner's rules": _rate(sum(not t.broken_rules for t in turns), len(turns)),
        "evidence equal to the row": _rate(
            sum(t.pointers - len(t.false_pointers) for t in turns), sum(t.pointers for t in turns)
        ),
        "reasons without an unproven number or value": _rate(sum(not t.false_words for t in turns), len(turns)),
        "turns without an error": _rate(sum(t.error is None for t in turns), len(turns)),
    }
    understanding = {
        "satisfaction of what the user told": _satisfied(played, settings.seed),
        "turns whose ledger is what the user told": _rate(sum(not t.missed and not t.added for t in asked), len(asked)),
        "nothing presented when nothing fits": _rate(
            sum(not t.items for t in asked if not t.fits), sum(not t.fits for t in asked)
        ),
        "no abstention when something new fits": _rate(
            sum(not t.abstained for t in asked if t.fits_anew), sum(t.fits_anew for t in asked)
        ),
    }
    return {
        "catalog": catalog,
        "brain": brain,
        "conversations": len(played),
        "satisfiable": sum(p.satisfiable for p in played),
        "turns": len(turns),
        "items": items,
        "seed": settings.seed,
        "wordings": fingerprint(),
        "promises": promises,
        "understanding": understanding,
        "findings": {
            "invented": _listed(turns, lambda t: t.invented),
            "against the ledger": _listed(turns, lambda t: t.against_ledger),
            "rules": _listed(turns, lambda t: t.broken_rules),
            "evidence": _listed(turns, lambda t: t.false_pointers),
            "unproven": _listed(turns, lambda t: t.false_words),
        },
        "misunderstood": dict(misunderstood(played).most_common()),
    }


def kept(body: dict[str, Any]) -> bool:
    """Return whether every promise of a report was kept every time."""
    rates = {name: found["rate"] for name, found in body["promises"].items() if found is not None}
    return all(rate == (0 if name == "hallucination" else 1) for name, rate in rates.items())


def misunderstood(played: Sequence[Played]) -> Counter[str]:
    """Count what the agent misread where it first did: by the user's move, the condition, and missed or added."""
    counts: Counter[str] = Counter()
    for conversation in played:
        before: set[str] = set()
        for turn in conversation.turns:
            now = {f"missed {p.field} {p.op} {p.value}" for p in turn.missed}
            now |= {f"added {p.field} {p.op} {p.value}" for p in turn.added}
            counts.update({f"{turn.said.move}: {' '.join(w.split()[:3])}" for w in now - before})
            before = now
    return counts


def render_report(console: "Console", body: dict[str, Any]) -> None:
    """Print a report for people."""
    from rich.text import Text

    for title, key in (("Promises, whatever was understood", "promises"), ("Understanding", "understanding")):
        table = report_table(title, ("",), ("rate", "95% interval", "of"))
        for name, found in body[key].items():
            if found is None:
                table.add_row(Text(name), "-", "-", "0")
                continue
            interval = f"{found['low']:.2%} to {found['high']:.2%}"
            table.add_row(Text(name), f"{found['rate']:.2%}", interval, f"{found['of']:,}")
        console.print(table)
    for name, found in body["findings"].items():
        for what, count in found.items():
            console.print(Text(f"{name}: {what} ({count})", style="yellow"))
    for what, count in list(body["misunderstood"].items())[:_LISTED]:
        console.print(Text(f"misunderstood in {count} turns: {what}"))
    console.print(
        f"{body['conversations']} conversations ({body['satisfiable']} of them with something that fits), "
        f"{body['turns']} turns, catalog {body['catalog']}, brain {body['brain']}, seed {body['seed']}, wordings "
        f"{body['wordings']}."
    )


def _rate(successes: int, trials: int) -> dict[str, float] | None:
    if not trials:
        return None
    found = wilson(successes, trials)
    return {"rate": found.mean, "low": found.low, "high": found.high, "of": trials}


def _satisfied(played: Sequence[Played], seed: int) -> dict[str, float] | None:
    """Return the mean share, over conversations, of presented items that meet everything told."""
    shares = []
    for conversation in played:
        presented = sum(len(t.items) for t in conversation.turns)
        if presented:
            shares.append(1 - sum(len(t.against_told) for t in conversation.turns) / presented)
    if not shares:
        return None
    found = asdict(estimate(shares, seed=seed, resamples=_RESAMPLES))
    return {"rate": found["mean"], "low": found["low"], "high": found["high"], "of": len(shares)}


def _listed(turns: Sequence[Checked], of: Callable[[Checked], Sequence[str]]) -> dict[str, int]:
    return dict(Counter(what for turn in turns for what in of(turn)).most_common(_LISTED))
