"""Everything that touches NEURON to run a cell: build, load, cells, fixed and variable step."""
