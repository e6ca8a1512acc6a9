"""Training on Spark says what it lacks before anything is read, and says weights in Spark's own terms."""

import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from concierge_tools.errors import InputError
from concierge_tools.training.spark import ratings, spark_trainer


@pytest.fixture
def pyspark(monkeypatch: pytest.MonkeyPatch) -> None:
    """Something to import under the name, whether or not it is installed."""
    monkeypatch.setitem(sys.modules, "pyspark", ModuleType("pyspark"))


def test_without_pyspark_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(InputError, match=r"pip install 'concierge-mcp\[spark\]'"):
        spark_trainer()


@pytest.mark.usefixtures("pyspark")
def test_without_java_its_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(InputError, match=r"none on the PATH; install Java 17 or newer .*openjdk-17-jre-headless"):
        spark_trainer()
    monkeypatch.setenv("JAVA_HOME", "/nowhere")
    with pytest.raises(InputError, match=r"none in JAVA_HOME \('/nowhere'\)"):
        spark_trainer()


@pytest.mark.usefixtures("pyspark")
def test_a_cluster_needs_a_shared_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.touch(mode=0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(InputError, match=r"executors of 'spark://far:7077' need a folder .*--spark-folder"):
        spark_trainer(master="spark://far:7077")
    with pytest.raises(InputError, match=r"No folder '/nowhere'"):
        spark_trainer(master="spark://far:7077", folder=Path("/nowhere"))


def test_a_weight_is_one_more_than_its_rating() -> None:
    assert ratings(np.array([1, 3, 5.5], np.float32)).tolist() == pytest.approx([0, 2, 4.5], abs=1e-5)


def test_a_rating_is_never_zero_which_would_be_a_dislike() -> None:
    assert ratings(np.array([1, 1], np.float32)).min() > 0


def test_weights_below_one_keep_their_ratios() -> None:
    confidences = 1 + ratings(np.array([0.1, 0.5, 1.0], np.float32))
    assert confidences.tolist() == pytest.approx([1, 5, 10], rel=1e-5)
