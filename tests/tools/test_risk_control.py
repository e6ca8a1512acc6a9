"""Risk control from the configuration to the ranking."""

from pathlib import Path

import numpy as np
import pytest

from concierge_tools.errors import DataError
from concierge_tools.evaluation.risk import measure
from concierge_tools.fit import dry_run, fit
from concierge_tools.recommenders.recommender import Profile
from concierge_tools.retrieval import Retrieval
from concierge_tools.risk.judgements import Judged, judged_in
from concierge_tools.risk.unwantedness import Unwantedness
from concierge_tools.storage.store import Artifact, Store
from tests.tools.risky import ITEMS, risky_config


@pytest.fixture(scope="module")
def controlled(tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    folder = tmp_path_factory.mktemp("risky")
    store = Store(folder / "store")
    report = fit(risky_config(folder), store, quiet=True)
    assert report.risk is not None
    assert report.risk.risk <= 0.1
    return store.load()


def judged_by(artifact: Artifact, user_id: str) -> Judged:
    log, config = artifact.interactions, artifact.config.interactions
    assert log is not None
    assert config is not None
    return judged_in(config, log, log.history(user_id))


def test_the_kind_that_somebody_turns_down_is_left_out_and_the_other_is_not(controlled: Artifact) -> None:
    assert controlled.risk is not None
    barred = controlled.risk.barred(judged_by(controlled, "u00"), controlled.content.rows)
    assert barred[1::2].all()
    assert not barred[::2].any()


def test_what_is_left_out_is_noted_and_the_next_items_keep_their_scores(controlled: Artifact) -> None:
    retrieval = Retrieval(controlled, controlled.catalog)
    profile, everything = Profile.of(liked=[0, 2]), np.ones(ITEMS, np.bool_)
    barred = np.zeros(ITEMS, np.bool_)
    free = retrieval.recommend(profile, everything)
    barred[free.items[[0, 2]]] = True
    held = retrieval.recommend(profile, everything, barred=barred)
    assert held.items.tolist() == [item for item in free.items.tolist() if not barred[item]]
    assert held.scores[0] == free.scores[1]
    assert held.notes == (
        "Risk control left out 2 items as too likely to be turned down, 2 of them from the first 10.",
    )
    kept = retrieval.explain_all([int(held.items[0])], profile, eligible=everything, barred=barred)
    assert kept[0].score == pytest.approx(float(held.scores[0]))


def test_a_stranger_is_judged_by_what_everybody_said(controlled: Artifact) -> None:
    counts = Unwantedness(np.array([20, 20, 0]), np.array([10, 0, 0]))
    rows = controlled.content.rows[[0, 1, 2]]
    odds = counts.odds(Judged.nothing(), rows)
    assert odds[0] > odds[2] > odds[1]
    assert odds[2] == pytest.approx(np.log(counts.base / (1 - counts.base)), abs=1e-6)


def test_an_item_like_what_was_turned_down_is_riskier(controlled: Artifact) -> None:
    assert controlled.risk is not None
    person = Judged(np.array([0, 1], np.int32), np.array([False, True]))
    odds = controlled.risk.unwantedness.odds(person, controlled.content.rows)
    assert odds[5] > odds[4]


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (
            {"negative": None},
            r"\[risk\] needs to know what is unwanted; under \[interactions\] add for example negative",
        ),
        ({"negative": "<= 0"}, "Nothing in the log is unwanted"),
        ({"level": 0.001}, "takes 999 users to calibrate on, and the log has 30"),
        ({"negative": "<= 5"}, "a positive and unwanted at once"),
    ],
)
def test_what_cannot_be_promised_is_refused_and_nothing_is_published(
    tmp_path: Path, keys: dict[str, object], said: str
) -> None:
    store = Store(tmp_path / "store")
    with pytest.raises(DataError, match=said):
        dry_run(risky_config(tmp_path, **keys), quiet=True)  # type: ignore[arg-type]  # keys are of mixed types
    with pytest.raises(DataError, match=said):
        fit(risky_config(tmp_path, **keys), store, quiet=True)  # type: ignore[arg-type]  # keys are of mixed types
    assert not (store.folder / "current").exists()


def test_control_without_a_log_is_refused_before_anything_is_trained(tmp_path: Path) -> None:
    config = risky_config(tmp_path).model_copy(update={"interactions": None})
    with pytest.raises(DataError, match="needs a log"):
        dry_run(config, quiet=True)


def test_without_a_level_nothing_is_calibrated_and_nothing_left_out(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    assert fit(risky_config(tmp_path, level=None), store, quiet=True).risk is None
    assert store.load().risk is None


def test_over_random_splits_the_level_is_kept_and_lists_stay_longer_than_by_chance(controlled: Artifact) -> None:
    log, config = controlled.interactions, controlled.config.interactions
    assert log is not None
    assert config is not None
    body = measure(log, config, controlled.content.rows, controlled.blend, levels=[0.1], splits=200)
    rows = {row["system"]: row for row in body["levels"][0]["rows"]}
    assert rows["no control"]["length"] == 10
    for name in ("dropped at random", "dropped", "replaced (served)"):
        assert rows[name]["risk"] <= 0.1 + 2 * rows[name]["error"]
    assert rows["replaced (served)"]["NDCG@10"] > rows["dropped at random"]["NDCG@10"]
    assert body == measure(log, config, controlled.content.rows, controlled.blend, levels=[0.1], splits=200)
    with pytest.raises(DataError, match="takes 99 users"):
        measure(log, config, controlled.content.rows, controlled.blend, levels=[0.01])
