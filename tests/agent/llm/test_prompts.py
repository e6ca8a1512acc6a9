import subprocess
import sys
from pathlib import Path

import pytest

from concierge_agent.errors import PromptError
from concierge_agent.llm.wire import draft_schema, proposal_schema
from concierge_agent.prompts.library import Prompts
from concierge_agent.prompts.templates import read_template

FRONT = '+++\nversion = 3\ndescription = "Mine."\n+++\n'


@pytest.mark.parametrize("schema", [proposal_schema(), draft_schema(["t1"]), draft_schema([])])
def test_schemas_are_closed_and_require_every_key(schema: dict[str, object]) -> None:
    objects = [schema, *schema.get("$defs", {}).values()]  # type: ignore[attr-defined]  # definitions are a mapping
    for part in objects:
        assert part["additionalProperties"] is False
        assert part["required"] == list(part["properties"])


def test_every_scenario_has_its_templates_and_there_are_three_tones() -> None:
    prompts = Prompts.open()

    scenarios = {template.front.scenario for template in prompts.templates.values()}
    assert scenarios == {"detailed", "quick", "cold start", "explanation", "any"}
    assert {name for name in prompts.templates if name.startswith("persona_")} == {
        "persona_plain", "persona_warm", "persona_expert",
    }  # fmt: skip
    assert all(isinstance(version, int) for version in prompts.versions(tuple(prompts.templates)).values())


def test_what_is_filled_in_is_not_filled_again() -> None:
    assert read_template("t", f"{FRONT}{{{{a}}}} {{{{b}}}}").fill(a="{{b}}", b="c") == "{{b}} c"


def test_a_slot_without_a_value_is_an_error() -> None:
    with pytest.raises(KeyError):
        read_template("t", f"{FRONT}{{{{a}}}}").fill()


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("Plan.\n", r"plan\.md:1: a template begins with a line of \+\+\+"),
        ("+++\nversion = 1\nPlan.\n", r"plan\.md:1: the front matter is not closed"),
        ("+++\nversion = 1\ndescription = what\n+++\nx\n", r"plan\.md:3: not TOML"),
        ("+++\nversion = 0\ndescription = 'x'\n+++\nx\n", r"plan\.md:2: version: Input should be greater"),
        ("+++\nversion = 1\ndescription = 'x'\nmood = 1\n+++\nx\n", r"plan\.md:4: mood: Extra inputs"),
        (f"{FRONT}Plan.\n{{{{schema}}}}\n{{{{magic}}}}\n", r"plan\.md:7: nothing fills the slot 'magic'; it may use"),
        (f"{FRONT}Plan.\n{{{{ schema }}}}\n", r"plan\.md:6: '\{\{' begins no slot"),
        (f"{FRONT}Plan.\n", r"plan\.md:1: the slot 'schema' is missing"),
        (FRONT, r"plan\.md:4: there is no text"),
    ],
)
def test_a_malformed_template_is_refused_with_its_file_and_line(tmp_path: Path, source: str, told: str) -> None:
    (tmp_path / "plan.md").write_text(source)

    with pytest.raises(PromptError, match=told):
        Prompts.open(tmp_path)


def test_an_owner_s_copy_overrides_by_name_and_is_told_apart_by_its_content(tmp_path: Path) -> None:
    (tmp_path / "repair.md").write_text(f"{FRONT}Mend this: {{{{problems}}}}\n")
    (tmp_path / "persona_pirate.md").write_text(f"{FRONT}Like a pirate.\n")

    prompts = Prompts.open(tmp_path, tone="pirate")
    (tmp_path / "repair.md").write_text(f"{FRONT}Now mend this: {{{{problems}}}}\n")
    changed = Prompts.open(tmp_path, tone="pirate")

    assert prompts["repair"].fill(problems="- x") == "Mend this: - x"
    assert prompts.persona.text == "Like a pirate."
    assert str(prompts["repair"].version).startswith("3-")
    assert prompts["repair"].version != changed["repair"].version
    assert prompts["plan"].version == Prompts.open()["plan"].version
    assert len({prompts.digest, changed.digest, Prompts.open().digest}) == 3


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("plans.md", FRONT + "x", "no template is called 'plans'; there are catalog"),
        ("demonstrations.json", "[{]", r"demonstrations\.json:1: not JSON"),
        (
            "demonstrations.json",
            '[{"id": "a", "user": "x", "plan": {"intent": "ask"}}]',
            "steps, a question or a reply",
        ),
    ],
)
def test_a_file_that_overrides_nothing_or_shows_nothing_is_refused(
    tmp_path: Path, name: str, content: str, told: str
) -> None:
    (tmp_path / name).write_text(content)

    with pytest.raises(PromptError, match=told):
        Prompts.open(tmp_path)


def test_an_unknown_persona_and_a_folder_that_is_not_there_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PromptError, match="No persona 'gloomy'; there are expert, plain, warm"):
        Prompts.open(tone="gloomy")
    with pytest.raises(PromptError, match="no such folder"):
        Prompts.open(tmp_path / "none")


def test_importing_the_brain_does_not_import_the_sdk() -> None:
    code = "import sys, concierge_agent.claude.brain; sys.exit('anthropic' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
