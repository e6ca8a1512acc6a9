import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from concierge_server.commands.doctor import (
    Check,
    desktop,
    doctor,
    key,
    openai_server,
    packages,
    questions,
    script,
    spending,
    state_check,
)
from concierge_server.commands.install import desktop_config

SECRET = "sk-very-secret"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
    monkeypatch.setenv("ANTHROPIC_API_KEY", SECRET)
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    for name in (
        "ANTHROPIC_BASE_URL",
        "OPENAI_BASE_URL",
        "CONCIERGE_PRICES",
        "CONCIERGE_MAX_COST",
        "CONCIERGE_MAX_QUESTIONS",
    ):
        monkeypatch.delenv(name, raising=False)
    return home


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(doctor, [str(argument) for argument in arguments])


def checks(result: Result) -> dict[str, Check]:
    return {body["name"]: Check(**body) for body in json.loads(result.stdout)}


def test_a_missing_store_fails_and_names_the_command_that_makes_one(tmp_path: Path) -> None:
    result = run("--store", tmp_path / "nowhere", "--json")

    assert result.exit_code == 1
    assert checks(result)["store"].status == "failed"
    assert "concierge fit" in checks(result)["store"].fix


def test_a_sound_store_is_ok_and_nothing_fails(cinema_store: Path) -> None:
    result = run("--store", cinema_store, "--json")

    assert result.exit_code == 0, result.output
    assert checks(result)["store"].status == "ok"
    assert checks(result)["state"].status == "ok"


def test_one_changed_byte_in_the_artifact_is_found(cinema_store: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(cinema_store, copy)
    files = [path for path in (copy / "artifacts").rglob("*") if path.is_file()]
    victim = max(files, key=lambda path: path.stat().st_size)
    content = bytearray(victim.read_bytes())
    content[len(content) // 2] ^= 1
    victim.write_bytes(content)

    result = run("--store", copy, "--json")

    assert result.exit_code == 1
    assert checks(result)["store"].status == "failed"


def test_the_key_is_never_printed(tmp_path: Path) -> None:
    for form in ([], ["--json"]):
        result = run("--store", tmp_path, *form)

        assert SECRET not in result.output
        assert "ANTHROPIC_API_KEY" in result.output
        assert "OPENAI_API_KEY" in result.output


@pytest.mark.parametrize(("kind", "check"), [("ANTHROPIC", key), ("OPENAI", openai_server)])
def test_a_base_url_that_hides_credentials_is_not_printed_either(
    kind: str, check: Callable[[], Check], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"{kind}_BASE_URL", "https://ann:hunter2@models.example")

    assert (check().name, check().status) == (f"{kind}_BASE_URL", "failed")
    assert "hunter2" not in str(check())


def test_a_server_of_one_s_own_is_named_with_and_without_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1")
    assert openai_server().found == "set at http://127.0.0.1:8080/v1"

    monkeypatch.delenv("OPENAI_API_KEY")
    assert "http://127.0.0.1:8080/v1, without a key" in openai_server().found

    monkeypatch.setenv("OPENAI_BASE_URL", "127.0.0.1:8080")
    assert openai_server().status == "failed"


def test_prices_budget_and_kept_replies_are_told_and_what_cannot_be_read_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert spending().found == "no prices set, so no cost is shown; no limit of money; replies kept for 86400 s"

    monkeypatch.setenv("CONCIERGE_PRICES", '{"small": [1, 5]}')
    monkeypatch.setenv("CONCIERGE_MAX_COST", "0.02")
    monkeypatch.setenv("CONCIERGE_CACHE_TTL", "0")
    assert spending().found == "prices of small; at most $0.02 a turn; no replies kept"

    monkeypatch.setenv("CONCIERGE_CACHE_TTL", "long")
    assert (spending().status, "CONCIERGE_CACHE_TTL" in spending().found) == ("failed", True)


def test_without_a_key_the_offline_brain_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY")

    assert key().status == "ok"
    assert "offline" in key().found


def test_a_state_database_that_takes_writes_is_ok_and_stays_empty(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'state.db'}"

    assert [state_check(url).status, state_check(url).status] == ["ok", "ok"]


@pytest.mark.parametrize("spoil", ["garbage", "folder in the way"])
def test_a_state_database_that_cannot_be_written_fails_with_a_way_out(tmp_path: Path, spoil: str) -> None:
    path = tmp_path / "state.db"
    if spoil == "garbage":
        path.write_bytes(b"this is no database" * 100)
    else:
        (tmp_path / "in the way").write_text("")
        path = tmp_path / "in the way" / "state.db"

    check = state_check(f"sqlite:///{path}")

    assert check.status == "failed"
    assert "[state]" in check.fix


def test_every_declared_package_is_looked_at() -> None:
    assert all(check.status != "failed" for check in packages())


def test_a_script_that_is_not_on_path_is_a_warning(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert script().status == "warning"
    assert "PATH" in script().fix


def test_claude_desktop_is_checked_down_to_the_command_it_would_start(tmp_path: Path) -> None:
    def configured(content: str) -> Check:
        desktop_config().parent.mkdir(parents=True, exist_ok=True)
        desktop_config().write_text(content)
        return desktop()

    gone = {"mcpServers": {"concierge": {"command": str(tmp_path / "gone"), "args": []}}}

    assert desktop().status == "ok", "a machine without Claude Desktop is fine"
    assert configured("{}").status == "warning"
    assert configured("no json").status == "warning"
    assert "is not there" in configured(json.dumps(gone)).found


def test_a_number_of_questions_that_cannot_be_read_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert questions().found == "at most 3 in a row"

    monkeypatch.setenv("CONCIERGE_MAX_QUESTIONS", "few")
    assert (questions().status, "'few'" in questions().found) == ("failed", True)
