"""Writing `concierge.toml`: each key with its reason as a comment."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from concierge_tools.config import Config, FieldConfig, InteractionsConfig, PolicyConfig
from concierge_tools.data.constraints import Constraint
from concierge_tools.inference.column_inference import Guess

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_COLUMN = 36
"""Where comments start."""
_WIDTH = 110

_NO_LOG = """\
# No interactions were given: items are found by their words and fields alone. To learn from a log, add:
# [interactions]
# path = "interactions.csv"
# user = "user_id"
# item = "item_id"
# value = "rating"
# positive = ">= 4"
# time = "timestamp\""""

_RISK = [
    "# To keep what people turn down out of personal recommendations (needs negative or negative_events above):",
    "# [risk]",
    "# level = 0.05                     # at most this share of a list is unwanted, in the mean over users",
]

_STATE = """\
# Feedback, conversations and live values are kept in the store; to keep them elsewhere:
# [state]
# url = "sqlite:///state.db\""""


def render(config: Config, why: Mapping[str, str], fields: Sequence[Guess], folder: Path) -> str:
    """Return the text of a commented `concierge.toml` that is to lie in a folder."""
    blocks = [
        [
            "# What Concierge knows of your data. It was inferred: read the reasons, and change what is not so.",
            "# Then run: concierge fit",
            _line("name", _value(config.name), "what the catalog is called"),
        ],
        _items(config, why, fields, folder),
        *(_field(guess) for guess in fields if guess.column not in config.items.text),
        [_NO_LOG] if config.interactions is None else _interactions(config.interactions, why, folder),
        _policy(config, why),
        *([_RISK] if "negative" in why or "negative_events" in why else []),
        [_STATE],
    ]
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _items(config: Config, why: Mapping[str, str], fields: Sequence[Guess], folder: Path) -> list[str]:
    items = config.items
    reasons = [f"{guess.column}: {guess.why}" for guess in fields if guess.column in items.text]
    return [
        "[items]",
        _line("path", _value(_relative(items.path, folder))),
        _line("id", _value(items.id), why.get("id", "")),
        _line("title", _value(items.title), why.get("title", "")),
        *(_comment(f"Searched, but too free to filter by. {reason}") for reason in reasons[:1]),
        *(_comment(reason) for reason in reasons[1:]),
        *([_line("text", _value(items.text))] if items.text else []),
    ]


def _field(guess: Guess) -> list[str]:
    lines = [f"[items.fields.{_key(guess.column)}]", *_setting(guess.setting)]
    if guess.kept:
        return [_line(lines[0], None, guess.why), *lines[1:]]
    return [_comment(f"Left out: {guess.why}."), *(f"# {line}" for line in lines)]


def _setting(setting: FieldConfig) -> list[str]:
    keys = ("type", "role", "unit", "separator")
    return [_line(key, _value(value)) for key in keys if (value := getattr(setting, key)) is not None]


def _interactions(log: InteractionsConfig, why: Mapping[str, str], folder: Path) -> list[str]:
    lines = [
        "[interactions]",
        _line("path", _value(_relative(log.path, folder))),
        _line("user", _value(log.user), why.get("user", "")),
        _line("item", _value(log.item), why.get("item", "")),
    ]
    if log.event is not None:
        lines.append(_line("event", _value(log.event)))
    if log.weights:
        lines += [_comment(why.get("weights", "")), _line("weights", _inline(log.weights))]
    if log.consumed:
        lines += [_comment(why.get("consumed", "")), _line("consumed", _value(log.consumed))]
    if log.value is not None:
        lines.append(_line("value", _value(log.value)))
    if log.positive is not None:
        lines.append(_line("positive", _value(log.positive), why.get("positive", "")))
    elif not log.weights:
        lines.append(_comment(f"Each row is a positive. {why.get('positive', '')}".strip()))
    if "negative" in why:
        lines.append(_comment(_line("negative", _value(why["negative"]), "what was unwanted, for [risk] below")))
    if "negative_events" in why:
        lines.append(_comment(_line("negative_events", why["negative_events"], "what was unwanted, for [risk] below")))
    if log.time is not None:
        lines.append(_line("time", _value(log.time), "recent interactions weigh more"))
    else:
        lines.append(_comment('No column says when: recency is off. With one, add: time = "timestamp"'))
    if log.query is not None:
        lines.append(_line("query", _value(log.query), "what was searched"))
    return lines


def _policy(config: Config, why: Mapping[str, str]) -> list[str]:
    policy = config.policy
    lines = ["[policy]", _line("exclude_history", _value(policy.exclude_history), "nothing the user has had already")]
    if policy.require:
        lines.append(_line("require", _rules(policy.require), why.get("require", "")))
    if policy.disclose:
        lines.append(_line("disclose", _rules(policy.disclose), why.get("disclose", "")))
    return [*lines, *_examples(config, policy)]


def _examples(config: Config, policy: PolicyConfig) -> Iterable[str]:
    """Show rules that could be, on fields that are."""
    fields = config.items.fields
    number = next((name for name, field in fields.items() if field.type == "number"), None)
    words = next((name for name, field in fields.items() if field.type in ("category", "tags")), None)
    if number and not policy.require:
        yield f"# require = [{_rule({'field': number, 'op': '>', 'value': 0})}]"
    if words:
        op = "==" if fields[words].type == "category" else "contains"
        rule = {"field": words, "op": op, "value": "...", "text": "Please confirm that you want this."}
        yield f"# confirm = [{_rule(rule)}]"
        yield f"# ask_first = [{_value(words)}]"
    yield "# max_items = 5"


def _rules(rules: Iterable[Constraint]) -> str:
    return f"[{', '.join(_rule(rule.model_dump()) for rule in rules)}]"


def _rule(rule: Mapping[str, object]) -> str:
    return _inline(rule)


def _inline(table: Mapping[str, object]) -> str:
    return f"{{ {', '.join(f'{_key(key)} = {_value(value)}' for key, value in table.items())} }}"


def _line(key: str, value: str | None, why: str = "") -> str:
    """Write `key = value`, or a bare table header, with its comment beside it, or above where there is no room."""
    text = key if value is None else f"{key} = {value}"
    if not why:
        return text
    beside = f"{text:<{_COLUMN - 1}} {_comment(why)}"
    return beside if len(beside) <= _WIDTH else f"{_comment(why)}\n{text}"


def _comment(text: str) -> str:
    """Write a comment on one line, with whatever TOML forbids in it escaped."""
    return "# " + "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


def _key(name: str) -> str:
    return name if _BARE_KEY.fullmatch(name) else _value(name)


def _value(value: object) -> str:
    """Write a string, number, boolean or list; JSON's notation is also TOML's, but for one control character."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _relative(path: str, folder: Path) -> str:
    """Write a path from the folder when it lies below it or beside it, else as it is."""
    target, base = Path(path).resolve(), folder.resolve()
    if target.is_relative_to(base):
        return target.relative_to(base).as_posix()
    beside = base.parent
    if beside != beside.parent and target.is_relative_to(beside):
        return (Path("..") / target.relative_to(beside)).as_posix()
    return target.as_posix()
