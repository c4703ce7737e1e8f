"""The figure of one run; and the voltages, currents and runaways that others draw the same way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from izhikevich.experiments.runaways import ran_away_at
from izhikevich.recording import Recording
from izhikevich.views.figures.style import (
    GREY,
    LABEL_SIZE,
    SMALL_SIZE,
    STIMULUS,
    TITLE_SIZE,
    TRACE,
)

# Beyond these a runaway would flatten everything else (mV).
_LOWEST_SHOWN, _HIGHEST_SHOWN = -150.0, 100.0


def trace(recording: Recording, axes: Axes | None = None) -> Axes:
    """Draw the voltage over time, with the injected current below it.

    Parameters
    ----------
    recording : Recording
    axes : matplotlib.axes.Axes, optional
        Where to draw; default: the axes of a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes of the voltage (ms, mV); those of the current are its one inset, ``child_axes[0]``.
    """
    if axes is None:
        figure = Figure(figsize=(6.4, 4.0))
        axes = figure.add_axes((0.11, 0.13, 0.76, 0.75))
    entry = recording.cell_type
    axes.set_title(
        f"{entry.label}: {recording.variant}, {scheme_in_words(recording)}", fontsize=TITLE_SIZE
    )
    draw_voltage(axes, recording, headroom=0.16 if ran_away_at(recording) is not None else 0.04)
    axes.set_xlabel("t (ms)", fontsize=LABEL_SIZE)
    axes.set_ylabel("v (mV)", fontsize=LABEL_SIZE)
    axes.tick_params(labelsize=SMALL_SIZE)
    stimulus = room_for_stimulus(axes, 0.2)
    draw_stimulus(stimulus, recording)
    stimulus.yaxis.tick_right()
    stimulus.yaxis.set_label_position("right")
    stimulus.set_ylabel(f"I ({recording.current_unit})", fontsize=LABEL_SIZE)
    stimulus.set_yticks(extremes(recording.i))
    stimulus.tick_params(labelsize=SMALL_SIZE, labelbottom=False, bottom=False)
    stimulus.spines[["top", "left", "bottom"]].set_visible(False)
    axes.spines[["top", "right"]].set_visible(False)
    mark_runaway(axes, recording)
    return axes


def scheme_in_words(recording: Recording) -> str:
    """The scheme with its step, for a title."""
    if recording.dt is None:
        return recording.scheme
    return f"{recording.scheme}, dt = {recording.dt:g} ms"


def draw_voltage(
    axes: Axes, recording: Recording, style: Mapping[str, Any] = TRACE, headroom: float = 0.04
) -> None:
    """Draw v and show its range and the whole duration, even of a run that ended early."""
    axes.plot(recording.t, recording.v, **style)
    low, high = voltage_range([recording])
    axes.set_ylim(low - 0.04 * (high - low), high + headroom * (high - low))
    axes.set_xlim(0, recording.tstop)


def voltage_range(recordings: Iterable[Recording]) -> tuple[float, float]:
    """Lowest and highest voltage worth showing, mV."""
    lows, highs = zip(*((r.v.min(), r.v.max()) for r in recordings), strict=True)
    low, high = max(min(lows), _LOWEST_SHOWN), min(max(highs), _HIGHEST_SHOWN)
    return (low, high) if high - low > 1 else (low - 1, high + 1)


def room_for_stimulus(axes: Axes, share: float) -> Axes:
    """Keep the lowest `share` of the axes free of the voltage, for the axes returned."""
    low, high = axes.get_ylim()
    axes.set_ylim(high - (high - low) / (1 - share), high)
    ticks = [tick for tick in axes.get_yticks() if low <= tick <= high]
    axes.set_yticks(ticks)
    inset = axes.inset_axes((0, 0.02, 1, share - 0.08), sharex=axes)
    inset.patch.set_visible(False)
    return inset


def draw_stimulus(axes: Axes, recording: Recording) -> None:
    """Draw the current as it was injected: step by step, or as the polygon it is in between."""
    if recording.dt is None:
        times, amplitudes = recording.waveform.knots(float(recording.t[-1]))
        # a jump at the very end was not injected any more
        n = int(np.searchsorted(times, times[-1])) + 1
        axes.plot(times[:n], amplitudes[:n], **STIMULUS)
    else:
        # i[j] is the current of the step that ended at t[j]
        axes.plot(recording.t, recording.i, drawstyle="steps-pre", **STIMULUS)
    low, high = float(recording.i.min()), float(recording.i.max())
    margin = 0.1 * (high - low) or 1.0
    axes.set_ylim(low - margin, high + margin)


def extremes(values: np.ndarray) -> list[float]:
    """Lowest and highest value; one where they are the same."""
    return sorted({float(values.min()), float(values.max())})


def mark_runaway(axes: Axes, recording: Recording) -> None:
    """Say where a run left every bound, in the headroom above the trace."""
    end = ran_away_at(recording)
    if end is not None:
        axes.axvline(end, ymax=0.83, color=GREY, linewidth=0.6, linestyle=":")
        axes.text(
            0.99,
            0.97,
            f"runs away at {end:.1f} ms",
            transform=axes.transAxes,
            ha="right",
            va="top",
            fontsize=SMALL_SIZE,
        )
