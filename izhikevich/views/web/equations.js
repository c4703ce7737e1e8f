// The equations with the numbers in force; a symbol that is touched says what it is.

function makeEquations() {
  // one stop of the tab key; the arrow keys go from symbol to symbol
  const lines = make("div", { class: "lines", role: "toolbar", "aria-label": "symbols", onkeydown: go });
  const explained = make("p", { class: "explained", role: "status" });
  const panel = make("section", { class: "equations", "aria-label": "Equations" }, lines, explained);
  let structure = "";
  let symbols = []; // in order: the button, where its number stands, and the piece
  let chosen = null; // a name: the same symbol stays chosen when the numbers change

  function show(all) {
    const newStructure = JSON.stringify(all.map((line) => line.map((piece) => piece.symbol ?? piece)));
    if (newStructure !== structure) build(all);
    structure = newStructure;
    const pieces = all.flat().filter((piece) => piece.symbol);
    symbols.forEach((symbol, n) => {
      symbol.piece = pieces[n];
      change(symbol.number, "textContent", numberOf(symbol.piece));
    });
    explain();
  }

  function go(event) {
    const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
    if (!(event.key in steps)) return;
    event.preventDefault();
    const here = symbols.findIndex(({ button }) => button === event.target);
    const next = (here + steps[event.key] + symbols.length) % symbols.length;
    symbols.forEach(({ button }, n) => (button.tabIndex = n === next ? 0 : -1));
    symbols[next].button.focus();
  }

  function build(all) {
    symbols = [];
    lines.replaceChildren(
      ...all.map((line) =>
        make("span", { class: "line" }, ...line.flatMap((piece) => (piece.symbol ? symbol(piece) : raised(piece)))),
      ),
    );
  }

  function symbol(piece) {
    const number = make("span", { class: "value" });
    const button = make(
      "button",
      { type: "button", class: "symbol", "aria-pressed": "false", onclick: () => choose(piece.symbol) },
      make("span", { class: piece.is_word ? "word" : "name" }, piece.symbol),
      number,
    );
    button.tabIndex = symbols.length ? -1 : 0;
    symbols.push({ button, number, piece });
    return [button];
  }

  // "v^2 - ..." with a raised 2, and a minus
  function raised(text) {
    const parts = text.replaceAll("-", "\u2212").split(/\^(\d)/);
    const pieces = parts.map((part, n) => (n % 2 ? make("sup", {}, part) : part));
    return [make("span", { class: "between" }, ...pieces)];
  }

  function numberOf({ value }) {
    return value === null ? "" : shown(value).replace("-", "\u2212");
  }

  function choose(name) {
    chosen = chosen === name ? null : name;
    explain();
  }

  function explain() {
    const found = symbols.find(({ piece }) => piece.symbol === chosen);
    for (const { button, piece } of symbols) {
      button.setAttribute("aria-pressed", String(piece.symbol === chosen));
    }
    const number = found && numberOf(found.piece);
    const text = found
      ? `${chosen}${number ? ` = ${number}` : ""}: ${found.piece.words}`
      : "Touch a symbol: it says what it is.";
    change(explained, "textContent", text);
  }

  return { panel, show };
}
