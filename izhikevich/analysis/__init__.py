"""What a model does between spikes and at them, in numpy: the phase plane and its words."""
