"""Play generated conversations on the demo's films and on the generated shop, honest and with a model that lies.

    python -m benchmarks.conversations --films .demo/store                      offline brain, 1,000 each
    python -m benchmarks.conversations --films .demo/store --lying              real SDK, real HTTP, a lying model

Without `--films` the demo's store is fitted first. The shop is that of examples/shop, with rules added: consent for one
category and one brand, at most four items at a time, and a question that comes first. Promises must hold every time:
the process ends with 1 when any does not.
"""

import argparse
import asyncio
import json
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console

from concierge_server.brains import BrainChoice
from concierge_server.demo import write_demo
from concierge_server.evaluation.generated.play import Played, Settings, oracle_of, play
from concierge_server.evaluation.generated.report import kept, render_report, report_json
from concierge_server.evaluation.generated.transcripts import write_transcript
from concierge_tools.config import load_config
from concierge_tools.fit import fit
from concierge_tools.storage.store import Store
from tests.lying_model import LyingModel
from tests.scripted_messages_api import ScriptedMessagesApi
from tests.strict_shop import fit_strict_shop


def main() -> None:
    """Fit what is missing, play, and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--films", type=Path, help="The demo's store, when it is fitted already.")
    parser.add_argument("--catalogs", nargs="+", choices=["films", "shop"], default=["films", "shop"])
    parser.add_argument("--conversations", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--lying", action="store_true", help="Let a scripted model that lies plan and write.")
    parser.add_argument("--json", type=Path, help="Where to write the reports.")
    parser.add_argument("--transcripts", type=Path, help="Where to write every conversation.")
    options = parser.parse_args()
    reports = []
    with TemporaryDirectory(prefix="concierge-benchmark-") as folder:
        for name in options.catalogs:
            store = (
                fit_strict_shop(Path(folder) / "shop")
                if name == "shop"
                else options.films or films(Path(folder) / "films")
            )
            reports.append(measured(store, options))
            render_report(Console(highlight=False), reports[-1])
            if options.json:
                options.json.write_text(json.dumps(reports, ensure_ascii=False, indent=1), encoding="utf-8")
    sys.exit(0 if all(map(kept, reports)) else 1)


def measured(store: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Play on one store and return the report."""
    oracle = oracle_of(store)

    def heard(played: Played) -> None:
        if options.transcripts:
            write_transcript(options.transcripts / oracle.name, played)

    with ScriptedMessagesApi() as api:
        brain = BrainChoice("offline")
        if options.lying:
            api.always(LyingModel(list(oracle.items.values()), list(oracle.fields.values()), seed=options.seed))
            os.environ |= {"ANTHROPIC_BASE_URL": api.url, "ANTHROPIC_API_KEY": "none-needed"}
            brain = BrainChoice("anthropic", fresh=True)
        settings = Settings(options.conversations, options.seed, brain)
        played, name = asyncio.run(play(store, settings, heard, oracle=oracle))
    return report_json(oracle.name, settings, f"{name} (lying)" if options.lying else name, played)


def films(folder: Path) -> Path:
    """Fit the demo."""
    store = Store(folder / "store")
    fit(load_config(write_demo(folder)), store, tune="quick", quiet=True)
    return store.folder


if __name__ == "__main__":
    main()
