"""The injected current of a run in words, for tables and titles."""

from __future__ import annotations

from izhikevich.recording import Recording


def current_text(recording: Recording) -> str:
    """The injected current in words: its amplitude with its unit, or that it is the figure's."""
    amplitude = constant_amplitude(recording)
    if amplitude is not None:
        return f"{amplitude:g} {recording.current_unit}"
    if recording.waveform == recording.cell_type.default_current:
        return "of the figure"
    return "changing"


def constant_amplitude(recording: Recording) -> float | None:
    """Amplitude of a constant current, after the conditioning where the type has one.

    Returns
    -------
    float or None
        In the model's unit; None for any other current.
    """
    waveform = recording.waveform
    amplitude = waveform.steps[-1].amplitude if waveform.steps else waveform.initial
    constant = recording.cell_type.driven_by(amplitude)
    return amplitude if waveform == constant else None
