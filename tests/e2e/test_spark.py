"""`concierge fit --engine spark` trains on a real Spark, on this machine, and what it publishes is served as always."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from concierge_tools.recommenders.als import Als
from concierge_tools.recommenders.recommender import Profile
from concierge_tools.storage.artifact import Artifact
from concierge_tools.storage.store import Store


def best_ten(artifact: Artifact, user: str) -> set[int]:
    log, als = artifact.interactions, artifact.members["als"]
    assert log is not None
    rows: NDArray[np.int64] = log.history(user)[::-1]
    scores = np.nan_to_num(als.scores(Profile.of(history=log.items[rows].tolist())), nan=-1.0)
    scores[log.items[rows]] = -1.0
    return set(np.argsort(-scores, kind="stable")[:10].tolist())


def test_spark_publishes_what_is_served_and_recommends_much_the_same(
    shop_store: Path, shop_files: Path, tmp_path: Path
) -> None:
    if importlib.util.find_spec("pyspark") is None or shutil.which("java") is None:
        pytest.skip("pyspark or Java is not installed; run tests/e2e/install-spark.sh.")
    command = [sys.executable, "-m", "concierge_server", "fit", str(shop_files / "concierge.toml"), "--json"]
    options = ["--store", str(tmp_path / "store"), "--tune", "off", "--engine", "spark", "--spark-master", "local[2]"]
    quick = {"JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"}
    done = subprocess.run([*command, *options], capture_output=True, text=True, env=os.environ | quick, check=False)
    assert done.returncode == 0, done.stderr
    assert "als" in json.loads(done.stdout)["models"]

    own, spark = Store(shop_store).load(), Store(tmp_path / "store").load()
    parameters = spark.manifest.parameters["als"]
    assert isinstance(parameters, dict)
    assert parameters["engine"] == "spark"
    trained, reference = spark.members["als"], own.members["als"]
    assert isinstance(trained, Als)
    assert isinstance(reference, Als)
    assert trained.factors.shape == reference.factors.shape
    assert trained.factors.dtype == np.float32
    np.testing.assert_array_equal(trained.known, reference.known)
    assert own.interactions is not None
    shared = [len(best_ten(own, user) & best_ten(spark, user)) / 10 for user in own.interactions.user_ids[:100]]
    assert np.mean(shared) > 0.3  # chance gives 0.03
