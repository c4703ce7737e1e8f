"""Lesson 5: rest and firing side by side; whether a pulse ends the firing is the integrator's."""

import numpy as np

from izhikevich import simulate
from izhikevich.analysis.plane import for_cell_type
from izhikevich.catalog import cell_type
from izhikevich.experiments.rates import fi_curve
from izhikevich.experiments.steps import step_rheobase
from izhikevich.waveforms import Step, Waveform


def run() -> dict[str, str]:
    """Make the runs of the lesson; what they give, as the answers state it."""
    results = {}
    hopf = for_cell_type(cell_type("2004", "bistability")).bifurcations().hopf
    results["Andronov-Hopf"] = f"{hopf.current:.4f}"
    assert not hopf.supercritical
    curve = fi_curve("2004", "bistability", np.linspace(0.14, 0.3, 17), scheme="exact")
    results["lowest current that goes on firing"] = f"{curve.bistable[0]:.2f}"
    results["highest current that goes on resting"] = f"{curve.bistable[-1]:.2f}"
    assert curve.bistable[0] < 0.24 < curve.bistable[-1] <= hopf.current

    published = simulate("2004", "bistability")
    exact = simulate("2004", "bistability", scheme="exact")
    fine = simulate("2004", "bistability", scheme="fixed", dt=0.01)
    results["spikes, published"] = str(len(published.spikes))
    results["last spike, published"] = f"{published.spikes[-1]:.2f}"
    results["spikes, exact"] = str(len(exact.spikes))
    results["spikes, step 0.01"] = str(len(fine.spikes))
    assert published.spikes[-1] < 216 + 5 + 40, "the second pulse ends the firing"
    assert len(exact.spikes) == len(fine.spikes) > len(published.spikes)
    assert exact.spikes[-1] > 250, "in the exact solution it goes on"

    # the figure's current, with the second pulse earlier
    steps = ((37.5, 1.24), (42.5, 0.24), (207, 1.24), (212, 0.24))
    earlier = Waveform(0.24, tuple(Step(time, level) for time, level in steps))
    in_time = simulate("2004", "bistability", scheme="exact", current=earlier)
    results["spikes, exact, with the second pulse at 207"] = str(len(in_time.spikes))
    assert in_time.spikes[-1] < 207, "a pulse in time ends the exact firing, too"

    results["step rheobase"] = f"{step_rheobase('2004', 'bistability'):.3f}"
    assert float(results["step rheobase"]) < hopf.current
    return results


if __name__ == "__main__":
    for what, value in run().items():
        print(f"{what}: {value}")
