"""`concierge.toml`: what the owner says about the catalog, the log, the policy and where state lives."""

import tomllib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from concierge_tools.data.constraints import Constraint
from concierge_tools.data.fields import FieldType, Role
from concierge_tools.errors import DataError


class Section(BaseModel):
    """A table of the file; a key it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FieldConfig(Section):
    """`[items.fields.NAME]`: one field of the items."""

    type: FieldType
    role: Role | None = None
    """Only where it is not the type's own: price, availability, date, image."""
    unit: str | None = None
    separator: str | None = None
    """What splits tags in a delimited column."""
    synonyms: dict[str, list[str]] = Field(default_factory=dict)
    """Other words for values."""
    aliases: list[str] = Field(default_factory=list)
    """Other words for the field itself."""
    provenance: Literal["given", "generated"] = "given"


class ItemsConfig(Section):
    """`[items]`: where the catalog is and which columns matter."""

    path: str
    id: str
    title: str
    text: list[str] = Field(default_factory=list)
    fields: dict[str, FieldConfig] = Field(default_factory=dict)


class InteractionsConfig(Section):
    """`[interactions]`: where the log is and what in it counts as a positive."""

    path: str
    user: str
    item: str
    event: str | None = None
    value: str | None = None
    positive: str | None = None
    """A comparison on the value column such as ">= 4"; without it every row is a positive."""
    negative: str | None = None
    """A comparison on the value column such as "<= 2": what was unwanted, for risk control."""
    negative_events: list[str] = Field(default_factory=list)
    """Events that say an item was unwanted."""
    weights: dict[str, float] = Field(default_factory=dict)
    """Weight of each value of the event column; events that are not named weigh nothing."""
    consumed: list[str] = Field(default_factory=list)
    """Events after which an item counts as history to exclude; empty means all of them."""
    time: str | None = None
    query: str | None = None


class RuleConfig(Constraint):
    """A policy rule with the words the user gets to read."""

    text: str


class PolicyConfig(Section):
    """`[policy]`: the owner's rules."""

    exclude_history: bool = True
    require: list[Constraint] = Field(default_factory=list)
    disclose: list[RuleConfig] = Field(default_factory=list)
    confirm: list[RuleConfig] = Field(default_factory=list)
    ask_first: list[str] = Field(default_factory=list)
    max_items: int | None = Field(default=None, ge=1, le=100)


class RoutingConfig(Section):
    """`[routing]`: who takes the turns of these users where rules and a model share them."""

    model_users: list[str] = Field(default_factory=list)
    """Users whose every turn goes to the model."""
    offline_users: list[str] = Field(default_factory=list)
    """Users whose turns never do."""

    @field_validator("model_users", "offline_users", mode="before")
    @classmethod
    def _as_ids(cls, users: object) -> object:
        """Read ids that were written as whole numbers."""
        if not isinstance(users, list):
            return users
        return [str(user) if isinstance(user, int) and not isinstance(user, bool) else user for user in users]

    @model_validator(mode="after")
    def _in_one_list(self) -> "RoutingConfig":
        if both := sorted(set(self.model_users) & set(self.offline_users)):
            raise ValueError(f"{both[0]!r} is in model_users and in offline_users; leave it in one of them")
        return self

    def tier(self, user_id: str | None) -> Literal["model", "offline"] | None:
        """Return who takes every turn of this user (None: a guest); None: whoever the turn is for."""
        if user_id in self.model_users:
            return "model"
        return "offline" if user_id in self.offline_users else None


class RiskConfig(Section):
    """`[risk]`: how much of what is recommended may turn out unwanted; without the table there is no control."""

    level: float = Field(gt=0, lt=1)
    """Unwanted items shown / items requested, in the mean over users."""


class StateConfig(Section):
    """`[state]`: the database of feedback, handles, conversations and live values."""

    url: str = "sqlite:///state.db"
    """Relative SQLite paths are relative to this file; without the table the database lies in the store."""


class AgentConfig(Section):
    """`[agent]`: how conversations are thought and worded."""

    lessons: Literal["off", "own", "shared"] = "off"
    """Whether a model is told how a user's similar requests came out; "shared" adds others', reduced to slots."""
    prompts: str | None = None
    """A folder of prompt templates that override those of the package by name."""
    persona: str = "plain"
    """The tone of answers that a model words."""
    demonstrations: Literal["off", "own"] = "off"
    """Whether a known user's own earlier turns may serve as examples for planning theirs."""


class SearchConfig(Section):
    """`[search]`: how the catalog is searched."""

    semantic: Literal["auto", "on", "off"] = "auto"
    """Whether `fit` embeds the items, so that search finds what is meant in other words: "auto" where the package of
    the extra `semantic` is installed; "on" fails without it."""
    ignored: list[str] = Field(default_factory=list)
    """Words for items at large ("film", "movie"), which tell none from another beside other words."""


class Config(Section):
    """The whole file."""

    name: str
    items: ItemsConfig
    interactions: InteractionsConfig | None = None
    policy: PolicyConfig = PolicyConfig()
    risk: RiskConfig | None = None
    agent: AgentConfig = AgentConfig()
    state: StateConfig | None = None
    routing: RoutingConfig = RoutingConfig()
    search: SearchConfig = SearchConfig()


def load_config(path: Path) -> Config:
    """Read `concierge.toml`, with every relative path made absolute against the file's folder.

    Raises:
        DataError: The file is missing, is not TOML, or says something it cannot; names the key and what to write.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataError(
            f"No configuration at {str(path)!r}; write one with `concierge init ITEMS [INTERACTIONS]`."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError(f"{str(path)!r} is not valid TOML: {error}.") from None
    try:
        config = Config.model_validate(raw)
    except ValidationError as error:
        lines = [f"  {'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        raise DataError("\n".join([f"{str(path)!r} says what Concierge cannot read:", *lines])) from None
    return _absolute(config, path.resolve().parent)


def _absolute(config: Config, folder: Path) -> Config:
    items = config.items.model_copy(update={"path": str(folder / config.items.path)})
    update: dict[str, Section] = {"items": items}
    if config.interactions is not None:
        path = str(folder / config.interactions.path)
        update["interactions"] = config.interactions.model_copy(update={"path": path})
    if config.agent.prompts is not None:
        update["agent"] = config.agent.model_copy(update={"prompts": str(folder / config.agent.prompts)})
    if config.state is not None:
        prefix = "sqlite:///"
        url = config.state.url
        if url.startswith(prefix) and url != prefix and ":memory:" not in url:
            url = prefix + str(folder / url.removeprefix(prefix))
        update["state"] = StateConfig(url=url)
    return config.model_copy(update=update)
