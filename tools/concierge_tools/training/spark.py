"""ALS on Spark: for logs whose factorisation outgrows one machine. Needs the extra `spark` and Java.

The positives go to Spark as Parquet and its item factors come back as Parquet; what is served is the same as always.
Spark minimises a little otherwise than Hu, Koren and Volinsky do, and this module sets it as near as it can be:

- confidence: Spark's is 1 + alpha |rating|, here the weight itself. So each rating is the weight less 1, or next to
  nothing for a weight of 1 (0 would be a dislike). Weights below 1 cannot be said that way: where there are any, all
  weights and the regularization are divided by the least of them: what nobody touched then counts for less.
- regularization: Spark multiplies it by the positives that a user or an item has. It is divided by the mean positives
  of a user, so that the average user is held as firmly; items with few positives are held less, items with many more.
"""

import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from concierge_tools.errors import InputError
from concierge_tools.recommenders.als import FACTORS, ITERATIONS, REGULARIZATION, Als, fitting
from concierge_tools.recommenders.recommender import Floats, Matrix
from concierge_tools.training.members import SEED, AlsTrainer, Log

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ENGINE = "spark"
LOCAL = "local[*]"
EXTRA = 1e-6
"""The rating of a weight of 1: above zero, and next to nothing."""
CHECKPOINT_EVERY = 5
"""Iterations."""
_LONGEST = 300
"""Characters of what Spark says that are passed on."""


def spark_trainer(*, master: str | None = None, folder: Path | None = None) -> AlsTrainer:
    """Return a trainer that goes through Spark.

    Args:
        master: The cluster, as Spark writes it ("spark://host:7077", "yarn"); this machine when omitted.
        folder: A folder that this machine and every executor reach under the same path, for the positives and the
            factors; not needed on this machine.

    Raises:
        InputError: pyspark or Java is missing, or a cluster is named without a folder; says what to do.
    """
    _check_installed()
    master = master or LOCAL
    if folder is None and not _is_local(master):
        raise InputError(
            f"The executors of {master!r} need a folder that they and this machine share; name it with --spark-folder."
        )

    if folder is not None and not folder.is_dir():
        raise InputError(f"No folder {str(folder)!r}; name one that exists with --spark-folder.")

    def train(log: Log, on_step: Callable[[], object]) -> Als:
        als = _train(log.matrix, master, folder)
        for _ in range(ITERATIONS):  # Spark does not tell of its iterations
            on_step()
        return als

    return AlsTrainer(ENGINE, ITERATIONS, train)


def ratings(weights: Floats) -> Floats:
    """Return Spark's ratings for positive weights, shape (n,): its confidence is 1 more than these."""
    return np.asarray(np.maximum(weights * _scale(weights) - 1, EXTRA), dtype=np.float32)


def _scale(weights: Floats) -> float:
    """Return what weights are multiplied by so that none is below 1."""
    return max(1.0, 1.0 / float(weights.min()))


def _train(matrix: Matrix, master: str, folder: Path | None) -> Als:
    known, factors, regularization = fitting(matrix, factors=FACTORS, regularization=REGULARIZATION)
    users = np.count_nonzero(np.diff(matrix.indptr))
    with _scratch(folder) as scratch, _session(master) as session:
        from pyspark.ml.recommendation import ALS

        _write_positives(matrix, scratch / "positives.parquet")
        # Without checkpoints each iteration's plan holds all earlier ones, and the executors' stacks overflow on it.
        session.sparkContext.setCheckpointDir((scratch / "checkpoints").as_uri())
        blocks = max(2, session.sparkContext.defaultParallelism)
        model = ALS(
            rank=factors,
            maxIter=ITERATIONS,
            regParam=regularization * _scale(matrix.data) * users / matrix.nnz,
            implicitPrefs=True,
            alpha=1.0,
            userCol="user",
            itemCol="item",
            ratingCol="rating",
            seed=SEED,
            numUserBlocks=blocks,
            numItemBlocks=blocks,
            checkpointInterval=CHECKPOINT_EVERY,
        ).fit(session.read.parquet((scratch / "positives.parquet").as_uri()))
        model.itemFactors.write.parquet((scratch / "factors").as_uri())
        values = _read_factors(scratch / "factors", matrix.shape[1], factors)
    return Als(np.where(known[:, None], values, np.float32(0)), known, regularization=regularization)


def _write_positives(matrix: Matrix, path: Path) -> None:
    rows = np.repeat(np.arange(matrix.shape[0], dtype=np.int32), np.diff(matrix.indptr))
    columns = {"user": rows, "item": matrix.indices.astype(np.int32), "rating": ratings(matrix.data)}
    pl.DataFrame(columns).write_parquet(path)


def _read_factors(folder: Path, items: int, factors: int) -> Floats:
    values = np.zeros((items, factors), np.float32)
    for part in sorted(folder.glob("*.parquet")):
        frame = pl.read_parquet(part)
        values[frame["id"].to_numpy()] = frame["features"].cast(pl.Array(pl.Float32, factors)).to_numpy()
    return values


@contextmanager
def _scratch(folder: Path | None) -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="concierge-spark-", dir=folder)).resolve()
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


@contextmanager
def _session(master: str) -> "Iterator[SparkSession]":
    """Start Spark and stop it again; everything but the master is as `spark-defaults.conf` has it, and quiet."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName("concierge fit").master(master)
    settings = {"spark.ui.showConsoleProgress": "false", "spark.log.level": "ERROR"}
    if _is_local(master):
        here = "127.0.0.1"
        settings |= {"spark.ui.enabled": "false", "spark.driver.host": here, "spark.driver.bindAddress": here}
    for key, value in settings.items():
        builder = builder.config(key, value)
    try:
        with warnings.catch_warnings():  # Spark warns of a newer pandas, which nothing here goes through
            warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas")
            session = builder.getOrCreate()
        try:
            yield session
        finally:
            session.stop()
    except (PySparkException, Py4JError, ConnectionError) as error:  # the last when Spark itself has died
        reason = " ".join(str(error).split())[:_LONGEST].rstrip(".: ")
        raise InputError(
            f"Spark at {master!r} did not train: {reason}. Spark needs Java 17 or newer; or fit without --engine spark."
        ) from error


def _check_installed() -> None:
    try:
        import pyspark  # noqa: F401  (whether it is there is the question)
    except ImportError:
        raise InputError("--engine spark needs pyspark; install it with: pip install 'concierge-mcp[spark]'") from None
    home = os.environ.get("JAVA_HOME")
    if shutil.which("java", path=str(Path(home) / "bin") if home else None) is None:
        where = f"in JAVA_HOME ({home!r})" if home else "on the PATH"
        raise InputError(
            f"--engine spark needs Java, and there is none {where}; install Java 17 or newer (on Debian and Ubuntu: "
            "apt-get install openjdk-17-jre-headless)."
        )


def _is_local(master: str) -> bool:
    return master == "local" or master.startswith("local[")
