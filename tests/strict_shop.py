"""The generated shop with rules of every kind: stock required, promotion disclosed, consent, a question, a limit."""

import runpy
from pathlib import Path

from concierge_tools.config import RuleConfig, load_config
from concierge_tools.fit import fit
from concierge_tools.inference.infer import infer, render_toml
from concierge_tools.storage.store import Store

GENERATOR = Path(__file__).parent.parent / "examples" / "shop" / "generate.py"


def fit_strict_shop(folder: Path) -> Path:
    """Generate the shop's files into a folder, fit them with the rules, and return the store."""
    runpy.run_path(str(GENERATOR))["write"](folder)
    config = folder / "concierge.toml"
    config.write_text(render_toml(infer(folder / "items.csv", folder / "interactions.csv"), folder), encoding="utf-8")
    loaded = load_config(config)
    confirm = [
        RuleConfig(field="category", op="==", value="Climbing", text="Climbing gear needs training."),
        RuleConfig(field="price", op=">", value=400, text="It costs more than 400 EUR."),
    ]
    policy = loaded.policy.model_copy(update={"confirm": confirm, "max_items": 4, "ask_first": ["colours"]})
    store = Store(folder / "store")
    fit(loaded.model_copy(update={"policy": policy}), store, quiet=True)
    return store.folder
