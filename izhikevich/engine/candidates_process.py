"""What a process of `candidates.Trials` does: it runs candidates until there are no more."""

from __future__ import annotations

import os
import pickle
import sys
from typing import Any

from izhikevich.engine.candidates import Trial
from izhikevich.engine.processes import end_with_parent


def main() -> None:
    """Take targets, then answer candidates with how they did until the input ends."""
    end_with_parent()
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # whatever NEURON or a library prints must not come between the answers
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def answer(is_error: bool, content: Any) -> None:
        answers.write(pickle.dumps((is_error, content)))
        answers.flush()

    targets, dt = pickle.load(sys.stdin.buffer)
    trial = Trial(targets, dt)
    while True:
        try:
            what, *arguments = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        try:
            result = getattr(trial, what)(*arguments)
        except Exception as error:  # whatever it is, the caller is told
            answer(True, error)
        else:
            answer(False, result)


if __name__ == "__main__":
    main()
