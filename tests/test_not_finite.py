"""A cell whose voltage is no number stops its network, by name, or is warned of, or is let be."""

from __future__ import annotations

import math
import signal
import subprocess
import sys
import warnings

import numpy as np
import pytest
from conftest import ROOT
from neuron import h

from izhikevich import (
    IzhiCell,
    NotFiniteError,
    ParameterError,
    check_finite,
    create_cells,
    forget_gids,
    simulate,
    when_not_finite,
)
from izhikevich import network as networks
from izhikevich.engine import mechanisms

PC = h.ParallelContext()


@pytest.fixture(autouse=True)
def a_network_of_its_own():
    mechanisms.load()
    forget_gids()
    yield
    when_not_finite("stop")
    forget_gids()
    PC.nthread(1)
    h.CVode().active(0)


def network(paper, key, variant, n=4):
    return create_cells(paper, key, range(10, 10 + n), variant, parameters={"Iin": 5})


def spoil(cell):
    """What a user's own mistake during a run does."""
    cell.vref[0] = math.nan


def start(dt=0.1):
    h.dt = dt
    PC.set_maxstep(10)
    h.finitialize(-65)


@pytest.mark.parametrize("variant", ["PP", "Sec"])
@pytest.mark.parametrize(
    "paper, key",
    [("2003", "fast spiking (FS)"), ("2004", "tonic spiking"), ("2007", "FS"), ("2007", "LTS")],
)
@pytest.mark.parametrize("threads", [1, 2])
def test_a_run_stops_with_gid_type_and_time(paper, key, variant, threads):
    PC.nthread(threads)
    cells = network(paper, key, variant)
    start()
    PC.psolve(45)
    spoil(cells[2])
    with pytest.raises(RuntimeError) as caught:
        PC.psolve(200)
    assert f"at 60 ms: gid 12, {paper} {key}. " in str(caught.value)
    assert h.t == pytest.approx(60)
    with pytest.raises(NotFiniteError, match="gid 12, "):
        check_finite()


def test_what_becomes_no_number_by_itself_stops_too():
    # Euler's rule for u, with a step of four time constants
    cells = create_cells("2007", "RS", range(3), parameters={"Iin": 100, "a": [0.03, 4e3, 0.03]})
    start(1.0)
    with pytest.raises(RuntimeError, match="gid 1, 2007 RS"):
        PC.psolve(1000)
    assert len(cells) == 3


def test_no_alarm_of_psolve_is_left_that_would_end_the_process():
    cells = network("2007", "RS", "PP")
    start()
    spoil(cells[0])
    with pytest.raises(RuntimeError, match="no number"):
        PC.psolve(100)
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_all_that_are_lost_are_counted_and_some_named():
    cells = network("2007", "RS", "PP", n=9)
    start()
    for cell in cells[:7]:
        spoil(cell)
    with pytest.raises(
        RuntimeError, match="gid 10, 2007 RS; gid 11, 2007 RS; gid 12, 2007 RS and 4"
    ):
        PC.psolve(100)


def test_a_cell_that_became_another_or_has_no_gid():
    one, other = IzhiCell("RS"), IzhiCell("CH", "dummy")
    one.register(3)
    one.reparam("LTS")
    start()
    spoil(one)
    with pytest.raises(RuntimeError, match="gid 3, 2007 LTS"):
        PC.psolve(100)
    start()
    spoil(other)
    with pytest.raises(RuntimeError, match=r"Izhi2007a\[\d+\]"):
        PC.psolve(100)


def test_it_can_be_warned_of_once_and_the_others_go_on():
    cells = network("2007", "RS", "PP")
    times = h.Vector()
    cells[0].izh.Iin = 300
    PC.spike_record(10, times, h.Vector())
    when_not_finite("warn")
    start()
    spoil(cells[1])
    with pytest.warns(UserWarning, match="at 20 ms: gid 11, 2007 RS") as caught:
        PC.psolve(300)
    assert len(caught) == 1
    assert h.t == pytest.approx(300) and times[-1] > 250


@pytest.mark.filterwarnings("error")
def test_where_warnings_are_errors_it_stops():
    cells = network("2007", "RS", "PP")
    when_not_finite("warn")
    start()
    spoil(cells[1])
    with pytest.raises(RuntimeError, match="gid 11, 2007 RS"):
        PC.psolve(100)


def test_it_can_be_let_be():
    cells = network("2007", "RS", "PP")
    when_not_finite("ignore")
    start()
    spoil(cells[1])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        PC.psolve(100)
    with pytest.raises(NotFiniteError):
        check_finite()


def test_what_else_cannot_be_done():
    with pytest.raises(ParameterError, match="stop, warn, ignore, not 'go on'"):
        when_not_finite("go on")


def test_cells_that_come_during_a_run():
    cells = network("2007", "RS", "PP")
    start()
    PC.psolve(50)
    cells.append(IzhiCell("FS", "dummy"))
    check_finite()
    # what is created during a run has no threshold before the next initialisation
    with pytest.raises(RuntimeError, match=r"at 60 ms: Izhi2007a\[\d+\]\."):
        PC.psolve(100)


def test_cells_that_go_after_a_run():
    cells = network("2007", "RS", "PP")
    start()
    PC.psolve(50)
    check_finite()
    spoil(cells[1])
    del cells[1]
    cells.append(IzhiCell("FS", "dummy"))  # as many as before
    check_finite()


def test_it_can_be_chosen_before_there_is_a_mechanism():
    code = "import izhikevich as i; i.check_finite(); i.when_not_finite('warn'); i.IzhiCell('RS')"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=300)


def test_the_variable_step_goes_no_further_and_can_be_asked(capfd):
    cells = network("2007", "RS", "PP")
    h.CVode().active(1)
    start()
    PC.psolve(20)
    spoil(cells[3])
    h.CVode().re_init()
    PC.psolve(100)
    assert h.t < 21 and "advance_tn failed" in capfd.readouterr().out
    with pytest.raises(NotFiniteError, match="gid 13, 2007 RS"):
        check_finite()


@pytest.mark.parametrize("variable_step", [False, True])
@pytest.mark.parametrize("variant", ["PP", "Sec"])
def test_looking_changes_no_spike(variant, variable_step):
    cells = create_cells("2007", "LTS", range(6), variant, parameters={"Iin": 300}, jitter=0.1)
    times, gids = h.Vector(), h.Vector()
    PC.spike_record(-1, times, gids)
    h.CVode().active(variable_step)
    found = []
    for answer in ("stop", "ignore"):
        when_not_finite(answer)
        start()
        PC.psolve(300)
        found.append((list(times), list(gids)))
    assert found[0] == found[1] and len(found[0][0]) > 30 < 30 * len(cells)


def test_a_run_of_ours_is_not_looked_at_and_leaves_the_watch():
    before = simulate("2007", "RS").spikes
    cells = network("2007", "RS", "PP")
    start()
    spoil(cells[0])
    with pytest.raises(RuntimeError, match="gid 10"):
        PC.psolve(100)
    del cells
    forget_gids()
    np.testing.assert_array_equal(simulate("2007", "RS").spikes, before)


def test_coreneuron_is_asked_after_the_run():
    code = """
from neuron import coreneuron, h
from izhikevich import check_finite, create_cells
from izhikevich.engine import mechanisms
mechanisms.load(coreneuron=True)
cells = create_cells("2007", "RS", range(3), parameters={"Iin": 100, "a": [0.03, 4e3, 0.03]})
h.dt = 1
h.ParallelContext().set_maxstep(10)
h.finitialize(-65)
coreneuron.enable = True
h.ParallelContext().psolve(1000)
check_finite()
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 1
    assert "NotFiniteError: the voltage is no number any more at 1000 ms: gid 1" in done.stderr


def test_a_network_of_ours_says_it_by_itself():
    spec = networks.sparse_network(5, fan_in=0, seconds=0.5, current=1e308)
    with pytest.raises(networks.NetworkError, match=r"at 50 ms: gid 0, .* and 2 more"):
        networks.run(spec)
