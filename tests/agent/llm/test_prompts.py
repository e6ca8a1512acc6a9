import json
import subprocess
import sys

import pytest

from concierge_agent.claude.brain import ClaudeBrain
from concierge_agent.claude.settings import ClaudeSettings
from concierge_agent.llm.wire import WireProposal, draft_schema, proposal_schema
from concierge_agent.plan import Plan, Step
from concierge_agent.prompts.templates import Template, demonstrations, template


@pytest.mark.parametrize("position", range(len(demonstrations())))
def test_a_demonstration_is_a_plan_over_what_its_state_gives(position: int) -> None:
    shown = demonstrations()[position]

    plan = WireProposal.model_validate(shown["plan"])

    given = json.dumps(shown["state"])
    named = [entry.item_id for entry in plan.add if entry.item_id]
    named += [i for s in plan.steps for a in s.arguments if a.name == "item_ids" for i in a.value]  # type: ignore[union-attr, misc]  # item ids are lists of strings
    assert all(f'"{name}"' in given for name in [*named, *plan.retract])
    assert plan.steps or plan.question or plan.reply
    Plan(steps=tuple(Step(id=s.id, tool=s.tool, arguments={a.name: a.value for a in s.arguments}) for s in plan.steps))


def test_demonstrations_say_every_key_the_schema_requires() -> None:
    schema = proposal_schema()
    for shown in demonstrations():
        assert set(shown["plan"]) == set(schema["required"])  # type: ignore[call-overload]  # a list of names


@pytest.mark.parametrize("schema", [proposal_schema(), draft_schema(["t1"]), draft_schema([])])
def test_schemas_are_closed_and_require_every_key(schema: dict[str, object]) -> None:
    objects = [schema, *schema.get("$defs", {}).values()]  # type: ignore[attr-defined]  # definitions are a mapping
    for part in objects:
        assert part["additionalProperties"] is False
        assert part["required"] == list(part["properties"])


def test_every_template_in_use_has_a_version() -> None:
    assert all(version >= 1 for version in ClaudeBrain(ClaudeSettings()).prompts.values())


def test_what_is_filled_in_is_not_filled_again() -> None:
    assert Template("t", 1, "{{a}} {{b}}").fill(a="{{b}}", b="c") == "{{b}} c"


def test_a_slot_without_a_value_is_an_error() -> None:
    with pytest.raises(KeyError):
        Template("t", 1, "{{a}}").fill()


def test_an_unknown_template_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        template("nothing")


def test_importing_the_brain_does_not_import_the_sdk() -> None:
    code = "import sys, concierge_agent.claude.brain; sys.exit('anthropic' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
