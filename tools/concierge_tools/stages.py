"""The stages of a fit, timed, with a bar on standard error."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Stages:
    """Times the stages and shows a bar on standard error."""

    def __init__(self, total: int, *, quiet: bool) -> None:
        from tqdm import tqdm

        self.seconds: dict[str, float] = {}
        self._total = total
        form = "{desc:<28}{percentage:3.0f}%|{bar}| {elapsed}"
        self._bar = tqdm(total=total, disable=quiet, bar_format=form, leave=not quiet)

    @contextmanager
    def stage(self, name: str, steps: int = 1) -> Iterator[None]:
        """Time a stage and move the bar by its steps at its end."""
        self._bar.set_description_str(name)
        start = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - start, 3)
        self._bar.update(steps)

    def step(self) -> None:
        """Move the bar by one within a stage."""
        self._bar.update(1)

    def close(self) -> None:
        """End the bar, full: `total` counts stages that not every fit has."""
        self._bar.set_description_str("done")
        self._bar.update(max(self._total - self._bar.n, 0))
        self._bar.close()
