// One parameter's slider: a range, and a box with its number, that show a value and tell of every
// value that a person gives.
//
// Arrow keys go a step, and with Shift a tenth of it; with Shift a drag goes a tenth as far, too.
// A finger on a range may be about to scroll: nothing changes before it has gone sideways.

const FINE = 10;
const SIDEWAYS = 8; // px
const PAUSE = 1000; // ms; keys that follow each other faster are one movement

const STEPS = {
  ArrowUp: 1,
  ArrowRight: 1,
  ArrowDown: -1,
  ArrowLeft: -1,
  PageUp: 10,
  PageDown: -10,
};

// as people write numbers: 1.5, 1,5, -.5, 2e-3; anything else is NaN
export function numberOf(text) {
  const plain = text.trim().replace("\u2212", "-").replace(/^([^.,]*),([^.,]*)$/, "$1.$2");
  const found = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i.test(plain) ? Number(plain) : NaN;
  return Number.isFinite(found) ? found : NaN;
}

const withoutRounding = (value) => Number(value.toPrecision(12));

// set(value, movement): `movement` is the same for all values of one drag, or one run of keys
// refuse(text): what is wrong with a number
export function makeSlider(field, { set, refuse }) {
  const unit = field.unit ? `, ${field.unit}` : "";
  const words = `${field.name}: ${field.label}${unit}`;
  const range = make("input", { type: "range", "aria-label": words, "data-name": field.name });
  const box = make("input", {
    class: "number",
    type: "text",
    autocomplete: "off",
    spellcheck: "false",
    enterkeyhint: "done",
    "aria-label": `${words}, as a number`,
    "data-name": field.name,
  });
  const row = make(
    "div",
    { class: "slider", title: words },
    make("span", { class: "name", "aria-hidden": "true" }, field.name),
    range,
    box,
    make("span", { class: "unit", "aria-hidden": "true" }, field.unit),
  );

  let limits = field;
  let value = field.value;
  let movement = {};
  let keyAt = -Infinity;
  let finger = null; // what touches the range
  let anchor = null; // where a fine drag began
  let edited = false;

  function place(newValue) {
    const low = Math.min(limits.min, newValue);
    const position = (newValue - low) / limits.step;
    // a value between two positions must not be moved to one of them
    const between = Math.abs(position - Math.round(position)) > 1e-6;
    change(range, "min", String(low));
    change(range, "max", String(Math.max(limits.max, newValue)));
    change(range, "step", between || anchor ? "any" : String(limits.step));
    if (Number(range.value) !== newValue) range.value = newValue;
  }

  function write(newValue) {
    edited = false;
    change(box, "value", shown(newValue));
  }

  function give(newValue) {
    if (newValue === value) return;
    value = newValue;
    place(value);
    write(value);
    set(value, movement);
  }

  // --- the range ---

  const holdsStill = () => finger !== null && !finger.sideways;

  range.addEventListener("pointerdown", (event) => {
    movement = {};
    anchor = event.shiftKey ? { value, raw: value } : null;
    if (event.pointerType !== "touch") return;
    finger = { x: event.clientX, y: event.clientY, before: value, wanted: null, sideways: false };
  });
  range.addEventListener("pointermove", (event) => {
    if (!event.shiftKey || !event.buttons) anchor = null;
    else anchor ??= { value, raw: Number(range.value) };
    if (!holdsStill()) return;
    const x = Math.abs(event.clientX - finger.x);
    finger.sideways = x > SIDEWAYS && x > Math.abs(event.clientY - finger.y);
  });
  range.addEventListener("pointerup", () => {
    // a tap
    if (holdsStill() && finger.wanted !== null) give(finger.wanted);
    finger = anchor = null;
  });
  range.addEventListener("pointercancel", () => {
    // the browser scrolls
    if (finger !== null) give(finger.before);
    finger = anchor = null;
  });
  range.addEventListener("input", () => {
    const raw = Number(range.value);
    if (holdsStill()) {
      finger.wanted = raw;
      place(value);
    } else if (anchor !== null) {
      give(withoutRounding(anchor.value + (raw - anchor.raw) / FINE));
    } else {
      give(raw);
    }
  });

  // --- keys ---

  function step(event, inside) {
    const steps = STEPS[event.key];
    if (!steps || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    if (event.timeStamp - keyAt > PAUSE) movement = {};
    keyAt = event.timeStamp;
    const by = steps * (event.shiftKey ? limits.step / FINE : limits.step);
    let newValue = withoutRounding(value + by);
    if (inside) newValue = Math.min(Math.max(newValue, Number(range.min)), Number(range.max));
    give(newValue);
  }

  range.addEventListener("keydown", (event) => step(event, true));
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      read();
    } else if (event.key === "Escape") {
      write(value);
    } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      if (edited && !read()) return event.preventDefault();
      step(event, false);
    }
  });

  // --- the box ---

  // whether there is a number in it
  function read() {
    if (!edited) return true;
    const found = numberOf(box.value);
    if (Number.isNaN(found)) {
      refuse(`${field.name} must be a number such as 1.5, not “${box.value.trim().slice(0, 40)}”`);
      write(value);
      return false;
    }
    movement = {};
    if (found === value) write(value);
    else give(found);
    return true;
  }

  box.addEventListener("input", () => (edited = true));
  box.addEventListener("change", read);

  return {
    row,
    // what the server has; while the person types, the text stays theirs
    show(newField) {
      limits = newField;
      if (newField.value === value && edited) return;
      value = newField.value;
      place(value);
      if (!edited) write(value);
    },
    setIdle(idle) {
      row.classList.toggle("idle", idle);
    },
  };
}
