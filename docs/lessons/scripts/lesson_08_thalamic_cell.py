"""Lesson 8: one thalamic cell, tonic from rest and bursting after inhibition."""

from izhikevich import simulate
from izhikevich.analysis.plane import for_cell_type
from izhikevich.catalog import cell_type
from izhikevich.waveforms import step


def run() -> dict[str, str]:
    """Make the runs of the lesson; what they give, as the answers state it."""
    results = {}
    plane = for_cell_type(cell_type("2007", "TC"))
    assert plane.parameters == for_cell_type(cell_type("2007", "TC_burst")).parameters
    results["saddle-node"] = f"{plane.bifurcations().saddle_node.current:.4g}"
    tonic = simulate("2007", "TC", current=50)
    results["last interval of tonic firing at 50"] = f"{tonic.intervals[-1]:.2f}"
    burst = simulate("2007", "TC_burst", current=0)
    results["spikes of the burst"] = str(len(burst.spikes))
    results["first interval of the burst"] = f"{burst.intervals[0]:.2f}"
    results["last interval of the burst"] = f"{burst.intervals[-1]:.2f}"
    assert burst.intervals[0] < 10 < 100 < tonic.intervals[-1]
    peaks = burst.v[burst.spike_samples()]
    results["first peak"] = f"{peaks[0]:.1f}"
    results["last peak"] = f"{peaks[-1]:.1f}"
    assert all(peaks[:-1] < peaks[1:]), "the peak is vpeak + 0.1 u, and u rises"
    release = burst.t.searchsorted(120)
    results["u at the release"] = f"{burst.u[release]:.0f}"
    inhibited = plane.fixed_points(-1200)[0]
    results["rest during inhibition"] = f"{inhibited.v:.1f}"
    assert inhibited.v < -65, "on the steep branch of U(v)"

    for amplitude in (-1200, -600, -400, -200):
        n = len(simulate("2007", "TC_burst", current=step(amplitude, 0, 120)).spikes)
        results[f"spikes after {amplitude}"] = str(n)
    counts = [int(results[f"spikes after {x}"]) for x in (-1200, -600, -400, -200)]
    assert counts == sorted(counts, reverse=True) and counts[-1] == 0
    return results


if __name__ == "__main__":
    for what, value in run().items():
        print(f"{what}: {value}")
