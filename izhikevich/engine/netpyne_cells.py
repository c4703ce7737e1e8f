"""Cells in NetPyNE: rules for its `cellParams`, and populations of point processes by name.

A rule says what NetPyNE has to know and cannot guess: the section's capacitance, which variable is
the voltage, which weight of a connection is which receptor, and where a spike is one. NetPyNE sees
the spikes of a cell with a section as v passes a threshold, 10 mV unless it is told otherwise,
which an RTN cell, with its peak at 0 mV, never reaches.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from neuron import h

from izhikevich.catalog import CellType, cell_type
from izhikevich.choice import VARIANTS
from izhikevich.engine import mechanisms
from izhikevich.engine.addresses import dummy_section
from izhikevich.engine.cells import RECEPTORS, section_for
from izhikevich.engine.parameters import IN_NETWORKS, check_names, check_value, defaults
from izhikevich.errors import ParameterError

#: Names of the section and of the point process in a rule.
SECTION, POINT = "soma", "izh"


def netpyne_rule(
    paper: str,
    type: str,
    variant: str = "PP",
    *,
    parameters: Mapping[str, float] | None = None,
    section: bool = True,
) -> dict[str, Any]:
    """A rule of a cell type for NetPyNE's `cellParams`.

    Parameters
    ----------
    paper, type : str
        Of the catalogue, such as "2007" and "RS".
    variant : str
        "PP" or "Sec".
    parameters : mapping of str to float, optional
        Parameters of the mechanism other than the type's, as for `create_cells`: Iin is 0
        otherwise, and keepg is 1.
    section : bool
        Whether a point process gets a section as its address, which NetPyNE needs for stimuli
        other than connections and to draw the network. Without, it is a point cell, as NetPyNE
        calls it: lighter, and its spikes are those of the mechanism to the step in all types.

    Returns
    -------
    dict
        For ``netParams.cellParams[label]``; a population then has ``"cellType": label``. A
        connection to a point process names its receptor as ``synMech``.

    Raises
    ------
    ParameterError
        If a parameter is unknown or cannot have its value.
    UnknownCellTypeError
        If the catalogue has no such type.

    Notes
    -----
    With a section the threshold is the type's peak, so that spikes come at the steps of the
    mechanism. In LTS and TC the peak moves with u, and the threshold is where it meets the reset:
    NetPyNE has their spikes up to about 1 ms early.
    """
    if variant not in VARIANTS:
        raise ParameterError(f'variant is "PP" or "Sec", not {variant!r}')
    if variant == "Sec" and not section:
        raise ParameterError("a cell with its section's voltage has a section")
    mechanisms.load()
    entry = cell_type(paper, type)
    mechanism = entry.model.mechanisms[variant]
    changes = parameters or {}
    check_names(changes, mechanism)
    for name, value in changes.items():
        check_value(name, value)
    names = defaults(mechanism)
    known = {name: x for name, x in entry.parameters.items() if name in names}
    different = {name: x for name, x in IN_NETWORKS.items() if name in names}
    values: dict[str, Any] = {**known, **different, **changes}
    if not section:
        let_netpyne_place_points()
        return {"cellModel": mechanism, "params": values}
    point: dict[str, Any] = {"mod": mechanism, "loc": 0.5, **values}
    if variant == "PP":
        point |= {"vref": "V", "synList": list(RECEPTORS[mechanism])}
    whole = entry.model.complete({**entry.parameters, **{k: values[k] for k in known}})
    form = section_for(entry.model, whole, "for netpyne")
    return {
        "secs": {
            SECTION: {
                "geom": {"L": form.L, "diam": form.diam, "nseg": 1, "cm": form.cm},
                "threshold": detection_threshold(entry, whole),
                "pointps": {POINT: point},
            }
        }
    }


def detection_threshold(entry: CellType, values: Mapping[str, float]) -> float:
    """Voltage, mV, whose crossing tells a spike to who sees v alone.

    Parameters
    ----------
    entry : CellType
    values : mapping of str to float
        Every parameter.
    """
    rule = entry.model.spike(values)
    closing = rule.c_slope - rule.threshold_slope
    if not rule.threshold_slope or not closing:
        return rule.threshold
    # between the reset and the peak for every u for which the one is below the other
    u = (rule.threshold - rule.c) / closing
    return rule.threshold + rule.threshold_slope * u


def let_netpyne_place_points() -> None:
    """Let NetPyNE make populations whose `cellModel` is a point process of ours.

    NetPyNE makes what a `cellModel` names without a section, as it makes a NetStim, and NEURON
    refuses that for mechanisms like ours. From now on, such cells share a section as their
    address, `synMech` of a connection is one of their receptors, and their parameters are those of
    the population or its rule.
    """
    from netpyne import sim

    if getattr(sim.PointCell, "places_izhikevich_points", False):
        return
    mechanisms.load()

    class PointCell(sim.PointCell):
        """NetPyNE's cell without section; a mechanism of ours gets one as its address."""

        places_izhikevich_points = True

        def _mechanism(self) -> str | None:
            name = self.tags["cellModel"]
            return name if name in RECEPTORS else None

        def createNEURONObj(self, prop: Any = None) -> None:
            """Create the point process with its parameters."""
            mechanism = self._mechanism()
            if mechanism is None:
                super().createNEURONObj(prop)
                return
            if not RECEPTORS[mechanism]:
                raise ParameterError(
                    f"{mechanism} has the voltage of its section: give its population a rule by "
                    'izhikevich.netpyne_rule(paper, type, "Sec"), and no cellModel'
                )
            check_names(self.params, mechanism)
            self.hPointp = getattr(h, mechanism)(dummy_section()(0.5))
            for name, value in self.params.items():
                check_value(name, value)
                setattr(self.hPointp, name, value)

        def associateGid(self, threshold: float | None = None) -> None:
            """Register the cell; its spikes are events of the mechanism, not crossings of vref."""
            if self._mechanism():
                self.tags.pop("vref", None)
            super().associateGid(threshold)

        def addConn(self, params: dict[str, Any], netStimParams: Any = None) -> None:
            """Connect; a receptor is known by its name."""
            mechanism, receptor = self._mechanism(), params.get("synMech")
            if mechanism and receptor is not None:
                if receptor not in RECEPTORS[mechanism]:
                    raise ParameterError(
                        f"unknown receptor {receptor!r}: in {mechanism} synMech is one of "
                        f"{', '.join(RECEPTORS[mechanism])}"
                    )
                params = {**params, "weightIndex": RECEPTORS[mechanism].index(receptor)}
            super().addConn(params, netStimParams)

        def addStim(self, params: dict[str, Any]) -> None:
            """Add a source of events; a clamp needs a section with the cell's voltage."""
            mechanism = self._mechanism()
            if mechanism and params["type"] != "NetStim":
                raise ParameterError(
                    f"{mechanism} has a voltage of its own, which {params['type']} does not reach: "
                    "give the population an Iin"
                )
            stim = {"number": 1e9, "start": 0, "noise": 0, "seed": sim.cfg.seeds["stim"], **params}
            if "rate" not in stim:
                stim["rate"] = 1000 / stim["interval"]
            names = ("source", "type", "rate", "noise", "number", "start", "seed")
            self.addConn({**params, "preGid": "NetStim"}, {name: stim[name] for name in names})

    sim.PointCell = PointCell
