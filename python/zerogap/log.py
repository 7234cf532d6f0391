"""Logs of runs (docs/events.md), as columns."""
import csv
import io
import json
import math
import os
import subprocess
import zlib

import numpy

from ._library import BadInputError
from ._programs import program


def _column(words):
    """Numbers, flags or texts: what all cells of a column are; an empty cell is NaN or ""."""
    if all(word in ("true", "false") for word in words):
        return numpy.array([word == "true" for word in words])
    try:
        return numpy.array([float(word) if word else math.nan for word in words])
    except ValueError:
        return numpy.array(words, dtype=object)


def read(path):
    """The cases of a log, a row each, as `zerogap report --csv` has them: a dict of columns by the
    names of events' members ("objective", "model.beta", ...)."""
    done = subprocess.run([program("zerogap", "ZEROGAP"), "report", os.fspath(path), "--csv", "-"],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if done.returncode not in (0, 3):  # 3: no case in it
        raise BadInputError(done.stderr.decode(errors="replace").strip())
    rows = list(csv.reader(io.StringIO(done.stdout.decode())))
    if not rows:
        return {}
    return {name: _column([row[k] for row in rows[1:]]) for k, name in enumerate(rows[0])}


def frame(path):
    """The same as a pandas frame."""
    import pandas
    return pandas.DataFrame(read(path))


def events(path):
    """The events of a log in their order; damaged lines and a torn end are left out."""
    with open(path, "rb") as file:
        for line in file:
            body, comma, rest = line.rpartition(b',"crc":"')
            if not comma or not line.endswith(b'"}\n'):
                continue
            if rest[:-3] == b"%08x" % zlib.crc32(body):
                yield json.loads(line)


def progress(path):
    """How far every case came: by its name a dict of columns, "seconds", "objective", "bound", "gap".
    Of cases that were started several times, the last time."""
    found = {}
    for event in events(path):
        case = event.get("case")
        if event["event"] == "case_started":
            found[case] = []
        elif event["event"] == "progress":
            found.setdefault(case, []).append(event)
    columns = {}
    for case, points in found.items():
        if points:
            columns[case] = {name: numpy.array([p.get(name, math.nan) for p in points])
                             for name in ("seconds", "objective", "bound")}
            upper = columns[case]["objective"]
            columns[case]["gap"] = (upper - columns[case]["bound"]) / numpy.maximum(1, abs(upper))
    return columns
