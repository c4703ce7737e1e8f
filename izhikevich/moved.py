"""Names that modules had before they moved into rooms: scripts that import by them still run.

``from izhikevich.cells import create_cells`` gives what the files have that `izhikevich.cells` has
become. Nothing in the package uses these names.
"""

from __future__ import annotations

import importlib
import importlib.machinery
import sys
from collections.abc import Sequence
from types import CodeType, MappingProxyType, ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # its import takes longer than that of all the rest
    from importlib.abc import Loader
else:
    Loader = object

#: Where what each module had is now, by its former name; of several files the first that has it.
MOVED = MappingProxyType(
    {
        "izhikevich.cells": (
            "izhikevich.engine.cells",
            "izhikevich.engine.many_cells",
            "izhikevich.engine.gids",
            "izhikevich.engine.parameters",
        ),
        "izhikevich.cli": ("izhikevich.views.cli.main",),
        "izhikevich.comparison": (
            "izhikevich.experiments.comparison",
            "izhikevich.experiments.comparison_tables",
            "izhikevich.experiments.current_in_words",
            "izhikevich.experiments.runaways",
            "izhikevich.analysis.spike_trains",
        ),
        "izhikevich.doors": ("izhikevich.views.window.doors",),
        "izhikevich.excitability": (
            "izhikevich.experiments.rates",
            "izhikevich.experiments.steps",
            "izhikevich.experiments.ramps",
            "izhikevich.experiments.ringing",
            "izhikevich.experiments.resting",
        ),
        "izhikevich.explanations": ("izhikevich.analysis.explanations",),
        "izhikevich.figures": (
            "izhikevich.views.figures.plans",
            "izhikevich.views.figures.saving",
            "izhikevich.views.figures.traces",
            "izhikevich.views.figures.by_paper",
            "izhikevich.views.figures.comparisons",
            "izhikevich.views.figures.style",
        ),
        "izhikevich.mechanisms": ("izhikevich.engine.mechanisms",),
        "izhikevich.network_figures": ("izhikevich.views.figures.networks",),
        "izhikevich.network_results": ("izhikevich.network.results",),
        "izhikevich.panels": ("izhikevich.views.window.panels",),
        "izhikevich.phase_figures": (
            "izhikevich.views.figures.phase",
            "izhikevich.views.figures.against_current",
        ),
        "izhikevich.phase_plane": (
            "izhikevich.analysis.plane",
            "izhikevich.analysis.trajectories",
            "izhikevich.analysis.fixed_points",
            "izhikevich.analysis.bifurcations",
        ),
        "izhikevich.program": ("izhikevich.views.window.program",),
        "izhikevich.simulation": (
            "izhikevich.engine.simulation",
            "izhikevich.choice",
            "izhikevich.recording",
        ),
        "izhikevich.web": ("izhikevich.views.web",),
    }
)


class _FormerNames(Loader):
    """Finds a module by its former name, and loads it."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Say who loads `name`, if it is a former one."""
        return importlib.machinery.ModuleSpec(name, self) if name in MOVED else None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> None:
        """Leave it to Python."""

    def exec_module(self, module: ModuleType) -> None:
        """Put the module of today in its place; or, of several, let it look in each."""
        name = module.__name__
        homes = [importlib.import_module(home) for home in MOVED[name]]
        if len(homes) == 1:
            sys.modules[name] = homes[0]
            return

        def look(wanted: str) -> Any:
            for home in homes:
                if hasattr(home, wanted):
                    return getattr(home, wanted)
            raise AttributeError(f"module {name!r} has no attribute {wanted!r}")

        vars(module)["__getattr__"] = look

    def get_code(self, name: str) -> CodeType:
        """What ``python -m`` runs for a former name."""
        run = f"import runpy; runpy.run_module({MOVED[name][0]!r}, run_name='__main__')"
        return compile(run, name, "exec")


def serve_former_names() -> None:
    """Let every import of a former name succeed from now on."""
    if not any(isinstance(finder, _FormerNames) for finder in sys.meta_path):
        sys.meta_path.append(_FormerNames())
