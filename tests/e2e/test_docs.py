"""The docs say what the code does, and the README's commands run."""

import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize("page", ["tools", "commands"])
def test_a_generated_page_is_up_to_date(page: str) -> None:
    generated = runpy.run_path(str(ROOT / "docs" / "generate.py"))[f"{page}_page"]()
    assert (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8") == generated, "run `make docs`"


def test_every_concierge_command_of_the_readme_is_understood() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```console\n(.*?)```", readme, flags=re.DOTALL)
    commands = [line.split("#")[0].split("<")[0].split() for block in blocks for line in block.splitlines()]
    ours = [words for words in commands if words and words[0] == "concierge"]
    assert len(ours) >= 10
    for words in ours:
        options = [word for word in words[2:] if word.startswith("--")]
        finished = subprocess.run(
            [sys.executable, "-m", "concierge_server", words[1], "--help"], capture_output=True, text=True, check=True
        )
        assert all(option in finished.stdout for option in options), words
