// The page of `izh web`: connects explorer.js to the server by a websocket.
// It is served with the others as one file (see files.py).

const RETRY_AFTER = 2000; // ms
// where the server has too many pages open
const TOO_MANY = 1013;
const RETRY_LATER = 10000;

// see wire.py
function unpacked(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const reply = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const numbers = 4 + length;
  if (reply.file) {
    const { at, bytes } = reply.file.content;
    reply.file.content = new Uint8Array(buffer, numbers + 8 * at, bytes);
  }
  for (const columns of Object.values(reply.columns ?? {})) {
    for (const [name, column] of Object.entries(columns)) {
      if (Array.isArray(column)) continue;
      const Numbers = column.single ? Float32Array : Float64Array;
      columns[name] = new Numbers(buffer, numbers + 8 * column.at, column.n);
    }
  }
  return reply;
}

class Connection {
  #socket = null;
  #unsent = [];
  #receive = null;
  #lost = null;
  #follow = null;
  #query = location.search.slice(1);

  constructor() {
    this.address = location.origin + location.pathname;
    this.bokeh = new Promise((resolve, reject) => {
      const script = document.querySelector("script[data-bokeh]");
      if (window.Bokeh) return resolve(window.Bokeh);
      script.addEventListener("load", () => resolve(window.Bokeh));
      script.addEventListener("error", reject);
    });
    window.addEventListener("popstate", () => this.#follow(location.search.slice(1)));
    this.#open();
  }

  // the browser's address leads to what is shown; the way back, to what was shown before
  remember(link, replace) {
    const address = new URL(location.href);
    address.search = link;
    if (address.href === location.href) return;
    if (replace) history.replaceState(null, "", address);
    else history.pushState(null, "", address);
  }

  #open() {
    const address = new URL("ws", location.href);
    address.protocol = address.protocol.replace("http", "ws");
    address.search = this.#query;
    const socket = new WebSocket(address);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      for (const text of this.#unsent.splice(0)) socket.send(text);
    };
    socket.onmessage = (event) => {
      const reply = unpacked(event.data);
      if (reply.link !== undefined) this.#query = reply.link;
      this.#receive(reply);
    };
    // the server has been ended, or the computer has slept: what is on screen leads back
    socket.onclose = ({ code, reason }) => {
      this.#unsent = [];
      this.#lost(reason);
      setTimeout(() => this.#open(), code === TOO_MANY ? RETRY_LATER : RETRY_AFTER);
    };
    this.#socket = socket;
  }

  send(message) {
    const text = JSON.stringify(message);
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(text);
    else this.#unsent.push(text);
  }

  listen({ receive, lost, follow }) {
    this.#receive = receive;
    this.#lost = lost;
    this.#follow = follow;
  }
}

document.body.append(explorer(new Connection()));
