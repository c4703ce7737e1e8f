"""How fast the web page is, and what a class of thirty does to it.

    python benchmarks/web.py [--minutes 3] [--sessions 30] [--markdown FILE]

Six measurements, on a server that is started for them and bound to 127.0.0.1:

* start: from the command to a page in a (running) browser that shows its first trace, in which
  the colour of the trace is looked for;
* slider: from the movement of a slider to the plot drawn anew, in the browser itself;
* opening: all sessions of a class open the page at once; until each has its first run;
* class: every session changes one of its parameters every two seconds; from the message that a
  page sends to the answer. The clients are websockets and not browsers, thirty of which would
  take this machine's processors for themselves; they check each answer to be their own;
* fairness: one page moves a slider ten times a second while others ask for all they can;
* memory: thirty pages that keep all they can of the largest runs, in slow motion, and some of which
  do not read what they are sent; the most that the server takes meanwhile.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from playwright.sync_api import sync_playwright  # noqa: E402
from web_client import Client, Server, run, serving  # noqa: E402

PERIOD = 2.0
N_MOVES = 60
MOVE_SLIDER = """async (slider, [low, high, n]) => {
    const source = Bokeh.documents[0].get_model_by_name("run0");
    const times = [];
    for (let k = 0; k < n; k++) {
        const drawn = new Promise((done) => {
            const changed = () => {
                source.properties.data.change.disconnect(changed);
                // the plots are drawn in the frame's callbacks; a task after it comes after them
                requestAnimationFrame(() => setTimeout(done, 0));
            };
            source.properties.data.change.connect(changed);
        });
        const start = performance.now();
        slider.value = low + ((high - low) * ((k * 7) % n)) / n;
        slider.dispatchEvent(new Event("input"));
        await drawn;
        times.push(performance.now() - start);
        await new Promise((done) => setTimeout(done, 100));
    }
    return times;
}"""
# Whether the trace of the first run is on the canvas of the v plot.
TRACE_IS_DRAWN = """() => {
    const within = (root) => [...root.querySelectorAll("*")].flatMap(
        (e) => [e, ...(e.shadowRoot ? within(e.shadowRoot) : [])]);
    return within(document).filter((e) => e.matches(".v_plot")).some((plot) =>
        within(plot).filter((e) => e.tagName === "CANVAS" && e.width > 0).some((canvas) => {
            const context = canvas.getContext("2d");
            const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
            let found = 0;
            for (let n = 0; n < data.length; n += 4) {
                found += data[n] < 60 && data[n + 2] > 150 && data[n + 3] > 200;
            }
            return found > 100;
        }));
}"""
SLIDERS = (
    ("2004 tonic spiking, PP, published", "", (4, 8)),
    ("2004 tonic spiking, PP and Sec, published", "?variant=both", (4, 8)),
    ("2004 tonic spiking, PP, exact", "?scheme=exact", (4, 8)),
    ("2007 RS, PP, published", "?paper=2007&type=RS", (90, 110)),
)


def browser_of(playwright: Any) -> Any:
    """Chromium without a window."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    return playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])


def measure_start(browser: Any, log: Path) -> float:
    """Seconds from the command to the first trace on the page."""
    begin = time.perf_counter()
    with serving(log) as server:
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(server.address)
        page.locator(".page[data-answered]").wait_for()
        page.wait_for_function(TRACE_IS_DRAWN, polling="raf")
        seconds = time.perf_counter() - begin
        page.close()
    return seconds


def measure_sliders(browser: Any, server: Server) -> list[tuple[str, list[float]]]:
    """Milliseconds from each movement of a slider to the plot."""
    found = []
    for title, query, (low, high) in SLIDERS:
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(server.address + query)
        page.locator(".page[data-answered]").wait_for()
        page.wait_for_timeout(1500)
        slider = page.locator("input[type=range][data-name=d]")
        found.append((title, slider.evaluate(MOVE_SLIDER, [low, high, N_MOVES])))
        page.close()
    return found


async def measure_opening(server: Server, n_sessions: int) -> list[float]:
    """Milliseconds until each of the pages that are opened at once has its first run."""
    begin = time.perf_counter()

    async def one() -> float:
        client = await Client.open(server.address)
        reply = await client.ask("show")
        assert "tonic spiking" in reply["words"]["status"]
        seconds = time.perf_counter() - begin
        await client.ask("pictures")
        client.close()
        return 1000 * seconds

    return list(await asyncio.gather(*(one() for _ in range(n_sessions))))


async def measure_class(
    server: Server, n_sessions: int, seconds: float
) -> tuple[list[float], list[tuple[float, int, int]]]:
    """Milliseconds of each update, and memory (s, kB of the server, kB of the workers)."""
    times: list[float] = []
    memory: list[tuple[float, int, int]] = []
    begin = time.monotonic()

    async def one(n: int) -> None:
        await asyncio.sleep(PERIOD * n / n_sessions)
        client = await Client.open(server.address)
        await client.ask("show")
        k = 0
        while time.monotonic() - begin < seconds:
            k += 1
            value = 2 + 0.1 * n + 0.001 * (k % 100) + 0.0001
            sent = time.perf_counter()
            reply = await client.ask("set", {"name": "d", "value": value})
            times.append(1000 * (time.perf_counter() - sent))
            assert f"changed: d {value:g} " in reply["words"]["status"], "another's answer"
            await asyncio.sleep(max(0.0, PERIOD - (time.perf_counter() - sent)))
        client.close()

    async def watch() -> None:
        while time.monotonic() - begin < seconds:
            memory.append((time.monotonic() - begin, *server.kilobytes()))
            await asyncio.sleep(5)

    await asyncio.gather(watch(), *(one(n) for n in range(n_sessions)))
    return times, memory


# What others ask for meanwhile: how many, what each does first, and then again and again.
_TO_THE_LIMIT = [("type", "Depolarizing afterpotential"), ("scheme", "exact")]
_LONGEST = ("set", {"name": "tstop", "value": 9000})
_LONGER = ("set", {"name": "tstop", "value": 9001})
OTHERS = (
    ("nobody else", 0, [], []),
    (
        "one page at both, both, 9000 ms",
        1,
        [("variant", "both"), ("scheme", "both")],
        [_LONGEST, _LONGER],
    ),
    ("one page whose runs reach the limit of 2 s", 1, _TO_THE_LIMIT, [_LONGEST, _LONGER]),
    ("ten of those", 10, _TO_THE_LIMIT, [_LONGEST, _LONGER]),
    (
        "three that download 72,000 samples",
        3,
        [("variant", "both"), _LONGEST],
        [("download", "csv")],
    ),
)


async def measure_fairness(
    server: Server, n_others: int, first: list[Any], then: list[Any], seconds: float
) -> list[float]:
    """Milliseconds of each update of a page, while others ask for all they can."""
    is_over = asyncio.Event()

    async def other() -> None:
        client = await Client.open(server.address)
        await client.ask("show")
        for message in first:
            await client.ask(*message)
        while not is_over.is_set():
            for message in then:
                await client.ask(*message)

    others = [asyncio.create_task(other()) for _ in range(n_others)]
    await asyncio.sleep(3.0 if others else 0.0)
    client = await Client.open(server.address)
    await client.ask("show")
    times = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = 4 + 0.001 * len(times)
        sent = time.perf_counter()
        reply = await client.ask("set", {"name": "d", "value": value})
        times.append(1000 * (time.perf_counter() - sent))
        assert f"changed: d {value:g} " in reply["words"]["status"], "another's answer"
        await asyncio.sleep(0.1)
    is_over.set()
    for each in others:
        each.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    client.close()
    return times


async def measure_memory(server: Server, n_sessions: int, seconds: float) -> dict[str, int]:
    """The most that server and workers take (kB), and what becomes of what was asked for."""
    is_over = asyncio.Event()
    found = {"server": 0, "together": 0, "runs": 0, "refused": 0}

    async def one(n: int) -> None:
        client = await Client.open(server.address)
        await client.ask("show")
        first = [
            ("switch", {"name": "keep", "on": True}),
            ("look", {"columns": 4000, "everything": True}),
            ("variant", "both"),
            *((("type", "Depolarizing afterpotential"),) if n % 3 < 2 else ()),
            ("scheme", "both" if n % 2 else "exact"),
        ]
        for message in first:
            await client.ask(*message)
        for k in range(10**9):
            if is_over.is_set():
                return
            if n % 5 == 4:  # asks, and does not read
                message = {"number": 1, "action": "download", "value": "csv"}
                await client.send(message)
                continue
            # the largest there are, and the largest of those that do not wait for each other
            tstop = 490 - k % 99 if n % 3 == 1 else (3500, 9000, 1000, 6000)[(k + n) % 4] + k
            reply = await client.ask("set", {"name": "tstop", "value": tstop})
            found["runs" if "words" in reply else "refused"] += 1
            if k % 3 == 0:
                await client.ask("download", "csv")
            if k % 5 == 4:
                await client.ask("compare")

    async def watch() -> None:
        while not is_over.is_set():
            of_server, of_workers = server.kilobytes()
            found["server"] = max(found["server"], of_server)
            found["together"] = max(found["together"], of_server + of_workers)
            await asyncio.sleep(0.1)

    tasks = [asyncio.create_task(each) for each in (watch(), *map(one, range(n_sessions)))]
    await asyncio.sleep(seconds)
    is_over.set()
    for each in tasks:
        each.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return found


def percentile(times: list[float], share: float) -> float:
    """The time within which this share of them stays."""
    return sorted(times)[min(len(times) - 1, int(share * len(times)))]


def main() -> None:
    """Measure everything and print it as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--sessions", type=int, default=30)
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--markdown", type=Path, help="write the tables there, too")
    options = parser.parse_args()
    lines: list[str] = []

    def say(line: str = "") -> None:
        print(line, flush=True)
        lines.append(line)

    load = os.getloadavg()[0]
    say(f"{os.cpu_count()} processors; load average before the measurement {load:.1f}")
    say()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        log = Path(folder) / "log"
        browser = browser_of(playwright)
        starts = [measure_start(browser, log) for _ in range(options.starts)]
        say(f"From the command to the first trace: median {statistics.median(starts):.2f} s")
        say(f"of {len(starts)} starts ({min(starts):.2f} to {max(starts):.2f} s).")
        say()
        with serving(log) as server:
            say("| slider to plot | median (ms) | 95 % within (ms) |")
            say("| --- | --- | --- |")
            for title, times in measure_sliders(browser, server):
                median, late = statistics.median(times), percentile(times, 0.95)
                say(f"| {title} | {median:.0f} | {late:.0f} |")
        browser.close()
        say()
        with serving(log) as server:
            run(measure_opening(server, 1))  # the pictures of the menu are made once for all
            before = server.processor_seconds()
            opening = run(measure_opening(server, options.sessions))
            spent = server.processor_seconds()[0] - before[0]
            say(f"{options.sessions} pages opened at once:")
            median = statistics.median(opening)
            say(f"median {median:.0f} ms until the first run, all within {max(opening):.0f} ms.")
            say(
                f"Processor time of the server for each page: {1000 * spent / len(opening):.0f} ms."
            )
            say()
            seconds = 60 * options.minutes
            before = server.processor_seconds()
            times, memory = run(measure_class(server, options.sessions, seconds))
            spent = [y - x for x, y in zip(before, server.processor_seconds(), strict=True)]
    say(f"{options.sessions} sessions, a change every {PERIOD:g} s each, {options.minutes:g} min:")
    say(f"{len(times)} updates, median {statistics.median(times):.0f} ms,")
    say(f"95 % within {percentile(times, 0.95):.0f} ms, all within {max(times):.0f} ms.")
    of_server, of_workers = (1000 * x / len(times) for x in spent)
    say(f"Processor time for each update, the opening of the pages included: {of_server:.0f} ms of")
    say(f"the server, {of_workers:.0f} ms of the workers.")
    say()
    say("| after (s) | server (MB) | workers together (MB) |")
    say("| --- | --- | --- |")
    for at, of_server, of_workers in memory[:: max(1, len(memory) // 9)]:
        say(f"| {at:.0f} | {of_server / 1024:.1f} | {of_workers / 1024:.1f} |")
    say()
    say("| one page's answers, beside | median (ms) | 95 % within (ms) | all within (ms) |")
    say("| --- | --- | --- | --- |")
    for title, n_others, first, then in OTHERS:
        with tempfile.TemporaryDirectory() as folder, serving(Path(folder) / "log") as server:
            times = run(measure_fairness(server, n_others, first, then, 20.0))
        median, late = statistics.median(times), percentile(times, 0.95)
        say(f"| {title} | {median:.0f} | {late:.0f} | {max(times):.0f} |")
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder) / "log") as server:
        run(measure_opening(server, 1))
        before, _ = server.kilobytes()
        most = run(measure_memory(server, options.sessions, 60 * min(1.0, options.minutes)))
    say()
    say(f"{options.sessions} pages that keep all they can: the server went from")
    say(f"{before / 1024:.0f} to at most {most['server'] / 1024:.0f} MB, with its workers")
    say(f"{most['together'] / 1024:.0f} MB ({most['runs']} runs, {most['refused']} refused).")
    if options.markdown:
        options.markdown.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
