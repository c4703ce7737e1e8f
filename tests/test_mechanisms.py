"""Building, checking and loading the mechanisms, each time in a process of its own."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from izhikevich.engine import build, mechanisms

REPOSITORY = Path(__file__).resolve().parent.parent
NRNIVMODL = Path(sys.executable).with_name("nrnivmodl")
NRNIV = Path(sys.executable).with_name("nrniv")

LOAD = """
import sys
import izhikevich.engine.mechanisms as m
try:
    m.load()
except m.MechanismError as error:
    sys.exit(str(error))
from neuron import h
print("loaded", *(name for name in m.NAMES if hasattr(h, name)))
print("foreign", *m.foreign())
"""
ALL_OURS = f"loaded {' '.join(mechanisms.NAMES)}\nforeign\n"

FOREIGN_MOD = """
NEURON { POINT_PROCESS Izhi2007b RANGE k }
PARAMETER { k = 7 }
"""

RUN_BOTH = """
from neuron import h, coreneuron
h.load_file("stdrun.hoc")
pc = h.ParallelContext()
section = h.Section(name="section")
section.L = section.diam = 10
section.cm = 100/3.141592653589793
cells, detectors = [], []
for gid, name in enumerate(["Izhi2003a", "Izhi2007a", "Izhi2007b"]):
    cell = getattr(h, name)(section(0.5))
    cell.Iin = 10 if name == "Izhi2003a" else 300
    pc.set_gid2node(gid, pc.id())
    detectors.append(h.NetCon(cell, None))
    pc.cell(gid, detectors[-1])
    cells.append(cell)
times, gids = h.Vector(), h.Vector()
pc.spike_record(-1, times, gids)
h.CVode().cache_efficient(1)
coreneuron.verbose = 0
spikes = []
for coreneuron.enable in (False, True):
    pc.set_maxstep(10)
    times.resize(0)
    gids.resize(0)
    h.finitialize(-60)
    pc.psolve(200)
    spikes.append(sorted(zip(times, gids)))
assert {gid for _, gid in spikes[0]} == {0, 1, 2}
assert spikes[0] == spikes[1], spikes
"""


def environment(cache, **changes):
    kept = {k: v for k, v in os.environ.items() if k not in ("CXX", "CORENEURONLIB", "DISPLAY")}
    return {**kept, "PYTHONPATH": str(REPOSITORY), "IZHIKEVICH_CACHE": str(cache), **changes}


def start(code, cwd, cache, program=(sys.executable, "-c"), **changes):
    return subprocess.Popen(
        [*program, code],
        cwd=cwd,
        env=environment(cache, **changes),
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def run(*args, **kwargs):
    process = start(*args, **kwargs)
    out, err = process.communicate(timeout=300)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def was_built(result):
    return "Building the mechanisms" in result.stderr


def folder_of(cache):
    return next(path for path in cache.iterdir() if (path / "SHA256SUMS").is_file())


@pytest.fixture(scope="session")
def crowd(tmp_path_factory):
    """Four processes that start at once on an empty cache, and that cache."""
    cwd, cache = tmp_path_factory.mktemp("cwd"), tmp_path_factory.mktemp("cache") / "of a user"
    processes = [start(LOAD, cwd, cache) for _ in range(4)]
    outputs = [process.communicate(timeout=300) for process in processes]
    return cache, outputs


@pytest.fixture(scope="session")
def cache(crowd):
    """A cache in which the mechanisms are built."""
    return crowd[0]


@pytest.fixture
def own_cache(cache, tmp_path):
    """A copy of the cache, to be spoilt."""
    return Path(shutil.copytree(cache, tmp_path / "cache"))


@pytest.fixture
def no_cache(tmp_path):
    """A path that nobody can make a folder of, not even root."""
    file = tmp_path / "file"
    file.write_text("")
    return file / "cache"


@pytest.fixture
def no_programs(tmp_path):
    """A search path without a program."""
    empty = tmp_path / "no programs"
    empty.mkdir()
    return str(empty)


@pytest.fixture(scope="session")
def foreign_folder(tmp_path_factory):
    """A working directory with a compiled mechanism of the user's, which NEURON loads."""
    folder = tmp_path_factory.mktemp("foreign")
    (folder / "mine.mod").write_text(FOREIGN_MOD)
    subprocess.run([NRNIVMODL, "mine.mod"], cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture
def package_copy(tmp_path):
    """A checkout of the package whose mod files may be changed; its parent is returned."""
    copy = tmp_path / "checkout"
    package = Path(build.__file__).parents[1]
    for room in ("", "engine", "models"):
        (copy / "izhikevich" / room).mkdir(parents=True, exist_ok=True)
        for file in (package / room).glob("*.py"):
            shutil.copy(file, copy / "izhikevich" / room)
    (copy / "mod").mkdir()
    for file in build.mod_files():
        shutil.copy(file, copy / "mod")
    return copy


def test_mod_files_have_the_revision_expected():
    for file in build.mod_files():
        (value,) = re.findall(r"^\s*revision = (\d+)", file.read_text(), re.MULTILINE)
        assert int(value) == mechanisms.REVISION


def test_what_compiles_is_there_for_the_installation_before_anything_else(tmp_path):
    code = f"""
import sys
sys.path.insert(0, {str(REPOSITORY)!r})
from izhikevich.engine import build
print(*(file.stem for file in build.mod_files()))
"""
    # without the folders that packages are installed in
    result = run(code, tmp_path, tmp_path, program=(sys.executable, "-I", "-S", "-c"))
    assert result.stdout.split() == list(mechanisms.NAMES), result.stderr


def test_processes_that_start_at_once_build_once(crowd):
    cache, outputs = crowd
    assert [out for out, _ in outputs] == [ALL_OURS] * 4
    assert sum("Building the mechanisms" in err for _, err in outputs) == 1
    assert {path.suffix for path in cache.iterdir() if path.is_file()} <= {".lock"}
    assert not list(cache.glob("*.building-*"))


def test_second_load_neither_builds_nor_imports_much(cache, tmp_path, no_programs):
    code = """
import sys
from neuron import h
import izhikevich.engine.mechanisms as m
before = set(sys.modules)
m.load()
heavy = {"numpy", "filelock", "subprocess", "tempfile", "shutil", "concurrent.futures"}
assert not heavy & (set(sys.modules) - before)
"""
    result = run(code, tmp_path, cache, PATH=no_programs)
    assert result.returncode == 0, result.stderr
    assert not was_built(result)


def test_fresh_interpreter_of_neuron_loads(cache, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(LOAD)
    result = run(str(script), tmp_path, cache, program=(NRNIV, "-python"))
    assert ALL_OURS in result.stdout, result.stderr
    assert not was_built(result)


def test_unwritable_cache_is_named(tmp_path, no_cache):
    result = run(LOAD, tmp_path, no_cache)
    assert result.returncode == 1
    assert str(no_cache) in result.stderr
    assert "IZHIKEVICH_CACHE" in result.stderr
    assert "Traceback" not in result.stderr


def test_missing_programs_are_named_before_anything_is_made(tmp_path, no_programs):
    cache = tmp_path / "cache"
    result = run(LOAD, tmp_path, cache, PATH=no_programs)
    assert result.returncode == 1
    assert re.search(r"missing: .*(g|c|clang)\+\+, make", result.stderr)
    assert re.search(r"sudo apt-get install g\+\+ make", result.stderr)
    assert "xcode-select --install" in result.stderr
    assert "Traceback" not in result.stderr
    assert not cache.exists()


def test_compiler_of_the_environment_is_the_one_used(tmp_path):
    cache = tmp_path / "cache"
    result = run(LOAD, tmp_path, cache, CXX="no-such-compiler -v")
    assert result.returncode == 1
    assert "no-such-compiler" in result.stderr and "CXX" in result.stderr
    assert not cache.exists()


def test_truncated_library_is_rebuilt_under_nrniv_too(own_cache, tmp_path):
    library = next(folder_of(own_cache).glob("Izhi2007a.*"))
    size = library.stat().st_size
    os.truncate(library, size // 2)
    script = tmp_path / "script.py"
    script.write_text(LOAD)
    result = run(str(script), tmp_path, own_cache, program=(NRNIV, "-python"))
    assert ALL_OURS in result.stdout, result.stderr
    assert was_built(result)
    assert library.stat().st_size > size // 2


@pytest.mark.parametrize("damage", ["truncated", "flipped", "gone", "no list", "half a list"])
def test_damage_is_seen(own_cache, damage):
    folder = folder_of(own_cache)
    assert set(build.checked(folder, mechanisms.NAMES)) == set(mechanisms.NAMES)
    library, sums = next(folder.glob("Izhi2003b.*")), folder / "SHA256SUMS"
    if damage == "truncated":
        os.truncate(library, 100)
    elif damage == "flipped":
        content = bytearray(library.read_bytes())
        content[5000] ^= 1
        library.write_bytes(content)
    elif damage == "gone":
        library.unlink()
    elif damage == "no list":
        sums.unlink()
    else:
        os.truncate(sums, sums.stat().st_size // 2)
    assert build.checked(folder, mechanisms.NAMES) == {}


def test_build_that_was_killed_leaves_nothing_that_looks_complete(tmp_path):
    cache = tmp_path / "cache"
    process = start(LOAD, tmp_path, cache)
    deadline = time.monotonic() + 60
    while not list(cache.glob("*.building-*/*/*/*.cpp")):
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert list(cache.glob("*.building-*"))
    assert not list(cache.glob("*/SHA256SUMS"))

    result = run(LOAD, tmp_path, cache)
    assert result.stdout == ALL_OURS, result.stderr
    assert was_built(result)
    assert not list(cache.glob("*.building-*"))


@pytest.mark.parametrize("loaded_by", ["NEURON", "the user"])
def test_foreign_mechanism_stays_and_the_others_load(foreign_folder, cache, tmp_path, loaded_by):
    if loaded_by == "NEURON":
        code, cwd = LOAD, foreign_folder
    else:
        library = next(foreign_folder.glob("*/libnrnmech.*"))
        code, cwd = f"from neuron import h; h.nrn_load_dll({str(library)!r})\n{LOAD}", tmp_path
    still_theirs = "section = h.Section(name='section')\nassert h.Izhi2007b(section(0.5)).k == 7"
    result = run(code + still_theirs, cwd, cache)
    assert result.returncode == 0, result.stderr
    assert result.stdout == ALL_OURS.replace("foreign", "foreign Izhi2007b")


def test_foreign_mechanisms_are_warned_of_once_by_name(foreign_folder, cache):
    code = """
import warnings
import izhikevich
from izhikevich.engine import mechanisms
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    mechanisms.load()
    for gid in range(3):
        izhikevich.create_cells("2003", "regular spiking (RS)", [gid])
    mechanisms.load()
(warning,) = caught
assert warning.category is RuntimeWarning and warning.filename == "<string>"
print(warning.message)
"""
    result = run(code, foreign_folder, cache)
    assert result.returncode == 0, result.stderr
    assert f"not this package's: Izhi2007b (from {foreign_folder / 'mine.mod'})" in result.stdout


def test_create_cells_warns_of_foreign_mechanisms(foreign_folder, cache):
    code = "import izhikevich; izhikevich.create_cells('2003', 'regular spiking (RS)', [0])"
    result = run(code, foreign_folder, cache)
    assert result.returncode == 0
    assert "RuntimeWarning" in result.stderr and "Izhi2007b (from" in result.stderr


def test_foreign_mechanisms_are_refused_where_that_is_asked_for(foreign_folder, cache, tmp_path):
    code = LOAD.replace("load()", "load(strict=True)")
    result = run(code, foreign_folder, cache)
    assert result.returncode == 1 and "loaded" not in result.stdout
    assert "Izhi2007b (from" in result.stderr and "another" in result.stderr
    assert run(code, tmp_path, cache).stdout == ALL_OURS


def test_own_build_of_our_mod_files_is_ours(tmp_path, no_cache, no_programs):
    subprocess.run(
        [NRNIVMODL, build.mod_files()[0].parent],
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    result = run(LOAD, tmp_path, no_cache, PATH=no_programs)
    assert result.stdout == ALL_OURS, result.stderr


def test_installed_libraries_are_taken_first(package_copy, cache, tmp_path, no_cache, no_programs):
    package = package_copy / "izhikevich"
    (package_copy / "mod").rename(package / "mod")
    built = folder_of(cache)
    shutil.copytree(built, package / "_mechanisms" / built.name)
    result = run(LOAD, tmp_path, no_cache, PATH=no_programs, PYTHONPATH=str(package_copy))
    assert result.stdout == ALL_OURS, result.stderr


def test_built_for_another_neuron_it_says_which_where_nothing_compiles(
    package_copy, tmp_path, no_programs
):
    (package_copy / "izhikevich" / "_mechanisms" / "neuron-9.0.99-linux-x86_64-0").mkdir(
        parents=True
    )
    cache = tmp_path / "cache"
    changes = {"PATH": no_programs, "PYTHONPATH": str(package_copy)}
    result = run(LOAD, tmp_path, cache, **changes)
    assert result.returncode == 1 and not cache.exists()
    assert re.search(r"apt-get install g\+\+.*pip install neuron==9\.0\.99", result.stderr, re.S)
    # as a wheel for this NEURON, damaged: another NEURON would not help
    (package_copy / "izhikevich" / "_mechanisms" / build.key()).mkdir()
    result = run(LOAD, tmp_path, cache, **changes)
    assert result.returncode == 1 and "pip install neuron==" not in result.stderr


def test_a_neuron_that_is_too_old_is_named_before_anything_is_made(monkeypatch, tmp_path):
    monkeypatch.setattr("neuron.__version__", "8.2.7")
    monkeypatch.setenv(build.CACHE_VARIABLE, str(tmp_path / "cache"))
    with pytest.raises(build.MechanismError, match=r"NEURON 8\.2\.7.*pip install 'neuron>=9'"):
        build.libraries()
    assert list(tmp_path.iterdir()) == []


def test_changed_mod_text_has_another_key(package_copy, tmp_path):
    code = "from izhikevich.engine import build; print(build.key())"
    changes = {"PYTHONPATH": str(package_copy)}
    before = run(code, tmp_path, tmp_path, **changes).stdout
    assert before.strip() == build.key()
    with (package_copy / "mod" / "Izhi2007a.mod").open("a") as file:
        file.write(": changed\n")
    after = run(code, tmp_path, tmp_path, **changes).stdout
    assert after.startswith("neuron-") and after != before


def test_failed_build_shows_and_keeps_the_output(package_copy, tmp_path):
    with (package_copy / "mod" / "Izhi2003b.mod").open("a") as file:
        file.write("this is not NMODL\n")
    cache = tmp_path / "cache"
    result = run(LOAD, tmp_path, cache, PYTHONPATH=str(package_copy))
    assert result.returncode == 1
    (log,) = cache.glob("*-Izhi2003b.log")
    assert f"all of it is in {log}" in result.stderr
    assert re.search("Izhi2003b.*\n(.*\n)*.*" + re.escape(str(log)), result.stderr)
    assert "Traceback" not in result.stderr
    assert {path.suffix for path in cache.iterdir()} == {".lock", ".log"}


@pytest.fixture(scope="session")
def coreneuron_cache(cache, tmp_path_factory):
    """A cache with the libraries for CoreNEURON too."""
    code = "import izhikevich.engine.mechanisms as m; print(m.build_coreneuron())"
    result = run(code, tmp_path_factory.mktemp("cwd"), cache)
    assert result.returncode == 0, result.stderr
    assert len(list(Path(result.stdout.strip()).glob("lib*nrnmech.*"))) == 2
    return cache


def test_coreneuron_runs_the_mechanisms(coreneuron_cache, tmp_path, no_programs):
    code = "import izhikevich.engine.mechanisms as m\nm.load(coreneuron=True)\n" + RUN_BOTH
    result = run(code, tmp_path, coreneuron_cache, PATH=no_programs)
    assert result.returncode == 0, result.stderr


def test_coreneuron_refuses_foreign_mechanisms(foreign_folder, cache):
    result = run(LOAD.replace("load()", "load(coreneuron=True)"), foreign_folder, cache)
    assert result.returncode == 1
    assert "Izhi2007b" in result.stderr and "Traceback" not in result.stderr


def test_coreneuron_that_runs_already_cannot_have_them(cache, tmp_path):
    run_before = """
from neuron import h, coreneuron
h.load_file("stdrun.hoc")
section = h.Section(name="section")
coreneuron.enable = True
coreneuron.verbose = 0
h.CVode().cache_efficient(1)
pc = h.ParallelContext()
pc.set_maxstep(10)
h.finitialize(-60)
pc.psolve(1)
"""
    code = run_before + LOAD.replace("load()", "load(coreneuron=True)")
    result = run(code, tmp_path, cache)
    assert result.returncode == 1
    assert "before its first run" in result.stderr and "Traceback" not in result.stderr
