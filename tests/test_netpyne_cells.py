"""Cells in NetPyNE: rules, cells without a section, the doors; each in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from conftest import ROOT

from izhikevich import ParameterError, UnknownCellTypeError, netpyne_rule
from izhikevich.catalog import CATALOG
from izhikevich.engine.netpyne_cells import detection_threshold

START = """
import json, sys
import numpy as np
from netpyne import sim, specs
from neuron import h
from izhikevich import SpikeRecord, create_cells, let_netpyne_place_points, netpyne_rule
from izhikevich.catalog import CATALOG

params = specs.NetParams()

def run(duration=300, dt=0.1):
    config = specs.SimConfig()
    config.duration, config.dt, config.verbose = duration, dt, False
    config.hParams = {"celsius": 6.3, "v_init": -65}
    sim.initialize(params, config)
    sim.net.createPops()
    sim.net.createCells()
    sim.net.connectCells()
    sim.net.addStims()
    sim.setupRecording()
    record = SpikeRecord([point(cell) for cell in sim.net.cells])
    sim.runSim()
    sim.gatherData()
    theirs = np.array(sim.allSimData["spkt"]), np.array(sim.allSimData["spkid"])
    return {
        cell.tags["pop"]: [record.of(k).tolist(), theirs[0][theirs[1] == cell.gid].tolist()]
        for k, cell in enumerate(sim.net.cells)
    }

def point(cell):
    if cell.__class__.__name__ == "PointCell":
        return cell.hPointp
    return [each["hObj"] for sec in cell.secs.values() for each in sec["pointps"].values()][0]

def report(what):
    print("REPORT " + json.dumps(what), flush=True)
"""


def in_netpyne(code, cwd=ROOT):
    """Run code in a process of its own; gives what it reports."""
    done = subprocess.run(
        [sys.executable, "-c", START + code],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), "MPLBACKEND": "Agg"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    for line in done.stdout.splitlines():
        if line.startswith("REPORT "):
            return json.loads(line.removeprefix("REPORT "))
    raise AssertionError(done.stdout[-2000:] + done.stderr[-4000:])


@pytest.fixture(scope="module")
def all_types():
    """Spikes of every type by each kind of rule: the mechanism's own, and what NetPyNE has."""
    return in_netpyne("""
KINDS = {"PP": {}, "Sec": {"variant": "Sec"}, "point": {"section": False}}
for paper in CATALOG:
    for key, entry in CATALOG[paper].items():
        current = entry.default_current
        figure = [current.initial, *(each.amplitude for each in current.steps)]
        change = {"Iin": max(figure) + (60 if paper == "2007" else 3)}
        for kind, how in KINDS.items():
            label = f"{paper}/{key}/{kind}"
            params.cellParams[label] = netpyne_rule(paper, key, parameters=change, **how)
            params.popParams[label] = {"cellType": label, "numCells": 1}
report(run())
""")


def test_netpyne_has_the_spikes_of_each_type(all_types):
    runs_away = "2004/inhibition-induced bursting"
    slow_to_tell = ("LTS", "TC")  # their peak moves with u
    for label, (ours, theirs) in all_types.items():
        paper, key, kind = label.split("/")
        assert len(ours) > 0, label
        if kind == "point":
            assert theirs == ours, label
        elif paper == "2007" and key.startswith(slow_to_tell):
            assert len(ours) <= len(theirs) <= len(ours) + 1, label
            early = np.array(ours) - theirs[: len(ours)]
            assert np.all((early >= -1e-9) & (early < 4)), label
        elif not label.startswith(runs_away):
            np.testing.assert_allclose(theirs, ours, rtol=0, atol=1e-9, err_msg=label)


def test_a_rule_is_the_cell_that_create_cells_makes(all_types):
    """The same spikes as in NEURON without NetPyNE, whatever NetPyNE does with the section."""
    expected = in_netpyne("""
spikes = {}
for paper in CATALOG:
    for variant in ("PP", "Sec"):
        for key, entry in CATALOG[paper].items():
            current = entry.default_current
            figure = [current.initial, *(each.amplitude for each in current.steps)]
            change = {"Iin": max(figure) + (60 if paper == "2007" else 3)}
            gid = len(spikes)
            (cell,) = create_cells(paper, key, [gid], variant, parameters=change)
            spikes[f"{paper}/{key}/{variant}"] = cell, SpikeRecord([cell])
h.dt = 0.1
h.finitialize(-65)
h.ParallelContext().set_maxstep(10)
h.ParallelContext().psolve(300)
report({label: record.times.tolist() for label, (_, record) in spikes.items()})
""")
    for label, spikes in expected.items():
        assert all_types[label][0] == spikes, label
        if label.endswith("/PP") and "2003" not in label and "2004" not in label:
            assert all_types[label.replace("/PP", "/point")][0] == spikes


def test_a_cell_model_that_is_a_mechanism_needs_no_section():
    found = in_netpyne("""
let_netpyne_place_points()
let_netpyne_place_points()
params.popParams["steps"] = {"cellModel": "NetStim", "rate": 50, "noise": 0, "numCells": 1}
# vref, which a cell with a section needs, does no harm
for name, synapse in {"AMPA": "AMPA", "GABAA": "GABAA", "first": None, "none": None}.items():
    params.popParams[name] = {
        "cellModel": "Izhi2007a", "numCells": 1, "Iin": 100, "vref": "V", "C": 1.0
    }
    if name != "none":
        rule = {"preConds": {"pop": "steps"}, "postConds": {"pop": name}, "weight": 30, "delay": 2}
        params.connParams[name] = rule | ({"synMech": synapse} if synapse else {})
params.popParams["pulse"] = {"cellModel": "Izhi2003a", "numCells": 1, "Iin": 0}
params.stimSourceParams["noise"] = {"type": "NetStim", "rate": 200, "noise": 1}
params.stimTargetParams["noise"] = {
    "source": "noise", "conds": {"pop": "pulse"}, "synMech": "pulse", "weight": 300, "delay": 1
}
params.cellParams["FS"] = netpyne_rule("2007", "FS", section=False, parameters={"Iin": 150})
params.popParams["FS"] = {"cellType": "FS", "numCells": 1}
spikes = run()
weights = {}
for cell in sim.net.cells:
    for conn in cell.conns:
        nc = conn["hObj"]
        weights[cell.tags["pop"]] = [nc.weight[k] for k in range(int(nc.wcnt()))]
report({"spikes": spikes, "weights": weights})
""")
    spikes = {name: ours for name, (ours, theirs) in found["spikes"].items() if ours == theirs}
    assert set(spikes) == {"steps", "AMPA", "GABAA", "first", "none", "pulse", "FS"}
    assert len(spikes["AMPA"]) > len(spikes["none"]) > len(spikes["GABAA"])
    assert spikes["first"] == spikes["AMPA"] and len(spikes["FS"]) > 5 and spikes["pulse"]
    assert found["weights"]["GABAA"] == [0, 0, 30, 0, 0]
    assert found["weights"]["pulse"] == [0, 300]


def test_what_such_a_population_cannot_be_is_said():
    conn = {"preConds": {"pop": "A"}, "postConds": {"pop": "A"}, "weight": 1, "delay": 2}
    clamp = {"type": "IClamp", "amp": 1, "dur": 9, "del": 1}
    cases = [
        ({"cellModel": "Izhi2007b"}, {}, "Izhi2007b has the voltage of its section"),
        ({"cellModel": "Izhi2007a", "tau": 1}, {}, "unknown parameter 'tau'"),
        ({"cellModel": "Izhi2007a", "C": 0}, {}, "C must be greater than 0"),
        (
            {"cellModel": "Izhi2007a"},
            {"connParams": {**conn, "synMech": "exc"}},
            "unknown receptor 'exc'",
        ),
        (
            {"cellModel": "Izhi2007a"},
            {
                "stimSourceParams": clamp,
                "stimTargetParams": {"source": "x", "conds": {"pop": "A"}},
            },
            "which IClamp does not reach",
        ),
    ]
    found = in_netpyne(f"""
let_netpyne_place_points()
told = []
for population, others in {[case[:2] for case in cases]!r}:
    params = specs.NetParams()
    params.popParams["A"] = {{**population, "numCells": 2}}
    for name, value in others.items():
        getattr(params, name)["x"] = value
    try:
        run(10)
    except ValueError as error:
        told.append(str(error))
report(told)
""")
    assert len(found) == len(cases)
    for told, (*_, message) in zip(found, cases, strict=True):
        assert message in told


def test_the_doors_are_imported_as_in_netpynes_tutorial():
    found = in_netpyne("""
import izhi2003Wrapper, izhi2007Wrapper  # NetPyNE looks for the mechanisms before it imports
for paper, kind in (("2003", "tonic spiking"), ("2007", "RS")):
    for host in ({"host": "dummy"}, {}):
        label = paper + ("a" if host else "b")
        rule = params.importCellParams(
            label=label, conds={"cellType": "PYR", "cellModel": "Izh" + label},
            fileName=f"izhi{paper}Wrapper.py", cellName="IzhiCell", cellArgs={"type": kind, **host},
        )
        params.renameCellParamsSec(label, "sec", "soma")
        point_params = rule["secs"]["soma"]["pointps"][f"Izhi{label}_0"]
        point_params["Iin"] = 14 if paper == "2003" else 300
        if host:
            point_params["vref"] = "V"
        params.popParams[label] = {
            "cellType": "PYR", "cellModel": "Izh" + label, "numCells": 1
        }
geometry = {name: dict(rule["secs"]["soma"]["geom"]) for name, rule in params.cellParams.items()}
report({"spikes": run(), "geometry": geometry})
""")
    assert set(found["spikes"]) == {"2003a", "2003b", "2007a", "2007b"}
    for ours, theirs in found["spikes"].values():
        assert len(ours) > 5 and len(theirs) == len(ours)
    for label, picofarads in (("2003b", 1), ("2007b", 100)):
        g = found["geometry"][label]
        assert np.pi * g["L"] * g["diam"] * g["cm"] / 100 == pytest.approx(picofarads, rel=1e-9)


def test_a_rule_has_the_capacitance_and_the_names_of_its_cell():
    for key, entry in CATALOG["2007"].items():
        rule = netpyne_rule("2007", key, "Sec")["secs"]["soma"]
        g = rule["geom"]
        capacitance = np.pi * g["L"] * g["diam"] * g["cm"] / 100
        assert capacitance == pytest.approx(100 * entry.parameters["C"], rel=1e-9)
        assert rule["pointps"]["izh"]["mod"] == "Izhi2007b" and "vref" not in rule["pointps"]["izh"]
    twice = netpyne_rule("2007", "RS", "Sec", parameters={"C": 2})["secs"]["soma"]["geom"]["cm"]
    assert twice == 2 * netpyne_rule("2007", "RS", "Sec")["secs"]["soma"]["geom"]["cm"]
    point = netpyne_rule("2007", "RS")["secs"]["soma"]["pointps"]["izh"]
    assert (point["vref"], point["synList"][2], point["k"]) == ("V", "GABAA", 0.7)


def test_the_threshold_is_between_reset_and_peak():
    for paper in CATALOG:
        for entry in CATALOG[paper].values():
            values = entry.model.complete(entry.parameters)
            rule, threshold = entry.model.spike(values), detection_threshold(entry, values)
            if not rule.threshold_slope:
                assert threshold == rule.threshold
                continue
            for u in np.linspace(-470, 660, 50):
                assert (
                    rule.c + rule.c_slope * u
                    < threshold
                    < rule.threshold + (rule.threshold_slope * u)
                )


def test_a_rule_that_cannot_be_is_refused():
    for changes, error, message in (
        ({"type": "XY"}, UnknownCellTypeError, "'XY'"),
        ({"variant": "pp"}, ParameterError, 'variant is "PP" or "Sec"'),
        ({"parameters": {"tau": 1}}, ParameterError, "unknown parameter 'tau'"),
        ({"parameters": {"C": 0}}, ParameterError, "C must be greater than 0"),
        ({"variant": "Sec", "section": False}, ParameterError, "has a section"),
    ):
        with pytest.raises(error, match=message):
            netpyne_rule(**{"paper": "2007", "type": "RS", **changes})
