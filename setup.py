"""Compile the mechanisms into the wheel; all else about the package is in pyproject.toml."""

import os
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from setuptools import Distribution, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_py import build_py
from setuptools.errors import CompileError

HERE = Path(__file__).resolve().parent


def compile_mechanisms(destination: Path) -> None:
    """Compile into folders below `destination` that are named by what they were built for."""
    # of this checkout; what it imports is Python's own, as nothing else is installed while building
    sys.path.insert(0, str(HERE))
    from izhikevich.engine import build

    shutil.rmtree(destination, ignore_errors=True)  # of an earlier build in the same checkout
    work = Path(tempfile.mkdtemp(prefix="izhikevich-"))
    here = os.getcwd()
    os.chdir(work)  # NEURON loads what it finds compiled in the working directory
    try:
        built = [work / build.key(), work / build.population_key()]
        build.compile_into(built[0])
        build.compile_population_into(built[1])
    except build.MechanismError as error:
        raise CompileError(str(error)) from error
    finally:
        os.chdir(here)
        with suppress(OSError):
            work.rmdir()  # unless it has the libraries now, or the log of what failed
    for folder in built:
        shutil.copytree(folder, destination / folder.name)
    shutil.rmtree(work)


class BuildWithMechanisms(build_py):
    """Build the Python modules and the mechanisms beside them."""

    def run(self) -> None:
        """Compile, except for an editable install, whose first use does it."""
        super().run()
        if not self.editable_mode:
            compile_mechanisms(Path(self.build_lib).resolve() / "izhikevich" / "_mechanisms")


class WheelOfPlatform(bdist_wheel):
    """A wheel for one platform and any Python, which the mechanisms do not depend on."""

    def get_tag(self) -> tuple[str, str, str]:
        """Tag of the wheel."""
        return "py3", "none", super().get_tag()[2]


class DistributionOfPlatform(Distribution):
    """A distribution with compiled content, though setuptools did not compile it."""

    def has_ext_modules(self) -> bool:
        """Whether the wheel depends on the platform."""
        return True


setup(
    distclass=DistributionOfPlatform,
    cmdclass={"build_py": BuildWithMechanisms, "bdist_wheel": WheelOfPlatform},
)
