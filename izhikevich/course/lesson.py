"""What a lesson is; every form of it is made from this one description."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from inspect import cleandoc
from typing import Any

from izhikevich.choice import ByHand, Choice, choose
from izhikevich.errors import ParameterError


def shows(
    paper: str,
    key: str,
    by_hand: tuple[float, float] | tuple[float, float, float] | None = None,
    **others: Any,
) -> Choice:
    """What a step opens, in the window or on the page.

    Parameters
    ----------
    paper, key, **others
        As for `izhikevich.simulate`.
    by_hand : tuple of float, optional
        I0 and I1 (mV/ms or pA), and T1 (ms), where they replace the figure's current.
    """
    choice = choose(paper, key, **others)
    return choice if by_hand is None else choice.but(by_hand=ByHand(*by_hand))


@dataclass(frozen=True)
class Step:
    """Something to do in the window or on the page; `opens` is what it begins with there."""

    text: str
    opens: Choice | None = None


@dataclass(frozen=True)
class Question:
    """A question that words answer."""

    asked: str
    answer: str


@dataclass(frozen=True)
class Task:
    """Predict, run, explain; then an answer that is checked.

    Attributes
    ----------
    predict : str
        What to write down before anything is run.
    run : str
        Code that shows it.
    explain : str
        What to put in words then.
    ask : str
        The answer that is wanted, with its unit.
    hints : tuple of str
        Each says more than the one before.
    solution : str
        Code, as a student may write it, that sets `answer`.
    right : callable
        Computes the right answer another way than `solution`: by closed forms, or by `reference`.
    tolerance : float
        Largest relative error of an answer that is right; 0 for what is counted.
    accepts : callable, optional
        Judges the answer where many are right, instead of `right`.
    """

    predict: str
    run: str
    explain: str
    ask: str
    hints: tuple[str, ...]
    solution: str
    right: Callable[[], Any] | None = None
    tolerance: float = 0.01
    accepts: Callable[[Any], bool] | None = None


@dataclass(frozen=True)
class Lesson:
    """A lesson; its texts are Markdown.

    Attributes
    ----------
    number : int
        0 is the first hour.
    key : str
        Its name in file names.
    title : str
    minutes : int
        How long a student takes.
    level : str
        For whom it is.
    before : tuple of str
        What one must know.
    goal : str
    steps : tuple of Step
    tasks : tuple of Task
    questions : tuple of Question
    derivation : str
        Where a student asks why: Markdown with formulas.
    has_script : bool
        Whether its steps are a script, too, in `docs/lessons/scripts/`.
    """

    number: int
    key: str
    title: str
    minutes: int
    level: str
    before: tuple[str, ...]
    goal: str
    steps: tuple[Step, ...]
    tasks: tuple[Task, ...]
    questions: tuple[Question, ...] = field(default=())
    derivation: str = ""
    has_script: bool = False

    @property
    def name(self) -> str:
        """Name of its files, without an ending."""
        return f"lesson_{self.number:02d}_{self.key}"

    def task(self, number: int) -> Task:
        """One of its tasks; the first is 1.

        Raises
        ------
        ParameterError
            If there is none of that number.
        """
        if number not in range(1, len(self.tasks) + 1):
            raise ParameterError(
                f"lesson {self.number} has tasks 1 to {len(self.tasks)}, not {number!r}"
            )
        return self.tasks[number - 1]

    def step(self, number: int) -> Step:
        """One of its steps; the first is 1.

        Raises
        ------
        ParameterError
            If there is none of that number.
        """
        if number not in range(1, len(self.steps) + 1):
            raise ParameterError(
                f"lesson {self.number} has steps 1 to {len(self.steps)}, not {number!r}"
            )
        return self.steps[number - 1]

    def opens(self, step: int = 1) -> Choice:
        """What the window shows at a step: what it opens, or the last one before it that does.

        Raises
        ------
        ParameterError
            If there is no such step, or there is nothing to show until then.
        """
        self.step(step)
        for each in reversed(self.steps[:step]):
            if each.opens is not None:
                return each.opens
        raise ParameterError(f"step {step} of lesson {self.number} is not one of the window")


def flowing(text: str) -> str:
    """A text of a lesson without the indentation of its source."""
    return cleandoc(text).strip()
