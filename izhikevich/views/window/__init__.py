"""The window, in NEURON's own InterViews."""
