"""The course: lessons as data, from which sheet, notebook and web lesson are made.

lesson     what a lesson is
contents   the lessons that there are
lessons/   a lesson each, found by itself
reference  the same cells in plain Python, by which answers are judged
onsets     where a rest is lost, by which calculations by hand are judged
checking   whether an answer is right
"""

from izhikevich.course.checking import check, verdict
from izhikevich.course.contents import all_lessons, lesson
from izhikevich.course.lesson import Lesson, Step, Task

__all__ = ["Lesson", "Step", "Task", "all_lessons", "check", "lesson", "verdict"]
