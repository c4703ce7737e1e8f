"""What each model says, against the publications' formulae typed by hand, and what it refuses."""

from __future__ import annotations

import copy
import dataclasses
import math
import pickle

import numpy as np
import pytest
import reference
from published import CELLS_2007, recovery_2007, spike_2007

import izhikevich
from izhikevich.catalog import CATALOG
from izhikevich.errors import ParameterError
from izhikevich.models import BOOK, MODELS, QUADRATIC
from izhikevich.models.planar import LARGEST, Branch, finite
from izhikevich.waveforms import Waveform

ABCD = dict(a=0.02, b=0.2, c=-65, d=8)
U = np.array([-600.0, -100.0, -1.0, 0.0, 0.5, 99.0, 649.0, 650.0, 651.0, 670.0, 700.0, 2000.0])
V = np.array([-200.0, -90.0, -65.001, -65.0, -64.999, -60.0, -55.001, -55.0, -54.9, -40.0, 35.0])


def of_the_book(key, **changes):
    """Every parameter of a cell of the book, as typed by hand."""
    _, _, (capacitance, k, vr, vt, vpeak), (a, b, c, d), celltype = CELLS_2007[key]
    given = dict(
        C=capacitance / 100, k=k, vr=vr, vt=vt, vpeak=vpeak, a=a, b=b, c=c, d=d, celltype=celltype
    )
    return BOOK.complete(given | changes)


# --- the rules of the book's cells ----------------------------------------------------------


@pytest.mark.parametrize("key", CELLS_2007)
def test_the_spike_of_each_celltype(key):
    values = of_the_book(key)
    rule = BOOK.spike(values)
    for u in U:
        peak, v_after, u_after = spike_2007(values["celltype"], values, u)
        assert rule.peak(u) == pytest.approx(peak, rel=1e-14)
        assert rule.reset(u) == pytest.approx((v_after, u_after), rel=1e-14)


@pytest.mark.parametrize("vu", [None, -65.0, -50.0])
@pytest.mark.parametrize("key", CELLS_2007)
def test_the_recovery_of_each_celltype(key, vu):
    values = of_the_book(key, **({} if vu is None else {"vu": vu}))
    assert values["vu"] == (values["vr"] if vu is None else vu)
    expected = [recovery_2007(values["celltype"], values, v) for v in V]
    assert BOOK.system(values).recovery(V) == pytest.approx(expected, rel=1e-13, abs=1e-13)


def test_the_numbers_that_bend_the_rule():
    lts, tc, fs = (BOOK.spike(of_the_book(key)) for key in ("LTS", "TC", "FS"))
    assert (lts.largest_u, lts.c_slope, lts.threshold_slope) == (670, 0.04, -0.1)
    assert lts.last_u_below_cap == 670 - lts.jump
    assert (tc.largest_u, tc.c_slope, tc.threshold_slope) == (math.inf, -0.1, 0.1)
    assert (fs.jump, fs.c_slope, fs.threshold_slope) == (0, 0, 0)
    below, above = BOOK.system(of_the_book("FS")).branches
    assert (below.upper, below.slope, below.cubic) == (-55, 0, 0)
    assert (above.lower, above.origin, above.slope, above.cubic) == (-55, -55, 0, 0.025)
    below, above = BOOK.system(of_the_book("TC")).branches
    assert (below.upper, below.slope, above.lower, above.slope) == (-65, 15, -65, 0)
    below, above = BOOK.system(of_the_book("RTN")).branches
    assert (below.upper, below.slope, above.lower, above.slope) == (-65, 10, -65, 2)


@pytest.mark.parametrize("variant", ["PP", "Sec"])
def test_u_of_a_low_threshold_cell_is_held_at_670_by_the_mechanisms(variant):
    # a higher peak, so that it stays above the reset at so high a u
    changes = dict(vpeak=110, d=300)
    drive, n_steps = Waveform(1200), 400
    recording = izhikevich.simulate(
        "2007", "LTS", variant=variant, current=drive, tstop=n_steps / 4, parameters=changes
    )
    _, v, u, _, spikes = reference.published(
        "2007", of_the_book("LTS", **changes), -56.0, 0.0, drive, 0.25, n_steps
    )
    assert recording.spike_samples().tolist() == spikes.tolist()
    assert np.count_nonzero(u[spikes] == 670) >= 3
    np.testing.assert_allclose(recording.u, u, rtol=1e-9)
    np.testing.assert_allclose(recording.v, v, rtol=1e-9, atol=1e-9)


# --- equations and starts -------------------------------------------------------------------


def test_the_equations_of_2003_and_2004():
    values = QUADRATIC.complete(ABCD | dict(e=0.05, f=4.1, g=108, vu=-65, uleak=0.5, thresh=25))
    system, rule = QUADRATIC.system(values), QUADRATIC.spike(values)
    for v, u, current in ((-70.0, -14.0, 0.0), (-31.5, 3.25, 14.0), (20.0, -60.0, -7.5)):
        dv, du = system.flow(v, u, current)
        assert dv == pytest.approx(0.05 * v * v + 4.1 * v + 108 - u + current, rel=1e-14)
        assert du == pytest.approx(0.02 * (0.2 * (v + 65) - 0.5 * u), rel=1e-14)
        assert rule.peak(u) == 25
        assert rule.reset(u) == (-65, u + 8)
    assert QUADRATIC.complete(ABCD) == ABCD | dict(e=0.04, f=5, g=140, vu=0, uleak=1, thresh=30)


def test_the_equations_of_the_book():
    values = of_the_book("CH")
    system = BOOK.system(values)
    for v, u, current in ((-60.0, 0.0, 0.0), (-31.5, 30.25, 140.0), (20.0, -60.0, -75.0)):
        dv, du = system.flow(v, u, current)
        assert dv == pytest.approx((1.5 * (v + 60) * (v + 40) - u + current) / 50, rel=1e-14)
        assert du == pytest.approx(0.03 * (1 * (v + 60) - u), rel=1e-14)


def test_where_a_run_starts():
    values = QUADRATIC.complete(ABCD)
    assert QUADRATIC.resting_start(values, None) == (-65, -13)
    assert QUADRATIC.resting_start(values, -70) == (-70, -14)
    assert QUADRATIC.own_start(values) is None
    book = of_the_book("IB")
    assert BOOK.resting_start(book, None) == (-75, 0)
    assert BOOK.resting_start(book, -40) == (-40, 0)
    assert BOOK.own_start(book) == (-75, 0)


def test_the_equations_as_text():
    assert QUADRATIC.equations(QUADRATIC.complete(ABCD)) == (
        "v' = e v^2 + f v + g - u + I",
        "u' = a (b (v - vu) - uleak u)",
        "v > thresh: v = c, u = u + d",
    )
    first = "100 C v' = k (v - vr)(v - vt) - u + I"
    line, jump = "u' = a (b (v - vr) - u)", "v > vpeak: v = c, u = u + d"
    expected = dict.fromkeys(("RS", "IB", "CH"), (line, jump)) | {
        "LTS": (line, "v > vpeak - 0.1 u: v = c + 0.04 u, u = min(u + d, 670)"),
        "FS": ("u' = a (U - u), U = 0 or 0.025 (v - d)^3 from d on", "v > vpeak: v = c"),
        "TC": (f"{line}, b = 0 above -65 mV", "v > vpeak + 0.1 u: v = c - 0.1 u, u = u + d"),
        "RTN": (f"{line}, b = 2 above -65 mV", jump),
    }
    for key, rest in expected.items():
        assert BOOK.equations(of_the_book(key)) == (first, *rest)
    assert BOOK.equations(of_the_book("TC", vu=-65))[1] == (
        "u' = a (b (v - vu) - u), b = 0 above -65 mV"
    )


# --- units ----------------------------------------------------------------------------------


def test_units():
    units = {p.name: p.unit for p in (*QUADRATIC.parameters, *QUADRATIC.start)}
    assert units == dict(
        a="1/ms", b="1/ms", c="mV", d="mV/ms", e="1/mV/ms", f="1/ms", g="mV/ms", vu="mV", uleak="",
        thresh="mV", v0="mV", u0="mV/ms",
    )  # fmt: skip
    units = {p.name: p.unit for p in (*BOOK.parameters, *BOOK.start)}
    assert units == dict(
        C="100 pF", k="nS/mV", vr="mV", vt="mV", vpeak="mV", a="1/ms", b="nS", c="mV", d="pA",
        celltype="", vu="mV", v0="mV", u0="pA",
    )  # fmt: skip
    assert (QUADRATIC.current_unit, QUADRATIC.conductance_unit) == ("mV/ms", "1/ms")
    assert (BOOK.current_unit, BOOK.conductance_unit) == ("pA", "nS")
    assert BOOK.unit("d", of_the_book("FS")) == "mV"
    assert BOOK.unit("d", of_the_book("RS")) == "pA"
    assert BOOK.unit("c", of_the_book("FS")) == "mV"


def test_what_a_section_stands_for():
    assert QUADRATIC.section_capacitance(QUADRATIC.complete(ABCD)) == 1  # pF
    assert BOOK.section_capacitance(of_the_book("CH")) == 50
    assert QUADRATIC.section_area == 100  # um2: 1 pF of 1 uF/cm2
    assert BOOK.section_area == pytest.approx(math.pi * 10 * 10)  # a cylinder of 10 um by 10 um
    assert dict(QUADRATIC.mechanisms) == {"PP": "Izhi2003a", "Sec": "Izhi2003b"}
    assert dict(BOOK.mechanisms) == {"PP": "Izhi2007a", "Sec": "Izhi2007b"}


def test_only_inhibition_induced_types_need_an_extraordinary_current():
    beyond = {
        entry.panel
        for types in CATALOG.values()
        for entry in types.values()
        if max(current.strongest for current in entry.currents) > entry.model.ordinary_current
    }
    assert beyond == {"S", "T"}
    assert BOOK.ordinary_current == math.inf


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_every_slider_holds_what_was_published(model):
    for parameter in (*model.parameters, *model.start):
        values = [
            entry.parameters[parameter.name]
            for types in CATALOG.values()
            for entry in types.values()
            if entry.model == model and parameter.name in entry.parameters
        ]
        if parameter.slider is None:
            continue
        low, high = parameter.slider
        assert low < high and all(low <= value <= high for value in values)
        if parameter.slider_step is not None:
            assert 0 < parameter.slider_step < high - low
            # a slider can be put at every published value
            assert all(
                (value - low) / parameter.slider_step
                == pytest.approx(round((value - low) / parameter.slider_step), abs=1e-6)
                for value in values
            )


# --- a model itself -------------------------------------------------------------------------


def test_a_model_is_one_however_often_it_is_copied():
    assert MODELS == {"quadratic": QUADRATIC, "book": BOOK}
    for model in (QUADRATIC, BOOK):
        assert pickle.loads(pickle.dumps(model)) == model == copy.deepcopy(model)
        assert hash(pickle.loads(pickle.dumps(model))) == hash(model)
        assert model.name in repr(model)
    assert QUADRATIC != BOOK and QUADRATIC != "quadratic"
    assert QUADRATIC.names == ("a", "b", "c", "d", "e", "f", "g", "vu", "uleak", "thresh")
    assert BOOK.names_with_start[-3:] == ("vu", "v0", "u0")


def test_what_a_type_has_to_say():
    assert [p.name for p in QUADRATIC.parameters if p.required] == ["a", "b", "c", "d"]
    assert [p.name for p in BOOK.parameters if not p.required] == ["vu"]
    with pytest.raises(ParameterError, match="quadratic model needs b, d, too"):
        QUADRATIC.complete(dict(a=1, c=-65))
    with pytest.raises(ParameterError, match="'thres' of the quadratic model: did you mean 'thr"):
        QUADRATIC.complete(ABCD | dict(thres=30))
    with pytest.raises(ParameterError, match="it is one of a, b, c, d, e, f, g, vu, uleak, thresh"):
        QUADRATIC.complete(ABCD | dict(zz=30))
    assert BOOK.parameter("v0").words == "voltage at the start"
    with pytest.raises(ParameterError, match=r"did you mean 'vpeak'.*one of C, k"):
        BOOK.parameter("vpeek")


@pytest.mark.parametrize("bad", ["much", None, math.nan, math.inf, -math.inf, 1.01e12, -1.01e12])
def test_a_value_that_is_no_number_one_can_compute_with(bad):
    with pytest.raises(ParameterError, match=r"^a must be"):
        QUADRATIC.complete(ABCD | dict(a=bad))
    assert QUADRATIC.complete(ABCD | dict(a=1e12))["a"] == LARGEST == 1e12


def test_limits_of_the_book():
    for bad in (0, -1, 0.9e-12):
        with pytest.raises(ParameterError, match=r"^C must be"):
            BOOK.check(of_the_book("RS", C=bad))
    BOOK.check(of_the_book("RS", C=1e-12))
    for bad in (0, 8, 1.5, -1):
        with pytest.raises(ParameterError, match="one of 1 to 7, not"):
            BOOK.check(of_the_book("RS", celltype=bad))
    for celltype in range(1, 8):
        BOOK.check(of_the_book("RS", celltype=celltype))


def test_limits_of_the_quadratic():
    for bad in (0.9e-12, -0.9e-12):
        with pytest.raises(ParameterError, match=r"^uleak must be 0 or at least 1e-12"):
            QUADRATIC.check(QUADRATIC.complete(ABCD | dict(uleak=bad)))
    for good in (0, 1e-12, -1e-12, 1):
        QUADRATIC.check(QUADRATIC.complete(ABCD | dict(uleak=good)))


@pytest.mark.parametrize("values", [QUADRATIC.complete(ABCD), of_the_book("RS")])
def test_a_reset_lies_below_the_peak(values):
    model = QUADRATIC if "thresh" in values else BOOK
    peak = values[model.peak_name]
    model.check_reset_below_peak(values | {"c": peak - 1e-6})
    for bad in (peak, peak + 1):
        with pytest.raises(ParameterError, match=f"below the peak {model.peak_name} = {peak:g} mV"):
            model.check_reset_below_peak(values | {"c": bad})


# --- pieces of U ----------------------------------------------------------------------------


def test_a_piece_of_u():
    piece = Branch(-math.inf, math.inf, origin=-55.0, slope=2.0, cubic=0.5)
    assert piece.target(-53.0) == 2 * 2 + 0.5 * 8
    assert piece.steepness(-53.0) == 2 + 3 * 0.5 * 4
    assert piece.targets(np.array([-55.0, -53.0])).tolist() == [0, 8]
    assert not piece.flat and not Branch(0, 1, origin=0, slope=1).flat
    assert not Branch(0, 1, origin=0, slope=0, cubic=1).flat and Branch(0, 1, 0, 0).flat


def test_arrays_of_numbers_that_formulae_can_be_applied_to():
    assert finite("v", [1, 2]).dtype == float
    assert finite("v", 1e60) == 1e60
    for bad in (math.nan, math.inf, [0, -1.1e60]):
        with pytest.raises(ParameterError, match=r"^v needs finite numbers"):
            finite("v", bad)


# --- the planar system ----------------------------------------------------------------------


def test_the_pieces_of_u_follow_one_another_without_end():
    for key in CELLS_2007:
        branches = BOOK.system(of_the_book(key)).branches
        assert (branches[0].lower, branches[-1].upper) == (-math.inf, math.inf)
        assert [b.upper for b in branches[:-1]] == [b.lower for b in branches[1:]]
    assert len(BOOK.system(of_the_book("RS")).branches) == 1
    (line,) = QUADRATIC.system(QUADRATIC.complete(ABCD | dict(vu=-50))).branches
    assert (line.lower, line.upper, line.origin, line.slope) == (-math.inf, math.inf, -50, 0.2)


def test_the_parabola_and_the_current_of_a_fixed_point():
    """CH: F(v) = 1.5 (v + 60)(v + 40), F'(v) = 3 v + 150, and U(v) = v + 60."""
    system = BOOK.system(of_the_book("CH"))
    assert [system.parabola(v) for v in (-60, -50, -40, -30)] == [0, -150, 0, 450]
    assert [system.parabola_slope(v) for v in (-60, -50, -40)] == [-30, 0, 30]
    assert system.current_at(-50, system.branches[0]) == 10 + 150
    values = QUADRATIC.complete(ABCD | dict(uleak=0.5, g=141))
    system = QUADRATIC.system(values)
    assert system.parabola(-50) == pytest.approx(0.04 * 2500 - 250 + 141)
    assert system.parabola_slope(-50) == pytest.approx(1)
    expected = 0.2 * -50 / 0.5 - system.parabola(-50)
    assert system.current_at(-50, system.branches[0]) == pytest.approx(expected)


def test_where_the_pieces_meet():
    system = BOOK.system(of_the_book("TC"))
    below, above = system.branches
    assert system.joints == [(below, above)]
    assert [system.branch_at(v) for v in (-80, -65, -64)] == [below, below, above]
    assert BOOK.system(of_the_book("RS")).joints == []


@pytest.mark.parametrize(
    "changes, frozen",
    [
        ({}, False),
        ({"a": 0}, True),
        ({"a": -1}, False),
        ({"uleak": 0}, False),
        ({"b": 0}, False),
        ({"b": 0, "uleak": 0}, True),
        ({"b": 0, "uleak": 1e-12}, False),
    ],
)
def test_where_u_stands_still(changes, frozen):
    assert QUADRATIC.system(QUADRATIC.complete(ABCD | changes)).frozen is frozen


def test_what_a_model_says_stays():
    things = (
        BOOK.rule(of_the_book("LTS")),
        BOOK.parameters[0],
        BOOK.spike(of_the_book("LTS")),
        BOOK.system(of_the_book("TC")),
        BOOK.system(of_the_book("TC")).branches[0],
    )
    for thing in things:
        name = dataclasses.fields(thing)[0].name
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(thing, name, 3)


def test_sliders_that_can_be_said_to_be_right():
    """None offers a capacitance of 0, and every celltype can be chosen; u goes either way."""
    assert 0 < BOOK.parameter("C").slider[0] <= 0.2
    assert BOOK.parameter("celltype").slider == (1, 7)
    assert BOOK.parameter("celltype").slider_step == 1
    for model in MODELS.values():
        low, high = model.parameter("u0").slider
        assert low == -high
        for name in (model.peak_name, "c", "v0"):
            for end in model.parameter(name).slider or ():
                assert end % 10 == 0, "voltages in tens of mV"
    assert QUADRATIC.parameter("thresh").slider[0] >= 0
