// The four plots, empty: v(t), u(t) and I(t), linked in time, and the phase plane.
//
// They are filled from the columns that columns.py computes, and have the colours of the style
// sheet: `colours` says which of its names is for which property of which model.

const MOST_RUNS = 4;
const DASHES = ["solid", "dashed", "dotdash", "dotted"];
const LEFT = 62; // px: the axes of the plots over time stand under one another

export function makePlots(Bokeh) {
  const { Models } = Bokeh;
  const { Document } = Bokeh.require("document");
  const colours = [];

  function make(kind, attributes = {}) {
    return new Models[kind](attributes);
  }

  function coloured(model, names) {
    colours.push([model, names]);
    return model;
  }

  function makeSource(name, ...columns) {
    return make("ColumnDataSource", {
      name,
      data: Object.fromEntries(columns.map((column) => [column, []])),
    });
  }

  function addAxis(plot, side, attributes) {
    const axis = coloured(
      make("LinearAxis", {
        axis_label_text_font_style: "normal",
        axis_label_text_font_size: "12px",
        major_label_text_font_size: "11px",
        minor_tick_line_color: null,
        ...attributes,
      }),
      {
        axis_line_color: "--ink",
        major_tick_line_color: "--ink",
        axis_label_text_color: "--ink",
        major_label_text_color: "--ink",
      },
    );
    plot.add_layout(axis, side);
    return axis;
  }

  function makePlot(name, x_range, y_range, attributes, x_label, y_label, n_ticks) {
    const plot = make("Plot", {
      name: `plot ${name}`,
      x_range,
      y_range,
      sizing_mode: "stretch_both",
      min_height: 60,
      min_border: 7,
      toolbar_location: "right",
      ...attributes,
    });
    coloured(plot, {
      background_fill_color: "--ground",
      border_fill_color: "--ground",
      outline_line_color: "--grid",
    });
    const axes = [
      // an axis of time under the lowest of the plots over time is enough
      addAxis(plot, "below", { axis_label: x_label, visible: x_label !== "" }),
      addAxis(plot, "left", {
        name: `${name} label`,
        axis_label: y_label,
        ticker: make("BasicTicker", { desired_num_ticks: n_ticks }),
      }),
    ];
    axes.forEach((axis, dimension) => {
      const grid = make("Grid", { axis, dimension });
      plot.add_layout(coloured(grid, { grid_line_color: "--grid" }), "center");
    });
    plot.toolbar.setv({
      logo: null,
      autohide: true,
      active_drag: null,
      active_scroll: null,
      stylesheets: [".bk-tool-overflow { min-width: 24px; min-height: 24px; }"],
    });
    plot.add_tools(
      make("PanTool"),
      make("BoxZoomTool", { dimensions: "width" }),
      make("BoxZoomTool"),
      make("WheelZoomTool"),
      make("ResetTool"),
      make("SaveTool"),
    );
    return plot;
  }

  function addLine(plot, source, [x, y], colour, attributes, ranges) {
    const fields = { x: { field: x }, y: { field: y } };
    const line = coloured(make("Line", { ...fields, ...attributes }), { line_color: colour });
    return plot.add_glyph(line, source, ranges);
  }

  function addPoint(plot, source, [x, y], size) {
    const point = make("Scatter", { x: { field: x }, y: { field: y }, size });
    plot.add_glyph(coloured(point, { line_color: "--ground", fill_color: "--ink" }), source);
  }

  // which of the kept runs is which; the legend says what each was
  function addNumbers(plot, source) {
    const attributes = { x: { field: "t" }, y: { field: "v" }, text: { field: "text" } };
    const style = { text_font_size: "11px", text_align: "right", x_offset: -3, y_offset: 4 };
    plot.add_glyph(coloured(make("Text", { ...attributes, ...style }), { text_color: "--quiet" }), source);
  }

  function addHover(plot, name, renderers, attributes) {
    const hover = { name: `hover ${name}`, renderers, tooltips: tooltips(name, "mV") };
    plot.add_tools(make("HoverTool", { ...hover, ...attributes }));
  }

  const time = make("Range1d", { name: "t axis", start: 0, end: 100 });
  const runs = Array.from({ length: MOST_RUNS }, (_, n) => makeSource(`run${n}`, "t", "v", "u"));
  const earlier = makeSource("earlier", "t", "v", "u");
  const now = makeSource("now", "t", "v", "u", "i"); // where slow motion has arrived

  function overTime(name, x_label, y_label, addLines) {
    const y_range = make("Range1d", { name: `${name} axis` });
    const attributes = { min_border_left: LEFT };
    const n_ticks = name === "v" ? 4 : 3;
    const plot = makePlot(name, time, y_range, attributes, x_label, y_label, n_ticks);
    const lines = addLines(plot);
    addPoint(plot, now, ["t", name], 9);
    addHover(plot, name, lines, { mode: "vline" });
    return plot;
  }

  function traces(name, y_label) {
    return overTime(name, "", y_label, (plot) => {
      addLine(plot, earlier, ["t", name], "--earlier", { line_width: 1 });
      if (name === "v") addNumbers(plot, makeSource("earlier numbers", "t", "v", "text"));
      return runs.map((source, n) =>
        addLine(plot, source, ["t", name], `--run${n}`, { line_width: 1.4, line_dash: DASHES[n] }),
      );
    });
  }

  function stimulus() {
    return overTime("i", "t (ms)", "I", (plot) => {
      // the synapse's conductance has an axis of its own, which is shown when there is one
      plot.extra_y_ranges = { synapse: make("Range1d", { name: "synapse axis" }) };
      addAxis(plot, "right", {
        name: "synapse label",
        y_range_name: "synapse",
        visible: false,
        ticker: make("BasicTicker", { desired_num_ticks: 3 }),
      });
      const synapse = makeSource("synapse", "t", "g");
      const ranges = { y_range_name: "synapse" };
      addLine(plot, synapse, ["t", "g"], "--synapse", { line_width: 1.4 }, ranges);
      return [addLine(plot, makeSource("current", "t", "i"), ["t", "i"], "--ink", { line_width: 1.6 })];
    });
  }

  function phasePlane() {
    const [v, u] = ["plane v", "plane u"].map((name) => make("Range1d", { name: `${name} axis` }));
    const plot = makePlot("plane", v, u, {}, "v (mV)", "u", 6);
    for (const [name, colour, line_dash] of [
      ["v-nullcline before", "--v", "dotted"],
      ["v-nullcline during", "--v", "solid"],
      ["u-nullcline", "--u", "dashed"],
    ]) {
      addLine(plot, makeSource(name, "v", "u"), ["v", "u"], colour, { line_width: 1.8, line_dash });
    }
    for (let n = 0; n < MOST_RUNS; n++) {
      const style = { line_width: 1.1, line_alpha: 0.8 };
      addLine(plot, makeSource(`path${n}`, "v", "u"), ["v", "u"], `--run${n}`, style);
    }
    const columns = ["v", "u", "kind", "marker", "fill", "alpha", "when"];
    const mark = make("Scatter", {
      x: { field: "v" },
      y: { field: "u" },
      marker: { field: "marker" },
      size: 11,
      line_width: 2,
      line_alpha: { field: "alpha" },
      fill_alpha: { field: "fill" },
    });
    coloured(mark, { line_color: "--ink", fill_color: "--ink" });
    const points = plot.add_glyph(mark, makeSource("fixed points", ...columns));
    addLine(plot, makeSource("tail", "v", "u"), ["v", "u"], "--ink", { line_width: 3.5 });
    addPoint(plot, now, ["v", "u"], 10);
    addHover(plot, "plane", [points], {});
    return plot;
  }

  const document = new Document({
    roots: [traces("v", "v (mV)"), traces("u", "u"), stimulus(), phasePlane()],
  });
  return { document, colours };
}

function* within(root) {
  for (const element of root.children) {
    yield element;
    yield* within(element);
    if (element.shadowRoot) yield* within(element.shadowRoot);
  }
}

// What can be reached by keyboard in a plot says what it is; the tools show while it has the focus.
export function describe(place, plot, words) {
  function name() {
    for (const element of within(place)) {
      if (element.tabIndex < 0) continue;
      const isPlot = element.classList.contains("bk-events");
      element.setAttribute("role", isPlot ? "group" : "button");
      element.setAttribute("aria-label", isPlot ? words : element.title || "more tools");
    }
  }
  place.addEventListener("focusin", () => {
    plot.toolbar.autohide = false;
    name();
  });
  place.addEventListener("focusout", (event) => {
    if (!place.contains(event.relatedTarget)) plot.toolbar.autohide = true;
  });
  name();
}

// what a plot says of the sample under the pointer; `unit` is that of its vertical axis
export function tooltips(name, unit) {
  if (name !== "plane") {
    return [
      ["t", "@t{0.00} ms"],
      [name === "i" ? "I" : name, `@${name}{0.00} ${unit}`],
    ];
  }
  return [
    ["", "@kind, @when"],
    ["v", "@v{0.00} mV"],
    ["u", `@u{0.00} ${unit}`],
  ];
}
