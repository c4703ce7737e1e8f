"""Lesson 9: a flat, then cubic u-nullcline: no saddle-node, and no slow firing."""

from izhikevich import simulate
from izhikevich.analysis.plane import for_cell_type
from izhikevich.catalog import cell_type
from izhikevich.experiments.steps import step_rheobase


def run() -> dict[str, str]:
    """Make the runs of the lesson; what they give, as the answers state it."""
    results = {}
    fast, regular = (for_cell_type(cell_type("2007", key)) for key in ("FS", "RS"))
    assert fast.bifurcations().saddle_node is None
    assert fast.bifurcations().excitability == "class 2"
    assert regular.bifurcations().excitability == "class 1"
    hopf = fast.bifurcations().hopf.current
    saddle_node = regular.bifurcations().saddle_node.current
    results["Andronov-Hopf of FS"] = f"{hopf:.2f}"
    results["saddle-node of RS"] = f"{saddle_node:.2f}"
    assert fast.recovery([-80, -55]).tolist() == [0, 0], "flat below d = -55 mV"
    results["U(-50)"] = f"{float(fast.recovery(-50)):.3f}"
    results["U(-40)"] = f"{float(fast.recovery(-40)):.1f}"

    slow = simulate("2007", "RS", current=52, tstop=3000).intervals[-1]
    results["last interval of RS at 52"] = f"{slow:.1f}"
    assert not len(simulate("2007", "FS", current=71, tstop=1000).spikes)
    for current in (73, 75, 200, 400):
        recording = simulate("2007", "FS", current=current, tstop=1000, scheme="exact")
        results[f"rate of FS at {current}"] = f"{1000 / recording.intervals[-1]:.0f}"
    coarse = simulate("2007", "FS", current=400, tstop=1000).intervals[-20:]
    results["rate of FS at 400 with steps of 0.25"] = f"{1000 / coarse.mean():.0f}"
    assert slow > 500 and float(results["rate of FS at 73"]) > 15
    rheobase = step_rheobase("2007", "FS")
    results["step rheobase of FS"] = f"{rheobase:.2f}"
    assert rheobase < hopf
    return results


if __name__ == "__main__":
    for what, value in run().items():
        print(f"{what}: {value}")
