"""Lesson 2: two pulses work together when they are close, or when they are in step."""

from izhikevich import simulate
from izhikevich.analysis.plane import for_cell_type
from izhikevich.catalog import cell_type
from izhikevich.experiments.ringing import ringing
from izhikevich.waveforms import Step, Waveform

GAPS = (5, 10, 20, 30, 40, 50, 60)


def pair(amplitude: float, width: float, gap: float) -> Waveform:
    """Two pulses whose onsets lie `gap` ms apart."""
    edges = ((20, amplitude), (20 + width, 0), (20 + gap, amplitude), (20 + gap + width, 0))
    return Waveform(0, tuple(Step(time, level) for time, level in edges))


def working_gaps(key: str, amplitude: float, width: float) -> list[int]:
    """Gaps (ms) at which a pair of pulses fires the cell."""
    runs = {
        gap: simulate(
            "2004", key, current=pair(amplitude, width, gap), tstop=200, parameters=rest(key)
        )
        for gap in GAPS
    }
    return [gap for gap, recording in runs.items() if len(recording.spikes)]


def rest(key: str) -> dict[str, float]:
    """Start at rest."""
    point = for_cell_type(cell_type("2004", key)).fixed_points(0)[0]
    return {"v0": point.v, "u0": point.u}


def run() -> dict[str, str]:
    """Make the runs of the lesson; what they give, as the answers state it."""
    results = {}
    integrator, resonator = simulate("2004", "integrator"), simulate("2004", "resonator")
    assert len(integrator.spikes) == len(resonator.spikes) == 1
    results["spike of the integrator"] = f"{integrator.spikes[0]:.2f}"
    results["spike of the resonator"] = f"{resonator.spikes[0]:.2f}"
    assert 14 < integrator.spikes[0] < 70, "the close pair, not the wide one"
    assert resonator.spikes[0] > 320, "the pair in step, not the close one"

    rang = ringing("2004", "resonator")
    assert abs(rang.measured / rang.predicted - 1) < 0.005
    results["period of the ringing, measured"] = f"{rang.measured:.1f}"
    results["period of the ringing, eigenvalues"] = f"{rang.predicted:.1f}"
    kinds = {key: for_cell_type(cell_type("2004", key)) for key in ("integrator", "resonator")}
    assert kinds["integrator"].fixed_points(0)[0].kind == "stable node"
    assert kinds["resonator"].fixed_points(0)[0].kind == "stable focus"
    assert kinds["integrator"].bifurcations().behaviour == "integrator"
    assert kinds["resonator"].bifurcations().behaviour == "resonator"

    for key, amplitude, width in (("integrator", 9, 2), ("resonator", 0.65, 4)):
        gaps = working_gaps(key, amplitude, width)
        results[f"gaps that fire the {key}"] = ", ".join(map(str, gaps)) or "none"
    return results


if __name__ == "__main__":
    for what, value in run().items():
        print(f"{what}: {value}")
