"""Lesson 7: just above a saddle-node the cell lingers where the rest was."""

import numpy as np

from izhikevich import simulate
from izhikevich.analysis.plane import for_cell_type
from izhikevich.catalog import cell_type
from izhikevich.experiments.steps import latency


def run() -> dict[str, str]:
    """Make the runs of the lesson; what they give, as the answers state it."""
    results = {}
    saddle_node = for_cell_type(cell_type("2004", "Class 1")).bifurcations().saddle_node
    results["saddle-node"] = f"{saddle_node.current:.4g}"
    beyond = np.array([0.0025, 0.01, 0.04])
    curve = latency("2004", "Class 1", saddle_node.current + beyond, duration=4000)
    for distance, time in zip(beyond, curve.latency, strict=True):
        results[f"latency {distance} beyond it"] = f"{time:.0f}"
    ratios = curve.latency[:-1] / curve.latency[1:]
    results["ratio of the first two"] = f"{ratios[0]:.2f}"
    assert np.all((ratios > 1.7) & (ratios < 2.2)), "four times the distance, half the latency"
    assert np.isinf(latency("2004", "Class 1", [saddle_node.current - 0.0025]).latency[0])

    published = simulate("2004", "spike latency")
    exact = simulate("2004", "spike latency", scheme="exact")
    assert len(published.spikes) == len(exact.spikes) == 1
    results["spike, published"] = f"{published.spikes[0]:.1f}"
    results["spike, exact"] = f"{exact.spikes[0]:.1f}"
    assert exact.spikes[0] > 13, "after the pulse"
    assert published.spikes[0] - exact.spikes[0] > 5
    saddle = for_cell_type(cell_type("2004", "spike latency")).fixed_points(0)[1]
    after = (exact.t > 13) & (exact.t < exact.spikes[0])
    distance = np.hypot(exact.v[after] - saddle.v, exact.u[after] - saddle.u).min()
    results["smallest distance from the saddle, exact"] = f"{distance:.1f}"
    return results


if __name__ == "__main__":
    for what, value in run().items():
        print(f"{what}: {value}")
