"""What a worker process does: it runs choices until there are no more (see `worker`)."""

from __future__ import annotations

import os
import pickle
import signal
import sys
from typing import Any

from izhikevich.engine.worker import InterruptedRunError


def main() -> None:
    """Answer choices with recordings until the input ends."""
    is_interrupted = False

    def interrupt(*_: Any) -> None:
        nonlocal is_interrupted
        is_interrupted = True

    if hasattr(signal, "SIGUSR1"):  # of `Worker.interrupt`
        signal.signal(signal.SIGUSR1, interrupt)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # whatever NEURON or a library prints must not come between the answers
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    from izhikevich.engine import mechanisms, simulation

    def answer(kind: str, content: Any) -> None:
        whole = pickle.dumps((kind, content))  # what cannot be pickled is not sent by halves
        try:
            answers.write(whole)
            answers.flush()
        except BrokenPipeError:
            os._exit(0)  # the caller has ended, and waits for nothing any more

    def progress(reached: float) -> None:
        if is_interrupted:
            raise InterruptedRunError(f"the run was ended at {reached:g} ms")
        answer("progress", reached)

    while True:
        try:
            request = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        try:
            mechanisms.load()
            choice = pickle.loads(request)
            is_interrupted = False
            answer("recording", simulation.run(choice, progress))
        except Exception as error:  # whatever it is, the caller is told
            answer("error", error)


if __name__ == "__main__":
    main()
