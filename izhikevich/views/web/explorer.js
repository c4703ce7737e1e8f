// The page in the browser: shows what it is sent, and sends what a person does.
//
// connection: send(message), listen({receive, lost, follow}), and the promise of BokehJS, bokeh.
// Where the page has an address of its own, connection.address is that, and
// connection.remember(link, replace) lets it lead to what is shown; in a notebook it is null.
//
// One message is on its way at a time; while it is, only the newest value of each slider waits, so
// that a fast hand never gets ahead of the plots.

const GROUPS = {
  parameters: "Parameters",
  start: "Start",
  current: "Current",
  times: "Times",
};
const WORDS = {
  PP: "PP",
  Sec: "Sec",
  both: "both",
  published: "published",
  exact: "exact",
  fixed: "fixed step",
  figure: "the figure's",
  hand: "by hand",
};
// as the lines of the plots
const DASHES_IN_PIXELS = { run1: [6, 4], run2: [2, 4, 6, 4], run3: [2, 4] };
const ZOOMABLE = ["t", "plane v", "plane u"];

export function explorer(connection) {
  const part = {};
  const sliders = new Map();
  const radios = {};
  const switches = new Map();
  const keep = switchBox("keep", "keep runs", "Earlier runs stay on view, in grey");
  const synapse = switchBox(
    "synapse",
    "synapse",
    "Ten synaptic events, 10 ms apart from 10 ms on, drive the cell as well",
  );
  let menu = null;
  let chosen = null;
  let words = null;

  // --- messages ---

  const waiting = [];
  // of two pages on one notebook's connection, each knows its own answers
  let number = Math.floor(Math.random() * 1e9);
  let unanswered = null;
  // what a person does in one movement, such as a drag, is one step back in the browser's history
  let asked = null;
  let remembered = null;

  function send(action, value = null, movement = {}) {
    // a newer value of the same slider or switch takes the older one's place
    const same = waiting.findIndex(
      ({ message }) => message.action === action && message.value?.name === value?.name,
    );
    if (same >= 0) waiting.splice(same, 1);
    waiting.push({ message: { action, value }, movement });
    sendNext();
  }

  function sendNext() {
    if (unanswered !== null || waiting.length === 0) return;
    unanswered = ++number;
    asked = waiting.shift();
    const message = { number, ...asked.message };
    connection.send(message);
    part.root.setAttribute("aria-busy", "true");
    clearTimeout(part.patience);
    part.patience = setTimeout(() => {
      if (unanswered !== message.number) return;
      problem("There has been no answer for 15 seconds. Reload the page if that goes on.");
      unanswered = null;
      sendNext();
    }, 15000);
  }

  function lost(reason) {
    problem(reason || "The connection is lost. Trying again ...");
    waiting.length = 0;
    unanswered = null;
    send("show");
  }

  // of a page that was opened, and on the way back, the address leads to what is shown already
  function remember(reply) {
    part.query = reply.link;
    lesson?.mark(reply.link);
    const arrived = ["show", "link"].includes(asked.message.action);
    if (!connection.address || !(arrived ? reply.problem : reply.words)) return;
    connection.remember(reply.link, arrived || asked.movement === remembered);
    remembered = asked.movement;
  }

  function follow(link) {
    send("link", link);
  }

  function receive(reply) {
    draw(reply);
    if (reply.menu) showMenu(reply.menu);
    if (reply.chosen) showChosen(reply.chosen);
    if (reply.switched) showSwitched(reply.switched);
    if (reply.fields) showFields(reply.fields);
    if (reply.link !== undefined) remember(reply);
    if (reply.words) {
      showWords(reply.words);
      part.comparison.replaceChildren();
    }
    if (reply.pictures) showPictures(reply.pictures);
    if (reply.comparison) showComparison(reply.comparison);
    if (reply.file) gather(reply.file);
    if (reply.number === unanswered) {
      unanswered = null;
      part.root.setAttribute("aria-busy", waiting.length > 0 ? "true" : "false");
      if (reply.words || reply.problem) problem(reply.problem || "");
      answered = reply.number;
      if (plots !== null) part.root.dataset.answered = answered;
    }
    if (reply.menu) {
      send("pictures");
      seen = ""; // a page that begins anew knows nothing of the screen
      if (views !== null) lookAnew();
    }
    sendNext();
  }

  function problem(text) {
    part.problem.textContent = text;
    part.problem.hidden = text === "";
  }

  // --- plots ---

  let plots = null; // Bokeh's document, once it is there
  let colours = [];
  let views = null;
  let undrawn = { columns: {}, axes: {}, labels: {} };
  let answered = null;
  let seen = ""; // what the server knows of what the screen shows

  // how many columns of pixels there are, and which axes were zoomed by hand
  function look() {
    const frame = views.get(source("plot v")).frame.bbox;
    const value = { columns: Math.ceil(frame.width * (window.devicePixelRatio || 1)) };
    for (const name of ZOOMABLE) {
      const { start, end, reset_start, reset_end } = source(`${name} axis`);
      if (start !== reset_start || end !== reset_end) value[name] = [start, end];
    }
    if (motion.isOn()) value.everything = true;
    return { value, said: JSON.stringify(value) };
  }

  // the samples that the screen can show are others then
  function lookAnew() {
    const { value, said } = look();
    if (said === seen) return;
    seen = said;
    send("look", value);
  }

  async function buildPlots() {
    const Bokeh = await connection.bokeh;
    ({ document: plots, colours } = makePlots(Bokeh));
    paint();
    draw({});
    const places = ["v_plot", "u_plot", "i_plot", "plane_plot"].map((name) => part[name]);
    lesson?.show();
    views = await Bokeh.embed.add_document_standalone(plots, part.root, places);
    for (const name of ["v", "u", "i", "plane"]) {
      const words = { v: "v", u: "u", i: "current" }[name];
      const title = words ? `plot of ${words} over time` : "phase plane of v and u";
      describe(part[`${name}_plot`], source(`plot ${name}`), title);
    }
    lookAnew();
    startWhereTouched();
    const soon = () => {
      clearTimeout(part.looking);
      part.looking = setTimeout(lookAnew, 150);
    };
    for (const name of ZOOMABLE) source(`${name} axis`).change.connect(soon);
    window.addEventListener("resize", soon);
    if (answered !== null) part.root.dataset.answered = answered;
  }

  // a touch of the phase plane, which is no drag, sets v0 and u0
  function startWhereTouched() {
    let down = null;
    const at = (event) => [event.clientX, event.clientY];
    part.plane_plot.addEventListener("pointerdown", (event) => (down = at(event)), true);
    part.plane_plot.addEventListener("click", (event) => {
      const { frame, canvas_view } = views.get(source("plot plane"));
      const { left, top } = canvas_view.el.getBoundingClientRect();
      const [x, y] = [event.clientX - left, event.clientY - top];
      const moved = down === null || Math.hypot(event.clientX - down[0], event.clientY - down[1]);
      if (moved > 4 || !frame.bbox.contains(x, y)) return;
      // as fine as the screen is
      const rounded = (scale, px) => {
        const [here, beside] = [scale.invert(px), scale.invert(px + 1)];
        const digits = Math.max(0, 1 - Math.floor(Math.log10(Math.abs(beside - here))));
        return Number(here.toFixed(Math.min(digits, 12)));
      };
      send("start", { v0: rounded(frame.x_scale, x), u0: rounded(frame.y_scale, y) });
    });
  }

  // give the plots what has changed
  function draw({ columns = {}, axes = {}, labels = {} }) {
    if (plots === null) {
      for (const [kind, each] of Object.entries({ columns, axes, labels })) {
        Object.assign(undrawn[kind], each);
      }
      return;
    }
    if (undrawn !== null) {
      const before = undrawn;
      undrawn = null;
      draw(before);
    }
    for (const [name, [start, end]] of Object.entries(axes)) {
      // where the reset tool leads, too
      source(`${name} axis`).setv({ start, end, reset_start: start, reset_end: end });
    }
    if (views !== null && Object.keys(axes).length > 0) seen = look().said;
    for (const [name, data] of Object.entries(columns)) {
      if (name === "resets") motion.cutAt(data);
      else source(name).data = data;
    }
    for (const [name, text] of Object.entries(labels)) showLabel(name, text);
  }

  function showLabel(name, text) {
    const axis = source(`${name} label`);
    if (axis.axis_label === text) return;
    axis.axis_label = text;
    if (name === "u") showLabel("plane", text);
    if (name !== "synapse") {
      source(`hover ${name}`).tooltips = tooltips(name, text.replace(/.*\(|\).*/g, ""));
    } else {
      axis.visible = text !== "";
      // the plots over time end under one another, too
      for (const plot of ["v", "u", "i"]) source(`plot ${plot}`).min_border_right = text ? 84 : 7;
    }
  }

  // the colours of the style sheet
  function paint() {
    const style = getComputedStyle(part.root);
    for (const [model, names] of colours) {
      const found = Object.entries(names).map(([property, name]) => [
        property,
        style.getPropertyValue(name).trim(),
      ]);
      model.setv(Object.fromEntries(found));
    }
  }

  const source = (name) => plots.get_model_by_name(name);

  // --- menus ---

  // radio buttons: one tab stop, arrow keys within
  function radioGroup(action, legend, values, words = WORDS) {
    const group = make("fieldset", { class: "choice", "aria-label": legend || action });
    if (legend) group.append(make("legend", {}, legend));
    const name = `${action}-${Math.random().toString(36).slice(2)}`;
    radios[action] = new Map();
    for (const value of values) {
      const input = make("input", { type: "radio", name, value, onchange: () => send(action, value) });
      radios[action].set(value, input);
      group.append(make("label", {}, input, make("span", {}, words[value] || value)));
    }
    return group;
  }

  function switchBox(name, text, title) {
    const input = make("input", {
      type: "checkbox",
      onchange: () => send("switch", { name, on: input.checked }),
    });
    switches.set(name, input);
    return make("label", { class: "switch", title }, input, make("span", {}, text));
  }

  function showSwitched(switched) {
    for (const [name, on] of Object.entries(switched)) switches.get(name).checked = on;
  }

  function showMenu(newMenu) {
    const before = menu;
    menu = newMenu;
    const isNew = (...names) =>
      names.some((name) => JSON.stringify(before?.[name]) !== JSON.stringify(menu[name]));
    // what stays keeps the focus
    if (isNew("papers", "variants", "schemes")) {
      part.choices.replaceChildren(
        radioGroup("paper", "Paper", menu.papers),
        radioGroup("variant", "Cell", menu.variants),
        radioGroup("scheme", "Scheme", menu.schemes),
      );
    }
    part.citation.textContent = menu.citation;
    if (isNew("types")) showTypes(menu.types);
  }

  function showTypes(all) {
    part.typeList = null;
    radios.type = new Map();
    if (all[0].group) showTypeList(all);
    else showTypePictures(all);
  }

  // hundreds: a list that a person can type into, by region
  function showTypeList(all) {
    const list = make("select", { onchange: () => send("type", list.value) });
    for (const group of new Set(all.map((type) => type.group))) {
      const members = all.filter((type) => type.group === group);
      const options = members.map((type) => make("option", { value: type.key }, type.label));
      list.append(make("optgroup", { label: group }, ...options));
    }
    part.typeList = list;
    part.types.replaceChildren(make("label", { class: "type-list" }, `Cell type, of ${all.length}`, list));
  }

  function showTypePictures(all) {
    const types = make("fieldset", { class: "types" }, make("legend", {}, "Cell type"));
    const name = `type-${Math.random().toString(36).slice(2)}`;
    for (const type of all) {
      const input = make("input", {
        type: "radio",
        name,
        value: type.key,
        // a click on the chosen one brings its own parameters back
        onclick: () => send("type", type.key),
      });
      radios.type.set(type.key, input);
      const picture = document.createElementNS(SVG, "svg");
      picture.setAttribute("aria-hidden", "true");
      const panel = type.label.includes(type.panel) ? "" : `${type.panel} `;
      const label = make("label", { title: type.label }, input, picture);
      label.append(make("span", {}, `${panel}${type.label}`));
      types.append(label);
    }
    types.style.setProperty("--columns", Math.min(10, all.length));
    part.types.replaceChildren(types);
  }

  function showPictures(pictures) {
    if (!chosen || pictures.paper !== chosen.paper) return;
    for (const [key, input] of radios.type) {
      const picture = input.parentElement.querySelector("svg");
      picture.setAttribute("viewBox", `0 0 ${pictures.width} ${pictures.height}`);
      picture.setAttribute("preserveAspectRatio", "none");
      const path = document.createElementNS(SVG, "path");
      path.setAttribute("d", pictures.paths[key]);
      path.setAttribute("vector-effect", "non-scaling-stroke");
      picture.replaceChildren(path);
    }
  }

  function showChosen(newlyChosen) {
    const isNew = chosen === null || chosen.type !== newlyChosen.type;
    chosen = newlyChosen;
    for (const action of ["paper", "variant", "scheme", "type", "current"]) {
      const input = radios[action] && radios[action].get(chosen[action]);
      if (input) input.checked = true;
    }
    if (part.typeList) {
      part.typeList.value = chosen.type;
    } else if (isNew) {
      // within its own strip only: the page itself must not move
      const label = radios.type.get(chosen.type).parentElement;
      const strip = label.parentElement;
      strip.scrollLeft = label.offsetLeft - (strip.clientWidth - label.offsetWidth) / 2;
    }
  }

  // --- sliders ---

  function showFields(fields) {
    const names = fields.map((field) => field.name).join();
    if (names !== part.fieldNames) {
      part.fieldNames = names;
      sliders.clear();
      part.sliders.replaceChildren();
      for (const [group, title] of Object.entries(GROUPS)) {
        const members = fields.filter((field) => field.group === group);
        const box = make("fieldset", { class: "group" }, make("legend", {}, title));
        if (group === "current") {
          box.append(make("div", { class: "drive" }, radioGroup("current", "", ["figure", "hand"]), synapse));
          radios.current.get(chosen.current).checked = true;
        }
        for (const member of members) {
          const slider = makeSlider(member, {
            set: (value, movement) => send("set", { name: member.name, value }, movement),
            refuse: problem,
          });
          sliders.set(member.name, slider);
          box.append(slider.row);
        }
        part.sliders.append(box);
      }
    }
    for (const field of fields) {
      const slider = sliders.get(field.name);
      slider.setIdle(!field.in_force);
      // unless a newer value of the same slider is on its way already
      const isSet = ({ message }) => message.action === "set" && message.value.name === field.name;
      if (!waiting.some(isSet)) slider.show(field);
    }
  }

  // --- words ---

  function showWords(newWords) {
    words = newWords;
    change(part.status, "textContent", words.status);
    equations.show(words.equations);
    showLines(part.explanation, words.explanation, (text) => make("p", {}, text));
    showLines(part.points, words.points, (text) => make("li", {}, text));
    showLines(part.legend, legend().map(({ text }) => text), (text, n) =>
      make("span", { class: `run ${legend()[n].line}` }, text),
    );
    part.traces.setAttribute("aria-label", `Traces over time. ${words.status}`);
  }

  // what is drawn over time, with the class of its line
  function legend() {
    return [
      ...words.runs.map((text, n) => ({ text, line: `run${n}` })),
      ...words.earlier.map((text, n) => ({ text: `${n + 1}: ${text}`, line: "earlier" })),
    ];
  }

  function showLines(parent, lines, element) {
    const before = Array.from(parent.children, (each) => each.textContent);
    if (before.join("\n") !== lines.join("\n")) parent.replaceChildren(...lines.map(element));
  }

  function showComparison(comparison) {
    const head = make("tr", {}, ...comparison.headings.map((h) => make("th", { scope: "col" }, h)));
    const lines = comparison.rows.map((row) =>
      make("tr", {}, ...row.map((cell) => make("td", {}, cell))),
    );
    part.comparison.replaceChildren(
      make("h2", {}, "PP and Sec, published and exact"),
      make(
        "div",
        // it scrolls where it is too wide, by keyboard, too
        { class: "table", role: "region", "aria-label": "comparison", tabindex: "0" },
        make("table", {}, make("thead", {}, head), make("tbody", {}, ...lines)),
      ),
    );
    part.comparison.scrollIntoView({ block: "nearest" });
  }

  // --- to take home ---

  // a large file comes in parts
  function gather(file) {
    part.file = [...(part.file ?? []), file.content];
    if (file.following) return send("download", file.following);
    save(new Blob(part.file, { type: file.type }), file.name);
    part.file = null;
  }

  function save(blob, name) {
    const link = make("a", { href: URL.createObjectURL(blob), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  // all four plots in one picture, with the legend and the whole status under them
  function savePicture() {
    const [v, u, i, plane] = ["v", "u", "i", "plane"].map(
      (name) => views.get(source(`plot ${name}`)).export("auto", true).canvas,
    );
    const scale = window.devicePixelRatio || 1;
    const left = Math.max(v.width, u.width, i.width);
    const hasPlane = part.plane_plot.offsetWidth > 0; // a lesson may hide it
    const width = left + (hasPlane ? plane.width : 0);
    const height = Math.max(v.height + u.height + i.height, hasPlane ? plane.height : 0);
    const picture = make("canvas", { width, height });
    const paint = picture.getContext("2d");
    const font = `${12 * scale}px sans-serif`;
    const [line, margin] = [18 * scale, 8 * scale];
    paint.font = font;
    const style = getComputedStyle(part.root);
    const rows = [];
    for (const { text, line: name } of words ? legend() : []) {
      rows.push(...wrapped(paint, text, width - 6 * margin).map((each, n) => [each, n ? "" : name]));
    }
    for (const text of wrapped(paint, words ? words.status : "", width - 2 * margin)) {
      rows.push([text, null]);
    }
    picture.height = height + rows.length * line + 2 * margin; // which empties it
    paint.fillStyle = style.backgroundColor;
    paint.fillRect(0, 0, picture.width, picture.height);
    paint.drawImage(v, 0, 0);
    paint.drawImage(u, 0, v.height);
    paint.drawImage(i, 0, v.height + u.height);
    if (hasPlane) paint.drawImage(plane, left, 0);
    paint.font = font;
    rows.forEach(([text, name], n) => {
      const y = height + margin + (n + 0.75) * line;
      paint.fillStyle = style.color;
      paint.fillText(text, margin * (name === null ? 1 : 5), y);
      if (!name) return;
      paint.strokeStyle = style.getPropertyValue(`--${name}`).trim();
      paint.lineWidth = 2 * scale;
      paint.setLineDash((DASHES_IN_PIXELS[name] || []).map((each) => each * scale));
      paint.beginPath();
      paint.moveTo(margin, y - 0.25 * line);
      paint.lineTo(4 * margin, y - 0.25 * line);
      paint.stroke();
    });
    picture.toBlob((blob) => save(blob, `${chosen.paper}_${chosen.type.replaceAll(" ", "_")}.png`));
  }

  // a text in lines that are at most so wide
  function wrapped(paint, text, width) {
    const lines = [];
    for (const word of text.split(" ")) {
      const longer = lines.length ? `${lines.at(-1)} ${word}` : word;
      if (lines.length && paint.measureText(longer).width <= width) lines[lines.length - 1] = longer;
      else lines.push(word);
    }
    return lines;
  }

  async function copyLink() {
    const address = new URL(connection.address);
    address.search = part.query;
    address.hash = location.hash;
    part.address.value = address.href;
    part.address.hidden = false;
    part.address.select();
    try {
      await navigator.clipboard.writeText(address.href);
      part.linkButton.textContent = "copied";
    } catch {
      // the address stands selected beside the button, to be copied by hand
      part.linkButton.textContent = "copy this:";
    }
    setTimeout(() => (part.linkButton.textContent = "link"), 3000);
  }

  // --- the whole ---

  function setDark(dark) {
    part.root.classList.toggle("dark", dark);
    part.dark.setAttribute("aria-pressed", String(dark));
    if (plots !== null) paint();
  }

  function button(text, title, action) {
    return make("button", { type: "button", title, onclick: action }, text);
  }

  function child(name) {
    return (part[name] = make("div", { class: `plot ${name}` }));
  }

  part.shadow = () => part.root.getRootNode();
  part.choices = make("div", { class: "choices" });
  part.types = make("div", { class: "menu" });
  part.citation = make("p", { class: "citation" });
  part.sliders = make("form", { class: "sliders", onsubmit: (event) => event.preventDefault() });
  part.legend = make("p", { class: "legend" });
  part.traces = make(
    "div",
    { class: "traces", role: "group" },
    child("v_plot"),
    child("u_plot"),
    child("i_plot"),
  );
  part.explanation = make("div", { class: "explanation" });
  part.points = make("ul", { class: "points" });
  part.comparison = make("section", { class: "comparison", "aria-live": "polite" });
  part.status = make("p", { class: "status", role: "status" }, "one moment ...");
  part.problem = make("p", { class: "problem", role: "alert", hidden: "" });
  part.address = make("input", { class: "address", readonly: "", hidden: "", "aria-label": "link" });
  part.linkButton = button("link", "Copy a link that leads back to all of this", copyLink);
  part.dark = button("dark", "Dark or light", () =>
    setDark(!part.root.classList.contains("dark")),
  );
  part.motion = button("▶ slow motion", "Follow the run through the phase plane", () =>
    motion.toggle(),
  );
  part.speed = make("select", { "aria-label": "speed of slow motion" });
  for (const speed of [5, 10, 20, 50]) {
    part.speed.append(make("option", { value: speed }, `${speed} ms per s`));
  }
  part.speed.value = "20";
  const lesson = connection.address
    ? makeLesson({
        root: () => part.root,
        plots: () => plots,
        link: () => part.query,
        go(link) {
          connection.remember(link, false);
          follow(link);
        },
      })
    : null;
  const equations = makeEquations();
  const motion = makeMotion(source, part.motion, () => Number(part.speed.value), lookAnew);

  part.root = make(
    "main",
    { class: "page", lang: "en" },
    make(
      "header",
      {},
      make("h1", {}, "Izhikevich's neuron"),
      part.choices,
      make(
        "div",
        { class: "tools" },
        button("reset", "Back to the type as published", () => send("reset")),
        button("compare", "PP and Sec, published and exact: four runs", () => send("compare")),
        button("CSV", "Download the samples", () => send("download", "csv")),
        button("PNG", "Download the plots", savePicture),
        button("Python", "Download a script that runs the same", () => send("download", "script")),
        ...(lesson ? [part.linkButton, part.address] : []),
        part.dark,
      ),
    ),
    part.problem,
    ...(lesson ? [lesson.panel, lesson.shown] : []),
    part.types,
    equations.panel,
    make(
      "div",
      { class: "body" },
      make("aside", { class: "side", "aria-label": "Parameters" }, part.sliders),
      make("section", { class: "middle" }, part.traces, part.status),
      make(
        "section",
        { class: "right", "aria-label": "Phase plane and explanation" },
        child("plane_plot"),
        make("div", { class: "motion" }, part.motion, part.speed, keep),
        part.legend,
        make(
          "p",
          { class: "key" },
          make("span", { class: "nullcline v during" }, "v-nullcline"),
          make("span", { class: "nullcline v before" }, "before the stimulus"),
          make("span", { class: "nullcline u" }, "u-nullcline"),
          make("span", {}, "● node  ◆ focus  ✕ saddle; filled: stable; pale: before the stimulus"),
          make("span", {}, "a click starts the run there"),
        ),
        make("h2", {}, "What you see"),
        part.explanation,
        part.points,
      ),
    ),
    part.comparison,
    make("footer", {}, part.citation, ...(lesson ? [lesson.button] : [])),
  );

  lesson?.show();
  connection.listen({ receive, lost, follow });
  if (window.matchMedia("(prefers-color-scheme: dark)").matches) setDark(true);
  send("show");
  // the style sheet's colours are known once the page is in its place
  requestAnimationFrame(() =>
    buildPlots().catch((error) => {
      problem(`The plots could not be loaded. Reload the page. (${error.message ?? error})`);
      throw error;
    }),
  );
  return make("div", { class: "explorer" }, part.root);
}
