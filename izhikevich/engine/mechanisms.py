"""Izhikevich's mechanisms in this process: built where missing, checked, loaded.

The NMODL text of `mod/` is compiled when the package is installed. In a checkout, or with
another NEURON than the one installed with, it is compiled on first use into a cache of the
user's. Every mechanism has a library of its own, since NEURON refuses the rest of a library
at the first name it knows already: so one that the user brought himself stays, and the
others still load beside it.
"""

from __future__ import annotations

import functools
import os
import platform
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from izhikevich.errors import IzhikevichError

__all__ = ["NAMES", "REVISION", "MechanismError", "build_coreneuron", "foreign", "load"]

NAMES = ("Izhi2003a", "Izhi2003b", "Izhi2007a", "Izhi2007b")

#: Value of the parameter `revision` of each mechanism, by which ours are known.
REVISION = 1

#: Environment variable that puts the cache elsewhere.
CACHE_VARIABLE = "IZHIKEVICH_CACHE"

#: No fused multiply-add, whose rounding differs from one processor to the next.
COMPILER_FLAGS = "-O3 -ffp-contract=off"
#: CoreNEURON's library is only ever built where it is used, and so for what that processor can do.
#: Vector instructions, which its loops over cells are marked for, change no result.
CORENEURON_FLAGS = f"{COMPILER_FLAGS} -fopenmp-simd" + (
    " -march=native" if platform.machine() in ("x86_64", "AMD64") else ""
)

_PACKAGE = Path(__file__).resolve().parent.parent
_SUMS = "SHA256SUMS"


#: Capacitance, pF, of the section that a mechanism with the section's voltage is written for.
CAPACITANCE = {"Izhi2003b": 1.0, "Izhi2007b": 100.0}

#: Point processes that conduct nothing, and so leave alone how CoreNEURON resets a section.
CONDUCTING_NOTHING = ("IClamp", "Izhi2003a", "Izhi2007a")


class MechanismError(IzhikevichError, RuntimeError):
    """The mechanisms cannot be found, built or used so; the message says what to do."""


def load(coreneuron: bool = False) -> None:
    """Make the four mechanisms available, building them where they are missing.

    A mechanism of the same name that is already loaded is left alone, also when it is not
    ours (see `foreign`). From then on CoreNEURON refuses what it would run wrong (see
    `refuse_where_coreneuron_errs`). Calling again costs next to nothing.

    Parameters
    ----------
    coreneuron : bool
        Also let CoreNEURON find them, through the environment variable CORENEURONLIB
        unless that is set already. To be called before CoreNEURON first runs.

    Raises
    ------
    MechanismError
        If a mechanism cannot be built or loaded, or CoreNEURON cannot have it.
    """
    from neuron import h

    if coreneuron:
        _offer_to_coreneuron()
    _guard_coreneuron()
    absent = [name for name in NAMES if not hasattr(h, name)]
    if not absent:
        return
    paths = _libraries()
    for name in absent:
        if not h.nrn_load_dll(str(paths[name])):
            raise MechanismError(f"NEURON could not load {paths[name]}; its reason is above.")


def foreign() -> tuple[str, ...]:
    """Names among the four under which another mechanism than ours is loaded.

    Returns
    -------
    tuple of str
        In the order of `NAMES`; empty when all is well.
    """
    from neuron import h

    return tuple(
        name
        for name in NAMES
        if hasattr(h, name) and getattr(h, f"revision_{name}", None) != REVISION
    )


def refuse_where_coreneuron_errs() -> None:
    """Raise if a section's voltage would be reset wrongly in CoreNEURON.

    There an assignment to a section's v is lost, and Izhi2003b and Izhi2007b reset it by a
    current of one step, which another conductance in the section would share in.

    Raises
    ------
    MechanismError
        If a section that holds one of them has a conductance besides, or another capacitance
        than the mechanism is written for. The message names the section and what is in it.
    """
    from neuron import h

    others = foreign()
    for name in CAPACITANCE:
        if name in others:
            continue
        for cell in h.List(name):
            segment = cell.get_segment()
            found = _in_the_way_of_reset(cell, segment) if segment is not None else []
            if found:
                raise MechanismError(
                    f"CoreNEURON would run section {segment.sec.name()} wrongly: besides "
                    f"{name} it has {', '.join(found)}. There {name} must have a section of "
                    f"{CAPACITANCE[name]:g} pF to itself; a current clamp may be in it. Run this "
                    f"model with coreneuron.enable = False, or use {name[:-1]}a."
                )


def _in_the_way_of_reset(cell: Any, segment: Any) -> list[str]:
    """What keeps a current of one step from resetting the cell's section, in words."""
    section = segment.sec
    found = []
    if section.parentseg() is not None or section.children():
        found.append("a section connected to it")
    if section.nseg > 1:
        found.append(f"{section.nseg} segments")
    for place in (section(0), section(0.5), section(1)):
        for process in place.point_processes():
            kind = process.hname().partition("[")[0]
            if kind not in CONDUCTING_NOTHING and not process.same(cell):
                found.append(kind)
    for mechanism in section(0.5):
        kind = mechanism.name()
        if kind not in ("capacitance", "morphology") and not mechanism.is_ion():
            found.append(kind)
    capacitance = section(0.5).area() * section(0.5).cm * 0.01
    expected = CAPACITANCE[cell.hname().partition("[")[0]]
    if abs(capacitance - expected) > 1e-6 * expected:
        found.append(f"a capacitance of {capacitance:g} pF")
    return found


@functools.cache
def _guard_coreneuron() -> Any:
    """Look before each run of CoreNEURON; the handler that is returned must be kept."""
    from neuron import coreneuron, h

    arguments = coreneuron.nrncore_arg

    def arguments_if_right(tstop: float) -> str:
        refuse_where_coreneuron_errs()
        return arguments(tstop)

    def refuse_if_enabled() -> None:
        if coreneuron.enable:
            refuse_where_coreneuron_errs()

    # psolve asks for these: where CoreNEURON is enabled after the initialisation only. NEURON
    # prints an error from there, and does not run, but cannot raise it.
    coreneuron.nrncore_arg = arguments_if_right
    before_all_else = 3
    return h.FInitializeHandler(before_all_else, refuse_if_enabled)


def build_coreneuron() -> Path:
    """Build the mechanisms for CoreNEURON, unless that has been done.

    Returns
    -------
    Path
        Folder of libnrnmech and libcorenrnmech, each with all four mechanisms.
    """
    libraries = ("libnrnmech", "libcorenrnmech")
    name = f"{key(CORENEURON_FLAGS)}-coreneuron-{_processor()}"
    built = _from_cache(name, libraries, _compile_together)
    return built["libcorenrnmech"].parent


def _processor() -> str:
    """Name of what the processor can do, for builds that fit it alone."""
    import hashlib

    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    abilities = {line for line in lines if line.startswith(("flags", "Features"))}
    text = "".join(sorted(abilities)) or platform.processor()
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def key(flags: str = COMPILER_FLAGS) -> str:
    """Name of what a build depends on: NEURON, platform, NMODL text and compiler flags.

    Parameters
    ----------
    flags : str
        Of the compiler.

    Returns
    -------
    str
        Fit for the name of a folder.
    """
    import hashlib

    import neuron

    text = hashlib.sha256(flags.encode())
    for file in mod_files():
        text.update(file.name.encode() + file.read_bytes())
    system = f"{sys.platform}-{platform.machine()}"
    return f"neuron-{neuron.__version__}-{system}-{text.hexdigest()[:16]}"


def mod_files() -> list[Path]:
    """NMODL files of the four mechanisms, as installed or of the checkout.

    Returns
    -------
    list of Path
        In the order of `NAMES`.
    """
    folders = (_PACKAGE / "mod", _PACKAGE.parent / "mod")
    for folder in folders:
        files = [folder / f"{name}.mod" for name in NAMES]
        if all(file.is_file() for file in files):
            return files
    raise MechanismError(
        f"The mod files are neither in {folders[0]} nor in {folders[1]}: install izhikevich again."
    )


def cache_folder() -> Path:
    """Folder that first use builds in: the user's cache, or what IZHIKEVICH_CACHE says.

    Returns
    -------
    Path
        Absolute; it need not exist.
    """
    chosen = os.environ.get(CACHE_VARIABLE)
    if chosen:
        return Path(chosen).expanduser().absolute()
    import platformdirs

    return platformdirs.user_cache_path("izhikevich", appauthor=False)


def build(target: Path) -> None:
    """Compile the four mechanisms into a folder, which appears whole or not at all.

    Parameters
    ----------
    target : Path
        The folder; its parent exists. One that is there already is replaced.
    """
    _check_programs()
    _build(target, _compile_each)


def _offer_to_coreneuron() -> None:
    """Point CORENEURONLIB to our mechanisms, where CoreNEURON looks first."""
    import ctypes

    others = foreign()
    if others:
        # CoreNEURON would lay out their data by our text of that name
        raise MechanismError(
            f"CoreNEURON cannot run our mechanisms beside your own {', '.join(others)}: "
            "start Python where your library is not loaded."
        )
    process = ctypes.CDLL(None)
    if not hasattr(process, "corenrn_embedded_run"):
        if "CORENEURONLIB" not in os.environ:
            os.environ["CORENEURONLIB"] = str(_coreneuron_library())
    elif not all(hasattr(process, _coreneuron_symbol(name)) for name in NAMES):
        raise MechanismError(
            "CoreNEURON is already running in this process without our mechanisms: "
            "call load(coreneuron=True) before its first run."
        )


def _coreneuron_library() -> Path:
    """Path of the library that CoreNEURON itself loads."""
    (library,) = build_coreneuron().glob("libcorenrnmech.*")
    return library


def _coreneuron_symbol(name: str) -> str:
    """Symbol of the function `coreneuron::_<name>_reg()` that registers a mechanism."""
    function = f"_{name}_reg"
    return f"_ZN10coreneuron{len(function)}{function}Ev"


def _libraries() -> dict[str, Path]:
    """Library of each mechanism: the installed ones if they fit, else those of the cache."""
    name = key()
    installed = _checked(_PACKAGE / "_mechanisms" / name, NAMES)
    return installed or _from_cache(name, NAMES, _compile_each)


def _checked(folder: Path, names: Iterable[str]) -> dict[str, Path]:
    """Libraries of a folder by name; none if one is missing or is not what was built.

    A truncated library would end the process with SIGBUS rather than fail to load.
    """
    import hashlib

    libraries = {}
    try:
        for line in (folder / _SUMS).read_text().splitlines():
            digest, file = line.split()
            if hashlib.sha256((folder / file).read_bytes()).hexdigest() != digest:
                return {}
            libraries[Path(file).stem] = folder / file
    except (OSError, ValueError):  # absent, or the list itself is damaged
        return {}
    return libraries if set(libraries) == set(names) else {}


# --- building ------------------------------------------------------------------------------

#: Compiles in a work folder and gives the libraries by the names they are to have. A log of
#: what fails is kept under the path given last.
Compile = Callable[[Path, Path], dict[str, Path]]


def _from_cache(name: str, libraries: tuple[str, ...], compile_in: Compile) -> dict[str, Path]:
    """Libraries of a folder of the cache, built by one process while others wait for it."""
    target = cache_folder() / name
    found = _checked(target, libraries)
    if found:
        return found
    _check_programs()
    with _locked(target):
        found = _checked(target, libraries)
        if not found:
            print(f"Building the mechanisms in {target} (once) ...", file=sys.stderr, flush=True)
            _remove_interrupted(target)
            _build(target, compile_in)
            found = _checked(target, libraries)
    if not found:
        raise MechanismError(f"What was built in {target} has been changed at once; try again.")
    return found


@contextmanager
def _locked(target: Path) -> Iterator[None]:
    """Hold the lock on building a folder of the cache."""
    import filelock

    lock = filelock.FileLock(f"{target}.lock")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except OSError as error:
        raise MechanismError(
            f"The mechanisms cannot be built in {target.parent} ({error.strerror}). "
            f"Choose another folder by the environment variable {CACHE_VARIABLE}."
        ) from error
    try:
        yield
    finally:
        lock.release()


def _remove_interrupted(target: Path) -> None:
    """Remove work folders of builds that were killed; only under the lock are they stale."""
    import shutil

    for folder in target.parent.glob(f"{target.name}.building-*"):
        # a compiler that outlived its parent may still write there: then it goes next time
        shutil.rmtree(folder, ignore_errors=True)


def _build(target: Path, compile_in: Compile) -> None:
    """Compile in a work folder beside the target and rename the result."""
    import hashlib
    import shutil
    import tempfile

    with tempfile.TemporaryDirectory(
        prefix=f"{target.name}.building-", dir=target.parent, ignore_cleanup_errors=True
    ) as folder:
        work = Path(folder)
        result = work / "result"
        result.mkdir()
        sums = []
        for name, library in compile_in(work, target).items():
            copy = result / f"{name}{library.suffix}"
            shutil.copy(library, copy)
            sums.append(f"{hashlib.sha256(copy.read_bytes()).hexdigest()}  {copy.name}\n")
        (result / _SUMS).write_text("".join(sums))
        if target.exists():
            target.rename(work / "damaged")
        result.rename(target)


def _compile_each(work: Path, log: Path) -> dict[str, Path]:
    """Compile a library per mechanism."""
    from concurrent.futures import ThreadPoolExecutor

    def compile_one(file: Path) -> Path:
        libraries = _nrnivmodl([file], work / file.stem, Path(f"{log}-{file.stem}.log"))
        return libraries["libnrnmech"]

    with ThreadPoolExecutor(max_workers=2) as pool:
        return dict(zip(NAMES, pool.map(compile_one, mod_files()), strict=True))


def _compile_together(work: Path, log: Path) -> dict[str, Path]:
    """Compile libraries of all mechanisms for NEURON and for CoreNEURON."""
    log = Path(f"{log}.log")
    return _nrnivmodl(mod_files(), work / "all", log, "-coreneuron", flags=CORENEURON_FLAGS)


def _nrnivmodl(
    files: list[Path], work: Path, log: Path, *options: str, flags: str = COMPILER_FLAGS
) -> dict[str, Path]:
    """Run nrnivmodl on copies of mod files; give the libraries it makes by their names."""
    import shutil
    import subprocess

    mod = work / "mod"
    mod.mkdir(parents=True)
    for file in files:
        shutil.copy(file, mod)
    output = work / "output"
    with output.open("wb") as stream:
        done = subprocess.run(
            [_find_nrnivmodl(), *options, "-incflags", flags, "mod"],
            cwd=work,
            env=_build_environment(),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
    libraries = {path.stem: path for path in work.glob("*/lib*nrnmech.*")}
    if done.returncode or not libraries:
        shutil.move(output, log)
        # nrnivmodl is a Python script; its traceback would hide what the compiler said
        said = log.read_text(errors="replace").partition("\nTraceback (most recent call")[0]
        last = "\n".join(said.splitlines()[-15:])
        raise MechanismError(
            f"The mechanisms could not be compiled. The last lines of the output are\n\n{last}\n\n"
            f"and all of it is in {log}"
        )
    return libraries


def _find_nrnivmodl() -> str:
    """Path of the nrnivmodl that belongs to the NEURON in use."""
    import importlib.metadata
    import shutil

    candidates = []
    try:
        files = importlib.metadata.files("neuron") or []
        candidates += [Path(str(f.locate())) for f in files if f.name == "nrnivmodl"]
    except importlib.metadata.PackageNotFoundError:
        pass  # a NEURON built from source has no record of its files
    candidates += [
        Path(sys.executable).with_name("nrnivmodl"),
        _neuron_data() / "bin" / "nrnivmodl",
    ]
    for candidate in candidates:
        if candidate.is_file() and os.access(candidate, os.X_OK):
            return str(candidate)
    found = shutil.which("nrnivmodl")
    if found is None:
        raise MechanismError(
            "The mechanisms cannot be built: nrnivmodl, which comes with NEURON, is missing. "
            "Install NEURON with `pip install --force-reinstall neuron`."
        )
    return found


def _neuron_data() -> Path:
    """Folder of NEURON's own programs in a wheel of it."""
    import neuron

    return Path(neuron.__file__).parent / ".data"


def _build_environment() -> dict[str, str]:
    """Environment for nrnivmodl, without what would change the flags of the compiler."""
    dropped = ("INCFLAGS", "LINKFLAGS", "MAKEFLAGS", "MFLAGS")
    environment = {name: value for name, value in os.environ.items() if name not in dropped}
    environment["CXX"] = _compiler()
    data = _neuron_data()
    if data.is_dir():
        environment["NRNHOME"] = environment["CORENRNHOME"] = str(data)
        # nrnivmodl is a Python script, which takes the NEURON that it finds first
        paths = [str(data.parent.parent), environment.get("PYTHONPATH", "")]
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    return environment


def _compiler() -> str:
    """Command of the C++ compiler: CXX or Python's own, as in nrnivmodl, else a usual one."""
    import sysconfig

    chosen = os.environ.get("CXX")
    if chosen:
        return chosen
    usual = [sysconfig.get_config_var("CXX"), "g++", "c++", "clang++"]
    return next((command for command in usual if command and _on_path(command)), "g++")


def _on_path(command: str) -> bool:
    import shlex
    import shutil

    return shutil.which(shlex.split(command)[0]) is not None


def _check_programs() -> None:
    """Raise if a program that building needs is missing."""
    compiler = _compiler()
    packages = {compiler: "g++", "make": "make", "bash": "bash", "perl": "perl"}
    missing = [program for program in packages if not _on_path(program)]
    if missing:
        named_by = " (set by the environment variable CXX)" if os.environ.get("CXX") else ""
        names = ", ".join(f"{name}{named_by}" if name == compiler else name for name in missing)
        install = " ".join(packages[program] for program in missing)
        raise MechanismError(
            f"The mechanisms cannot be built, because a program is missing: {names}.\n"
            f"Install it with\n\n    sudo apt-get install {install}\n\n"
            "(Debian, Ubuntu) or `xcode-select --install` (macOS), and try again."
        )
    _find_nrnivmodl()
