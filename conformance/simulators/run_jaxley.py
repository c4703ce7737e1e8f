"""Jaxley's `Izhikevich` channel in one compartment, in doubles."""

import common
import jax
import jax.numpy as jnp
import jaxley
import numpy as np
from jaxley.channels import Izhikevich

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_platform_name", "cpu")


def spikes(trace):
    """Spike times, ms: the steps that end at c, where the current has moved it on."""
    p = common.plain_quadratic(trace)
    cell = jaxley.Compartment()
    cell.insert(Izhikevich())
    for name, value in p.items():
        cell.set(f"Izhikevich_{name}", value)
    cell.set("v", float(trace["v0"]))
    cell.set("Izhikevich_u", float(trace["u0"]))
    # 1 uF/cm2: a current density of 1 uA/cm2 is 1 mV/ms
    cell.set("capacitance", 1.0)
    area = 2 * np.pi * float(cell.nodes["radius"].iloc[0]) * float(cell.nodes["length"].iloc[0])
    # um2 * uA/cm2 = 1e-8 uA = 1e-5 nA
    currents = jnp.array(common.current_of_steps(trace)) * area * 1e-5
    cell.stimulate(currents, verbose=False)
    cell.record("v", verbose=False)
    v = np.asarray(jaxley.integrate(cell, delta_t=trace["dt"]))[0, 1:]
    after_a_reset = p["c"] + trace["dt"] * np.array(common.current_of_steps(trace))[: len(v)]
    return (np.flatnonzero(np.abs(v - after_a_reset) < 1e-6) + 1) * trace["dt"]


common.write("Jaxley", jaxley.__version__, {"channels.Izhikevich": spikes})
