"""Lesson 4: a burst goes on while u climbs: where a spike lands (c), how much u it costs (d)."""

import numpy as np

from izhikevich import simulate

# A longer interval (ms) than this ends a burst.
PAUSE = 11.0


def burst_sizes(**changes: float) -> list[int]:
    """Spikes of each whole burst of the tonic bursting cell."""
    spikes = simulate("2004", "tonic bursting", parameters=changes, tstop=600).spikes
    ends = np.flatnonzero(np.diff(spikes) > PAUSE)
    return np.diff([-1, *ends]).tolist()


def run() -> dict[str, str]:
    """Make the runs of the lesson; what they give, as the answers state it."""
    results = {}
    for c in (-50, -53, -55, -65):
        sizes = burst_sizes(c=c)
        results[f"spikes of the second burst at c = {c}"] = str(sizes[1])
    for d in (2, 3, 4):
        results[f"spikes of the second burst at d = {d}"] = str(burst_sizes(d=d)[1])
    by_c = [int(results[f"spikes of the second burst at c = {c}"]) for c in (-50, -53, -55, -65)]
    by_d = [int(results[f"spikes of the second burst at d = {d}"]) for d in (2, 3, 4)]
    assert by_c == sorted(by_c, reverse=True) and by_c[-1] == 1, "tonic spiking in the end"
    assert by_d == sorted(by_d, reverse=True) and by_d[0] > by_d[-1]

    recording = simulate("2004", "tonic bursting")
    at = recording.spike_samples()
    intervals = recording.intervals
    last = int(np.argmax(intervals > PAUSE))
    rise = recording.u[at[last]] - recording.u[at[0]]
    results["rise of u in the first burst"] = f"{rise:.1f}"
    results["spikes of the first burst"] = str(last + 1)
    results["pause after it"] = f"{intervals[last]:.1f}"
    assert 0 < rise <= 2 * last, "each spike adds d, some of which decays"
    return results


if __name__ == "__main__":
    for what, value in run().items():
        print(f"{what}: {value}")
