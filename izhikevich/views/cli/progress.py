"""Progress bars on standard error, where that is a terminal."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any


def item_bar(items: Sequence[Any], description: str) -> Any:
    """A progress bar over items, to be entered and gone through."""
    from tqdm import tqdm

    return tqdm(items, desc=description, disable=None, leave=False)


@contextlib.contextmanager
def time_bar(tstop: float, before: str | None = None) -> Iterator[Callable[[float], None]]:
    """A progress bar of one run; what it gives is to be called with the time reached, ms.

    What goes on `before` the first such call is named, and not counted when the bar foretells
    the end.
    """
    from tqdm import tqdm

    layout = "{desc}{percentage:3.0f}%|{bar}| {n:.0f}/{total:.0f} ms [{elapsed}<{remaining}]"
    desc = None if before is None else f"{before}: "
    with tqdm(total=tstop, desc=desc, bar_format=layout, disable=None, leave=False) as bar:

        def reached(time: float) -> None:
            if before is not None and not bar.n:
                bar.set_description(refresh=False)
                bar.reset()
            bar.update(time - bar.n)

        yield reached


@contextlib.contextmanager
def generation_bar(generations: int) -> Iterator[Callable[[int, float], None]]:
    """A progress bar of a search; what it gives is to be called with generation and least loss."""
    from tqdm import tqdm

    with tqdm(total=generations, desc="generations", disable=None, leave=False) as bar:

        def reached(generation: int, loss: float) -> None:
            bar.set_postfix_str(f"loss {loss:.3f}", refresh=False)
            bar.update(generation - bar.n)

        yield reached
