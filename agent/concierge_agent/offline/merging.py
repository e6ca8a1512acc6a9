"""What several statements of one reading amount to together."""

from concierge_agent.offline.reading import Reading, Stated
from concierge_agent.values import Constraint, Op


def take_back(reading: Reading) -> None:
    """With "not ... anymore", what was stated is what no longer holds."""
    for stated in reading.stated:
        value = stated.constraint.value
        for one in value if isinstance(value, list) else [value]:
            reading.dropped_values.append((stated.constraint.field, str(one)))
    reading.stated = []


def merge_equals(reading: Reading) -> None:
    """Let "1994 or 1995" mean either, and several exclusions of one category be one."""
    for single, several in (("==", "in"), ("!=", "not_in")):
        fields = [s.constraint.field for s in reading.stated if s.constraint.op in (single, several) and s.hard]
        for name in {f for f in fields if fields.count(f) > 1}:
            same = [
                s
                for s in reading.stated
                if s.constraint.field == name and s.constraint.op in (single, several) and s.hard
            ]
            values = [
                v
                for s in same
                for v in (s.constraint.value if isinstance(s.constraint.value, list) else [s.constraint.value])
            ]
            unique = list(dict.fromkeys(values))
            op: Op = ("in" if single == "==" else "not_in") if len(unique) > 1 else same[0].constraint.op
            merged = Constraint(field=name, op=op, value=unique if len(unique) > 1 else unique[0])
            position = reading.stated.index(same[0])
            reading.stated = [s for s in reading.stated if s not in same]
            reading.stated.insert(position, Stated(merged, ", ".join(s.text for s in same)))
