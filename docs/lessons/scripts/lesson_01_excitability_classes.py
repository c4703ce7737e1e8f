"""Lesson 1: a class 1 cell can fire as slowly as you like, a class 2 cell cannot."""

import numpy as np

from izhikevich import simulate
from izhikevich.analysis.plane import for_cell_type
from izhikevich.catalog import cell_type
from izhikevich.experiments.rates import fi_curve


def run() -> dict[str, str]:
    """Make the runs of the lesson; what they give, as the answers state it."""
    results = {}
    first = for_cell_type(cell_type("2004", "Class 1")).bifurcations()
    second = for_cell_type(cell_type("2004", "Class 2")).bifurcations()
    assert (first.first, first.excitability) == ("saddle-node", "class 1")
    assert (second.first, second.excitability) == ("Andronov-Hopf", "class 2")
    results["saddle-node of class 1"] = f"{first.saddle_node.current:.4g}"
    results["Andronov-Hopf of class 2"] = f"{second.hopf.current:.4g}"

    assert not len(simulate("2004", "Class 1", current=2.24, tstop=4000).spikes)
    for current in (2.26, 2.3, 2.5):
        last = simulate("2004", "Class 1", current=current, tstop=4000).intervals[-1]
        results[f"last interval of class 1 at {current}"] = f"{last:.2f}"
    assert float(results["last interval of class 1 at 2.26"]) > 1000

    for current in (0.3, 0.4, 0.5):
        last = simulate("2004", "Class 2", current=current, tstop=2000).intervals[-1]
        results[f"last interval of class 2 at {current}"] = f"{last:.2f}"
        assert last < 40
    # fine stairs where the firing ends: there the rate falls steeply
    stairs = np.concatenate([np.arange(0.2726, 0.275, 0.0001), np.arange(0.28, 0.45, 0.01)])
    curve = fi_curve("2004", "Class 2", stairs, scheme="exact")
    slowest = min(rate for rate in (*curve.up, *curve.down) if rate > 0)
    results["slowest rate of class 2, Hz"] = f"{slowest:.1f}"
    assert 15 < slowest < 20
    low, high = curve.bistable[[0, -1]]
    results["class 2 rests or fires from"] = f"{low:.4f}"
    results["class 2 rests or fires to"] = f"{high:.2f}"
    # a stair of current is a little longer than that, and the loss of rest shows a little late
    assert abs(high - second.hopf.current) < 0.022
    return results


if __name__ == "__main__":
    for what, value in run().items():
        print(f"{what}: {value}")
