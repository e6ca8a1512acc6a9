"""τ-Rec (Narasimhan and Narasimhan, RecSys 2026, arXiv 2606.10156): its tasks and catalog, read where they lie."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from concierge_server.evaluation.predicates import Item, Predicate, fitting
from concierge_server.evaluation.scripted_user import Reveal, Script
from concierge_tools.config import Config, load_config
from concierge_tools.errors import DataError

CATALOG_FILE, TASKS_FOLDER = "catalog.json", "tasks"
AVAILABILITY = "availability"
"""The flag of the tasks in which what is chosen must be on one of the user's services."""

_AFTER_REFUSAL = re.compile(r"first rejection\b(.*)", re.IGNORECASE | re.DOTALL)
_DISLIKED = re.compile(
    r"(?:dislike|hate|avoid|not (?:want|like|accept)|don't (?:want|like|accept))\b([^.;]*)", re.IGNORECASE
)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class TaskConstraint(_Part):
    """A constraint and how the user reveals it."""

    constraint: Predicate
    reveal: Reveal


class UserHistory(_Part):
    """What a user has watched, and what they thought of it."""

    watched: tuple[str, ...] = ()
    ratings: dict[str, float] = {}


class Task(_Part):
    """One task, as its file says it; `policy_flags` names the policies that its authors score."""

    id: str
    constraints: tuple[TaskConstraint, ...]
    persona: str = ""
    soft_preferences: tuple[str, ...] = ()
    policy_flags: tuple[str, ...] = ()
    no_valid_recommendation: bool = False
    complexity: str = ""
    reveal_difficulty: str = ""
    user_id: str
    user_history: dict[str, UserHistory] = {}
    user_services: tuple[str, ...] = ()

    @property
    def history(self) -> UserHistory:
        """The history of the task's user."""
        return self.user_history.get(self.user_id, UserHistory())

    @property
    def predicates(self) -> tuple[Predicate, ...]:
        """The constraints alone."""
        return tuple(c.constraint for c in self.constraints)


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="allow")

    id: str


_ROWS = TypeAdapter(list[_Row])


@dataclass(frozen=True, slots=True)
class Suite:
    """The tasks, the catalog as plain data, and the configuration of the store they are played in."""

    catalog_path: Path
    items: Mapping[str, Item]
    tasks: tuple[Task, ...]
    config: Config

    @property
    def services_field(self) -> str:
        """The field that the store asks for first: where an item can be had."""
        return self.config.policy.ask_first[0]

    def script(self, task: Task) -> Script:
        """Return what the scripted user of a task wants and knows."""
        conditions = [(c.constraint, c.reveal) for c in task.constraints]
        conditions += [(p, "first_refusal") for p in disliked(task.persona, self.items.values())]
        return Script(
            conditions=tuple(conditions),
            services_field=self.services_field,
            services=task.user_services,
            watched=frozenset(task.history.watched),
            soft=task.soft_preferences,
        )

    def required(self, task: Task) -> tuple[Predicate, ...]:
        """Return what the reward asks of the chosen item: the constraints, and availability where it is scored."""
        if AVAILABILITY not in task.policy_flags or not task.user_services:
            return task.predicates
        return (*task.predicates, self._available(task))

    def solvable(self, task: Task) -> bool:
        """Return whether anything meets all that the user wants and the policies ask; tried item by item."""
        wanted = [predicate for predicate, _ in self.script(task).conditions]
        if task.user_services:
            wanted.append(self._available(task))
        return any(item["id"] not in task.history.watched for item in fitting(self.items.values(), wanted))

    def _available(self, task: Task) -> Predicate:
        return Predicate(field=self.services_field, op="contains_any", value=task.user_services)


def read_suite(folder: Path, *, only: Iterable[str] = ()) -> Suite:
    """Read the suite in `folder`; `only` these tasks, when any are named.

    Raises:
        DataError: A file is missing or does not say what a task or an item must, or a named task is not there.
    """
    catalog_path = folder / CATALOG_FILE
    try:
        rows = _ROWS.validate_python(_json(catalog_path))
    except ValidationError as error:
        raise DataError(f"{str(catalog_path)!r} is not a list of items with ids: {error}") from None
    found: list[Task] = []
    for path in sorted((folder / TASKS_FOLDER).glob("*.json")):
        try:
            found.append(Task.model_validate(_json(path)))
        except ValidationError as error:
            raise DataError(f"{str(path)!r} is not a task: {error}") from None
    wanted = tuple(only)
    if missing := set(wanted) - {task.id for task in found}:
        raise DataError(f"No task {min(missing)!r} in {str(folder / TASKS_FOLDER)!r}.")
    tasks = tuple(task for task in found if not wanted or task.id in wanted)
    if not tasks:
        raise DataError(f"No tasks in {str(folder / TASKS_FOLDER)!r}; give the folder that holds τ-Rec with --data.")
    with as_file(files("concierge_server.evaluation").joinpath("tau_rec.toml")) as path:
        config = load_config(path)
    items = {row.id: row.model_dump() for row in rows}
    return Suite(catalog_path.resolve(), items, tasks, config)


def disliked(persona: str, items: Iterable[Item]) -> list[Predicate]:
    """Return what a persona tells to dislike on the first rejection: values of the catalog's lists, by whole words."""
    told = _AFTER_REFUSAL.search(persona)
    if told is None:
        return []
    clauses = " ".join(_DISLIKED.findall(told.group(1)))
    values = {
        (field, str(v)) for item in items for field, value in item.items() if isinstance(value, list) for v in value
    }
    named = [(field, value) for field, value in sorted(values) if re.search(rf"\b{re.escape(value)}\b", clauses)]
    return [Predicate(field=field, op="not_contains", value=value) for field, value in named]


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataError(f"No file {str(path)!r}; give the folder that holds τ-Rec with --data.") from None
    except ValueError as error:
        raise DataError(f"{str(path)!r} is not JSON: {error}") from None
