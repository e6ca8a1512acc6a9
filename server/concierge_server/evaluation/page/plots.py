"""Plots: static SVG that is read without a script, coloured by the page's style."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from concierge_server.evaluation.page.markup import Markup, element

WIDTH = 460.0
_LABEL, _VALUE, _ROW, _AXIS = 146.0, 52.0, 21.0, 40.0


@dataclass(frozen=True, slots=True)
class Mark:
    """A value with its interval."""

    label: str
    mean: float
    low: float
    high: float
    style: str = "plain"
    """The class that colours it."""


@dataclass(frozen=True, slots=True)
class Group:
    """Marks that belong together."""

    label: str
    marks: Sequence[Mark]
    faint: bool = False
    """Whether they decide nothing."""


@dataclass(frozen=True, slots=True)
class Point:
    """A place in a scatter plot."""

    label: str
    x: float
    y: float
    style: str = "plain"


@dataclass(frozen=True, slots=True)
class _Scale:
    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    def ticks(self) -> list[float]:
        step = _step((self.high - self.low) / 5)
        return [n * step for n in range(ceil(self.low / step - 1e-9), floor(self.high / step + 1e-9) + 1)]


def intervals(marks: Sequence[Mark], *, axis: str, alt: str, reference: float | None = None) -> Markup:
    """Draw a dot with its interval for each mark, one below the other.

    Args:
        marks: From the top.
        axis: What is measured.
        alt: What the plot shows, for those who do not see it.
        reference: Where a line crosses all rows.
    """
    ends = [end for mark in marks for end in (mark.low, mark.high)]
    scale = _Scale(*_room([*ends, *([] if reference is None else [reference])]), _LABEL, WIDTH - _VALUE)
    height = _ROW * len(marks) + _AXIS
    parts = [*_grid(scale, axis, height)]
    if reference is not None:
        x = scale(reference)
        parts.append(element("line", x1=x, x2=x, y1=0.0, y2=height - _AXIS, class_="reference"))
    for row, mark in enumerate(marks):
        y = _ROW * (row + 0.5)
        parts += [
            _text(mark.label, _LABEL - 8, y + 4, anchor="end", style=_strong(mark)),
            element(
                "g",
                element("title", _told(mark)),
                element("line", x1=scale(mark.low), x2=scale(mark.high), y1=y, y2=y, class_="whisker"),
                element("circle", cx=scale(mark.mean), cy=y, r=4.5),
                class_=mark.style,
            ),
            _text(_short(mark.mean), WIDTH - 2, y + 4, anchor="end", style=_strong(mark)),
        ]
    return _svg(parts, height, alt)


def bars(groups: Sequence[Group], *, axis: str, alt: str) -> Markup:
    """Draw groups of bars with intervals; arguments as for `intervals`."""
    ends = [0.0, *(end for group in groups for mark in group.marks for end in (mark.low, mark.high))]
    scale = _Scale(*_room(ends), _LABEL, WIDTH - _VALUE)
    head = 24.0
    height = sum(head + (_ROW - 3) * len(group.marks) + 8 for group in groups) + _AXIS
    parts = [*_grid(scale, axis, height)]
    y = 0.0
    for group in groups:
        parts.append(_text(group.label, 0.0, y + 16, style="strong"))
        y += head
        for mark in group.marks:
            middle = y + (_ROW - 3) / 2
            start, end = sorted((scale(0.0), scale(mark.mean)))
            parts += [
                _text(mark.label, _LABEL - 8, middle + 4, anchor="end"),
                element(
                    "g",
                    element("title", f"{group.label}. {_told(mark)}"),
                    element("rect", x=start, y=middle - 6, width=end - start, height=12.0),
                    element("line", x1=scale(mark.low), x2=scale(mark.high), y1=middle, y2=middle, class_="whisker"),
                    class_=f"{mark.style} faint" if group.faint else mark.style,
                ),
                _text(_short(mark.mean), WIDTH - 2, middle + 4, anchor="end"),
            ]
            y += _ROW - 3
        y += 8
    return _svg(parts, height, alt)


def scatter(points: Sequence[Point], *, x_axis: str, y_axis: str, alt: str) -> Markup:
    """Draw points, each with a line to its name at the right."""
    height, left, right, top = 330.0, 48.0, 292.0, 18.0
    across = _Scale(*_room([p.x for p in points]), left, right)
    up = _Scale(*_room([p.y for p in points]), height - _AXIS, top)
    parts = [*_grid(across, x_axis, height)]
    for tick in up.ticks():
        y = up(tick)
        parts += [
            element("line", x1=left, x2=right, y1=y, y2=y, class_="grid"),
            _text(_short(tick), left - 6, y + 4, anchor="end", style="tick"),
        ]
    parts.append(_text(y_axis, 0.0, 10.0, style="tick"))
    ordered = sorted(points, key=lambda p: -p.y)
    for point, y in zip(ordered, _apart([up(p.y) for p in ordered], 17.0, top, height - _AXIS), strict=True):
        cx, cy = across(point.x), up(point.y)
        parts += [
            element("path", d=f"M{cx:.1f} {cy:.1f}L{right + 12:.1f} {y:.1f}", class_="leader"),
            element(
                "g",
                element("title", f"{point.label}: {x_axis} {_short(point.x)}, {y_axis} {_short(point.y)}"),
                element("circle", cx=cx, cy=cy, r=5.0),
                class_=point.style,
            ),
            _text(point.label, right + 16, y + 4, style="strong" if point.style == "chosen" else None),
        ]
    return _svg(parts, height, alt)


def _svg(parts: Iterable[Markup], height: float, alt: str) -> Markup:
    return element("svg", element("title", alt), parts, viewBox=f"0 0 {WIDTH:g} {height:g}", role="img", aria_label=alt)


def _grid(scale: _Scale, axis: str, height: float) -> Iterable[Markup]:
    bottom = height - _AXIS
    for tick in scale.ticks():
        x = scale(tick)
        yield element("line", x1=x, x2=x, y1=0.0, y2=bottom + 4, class_="zero" if abs(tick) < 1e-12 else "grid")
        yield _text(_short(tick), x, bottom + 18, anchor="middle", style="tick")
    yield _text(axis, (scale.start + scale.end) / 2, bottom + 35, anchor="middle", style="tick")


def _text(text: str, x: float, y: float, *, anchor: str | None = None, style: str | None = None) -> Markup:
    return element("text", text, x=x, y=y, text_anchor=anchor, class_=style)


def _apart(wanted: Sequence[float], gap: float, top: float, bottom: float) -> list[float]:
    """Return places at least `gap` below each other, near the wanted ones, which are sorted."""
    gap = min(gap, (bottom - top) / max(1, len(wanted) - 1))
    places: list[float] = []
    for y in wanted:
        places.append(max(y, places[-1] + gap) if places else max(y, top))
    limit = bottom
    for index in reversed(range(len(places))):
        places[index] = min(places[index], limit)
        limit = places[index] - gap
    return places


def _room(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    if low == high:
        return low - 0.5, high + 0.5
    around = 0.05 * (high - low)
    return (0.0 if low == 0 else low - around), high + around


def _step(rough: float) -> float:
    unit = 10.0 ** floor(log10(rough))
    return float(next(unit * n for n in (1, 2, 2.5, 5, 10) if unit * n >= rough * 0.999))


def _short(value: float) -> str:
    if abs(value) < 5e-5:
        return "0"
    return f"{value:.1f}" if abs(value) >= 1 else f"{value:.3f}" if abs(value) >= 0.01 else f"{value:.4f}"


def _told(mark: Mark) -> str:
    return f"{mark.label}: {mark.mean:.4f}, 95% interval {mark.low:.4f} to {mark.high:.4f}"


def _strong(mark: Mark) -> str | None:
    return "strong" if mark.style == "chosen" else None
