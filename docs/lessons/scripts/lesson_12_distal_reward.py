"""Lesson 12: what dopamine does to connections when it comes 1 to 3 s late (2007)."""

import runpy
from pathlib import Path

import numpy as np

SECONDS = 120
EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "distal_reward.py"


def run() -> dict[str, str]:
    """Make the runs of the lesson; what they give, as the answers state it."""
    found = runpy.run_path(str(EXAMPLE))["run"](SECONDS)

    # seconds that follow a reward at once, and those long after one
    end = 1000 * np.arange(1, SECONDS + 1)
    since = np.array([min([t - r for r in found.rewards if r < t], default=np.inf) for t in end])
    change = np.abs(np.diff(found.mean, prepend=1.0))
    after, without = change[since <= 1000].mean(), change[since > 5000].mean()
    assert after > 3 * without

    eligibility_left = 0.99 ** (2000 / 10)
    assert 0.1 < eligibility_left < 0.2
    assert found.mean[-1] < 1
    return {
        "rewards": str(len(found.rewards)),
        "change of the mean weight in the second after a reward, against others": (
            f"{after / without:.0f}"
        ),
        "eligibility that is left after 2 s, %": f"{100 * eligibility_left:.0f}",
        "mean weight at the end": f"{found.mean[-1]:.2f}",
    }


if __name__ == "__main__":
    for what, value in run().items():
        print(f"{what}: {value}")
