"""Lesson 6: u follows a slow ramp, and is left behind by a steep one."""

from izhikevich import simulate
from izhikevich.analysis.plane import for_cell_type
from izhikevich.catalog import cell_type
from izhikevich.waveforms import Ramp, Waveform


def run() -> dict[str, str]:
    """Make the runs of the lesson; what they give, as the answers state it."""
    results = {}
    recording = simulate("2004", "accomodation")
    assert len(recording.spikes) == 1
    results["spike"] = f"{recording.spikes[0]:.1f}"
    assert 300 < recording.spikes[0] <= 312.5, "on the steep ramp"
    highest = {"slow": recording.i[recording.t <= 200].max(), "steep": recording.i[600:].max()}
    results["end of the slow ramp"] = f"{highest['slow']:.1f}"
    results["end of the steep ramp"] = f"{highest['steep']:.1f}"
    assert highest["slow"] > highest["steep"]

    plane = for_cell_type(cell_type("2004", "accomodation"))
    rests = [plane.fixed_points(current)[0] for current in (0, 8)]
    assert {point.kind for point in rests} == {"stable focus"}
    assert {point.v for point in rests} == {-65.0}
    results["u at rest at 0"] = f"{rests[0].u:.0f}"
    results["u at rest at 8"] = f"{rests[1].u:.0f}"
    assert plane.bifurcations().first is None, "no constant current takes the rest away"

    for a in (0.02, 0.01):
        spikes = simulate("2004", "accomodation", parameters={"a": a}).spikes
        n = int((spikes < 200).sum())
        results[f"spikes on the slow ramp at a = {a}"] = str(n)
    assert results["spikes on the slow ramp at a = 0.02"] == "0"
    assert int(results["spikes on the slow ramp at a = 0.01"]) > 0

    for duration in (200, 100, 50, 25, 12.5):
        ramp = Waveform(0, ramps=(Ramp(0, duration, 0, 4),))
        n = len(simulate("2004", "accomodation", current=ramp, tstop=250).spikes)
        results[f"spikes on a ramp to 4 in {duration} ms"] = str(n)
    assert results["spikes on a ramp to 4 in 200 ms"] == "0"
    assert results["spikes on a ramp to 4 in 12.5 ms"] == "1"
    return results


if __name__ == "__main__":
    for what, value in run().items():
        print(f"{what}: {value}")
