"""Lesson 3: inhibition lowers u, and the released cell lies beyond the saddle's stable manifold."""

import numpy as np

from izhikevich import simulate
from izhikevich.analysis.manifolds import stable_manifold
from izhikevich.analysis.plane import for_cell_type
from izhikevich.catalog import cell_type
from izhikevich.waveforms import step


def run() -> dict[str, str]:
    """Make the runs of the lesson; what they give, as the answers state it."""
    results = {}
    recording = simulate("2004", "rebound spike")
    assert len(recording.spikes) == 1
    results["spike"] = f"{recording.spikes[0]:.1f}"
    assert recording.spikes[0] > 25, "after the inhibition"
    plane = for_cell_type(cell_type("2004", "rebound spike"))
    rest = plane.fixed_points(0)[0]
    results["rest"] = f"{rest.v:.1f}"
    results["u at rest"] = f"{rest.u:.2f}"
    release = recording.t.searchsorted(25)
    results["u at the release"] = f"{recording.u[release]:.2f}"
    knee = plane.v_nullcline(-62.5, 0)
    results["u at the knee of the v-nullcline"] = f"{float(knee):.2f}"
    manifold_v, manifold_u = stable_manifold(plane, 0)
    results["saddle"] = f"{plane.fixed_points(0)[1].v:.1f}"

    def threshold(v: float) -> float:
        """The u of the manifold's left arm at `v`: below it the cell fires."""
        left = manifold_v <= plane.fixed_points(0)[1].v
        order = np.argsort(manifold_v[left])
        return float(np.interp(v, manifold_v[left][order], manifold_u[left][order]))

    assert recording.u[release] < threshold(recording.v[release])
    for amplitude, end in ((-3, 25), (-1, 25), (-3, 10)):
        weaker = simulate("2004", "rebound spike", current=step(amplitude, 0, end))
        n, at = len(weaker.spikes), weaker.t.searchsorted(end)
        results[f"spikes after {amplitude} until {end}"] = str(n)
        results[f"u after {amplitude} until {end}"] = f"{weaker.u[at]:.2f}"
        assert weaker.u[at] < knee, "below the whole parabola, whether it fires or not"
        assert (n > 0) == (weaker.u[at] < threshold(weaker.v[at])), "what decides is the manifold"
    assert results["spikes after -3 until 25"] == "1"
    assert results["spikes after -1 until 25"] == results["spikes after -3 until 10"] == "0"
    return results


if __name__ == "__main__":
    for what, value in run().items():
        print(f"{what}: {value}")
