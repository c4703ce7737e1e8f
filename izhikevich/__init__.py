"""Izhikevich's neuron in NEURON: every published cell type, as published and exactly.

>>> import izhikevich
>>> recording = izhikevich.simulate("2004", "tonic spiking")
>>> recording.spikes
"""

from __future__ import annotations

from typing import Any

from izhikevich.moved import serve_former_names

_HOMES = {
    "Adjustable": "engine.population_plasticity",
    "Choice": "choice",
    "CATALOG": "catalog",
    "DopamineSTDP": "engine.population_plasticity",
    "IzhiCell": "engine.cells",
    "Izhi2003Cell": "engine.cells",
    "IzhikevichError": "errors",
    "NotFiniteError": "engine.finite",
    "ParameterError": "errors",
    "Population": "engine.population",
    "Ramp": "waveforms",
    "Recording": "recording",
    "RunawayError": "recording",
    "STDP": "engine.population_plasticity",
    "SpikeRecord": "engine.spike_record",
    "Step": "waveforms",
    "Synapse": "choice",
    "TsodyksMarkram": "engine.population_plasticity",
    "UnknownCellTypeError": "catalog",
    "Waveform": "waveforms",
    "define": "own_cells",
    "define_from_file": "own_cells",
    "check_finite": "engine.finite",
    "check_gids": "engine.gids",
    "connect_cells": "engine.many_connections",
    "convert": "own_cells",
    "create_cells": "engine.many_cells",
    "explorer": "views.web",
    "fit": "fitting.search",
    "fit_section": "engine.capacitance",
    "forget_gids": "engine.gids",
    "let_netpyne_place_points": "engine.netpyne_cells",
    "map_of": "experiments.maps",
    "netpyne_rule": "engine.netpyne_cells",
    "simulate": "engine.simulation",
    "sweep": "experiments.sweeps",
    "when_not_finite": "engine.finite",
}

serve_former_names()


def __getattr__(name: str) -> Any:
    # on demand, so that the catalogue can be read where NEURON is not installed
    if name in _HOMES:
        import importlib

        return getattr(importlib.import_module(f"izhikevich.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
