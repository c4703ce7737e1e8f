"""Lesson 10: the same equations as a point process or in a section, in a small network."""

from neuron import h

from izhikevich import simulate
from izhikevich.engine.cells import Izhi2003Cell
from izhikevich.waveforms import Step, Waveform

N_CELLS = 100


def two_cells(host: str | None) -> tuple[list[float], list[float]]:
    """Run a driven cell that excites a silent one; spikes of both."""
    first, second = (Izhi2003Cell("tonic spiking", host=host, cellid=n) for n in (0, 1))
    first.izh.Iin = 14
    if host is None:  # NEURON's own synapse acts on the section's voltage, which is the cell's
        synapse = h.ExpSyn(second.sec(0.5))
        synapse.tau, synapse.e = 1, 0
        connection = h.NetCon(first.izh, synapse)
        connection.weight[0] = 0.0004  # uS: 0.4/ms for a cell of 1 pF
    else:  # a point process takes events itself
        connection = h.NetCon(first.izh, second.izh)
        connection.weight[0] = 0.4
    times = [h.Vector(), h.Vector()]
    detectors = [h.NetCon(cell.izh, None) for cell in (first, second)]
    for detector, vector in zip(detectors, times, strict=True):
        detector.record(vector)
    h.dt = 0.01
    h.finitialize(-70)
    for cell in (first, second):
        cell.init()
    while h.t < 200:
        h.fadvance()
    return times[0].to_python(), times[1].to_python()


def address_of_a_clamped_cell() -> float:
    """Clamp the section that is the address of a point process; the cell does not notice."""
    section = h.Section(name="address")
    cell = Izhi2003Cell("tonic spiking", host=section)
    clamp = h.SEClamp(section(0.5))
    clamp.dur1, clamp.amp1, clamp.rs = 1e9, -20, 0.001
    h.dt = 0.01
    h.finitialize(-70)
    cell.init()
    while h.t < 100:
        h.fadvance()
    assert abs(cell.izh.V - -70) < 0.01, "its own voltage is still at rest"
    return float(section(0.5).v)


def n_sections(host: str | None) -> int:
    """Sections that a network of cells needs."""
    before = sum(1 for _ in h.allsec())
    cells = [Izhi2003Cell("tonic spiking", host=host, cellid=n) for n in range(N_CELLS)]
    assert len(cells) == N_CELLS
    return max(1, sum(1 for _ in h.allsec()) - before)


def run() -> dict[str, str]:
    """Make the runs of the lesson; what they give, as the answers state it."""
    results = {}
    alone = Waveform(0, (Step(10, 14),))
    spikes = {
        v: simulate("2004", "tonic spiking", variant=v, current=alone).spikes for v in ("PP", "Sec")
    }
    assert spikes["PP"].tolist() == spikes["Sec"].tolist()
    results["spikes of one cell, PP and Sec"] = str(len(spikes["PP"]))

    driver, follower = two_cells("dummy")
    driver_in_section, follower_in_section = two_cells(None)
    results["spikes of the driver"] = str(len(driver))
    results["spikes of the follower, PP"] = str(len(follower))
    results["spikes of the follower, Sec"] = str(len(follower_in_section))
    assert len(driver) == len(driver_in_section) and len(follower) > 0

    results["voltage of the address of a PP"] = f"{address_of_a_clamped_cell():.0f}"
    assert results["voltage of the address of a PP"] == "-20"

    results["sections of the network, PP"] = str(n_sections("dummy"))
    results["sections of the network, Sec"] = str(n_sections(None))
    assert results["sections of the network, PP"] == "1"
    assert results["sections of the network, Sec"] == str(N_CELLS)
    return results


if __name__ == "__main__":
    for what, value in run().items():
        print(f"{what}: {value}")
