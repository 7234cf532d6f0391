#!/usr/bin/env python3
"""Predicts with a model file: predict.py MODEL.json DATA.csv [TARGET].

Prints f(x) per row, or the class; the target column (the last one, unless named) is left out, and a
missing value counts as the mean.  For dense networks."""
import csv
import json
import sys

model = json.load(open(sys.argv[1]))
rows = [[field.strip() for field in row] for row in csv.reader(open(sys.argv[2]), skipinitialspace=True)]
target = rows[0].index(sys.argv[3]) if len(sys.argv) > 3 else len(rows[0]) - 1
a, b, c = model["activation"]
inputs = model["inputs"]
scaling = model.get("preprocess", {"mean": [0] * inputs, "scale": [1] * inputs})
labels = model["target"].get("labels") if "target" in model else None
for row in rows[1:]:
    if len(row) != inputs + 1:
        sys.exit("expected %d columns and the target, found %d columns" % (inputs, len(row)))
    x = [float(v) if v not in ("", "NA", "?") else m
         for v, m in zip(row[:target] + row[target + 1:], scaling["mean"])]
    x = [(v - m) / s for v, m, s in zip(x, scaling["mean"], scaling["scale"])]
    f = [0.0] * model["outputs"]
    for neuron in model["neurons"]:
        t = sum(u * v for u, v in zip(neuron["u"], x))
        for output, alpha in enumerate(neuron["alpha"]):
            f[output] += alpha * (a * t * t + b * t + c)
    if labels is None:
        print(*("%.6g" % value for value in f))
    else:
        print(labels[f.index(max(f)) if len(f) > 1 else f[0] >= 0])
