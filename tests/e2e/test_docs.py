"""The docs say what the code does, and the README's commands run."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of freshly generated pages; a process of its own, as a command keeps the help it once made."""
    folder = tmp_path_factory.mktemp("docs")
    subprocess.run([sys.executable, "-W", "error", str(ROOT / "docs" / "generate.py"), str(folder)], check=True)
    return folder


@pytest.mark.parametrize("page", ["tools.md", "commands.md"])
def test_a_generated_page_is_up_to_date(page: str, generated: Path) -> None:
    written = (ROOT / "docs" / page).read_text(encoding="utf-8")
    assert written == (generated / page).read_text(encoding="utf-8"), "run `make docs`"


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
