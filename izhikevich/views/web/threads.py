"""Work that is done beside the event loop: nobody's large answer keeps the others waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any, TypeVar

Result = TypeVar("Result")

#: What a page is told after a run.
REPLIES = ThreadPoolExecutor(4, "izhikevich-reply")
#: The largest answers: one at a time.
DOWNLOADS = ThreadPoolExecutor(1, "izhikevich-download")
#: Wait for the runs of all types of a publication, and then serve everyone.
PICTURES = ThreadPoolExecutor(1, "izhikevich-pictures")


async def done_in(threads: Executor, function: Callable[..., Result], *arguments: Any) -> Result:
    """What a function gives, called in one of the threads."""
    return await asyncio.get_running_loop().run_in_executor(threads, function, *arguments)
