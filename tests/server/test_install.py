import json
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from concierge_server.commands.install import desktop_config, install
from concierge_tools.storage.store import Store


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
    monkeypatch.chdir(work)
    return home


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return published(tmp_path / "my store")


def published(folder: Path) -> Path:
    Store(folder).publish(lambda inside: (inside / "items").touch())
    return folder


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(install, [str(argument) for argument in arguments])


def test_a_first_install_writes_absolute_paths_and_says_what_to_do_next(store: Path) -> None:
    result = run("claude-desktop", "--store", store)

    entry = json.loads(desktop_config().read_text())["mcpServers"]["concierge"]
    assert result.exit_code == 0
    assert Path(entry["command"]).is_absolute()
    assert entry["args"][-3:] == ["serve", "--store", str(store)]
    assert "quit Claude Desktop completely and open it again" in result.output


def test_a_relative_store_becomes_absolute(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(store.parent)

    result = run("claude-desktop", "--store", store.name, "--print")

    assert json.loads(result.stdout)["mcpServers"]["concierge"]["args"][-1] == str(store)


def test_the_command_starts_from_any_folder(store: Path, tmp_path: Path) -> None:
    entry = json.loads(run("claude-code", "--store", store, "--print").stdout)["mcpServers"]["concierge"]
    start = [entry["command"], *entry["args"][: entry["args"].index("serve")]]

    done = subprocess.run([*start, "--version"], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert "concierge" in done.stdout


def test_other_servers_and_settings_stay_and_the_old_file_is_kept(store: Path) -> None:
    before = '{"theme": "größer", "mcpServers": {"files": {"command": "/bin/files"}}}'
    desktop_config().parent.mkdir(parents=True)
    desktop_config().write_text(before, encoding="utf-8")

    result = run("claude-desktop", "--store", store)

    config = json.loads(desktop_config().read_text(encoding="utf-8"))
    backup = desktop_config().with_name("claude_desktop_config.json.bak")
    assert config["theme"] == "größer"
    assert list(config["mcpServers"]) == ["files", "concierge"]
    assert backup.read_text(encoding="utf-8") == before
    assert str(backup) in result.output


@pytest.mark.parametrize("content", ["{not json", '{"mcpServers": {}', "[]", '{"mcpServers": []}', "\xff\xfe"])
def test_a_file_that_cannot_be_merged_is_refused_and_left_alone(store: Path, content: str) -> None:
    desktop_config().parent.mkdir(parents=True)
    desktop_config().write_text(content, encoding="latin-1")

    result = run("claude-desktop", "--store", store)

    assert result.exit_code == 3
    assert "nothing was changed" in result.output
    assert desktop_config().read_text(encoding="latin-1") == content
    assert [path.name for path in desktop_config().parent.iterdir()] == ["claude_desktop_config.json"]


def test_a_byte_order_mark_and_an_empty_file_are_no_obstacle(store: Path) -> None:
    desktop_config().parent.mkdir(parents=True)
    desktop_config().write_bytes(b"\xef\xbb\xbf{}")
    first = run("claude-desktop", "--store", store)
    desktop_config().write_bytes(b"\n")
    second = run("claude-desktop", "--store", store)

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "concierge" in json.loads(desktop_config().read_text())["mcpServers"]


def test_installing_twice_changes_nothing_the_second_time(store: Path) -> None:
    run("claude-desktop", "--store", store)
    before = desktop_config().read_bytes()

    result = run("claude-desktop", "--store", store)

    assert "nothing to do" in result.output
    assert desktop_config().read_bytes() == before
    assert not desktop_config().with_name("claude_desktop_config.json.bak").exists()


def test_another_store_replaces_the_first(store: Path, tmp_path: Path) -> None:
    other = published(tmp_path / "other")
    run("claude-desktop", "--store", store)

    result = run("claude-desktop", "--store", other)

    entry = json.loads(desktop_config().read_text())["mcpServers"]["concierge"]
    assert "Replaced" in result.output
    assert entry["args"][-1] == str(other)


def test_a_linked_configuration_stays_a_link(store: Path, tmp_path: Path) -> None:
    real = tmp_path / "dotfiles.json"
    real.write_text("{}")
    desktop_config().parent.mkdir(parents=True)
    desktop_config().symlink_to(real)

    run("claude-desktop", "--store", store)

    assert desktop_config().is_symlink()
    assert "concierge" in json.loads(real.read_text())["mcpServers"]


def test_claude_code_gets_a_project_file_in_the_current_folder(store: Path) -> None:
    result = run("claude-code", "--store", store)

    assert "concierge" in json.loads(Path(".mcp.json").read_text())["mcpServers"]
    assert "/mcp" in result.output


def test_print_puts_only_json_on_stdout_and_changes_nothing(store: Path) -> None:
    result = run("claude-code", "--store", store, "--print")

    assert list(json.loads(result.stdout)["mcpServers"]) == ["concierge"]
    assert "claude mcp add concierge -- " in result.stderr
    assert f"'{store}'" in result.stderr, "the folder's space needs quotes in a shell"
    assert not Path(".mcp.json").exists()


def test_a_missing_store_names_the_command_that_makes_one(tmp_path: Path) -> None:
    result = run("claude-desktop", "--store", tmp_path / "nowhere")

    assert result.exit_code == 4
    assert "concierge fit" in result.stderr
    assert not desktop_config().exists()
