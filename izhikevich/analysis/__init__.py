"""What a model does between spikes and at them, in numpy: the phase plane and its words.

`plane` has the phase plane of a cell, from which all else is reached: `fixed_points`,
`bifurcations` and, in a sentence, `words`. `polynomials` finds roots, `trajectories` splits a
recording at its spikes, `explanations` fills in the texts of the publications.
"""
