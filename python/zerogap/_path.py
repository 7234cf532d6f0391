"""Paths of beta, and choosing from them."""
import ctypes
import typing

import numpy

from . import _library
from ._arrays import numbers, pointer
from ._handles import Problem, Rows, model_options
from ._library import BadInputError, failure
from ._training import _options, _run


class Path(typing.NamedTuple):
    """A path by falling beta: an entry of each array for each.  score is of the rows that the folds
    held back, the mean of the folds' root mean squared errors or shares of wrong labels, error its
    standard error; chosen is the beta of the best score, None without folds."""
    beta: numpy.ndarray
    objective: numpy.ndarray
    loss: numpy.ndarray
    penalty: numpy.ndarray
    bound: numpy.ndarray
    gap: numpy.ndarray
    neurons: numpy.ndarray
    score: numpy.ndarray
    error: numpy.ndarray
    worst_gap: numpy.ndarray
    uncertified: numpy.ndarray
    wrong: numpy.ndarray
    chosen: typing.Optional[float]


def path(X, y, betas=20, *, ratio=1e-3, folds=0, seed=0, one_standard_error=False,
         activation="relu2", architecture="dense", loss="squared", task="auto", bias=False,
         standardize=False, standardize_target=False, sample_weight=None, class_weight=None,
         robust=0.0, neuron_set="sphere", solver="auto", settings=None, tolerance=1e-6,
         seconds=None, threads=None, jobs=1):
    """Trains for several betas, best from large to small, and chooses one by folds.

    betas: values, or how many, evenly in the logarithm from the least beta at which the zero network
    is optimal down to ratio times it.  folds: at least 2, or 0: nothing is chosen; rows are dealt as
    `zerogap train --folds K --seed S` does.  one_standard_error: chooses the largest beta whose score
    is within one standard error of the best.  The other options are those of `train`; jobs counts
    folds at a time.  Networks are not kept: train with the beta that was chosen.
    """
    rows = Rows(X, y)
    model = model_options(rows, activation=activation, architecture=architecture, loss=loss,
                          task=task, beta=1.0, standardize=standardize, bias=bias, robust=robust,
                          neuron_set=neuron_set)
    extra, keep = Problem.options(rows, sample_weight, class_weight, standardize_target)
    options = _options(solver, settings, tolerance, seconds, threads, jobs)
    choice = _library.PathOptions(folds=folds, seed=seed, one_standard_error=one_standard_error,
                                  ratio=ratio)
    count, grid = (betas, None) if isinstance(betas, int) else (len(betas), numbers(betas, "betas"))
    if count < 1 or grid is not None and grid.ndim != 1:
        raise BadInputError("betas: expected values, or how many, found %r" % (betas,))
    points, chosen = (_library.PathPoint * count)(), ctypes.c_size_t()
    status, text, _ = _run(
        "zg_train_path", (rows.pointer, ctypes.byref(model), ctypes.byref(extra),
                          ctypes.byref(options), ctypes.byref(choice), count, pointer(grid), points,
                          ctypes.byref(chosen)), options, None)
    del keep
    if status != _library.OK:
        raise failure(status, text)
    columns = [numpy.array([getattr(point, name) for point in points])
               for name, _ in _library.PathPoint._fields_]
    return Path(*columns, float(columns[0][chosen.value]) if chosen.value < count else None)
