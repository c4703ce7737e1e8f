"""From NMODL text to libraries: compiled once, checked before they are used.

The NMODL text of `mod/` is compiled when the package is installed. In a checkout, or with
another NEURON than the one installed with, it is compiled on first use into a cache of the
user's. Every mechanism has a library of its own, since NEURON refuses the rest of a library
at the first name it knows already: so one that the user brought himself stays, and the
others still load beside it.

The installation imports this file, when nothing else of the package's needs is there: what it
imports at the top is Python's own.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from izhikevich.engine.names import NAMES
from izhikevich.errors import IzhikevichError

#: Environment variable that puts the cache elsewhere.
CACHE_VARIABLE = "IZHIKEVICH_CACHE"

#: No fused multiply-add, whose rounding differs from one processor to the next.
COMPILER_FLAGS = "-O3 -ffp-contract=off"
#: CoreNEURON's library is only ever built where it is used, and so for what that processor can do.
#: Vector instructions, which its loops over cells are marked for, change no result.
CORENEURON_FLAGS = f"{COMPILER_FLAGS} -fopenmp-simd" + (
    " -march=native" if platform.machine() in ("x86_64", "AMD64") else ""
)

#: Populations, built so that they run anywhere; what they include lies beside their mod files.
PORTABLE_FLAGS = f"{COMPILER_FLAGS} -I../mod"
#: Their loops are for vector instructions; the library has them for several kinds of processor and
#: takes the best where it runs, so that it needs no build for each.
POPULATION_FLAGS = (
    f"{PORTABLE_FLAGS} -fopenmp-simd -fno-math-errno -fno-trapping-math -DIZHIKEVICH_CLONES"
)
#: Name of their library.
POPULATION = "IzhiPopulation"

#: Major version of the oldest NEURON whose NMODL has what the mod files use, such as RANDOM.
OLDEST_NEURON = 9

_PACKAGE = Path(__file__).resolve().parent.parent
_INSTALLED = _PACKAGE / "_mechanisms"
_SUMS = "SHA256SUMS"


class MechanismError(IzhikevichError, RuntimeError):
    """The mechanisms cannot be found, built or used so; the message says what to do."""


def build_coreneuron(beside: Sequence[Path] = ()) -> Path:
    """Build the mechanisms for CoreNEURON, unless that has been done.

    Parameters
    ----------
    beside : sequence of Path
        Files that are compiled together with ours, as CoreNEURON has one library for all: mod files
        of the user's, and what they include.

    Returns
    -------
    Path
        Folder of libnrnmech and libcorenrnmech, each with all mechanisms.

    Raises
    ------
    MechanismError
        If they cannot be built.
    """
    files = [*mod_files(), *beside]

    def compile_together(work: Path, log: Path) -> dict[str, Path]:
        return _nrnivmodl(
            files, work / "all", Path(f"{log}.log"), "-coreneuron", flags=CORENEURON_FLAGS
        )

    libraries = ("libnrnmech", "libcorenrnmech")
    name = f"{key(CORENEURON_FLAGS, files)}-coreneuron-{_processor()}"
    built = _from_cache(name, libraries, compile_together)
    return built["libcorenrnmech"].parent


def library_of(files: Sequence[Path]) -> Path:
    """Build one library for NEURON of the user's own mod files, unless that has been done.

    Parameters
    ----------
    files : sequence of Path
        The mod files, and what they include.

    Returns
    -------
    Path
        What ``h.nrn_load_dll`` takes.

    Raises
    ------
    MechanismError
        If it cannot be built.
    """

    def compile_them(work: Path, log: Path) -> dict[str, Path]:
        return _nrnivmodl(files, work / "all", Path(f"{log}.log"))

    return _from_cache(f"{key(files=files)}-own", ("libnrnmech",), compile_them)["libnrnmech"]


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


def key(flags: str = COMPILER_FLAGS, files: Sequence[Path] = ()) -> str:
    """Name of what a build depends on: NEURON, platform, NMODL text and compiler flags.

    Parameters
    ----------
    flags : str
        Of the compiler.
    files : sequence of Path
        What is compiled; by default the files of the four mechanisms.

    Returns
    -------
    str
        Fit for the name of a folder.
    """
    import hashlib

    import neuron

    text = hashlib.sha256(flags.encode())
    for file in files or mod_files():
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


def population_files() -> list[Path]:
    """Files that populations are compiled from, as installed or of the checkout.

    Returns
    -------
    list of Path
        Mod files and what they include, in the order of their names.
    """
    folder = mod_files()[0].parent / "population"
    files = sorted(file for file in folder.glob("*") if file.suffix in (".mod", ".hpp"))
    if not files:
        raise MechanismError(f"There are no files in {folder}: install izhikevich again.")
    return files


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


def compile_into(target: Path) -> None:
    """Compile the four mechanisms into a folder, which appears whole or not at all.

    Parameters
    ----------
    target : Path
        The folder; its parent exists. One that is there already is replaced.
    """
    _check_programs()
    _build(target, _compile_each)


def compile_population_into(target: Path) -> None:
    """Compile the library of populations into a folder, as `compile_into` does."""
    _check_programs()
    _build(target, _compile_population)


def population_key() -> str:
    """Name of what the library of populations depends on: see `key`."""
    return key(POPULATION_FLAGS, population_files())


def population_library() -> Path:
    """Give the library of populations, built where it is missing.

    Returns
    -------
    Path
        The one installed with the package if it fits, else that of the cache.

    Raises
    ------
    MechanismError
        If it cannot be built.
    """
    name = population_key()
    installed = checked(_INSTALLED / name, [POPULATION])
    if not installed:
        installed = _from_cache(name, (POPULATION,), _compile_population, _fitting_neuron())
    return installed[POPULATION]


def libraries() -> dict[str, Path]:
    """Give the library of each mechanism, built where it is missing.

    Returns
    -------
    dict of str to Path
        Those installed with the package if they fit, else those of the cache, by name.

    Raises
    ------
    MechanismError
        If one cannot be built.
    """
    name = key()
    installed = checked(_INSTALLED / name, NAMES)
    return installed or _from_cache(name, NAMES, _compile_each, _fitting_neuron())


def _fitting_neuron() -> str:
    """What does without a compiler, where the mechanisms are installed for another NEURON."""
    import neuron

    versions = {folder.name.split("-")[1] for folder in _INSTALLED.glob("neuron-*")}
    if not versions or neuron.__version__ in versions:
        return ""
    newest = max(versions)
    return (
        f"\nThis is NEURON {neuron.__version__}, and the mechanisms came built for NEURON "
        f"{newest}: `pip install neuron=={newest}` does without these programs."
    )


def checked(folder: Path, names: Iterable[str]) -> dict[str, Path]:
    """Give the libraries of a folder by name; none if one is missing or is not what was built.

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


def _from_cache(
    name: str, libraries: tuple[str, ...], compile_in: Compile, otherwise: str = ""
) -> dict[str, Path]:
    """Libraries of a folder of the cache, built by one process while others wait for it.

    What else a person can do where a program is missing is said by `otherwise`.
    """
    target = cache_folder() / name
    found = checked(target, libraries)
    if found:
        return found
    _check_programs(otherwise)
    with _locked(target):
        found = checked(target, libraries)
        if not found:
            print(f"Building the mechanisms in {target} (once) ...", file=sys.stderr, flush=True)
            _remove_interrupted(target)
            _build(target, compile_in)
            found = checked(target, libraries)
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


def _compile_population(work: Path, log: Path) -> dict[str, Path]:
    """Compile the library of populations; slower loops where the compiler does not know better."""
    files, said = population_files(), Path(f"{log}.log")
    try:
        libraries = _nrnivmodl(files, work / "vector", said, flags=POPULATION_FLAGS)
    except MechanismError:
        libraries = _nrnivmodl(files, work / "portable", said, flags=PORTABLE_FLAGS)
    return {POPULATION: libraries["libnrnmech"]}


def _nrnivmodl(
    files: Sequence[Path], work: Path, log: Path, *options: str, flags: str = COMPILER_FLAGS
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
        neuron_data() / "bin" / "nrnivmodl",
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


def neuron_data() -> Path:
    """Folder of NEURON's own programs in a wheel of it."""
    import neuron

    return Path(neuron.__file__).parent / ".data"


def _build_environment() -> dict[str, str]:
    """Environment for nrnivmodl, without what would change the flags of the compiler."""
    dropped = ("INCFLAGS", "LINKFLAGS", "MAKEFLAGS", "MFLAGS")
    environment = {name: value for name, value in os.environ.items() if name not in dropped}
    environment["CXX"] = _compiler()
    data = neuron_data()
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


def _check_programs(otherwise: str = "") -> None:
    """Raise if a program that building needs is missing, or NEURON is too old."""
    import neuron

    if int(neuron.__version__.partition(".")[0]) < OLDEST_NEURON:
        raise MechanismError(
            f"This is NEURON {neuron.__version__}, and the mechanisms need NEURON {OLDEST_NEURON} "
            f"or later: pip install 'neuron>={OLDEST_NEURON}'"
        )
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
            f"{otherwise}"
        )
    _find_nrnivmodl()
