#!/usr/bin/env python3
"""Writes a network that another program trained as a model file, so that zerogap can judge it.

From PyTorch: write_model(path, W.tolist(), alpha.tolist(), mean.tolist(), scale.tolist()), where the
network is f(x) = sum_j alpha[j] sigma((x - mean) / scale . W[j]), W has a row per neuron, and
sigma(t) = a t^2 + b t + c.  Run as a program, it writes a network of three neurons for
examples/patients.csv."""
import json
import math
import sys


def write_model(path, neurons, alpha, mean, scale, activation=(0.09, 0.5, 0.47), labels=None):
    """neurons: rows of one number per input; alpha: their output weights; labels: two class labels
    for -1 and +1, or None for a regression."""
    unit = []
    for u, weight in zip(neurons, alpha):
        norm = math.sqrt(sum(v * v for v in u))
        # The problem is over unit neurons.  sigma(t) = a t^2 lets the norm move into the weight; any
        # other activation needs a network that was trained with unit neurons.
        if activation[1] == activation[2] == 0:
            weight *= norm * norm
        elif abs(norm - 1) > 1e-5:
            raise ValueError("a neuron has norm %g: train with W / W.norm(dim=1, keepdim=True)" % norm)
        unit.append({"u": [v / norm for v in u], "alpha": [weight]})
    model = {"format": "zerogap-model/1", "activation": list(activation),
             "inputs": len(mean), "outputs": 1,
             "preprocess": {"mean": list(mean), "scale": list(scale)},
             "target": {"kind": "binary", "labels": labels} if labels else {"kind": "regression"},
             "neurons": unit}
    with open(path, "w") as file:
        json.dump(model, file)


if __name__ == "__main__":
    write_model(sys.argv[1], [[1, 0, 0], [-0.6, 0.8, 0], [0, 0, 1]], [2.0, 1.5, -1.5],
                [0, 3, 20], [1, 2, 8], labels=["healthy", "sick"])
