"""What the commands about the phase plane say alike: fixed points, and how the rest is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from izhikevich.errors import ParameterError

if TYPE_CHECKING:
    from izhikevich.analysis.plane import PhasePlane


def say_fixed_points(plane: PhasePlane, current: float, more: str = "") -> None:
    """Say in a line where the cell can rest at a constant current."""
    try:
        points = plane.fixed_points(current)
        said = ", ".join(f"{point.kind} at {point.v:.4g} mV" for point in points)
    except ParameterError as error:  # the fixed points are not isolated
        said = str(error)
    click.echo(f"I = {current:.4g} {plane.current_unit}: {said or 'no fixed point'}{more}")


def say_bifurcations(plane: PhasePlane) -> None:
    """Say at which currents the rest is lost, and what that makes of the cell."""
    found = plane.bifurcations()
    for name, event in (("Andronov-Hopf", found.hopf), ("saddle-node", found.saddle_node)):
        if event is not None:
            where = f"{event.current:.6g} {plane.current_unit}, v = {event.v:.4g} mV"
            click.echo(f"{name} at {where}")
    click.echo(found.reason)
    if found.excitability is not None:
        click.echo(f"{found.excitability}, {found.behaviour}")
