// Slow motion: a point that runs along the traces and through the phase plane.

// source(name): a source of the plots; button: what starts and ends it; speed: ms per s
// changed(): it was started or has ended; while it is on, no sample of the run may be missing
export function makeMotion(source, button, speed, changed) {
  let frame = null;
  let resets = { at: [], u: [] };

  function stop() {
    if (frame !== null) cancelAnimationFrame(frame);
    frame = null;
    button.setAttribute("aria-pressed", "false");
    source("now").data = { t: [], v: [], u: [], i: [] };
    source("tail").data = { v: [], u: [] };
    changed();
  }

  function start() {
    button.setAttribute("aria-pressed", "true");
    let time = 0;
    let last = performance.now();
    const step = (now) => {
      if (!button.isConnected) return;
      const { t, v, u } = source("run0").data;
      time += ((now - last) / 1000) * speed();
      last = now;
      if (!t.length || time > t[t.length - 1]) return stop();
      let at = 0;
      for (let high = t.length; at + 1 < high; ) {
        const middle = (at + high) >> 1;
        if (t[middle] <= time) at = middle;
        else high = middle;
      }
      const path = tail(t, v, u, at);
      source("now").data = { t: [t[at]], v: [v[at]], u: [path.u[0]], i: [currentAt(t[at])] };
      source("tail").data = path;
      frame = requestAnimationFrame(step);
    };
    frame = requestAnimationFrame(step);
    changed();
  }

  // the last 15 ms, from now on back, cut at the resets: the cell moves there in no time
  function tail(t, v, u, at) {
    const path = { v: [], u: [] };
    let next = resets.at.length - 1;
    while (next >= 0 && resets.at[next] > at) next--;
    for (let j = at; j >= 0 && t[at] - t[j] < 15; j--) {
      const isBeforeReset = next >= 0 && resets.at[next] === j;
      if (isBeforeReset && j < at) {
        path.v.push(NaN);
        path.u.push(NaN);
      }
      path.v.push(v[j]);
      path.u.push(isBeforeReset ? resets.u[next--] : u[j]);
    }
    return path;
  }

  function currentAt(time) {
    const { t, i } = source("current").data;
    let at = 0;
    while (at + 1 < t.length && t[at + 1] <= time) at++;
    if (at + 1 === t.length || t[at + 1] === t[at]) return i[at];
    return i[at] + ((i[at + 1] - i[at]) * (time - t[at])) / (t[at + 1] - t[at]);
  }

  return {
    toggle: () => (frame === null ? start() : stop()),
    isOn: () => frame !== null,
    // at: which samples of the run are the last before a reset; u: where the cell was there
    cutAt(newResets) {
      resets = newResets;
    },
  };
}
