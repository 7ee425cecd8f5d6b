"""The neuron: its definition and its fast forms, behind one differentiable call."""
