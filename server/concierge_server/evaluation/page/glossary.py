"""The glossary: what each figure and each model of the report is, for those who trained none."""

from dataclasses import dataclass

from concierge_tools.evaluation.models import CHOSEN, PLAIN_ALS
from concierge_tools.evaluation.served import RANKER, SERVED


@dataclass(frozen=True, slots=True)
class Term:
    """A figure of the report."""

    name: str
    formula: str
    words: str


METRICS: dict[str, Term] = {
    "HR": Term(
        "HR@k, hit rate",
        "(1 / |U|) · Σᵤ [rank(u) ≤ k]",
        "The share of users whose item is among the first k of the list. Higher is better.",
    ),
    "recall": Term(
        "Recall@k",
        "(1 / |U|) · Σᵤ |relevant(u) ∩ first k(u)| / |relevant(u)|",
        "The share of what the user chose that is among the first k. Each user has one item to find here, so that it "
        "is the same as HR@k.",
    ),
    "NDCG": Term(
        "NDCG@k",
        "(1 / |U|) · Σᵤ [rank(u) ≤ k] / log₂(1 + rank(u))",
        "As HR, but an item further up counts more: 1 in the first place, .63 in the second, .29 in the tenth.",
    ),
    "MRR": Term(
        "MRR, mean reciprocal rank",
        "(1 / |U|) · Σᵤ 1 / rank(u)",
        "1 in the first place, one half in the second, over the whole ranking. Items with the same score share the "
        "middle of their ranks.",
    ),
    "coverage": Term(
        "Coverage",
        "|⋃ᵤ list(u)| / |items with a positive|",
        "The share of the items that somebody gets to see. Its interval is a jackknife over users. Low: everybody is "
        "shown the same few.",
    ),
    "novelty": Term(
        "Novelty, in bits",
        "mean over the list of −log₂(people(i) / |U|)",
        "How little known the shown items are: 1 bit more means known to half as many people.",
    ),
    "diversity": Term(
        "Diversity",
        "mean over pairs of the list of 1 − cosine(i, j)",
        "How unlike each other the items of a list are, by their words and values: 0 for copies, 1 for nothing shared.",
    ),
    "miscalibration": Term(
        "Miscalibration, in bits",
        "Σₜ p(t) · log₂(p(t) / q(t)), p of the history, q of the list mixed with 1% of p",
        "How far a list's mix of tags is from that of the user's history (Steck, RecSys 2018). Lower is closer.",
    ),
    "popularity": Term(
        "Popularity, of what is shown",
        "mean over the list of people(i) / |U|",
        "The share of users who liked a shown item. High: the lists lean to what everybody knows.",
    ),
    "long_tail": Term(
        "Long tail",
        "share of the list outside the most liked fifth of the items",
        "How much of the lists is not among the most popular items.",
    ),
    "gini": Term(
        "Gini, of what is shown",
        "Σᵢ (2i − n − 1) · shown(i) / (n · Σᵢ shown(i)), items sorted by how often they are shown",
        "0 when all items are shown as often, towards 1 when a few take all places. Its interval is a jackknife.",
    ),
    "interval": Term(
        "95% interval",
        "the middle 95% of 2,000 means over users drawn with replacement",
        "Other users of the same kind would give other figures; nineteen of twenty such intervals hold the true one. "
        "A user is drawn with all that they were asked.",
    ),
    "difference": Term(
        "Difference",
        "mean over users of (this model − the other), with its interval",
        "Both models are asked about the same users. Where the interval holds zero, chance may explain the difference.",
    ),
    "cost": Term(
        "Costs",
        "p50, p99: half, and 99 of 100, requests take no longer",
        "Milliseconds of one request on one thread: scoring all items and choosing ten. Fit: seconds on the training "
        "part. Size: bytes of the model's artifact files, which serving holds in memory.",
    ),
}
"""By the metric's name without its cutoff."""

MODELS: dict[str, str] = {
    "popularity": "The same for everybody: what most people liked.",
    "popularity, recent": "What most people liked lately.",
    "content": "Items with the words and values of what the user liked; knows nothing of other users.",
    PLAIN_ALS: "Matrix factorisation (implicit ALS), the usual baseline: all of a user's likes count the same.",
    "als": "The same factors, with newer likes counting more.",
    "neighbours": "Items that the same users liked (BM25 weights), newer likes counting more.",
    "transitions": "What users liked next after the items that the user liked last.",
    "svd": "PureSVD: the strongest patterns of the log, by singular value decomposition.",
    "ease": "EASE: item-to-item weights by a ridge regression in closed form.",
    "blend (default)": "Several of the above, fused by rank, when nothing is tuned.",
    CHOSEN: "A blend whose members were chosen on validation folds of the training part.",
    RANKER: "The candidates of all recommenders, ordered by weights of signals learned on the same validation folds.",
    SERVED: "What `concierge fit` would serve: the ranker where it won the validation, else the chosen blend.",
}
"""By name; the rest explain themselves."""


def term(metric: str) -> Term:
    """Return what a metric means; one that nobody described is its own name."""
    name = metric.partition("@")[0]
    return METRICS.get(name, Term(name.replace("_", " "), "", ""))
