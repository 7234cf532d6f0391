#!/usr/bin/env python3
"""Predicts with the quadratic form of a network, whatever its architecture: predict.py FORM DATA.csv

FORM is what `zerogap form --model MODEL.json --json` printed.  Prints f(x) = x'Px + q'x + r per row:
the numbers behind `zerogap predict`, for programs that shall do without it."""
import csv
import json
import sys

form = json.load(open(sys.argv[1]))
rows = csv.reader(open(sys.argv[2]), skipinitialspace=True)
names = [name.strip() for name in next(rows)]
for row in rows:
    x = [float(row[names.index(name)]) for name in form["inputs"]]
    print(*(f["r"] + sum(v * (q + sum(p * w for p, w in zip(line, x)))
                         for v, q, line in zip(x, f["q"], f["P"])) for f in form["outputs"]))
