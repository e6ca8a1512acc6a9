"""`concierge fit`: from the owner's files to a published artifact."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click
from click.core import ParameterSource

from concierge_server.exits import guarded

if TYPE_CHECKING:
    from concierge_tools.config import Config
    from concierge_tools.fit_report import FitReport
    from concierge_tools.storage.manifest import Lineage
    from concierge_tools.training.blending import BlendChoice
    from concierge_tools.training.choosing import Tune
    from concierge_tools.training.members import AlsTrainer

_DEFAULT = ParameterSource.DEFAULT


@click.command()
@click.argument("config", type=click.Path(path_type=Path), default=Path("concierge.toml"), metavar="[CONFIG]")
@click.option("--demo", is_flag=True, help="Use the demo's films and ratings instead of your own data.")
@click.option("--store", type=click.Path(path_type=Path), help="The store's folder.")
@click.option(
    "--tune",
    type=click.Choice(["off", "quick", "full"]),
    default="quick",
    show_default=True,
    help="quick chooses by what users of your own log chose last: the blend's members, and whether a learned ranker "
    "orders what they find. full tunes the models' parameters before, for up to ten minutes.",
)
@click.option("--dry-run", is_flag=True, help="Report what would be used and dropped; train nothing.")
@click.option("--update", is_flag=True, help="Go on from the store's artifact with what is new in the files.")
@click.option(
    "--engine",
    type=click.Choice(["implicit", "spark"]),
    default="implicit",
    show_default=True,
    help="What trains ALS; spark needs the extra of that name and Java.",
)
@click.option("--spark-master", metavar="URL", help="A Spark cluster; without it Spark runs on this machine.")
@click.option(
    "--spark-folder",
    type=click.Path(path_type=Path),
    help="A folder that this machine and the cluster's executors share.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.pass_context
def fit(
    context: click.Context,
    config: Path,
    demo: bool,
    store: Path | None,
    tune: "Tune",
    dry_run: bool,
    update: bool,
    engine: Literal["implicit", "spark"],
    spark_master: str | None,
    spark_folder: Path | None,
    as_json: bool,
) -> None:
    """Validate the data that CONFIG (concierge.toml) names, train the models and publish them to the store.

    Bad rows and cells go to a quarantine file beside the store with their line and the reason; the rest is used. When
    more than half of the items, or of a field's cells, cannot be read, nothing is published.

    With --update, new users, items and interactions are folded in: the factors of ALS are trained on instead of anew,
    what the blend is made of stays, and the report says when a full fit is due.
    """
    if update:
        told = [name for name in ("tune", "dry_run", "engine") if context.get_parameter_source(name) is not _DEFAULT]
        if told:
            raise click.UsageError(f"--update takes no --{told[0].replace('_', '-')}; leave one of the two out.")
    if engine != "spark" and (spark_master or spark_folder):
        raise click.UsageError("--spark-master and --spark-folder belong to --engine spark; add it, or leave them out.")
    with guarded():
        trainer = _trainer(engine, spark_master, spark_folder)
        _fit(
            config, demo=demo, option=store, tune=tune, dry_run=dry_run, update=update, trainer=trainer, as_json=as_json
        )


def _trainer(engine: str, master: str | None, folder: Path | None) -> "AlsTrainer":
    if engine == "spark":
        from concierge_tools.training.spark import spark_trainer

        return spark_trainer(master=master, folder=folder)
    from concierge_tools.training.members import HERE

    return HERE


def _fit(
    config: Path,
    *,
    demo: bool,
    option: Path | None,
    tune: "Tune",
    dry_run: bool,
    update: bool,
    trainer: "AlsTrainer",
    as_json: bool,
) -> None:
    from concierge_server.settings import store_path
    from concierge_server.state.database import open_database
    from concierge_tools.config import load_config
    from concierge_tools.fit import dry_run as check
    from concierge_tools.fit import fit as train
    from concierge_tools.fit import update as go_on
    from concierge_tools.storage.store import Store

    folder = store_path(option)
    if demo:
        from concierge_server.demo import write_demo

        config = write_demo(folder / "demo")
    loaded = load_config(config)
    store = Store(folder)
    if loaded.state is not None:
        open_database(loaded.state.url).dispose()  # a URL that cannot work is better known before the training
    forgotten = _forgotten(folder, loaded)
    if dry_run:
        report = check(loaded, tune=tune, forgotten=forgotten)
    elif update:
        report = go_on(loaded, store, forgotten=forgotten)
    else:
        report = train(loaded, store, tune=tune, forgotten=forgotten, trainer=trainer)
    click.echo(report.to_json() if as_json else _words(report, folder))


def _forgotten(folder: Path, config: "Config") -> "Callable[[Sequence[str]], set[str]]":
    """Return what tells, of the log's users, whom the state database says to forget."""
    from concierge_server.state.database import open_database
    from concierge_server.state.forgotten import Forgotten
    from concierge_tools.storage.store import Store

    url = config.state.url if config.state else Store(folder).default_state_url

    def among(user_ids: "Sequence[str]") -> set[str]:
        engine = open_database(url)
        try:
            return Forgotten(engine).among(user_ids)
        finally:
            engine.dispose()

    return among


def _words(report: "FitReport", folder: Path) -> str:
    counts = report.counts
    lines = [
        f"{report.name}: {counts['items']:,} items, {counts['users']:,} users, "
        f"{counts['interactions']:,} interactions, {counts['positives']:,} of them positive ({report.positive}).",
        "",
        "Fields",
    ]
    width = max((len(field.name) for field in report.fields), default=0)
    for field in report.fields:
        kind = field.type if field.role == field.type else f"{field.type}, {field.role}"
        missing = f"  missing in {field.missing:,}" if field.missing else ""
        lines.append(f"  {field.name:<{width}}  {kind}{missing}")
    if report.rejects:
        verb = "were left out" if report.version else "would be left out"
        lines += ["", f"Rows that {verb}"]
        lines += [f"  {count:,}  {reason}" for reason, count in report.rejects.items()]
    if report.cells:
        verb = "were taken" if report.version else "would be taken"
        lines += ["", f"Cells that {verb} as missing"]
        lines += [f"  {count:,}  {reason}" for reason, count in report.cells.items()]
    if report.rejects_path:
        lines += ["", f"Each with its line is in {report.rejects_path}."]
    lines += ["", f"Models  {', '.join(report.models)}"]
    if report.blend is not None and report.blend.members:
        lines += _blend_words(report.blend)
    if report.risk is not None:
        lines.append(f"  risk control, {report.risk.words}")
    for why in dict.fromkeys(report.skipped.values()):
        lines.append(f"  no {', '.join(name for name, own in report.skipped.items() if own == why)}: {why}")
    if report.lineage is not None:
        lines += _lineage_words(report.lineage)
    if report.version:
        took = sum(report.seconds.values())
        lines += ["", f"Published {report.version} to {folder} in {took:.1f} s."]
    else:
        lines += ["", "A dry run: nothing was trained or written."]
    return "\n".join(lines)


def _blend_words(blend: "BlendChoice") -> list[str]:
    lines = [f"  blend: {blend.reason}"]
    for row in blend.measured:
        interval = f"  {row.gain:+.4f}, at least {row.low:+.4f}" if row.gain else ""
        lines.append(f"    NDCG@10 {row.ndcg:.4f}{interval}  {' + '.join(row.members)}")
    if blend.measured:
        lines.append(f"    on {blend.users:,} last choices of your users, left out of the training")
    for one in blend.tuned:
        parameters = ", ".join(f"{key} {value:g}" for key, value in one.parameters.items()) or "its own parameters stay"
        left = f"; {one.left} not reached in time" if one.left else ""
        gain = f"{one.gain:+.4f}, at least {one.low:+.4f}; {one.tried} tried{left}"
        lines.append(f"  {one.member}: {parameters} ({gain})")
    if (ranker := blend.ranker) is not None:
        lines.append(f"  learned ranker: {'used' if ranker.used else 'not used'}: {ranker.reason}")
        if ranker.users:
            gain = f"{ranker.gain:+.4f}, at least {ranker.low:+.4f}"
            lines.append(f"    NDCG@10 {ranker.ndcg:.4f}  {gain}  on other users")
    return lines


def _lineage_words(lineage: "Lineage") -> list[str]:
    changes = lineage.changes
    came = ", ".join(f"{changes[f'new_{kind}']:,} {kind}" for kind in ("items", "users", "interactions"))
    went = ", ".join(f"{n:,} {kind}" for kind in ("items", "users", "interactions") if (n := changes[f"gone_{kind}"]))
    lines = ["", f"Updated {lineage.parent}, update {lineage.updates} since the full fit {lineage.full}"]
    lines.append(f"  new: {came}")
    if went:
        lines.append(f"  gone: {went}")
    if lineage.continued:
        lines.append(f"  trained on: {', '.join(lineage.continued)}")
    lines.append(f"  made anew: {', '.join(lineage.rebuilt)}")
    lines.append(f"  A full fit is due: {lineage.due}." if lineage.due else "  No full fit is due.")
    return lines
