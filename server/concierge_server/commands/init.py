"""`concierge init`: a commented configuration from a look at the data."""

from pathlib import Path

import click

from concierge_server.exits import guarded


@click.command()
@click.argument("items", type=click.Path(path_type=Path))
@click.argument("interactions", type=click.Path(path_type=Path), required=False)
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("concierge.toml"), show_default=True, help="Where to write."
)
@click.option("--force", is_flag=True, help="Overwrite an existing file.")
def init(items: Path, interactions: Path | None, out: Path, force: bool) -> None:
    """Look at ITEMS and INTERACTIONS (CSV, TSV, JSON, JSONL or Parquet) and write a commented concierge.toml.

    INTERACTIONS may be left out: a catalog without a log works, with content alone.
    """
    if out.exists() and not force:
        raise click.UsageError(f"{out} exists already; choose another --out, or overwrite it with --force.")
    with guarded():
        from concierge_tools.inference.infer import infer, render_toml

        inferred = infer(items, interactions)
        text = render_toml(inferred, out.resolve().parent)
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text, encoding="utf-8")
    click.echo(f"Wrote {out}. Read its comments, change what is wrong, then run:\n\n  concierge fit {out}")
