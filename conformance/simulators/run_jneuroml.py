"""jNeuroML: NeuroML's `izhikevichCell` and `izhikevich2007Cell`, run as LEMS."""

import subprocess
import tempfile
from importlib.metadata import version
from pathlib import Path

import common
import pyneuroml

(JAR,) = (Path(pyneuroml.__file__).parent / "lib").glob("jNeuroML-*.jar")

QUADRATIC = (
    '<izhikevichCell id="cell" v0="{v0}mV" thresh="{thresh}mV" a="{a}" b="{b}" c="{c}" d="{d}"/>'
)
BOOK = (
    '<izhikevich2007Cell id="cell" v0="{v0}mV" C="{C}pF" k="{k}nS_per_mV" vr="{vr}mV" vt="{vt}mV"'
    ' vpeak="{vpeak}mV" a="{a}per_ms" b="{b}nS" c="{c}mV" d="{d}pA"/>'
)
LEMS = """<Lems>
<Target component="sim"/>
<Include file="Cells.xml"/>
<Include file="Networks.xml"/>
<Include file="Simulation.xml"/>
{cell}
{inputs}
<network id="net">
<population id="cells" component="cell" size="1"/>
{explicit}
</network>
<Simulation id="sim" length="{tstop}ms" step="{dt}ms" target="net">
<EventOutputFile id="spikes" fileName="spikes.dat" format="TIME_ID">
<EventSelection id="0" select="cells[0]" eventPort="spike"/>
</EventOutputFile>
</Simulation>
</Lems>
"""


def spikes(trace):
    """Spike times, ms."""
    is_quadratic = trace["model"] == "quadratic"
    if is_quadratic:
        common.plain_quadratic(trace)
        if abs(trace["u0"] - trace["parameters"]["b"] * trace["v0"]) > 1e-9:
            raise common.CannotSay("u starts at b v")
    elif trace["parameters"]["celltype"] > 3:
        raise common.CannotSay("U(v), peak and reset of FS, LTS, TC and RTN are not there")
    cell = (QUADRATIC if is_quadratic else BOOK).format(v0=trace["v0"], **trace["parameters"])
    inputs = list(_inputs(trace, "DL" if is_quadratic else "", "" if is_quadratic else "pA"))
    explicit = "\n".join(
        f'<explicitInput target="cells[0]" input="input{number}" destination="synapses"/>'
        for number in range(len(inputs))
    )
    text = LEMS.format(cell=cell, inputs="\n".join(inputs), explicit=explicit, **trace)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "LEMS_trace.xml").write_text(text)
        done = subprocess.run(
            ["java", "-jar", JAR, "LEMS_trace.xml", "-nogui"],
            cwd=folder,
            capture_output=True,
            text=True,
        )
        written = Path(folder) / "spikes.dat"
        if not written.exists():
            raise RuntimeError(f"{trace['id']}: jNeuroML left no spikes:\n{done.stdout[-2000:]}")
        return [float(line.split()[0]) * 1000 for line in written.read_text().splitlines()]


def _inputs(trace, dimensionless, unit):
    """Pulses and ramps, whose ends lie between two steps, where rounding cannot move them."""
    n_steps = round(trace["tstop"] / trace["dt"])
    pieces = trace["current_of_steps"]
    ends = [piece[0] for piece in pieces[1:]] + [n_steps]
    for number, ((start, value, slope), end) in enumerate(zip(pieces, ends, strict=True)):
        steps = end - start
        name = f'id="input{number}"'
        time = f'delay="{(start - 0.5) * trace["dt"]}ms" duration="{steps * trace["dt"]}ms"'
        if slope == 0:
            how = f'<pulseGenerator{dimensionless} {name} {time} amplitude="{value}{unit}"/>'
        else:
            first, last = value - slope / 2, value + slope * (steps - 0.5)
            how = (
                f'<rampGenerator{dimensionless} {name} {time} baselineAmplitude="0{unit}"'
                f' startAmplitude="{first}{unit}" finishAmplitude="{last}{unit}"/>'
            )
        yield how


common.write(
    "jNeuroML",
    f"{version('pyneuroml')} ({JAR.stem.split('-')[1]})",
    {"izhikevichCell, izhikevich2007Cell": spikes},
)
