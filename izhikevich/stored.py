"""Choices as plain data, as a file has them: written today, and by former versions."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from izhikevich.catalog import CellType, cell_type, papers, types_of
from izhikevich.choice import ByHand, Choice, Synapse, all_parameters
from izhikevich.models import MODELS
from izhikevich.publications import Explanation
from izhikevich.waveforms import Waveform


def choice_to_dict(choice: Choice) -> dict[str, Any]:
    """A choice in lists, texts and numbers, as JSON has them; `choice_from_dict` reads it back.

    The cell type is stored whole, so that one of a person's own is read where nobody knows it.
    """
    return {
        "cell_type": _cell_type_to_dict(choice.cell_type),
        "variant": choice.variant,
        "scheme": choice.scheme,
        "tstop": choice.tstop,
        "fixed_dt": choice.fixed_dt,
        "changes": dict(choice.changes),
        "current": None if choice.current is None else choice.current.to_dict(),
        "by_hand": dataclasses.asdict(choice.by_hand),
        "synapse": None if choice.synapse is None else dataclasses.asdict(choice.synapse),
    }


def choice_from_dict(stored: Mapping[str, Any]) -> Choice:
    """Read what `choice_to_dict` gave.

    Raises
    ------
    KeyError, TypeError
        If it is not that.
    """
    current, synapse = stored["current"], stored["synapse"]
    return Choice(
        _cell_type_from_dict(stored["cell_type"]),
        stored["variant"],
        stored["scheme"],
        tstop=stored["tstop"],
        fixed_dt=stored["fixed_dt"],
        changes=stored["changes"],
        current=None if current is None else Waveform.from_dict(current),
        by_hand=_by_hand_from_dict(stored["by_hand"]),
        synapse=None if synapse is None else Synapse(**synapse),
    )


def _by_hand_from_dict(stored: Mapping[str, Any]) -> ByHand:
    # former versions had it in force while it was not zero
    former = stored["before"] != 0 or stored["after"] != 0
    return ByHand(**{"in_force": former, **stored})


def choice_of_run(
    paper: str,
    key: str,
    variant: str,
    scheme: str,
    dt: float | None,
    tstop: float,
    parameters: Mapping[str, float],
    waveform: Waveform,
) -> Choice:
    """The choice behind a run that former versions described by these single values."""
    entry = cell_type(paper, key)
    own = all_parameters(entry, {})
    return Choice(
        entry,
        variant,
        scheme,
        tstop=tstop,
        fixed_dt=entry.dt if dt is None else dt,
        changes={name: x for name, x in parameters.items() if x != own[name]},
        current=None if waveform == entry.default_current else waveform,
    )


def _cell_type_to_dict(entry: CellType) -> dict[str, Any]:
    return {
        **vars(entry),
        "model": entry.model.name,
        "parameters": dict(entry.parameters),
        "currents": [current.to_dict() for current in entry.currents],
    }


def _cell_type_from_dict(stored: Mapping[str, Any]) -> CellType:
    paper = stored["paper"]
    known = types_of(paper).get(stored["key"]) if paper in papers() else None
    conditioning, explanation = stored["conditioning"], stored["explanation"]
    entry = CellType(
        **{
            **stored,
            "model": MODELS[stored["model"]],
            "currents": tuple(map(Waveform.from_dict, stored["currents"])),
            "amplitudes": tuple(stored["amplitudes"]),
            "conditioning": None if conditioning is None else tuple(conditioning),
            "spikes_published": tuple(stored["spikes_published"]),
            "spikes_exact": tuple(stored["spikes_exact"]),
            "explanation": None if explanation is None else Explanation(*explanation),
        }
    )
    if known is None:
        return entry
    # what is said of it may have been written anew since
    said = {name: getattr(known, name) for name in _SAID}
    return known if dataclasses.replace(entry, **said) == known else entry


# Of a cell type, what no run depends on.
_SAID = (
    "label",
    "panel",
    "figure",
    "spikes_published",
    "spikes_exact",
    "explanation",
    "button",
    "title",
    "reading",
)
