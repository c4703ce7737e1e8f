"""How all figures look: colours, sizes, how a number is written.

The colours are those that people with any colour vision tell apart (M. Okabe and K. Ito, "Color
universal design", 2008). They differ in lightness as well, and lines in width or dashes, so
that the figures can be printed in black and white.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from matplotlib.axes import Axes

BLACK, BLUE, ORANGE, VERMILLION, GREY = "#000000", "#0072B2", "#E69F00", "#D55E00", "#666666"
TITLE_SIZE, LABEL_SIZE, SMALL_SIZE = 9.0, 8.0, 7.0

TRACE: Mapping[str, Any] = MappingProxyType(dict(color=BLACK, linewidth=0.8))
STIMULUS: Mapping[str, Any] = MappingProxyType(dict(color=VERMILLION, linewidth=0.9))
LEGEND_BESIDE: Mapping[str, Any] = MappingProxyType(
    dict(loc="upper left", bbox_to_anchor=(1.02, 1), fontsize=SMALL_SIZE, frameon=False)
)


def finish(axes: Axes, x: str, y: str, title: str) -> None:
    """Label the axes, and leave the spines that it needs."""
    axes.set_xlabel(x, fontsize=LABEL_SIZE)
    axes.set_ylabel(y, fontsize=LABEL_SIZE)
    axes.set_title(title, fontsize=TITLE_SIZE)
    axes.tick_params(labelsize=SMALL_SIZE)
    axes.spines[["top", "right"]].set_visible(False)


def number(value: float) -> str:
    """A number for people, with a true minus sign."""
    return f"{value:.4g}".replace("-", "\N{MINUS SIGN}")
