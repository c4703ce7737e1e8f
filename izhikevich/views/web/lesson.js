// What a teacher prepares for a class: a text, steps, panels that are hidden, a projector's size.
//
// All of it stands behind the "#" of the page's address, which browsers send to no server. Whoever
// opens the address sees it; whatever stands there is shown as text.

const PANELS = {
  choices: "paper, cell and scheme",
  types: "cell types",
  equations: "equations",
  sliders: "sliders",
  plane: "phase plane",
  words: "what you see",
  tools: "tools",
};
const MOST_STEPS = 30;
const LONGEST_TEXT = 3000;
// On a projector, times as large.
const LARGER_TEXT = 1.6;
const THICKER_LINES = 2.2;

function lessonOf(hash) {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  const hidden = (given.get("hide") ?? "").split(",");
  return {
    text: (given.get("text") ?? "").slice(0, LONGEST_TEXT),
    hidden: Object.keys(PANELS).filter((name) => hidden.includes(name)),
    projector: given.get("size") === "projector",
    steps: given.getAll("step").slice(0, MOST_STEPS).map((step) => {
      const at = step.lastIndexOf("|");
      return at < 0
        ? { title: step, link: "" }
        : { title: step.slice(0, at), link: step.slice(at + 1) };
    }),
  };
}

function hashOf(lesson) {
  const given = new URLSearchParams();
  if (lesson.text) given.set("text", lesson.text);
  if (lesson.hidden.length) given.set("hide", lesson.hidden.join());
  if (lesson.projector) given.set("size", "projector");
  for (const { title, link } of lesson.steps) given.append("step", `${title}|${link}`);
  return String(given);
}

// page: link() to what is shown now, go(link) there, plots(), root()
function makeLesson(page) {
  let lesson = lessonOf(location.hash);
  let showsAll = false; // a person has asked for what is hidden
  let now = null;
  const sizes = new Map(); // of text and lines, as they are on a desk

  // --- for the class ---

  const text = make("div");
  const steps = make("ol");
  const all = make(
    "button",
    { type: "button", "aria-pressed": "false", onclick: toggleAll },
    "show all",
  );
  const shownPart = make("section", { class: "lesson", "aria-label": "Lesson" }, text, steps, all);

  function toggleAll() {
    showsAll = !showsAll;
    show();
  }

  function show() {
    const { hidden } = lesson;
    // whoever opens the same link on a phone has no use for it
    const projector = lesson.projector && window.matchMedia("(min-width: 701px)").matches;
    const lines = lesson.text.split("\n").filter((line) => line.trim() !== "");
    text.replaceChildren(...lines.map((line) => make("p", {}, line)));
    steps.replaceChildren(
      ...lesson.steps.map(({ title, link }, n) => {
        const go = () => page.go(link);
        return make("li", {}, make("button", { type: "button", onclick: go }, title || nameless(n)));
      }),
    );
    steps.hidden = lesson.steps.length === 0;
    all.hidden = hidden.length === 0;
    all.setAttribute("aria-pressed", String(showsAll));
    shownPart.hidden = lines.length === 0 && steps.hidden && all.hidden;
    for (const name of Object.keys(PANELS)) {
      page.root().classList.toggle(`without-${name}`, hidden.includes(name) && !showsAll);
    }
    page.root().classList.toggle("projector", projector);
    enlarge(projector);
    mark(now);
  }

  function nameless(n) {
    return `step ${n + 1}`;
  }

  // the step whose link leads to what is shown
  function mark(link) {
    now = link;
    lesson.steps.forEach((step, n) => {
      const button = steps.children[n].firstChild;
      if (step.link === link) button.setAttribute("aria-current", "step");
      else button.removeAttribute("aria-current");
    });
  }

  function enlarge(projector) {
    const text = (size) => (projector ? `${Math.round(parseFloat(size) * LARGER_TEXT)}px` : size);
    for (const root of page.plots()?.roots() ?? []) {
      for (const model of root.references()) {
        if (!sizes.has(model)) sizes.set(model, sizesOf(model));
        const { label, numbers, line, left } = sizes.get(model);
        if (label) {
          const [axis_label_text_font_size, major_label_text_font_size] = [label, numbers].map(text);
          model.setv({ axis_label_text_font_size, major_label_text_font_size });
        }
        if (line) model.setv({ line_width: { value: projector ? line * THICKER_LINES : line } });
        if (left) model.setv({ min_border_left: projector ? left * LARGER_TEXT : left });
      }
    }
  }

  function sizesOf(model) {
    if (model.type === "LinearAxis") {
      return { label: model.axis_label_text_font_size, numbers: model.major_label_text_font_size };
    }
    if (model.type === "Line") return { line: model.line_width.value ?? model.line_width };
    const isOverTime = model.type === "Plot" && model.name !== "plot plane";
    // they stand under one another
    return isOverTime ? { left: model.min_border_left } : {};
  }

  // --- for the teacher ---

  const said = make("textarea", {
    rows: "3",
    maxlength: LONGEST_TEXT,
    oninput: () => prepare({ text: said.value }),
  });
  const boxes = new Map(
    Object.entries(PANELS).map(([name, words]) => {
      const box = make("input", { type: "checkbox", onchange: hide });
      return [name, [box, make("label", { class: "switch" }, box, make("span", {}, words))]];
    }),
  );
  const large = make("input", {
    type: "checkbox",
    onchange: () => prepare({ projector: large.checked }),
  });
  const title = make("input", { type: "text", maxlength: "100" });
  const list = make("ol", { class: "prepared" });
  const panel = make(
    "section",
    { class: "teacher", "aria-label": "Prepare a lesson", hidden: "" },
    make("p", {}, "What you prepare stands in this page's address; link copies it for the class."),
    make("label", { class: "said" }, "Text", said),
    make(
      "fieldset",
      { class: "hide" },
      make("legend", {}, "Hide"),
      ...Array.from(boxes.values(), ([, label]) => label),
    ),
    make("label", { class: "switch" }, large, make("span", {}, "large, for a projector")),
    make("label", { class: "new-step" }, "Step", title),
    make("button", { type: "button", onclick: addStep }, "add what is shown as a step"),
    list,
  );
  const button = make(
    "button",
    {
      type: "button",
      title: "A text, steps, what is hidden",
      "aria-expanded": "false",
      onclick: toggle,
    },
    "prepare a lesson",
  );

  function toggle() {
    panel.hidden = !panel.hidden;
    button.setAttribute("aria-expanded", String(!panel.hidden));
    if (panel.hidden) return;
    showPrepared();
    panel.scrollIntoView({ block: "nearest" });
    said.focus({ preventScroll: true });
  }

  function hide() {
    prepare({ hidden: Object.keys(PANELS).filter((name) => boxes.get(name)[0].checked) });
  }

  function addStep() {
    if (lesson.steps.length === MOST_STEPS) return;
    prepare({ steps: [...lesson.steps, { title: title.value.trim(), link: page.link() }] });
    title.value = "";
  }

  function prepare(changed) {
    lesson = { ...lesson, ...changed };
    const address = new URL(location.href);
    address.hash = hashOf(lesson);
    history.replaceState(null, "", address);
    showPrepared();
    show();
  }

  function showPrepared() {
    if (said.value !== lesson.text) said.value = lesson.text;
    for (const [name, [box]] of boxes) box.checked = lesson.hidden.includes(name);
    large.checked = lesson.projector;
    list.replaceChildren(
      ...lesson.steps.map((step, n) => {
        const others = lesson.steps.filter((each) => each !== step);
        const words = step.title || nameless(n);
        const remove = () => prepare({ steps: others });
        const label = `remove ${words}`;
        const removal = { type: "button", "aria-label": label, onclick: remove };
        return make("li", {}, `${words} `, make("button", removal, "remove"));
      }),
    );
  }

  window.addEventListener("hashchange", () => {
    lesson = lessonOf(location.hash);
    showPrepared();
    show();
  });

  return { button, panel, shown: shownPart, show, mark };
}
