"""The figure of a network: what is drawn of it, in which colours, and how much of many cells."""

from __future__ import annotations

from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.text import Text
from test_network_results import modulated, result_of

from izhikevich import network
from izhikevich.views.figures import saving
from izhikevich.views.figures.networks import COLOURS, MAX_SPIKES, network_figure, shown_cells


def spikes_drawn(figure):
    """Times and gids of the spikes in the raster, by population."""
    raster, _ = figure.axes
    lines = {line.get_label(): line for line in raster.get_lines() if line.get_marker() != "None"}
    return {name: line.get_xydata() for name, line in lines.items()}


def words(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def test_every_spike_is_drawn_in_the_colour_of_its_population():
    result = modulated(10, 0.5, seconds=1, cells=200)
    figure = network_figure(result)
    drawn = spikes_drawn(figure)
    is_e = result.gids < 160
    for name, chosen in (("excitatory", is_e), ("inhibitory", ~is_e)):
        expected = np.column_stack([result.times[chosen], result.gids[chosen]])
        assert len(expected) > 100 and np.array_equal(drawn[name], expected)
    raster, rates = figure.axes
    colours = {line.get_label(): to_hex(line.get_color()) for line in raster.get_lines()}
    assert colours.items() >= {name: c.lower() for name, c in COLOURS.items()}.items()
    said = {text.get_text().split()[0]: to_hex(text.get_color()) for text in raster.texts}
    assert {name: said[name] for name in COLOURS} == {n: c.lower() for n, c in COLOURS.items()}
    assert [to_hex(p.get_edgecolor()) for p in rates.patches] == [
        c.lower() for c in COLOURS.values()
    ]


def test_the_axes_have_units_and_the_run_its_words():
    result = modulated(10, 0.5, seconds=1, cells=200)
    figure = network_figure(result)
    raster, rates = figure.axes
    assert rates.get_xlabel() == "t (ms)" and rates.get_ylabel() == "rate (spikes/s)"
    assert raster.get_ylabel() == "cell (gid)"
    assert raster.get_xlim() == rates.get_xlim() == (0, 1000)
    assert raster.get_ylim() == (-0.5, 199.5)
    assert raster.get_title("left") == "200 cells, unconnected, seed 1"
    assert f"excitatory\n160 cells\n{result.rates['excitatory']:.3g} spikes/s" in words(figure)
    assert not any("drawn" in said for said in words(figure)), "all of them are"


@pytest.mark.parametrize(("seconds", "width"), [(1, 5), (0.203, 5), (0.2, 1), (0.003, 1)])
def test_the_rate_is_counted_in_whole_bins(seconds, width):
    random = np.random.default_rng(1)
    times = random.integers(1, round(1000 * seconds) + 1, 300)
    spec = network.NetworkSpec(cells=10, fan_in=0, seconds=seconds)
    result = result_of(times, random.integers(0, 10, 300), spec)
    _, rates = network_figure(result).axes
    first = 0
    for patch, size in zip(rates.patches, (8, 2), strict=True):
        values, edges, _ = patch.get_data()
        of_it = result.times[(result.gids >= first) & (result.gids < first + size)]
        first += size
        assert np.array_equal(edges, np.arange(0, 1000 * seconds + 1e-6, width))
        for rate, low, high in zip(values, edges[:-1], edges[1:], strict=True):
            count = np.sum((of_it > low) & (of_it <= high))
            assert rate == pytest.approx(count / size / (width / 1000))
        assert values.max() <= rates.get_ylim()[1]


def many(cells, n_spikes, seconds=1.0):
    random = np.random.default_rng(1)
    times = random.integers(1, round(1000 * seconds) + 1, n_spikes)
    gids = random.integers(0, cells, n_spikes)
    return result_of(times, gids, network.NetworkSpec(cells=cells, fan_in=0, seconds=seconds))


def test_of_many_cells_some_are_drawn_and_their_number_said():
    result = many(100_000, 90_000)
    figure = network_figure(result)
    shown = shown_cells(result)
    assert len(shown) == len(set(shown)) == 1000
    assert shown[0] == 0 and shown[-1] == 99_999
    assert np.diff(shown).min() >= 100 and np.diff(shown).max() <= 101
    drawn = spikes_drawn(figure)
    for name, inside in (("excitatory", shown < 80_000), ("inhibitory", shown >= 80_000)):
        chosen = np.isin(result.gids, shown[inside])
        assert len(drawn[name]) == chosen.sum() > 100
        assert np.array_equal(drawn[name][:, 1], result.gids[chosen])
    assert "1,000 of\n100,000 cells\nare drawn" in words(figure)
    assert figure.axes[0].get_ylim() == (-0.5, 99_999.5)
    whole = network_figure(result).axes[1].patches[0].get_data().values
    assert np.sum(whole) * 80_000 * 0.005 == pytest.approx((result.gids < 80_000).sum())


def test_of_many_spikes_those_of_fewer_cells_are_drawn():
    result = many(500, 4 * MAX_SPIKES, seconds=100)
    drawn = spikes_drawn(network_figure(result))
    assert len(shown_cells(result)) == 125
    assert sum(map(len, drawn.values())) == pytest.approx(MAX_SPIKES, rel=0.05)
    assert min(map(len, drawn.values())) > 0
    assert "125 of\n500 cells\nare drawn" in words(network_figure(result))


@pytest.mark.parametrize("cells", [1, 2, 3, 50])
@pytest.mark.parametrize("seconds", [0.001, 1])
def test_silent_and_tiny_networks(cells, seconds):
    figure = network_figure(result_of([], [], network.NetworkSpec(cells=cells, seconds=seconds)))
    FigureCanvasAgg(figure).draw()
    assert "no cell fires" in words(figure)
    _, rates = figure.axes
    low, high = rates.get_ylim()
    assert low < 0 < high
    assert len(rates.patches) == (1 if cells < 3 else 2), "no line for a population of none"
    for patch in rates.patches:
        assert not np.any(patch.get_data().values)


@pytest.mark.parametrize(
    "spec",
    [
        network.fig3_network(),
        network.NetworkSpec(
            cells=100_000, fan_in=1000, max_delay=20, noise=(1.234, 5.678), current=-12.345,
            seed=2**32 - 1,
        ),
        network.NetworkSpec(cells=1),
    ],
    ids=["fig3", "long", "one"],
)  # fmt: skip
def test_nothing_is_cut_off_or_written_over(spec):
    random = np.random.default_rng(1)
    times, gids = random.integers(1, 1000, 900), random.integers(0, spec.cells, 900)
    figure = network_figure(result_of(times, gids, spec))
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    boxes = [
        (text.get_text(), text.get_window_extent())
        for text in figure.findobj(Text)
        if text.get_text() and text.get_visible()
    ]
    width, height = canvas.get_width_height()
    inside = [
        (said, box)
        for said, box in boxes
        # ticks just outside the limits are not drawn
        if not (said.replace(",", "").replace("\N{MINUS SIGN}", "").replace(".", "").isdigit())
    ]
    assert len(inside) >= 5
    for said, box in inside:
        assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height, said
    for k, (said, box) in enumerate(inside):
        for other, other_box in inside[k + 1 :]:
            assert not box.overlaps(other_box), (said, other)


def test_a_vector_file_of_many_spikes_stays_small_and_the_settings_stay(tmp_path):
    before = dict(matplotlib.rcParams)
    figure = network_figure(many(1000, 90_000))
    for ending in ("png", "svg", "pdf"):
        saving.save(figure, tmp_path / f"raster.{ending}")
        assert 10_000 < (tmp_path / f"raster.{ending}").stat().st_size < 2_000_000
    root = ElementTree.parse(tmp_path / "raster.svg").getroot()
    assert "rate (spikes/s)" in "".join(root.itertext())
    assert dict(matplotlib.rcParams) == before
