"""Lesson 3: inhibition lowers u, and the released cell lies below the v-nullcline."""

from izhikevich import simulate
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
    assert recording.u[release] < knee, "below the parabola v' is positive everywhere"

    for amplitude, end in ((-3, 25), (-1, 25), (-3, 10)):
        n = len(simulate("2004", "rebound spike", current=step(amplitude, 0, end)).spikes)
        results[f"spikes after {amplitude} until {end}"] = str(n)
    assert results["spikes after -3 until 25"] == "1"
    assert results["spikes after -1 until 25"] == results["spikes after -3 until 10"] == "0"
    return results


if __name__ == "__main__":
    for what, value in run().items():
        print(f"{what}: {value}")
