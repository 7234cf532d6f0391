"""Plots of runs with matplotlib, in the colours of the report."""
import numpy

from . import log

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#b3568d", "#3a9fd8", "#c98600", "#8a8000", "#4a4f55")
SOLVED = ("proven", "certified")


def _axes(axes):
    if axes is not None:
        return axes
    from matplotlib import pyplot
    return pyplot.subplots()[1]


def convergence(runs, axes=None):
    """Upper and lower bounds over time: runs is the path of a log, or a dict of columns by name as
    `zerogap.log.progress` gives it, or lists of `zerogap.Progress` from callbacks by name."""
    axes = _axes(axes)
    if not hasattr(runs, "items"):
        runs = log.progress(runs)
    for k, (name, run) in enumerate(runs.items()):
        if not hasattr(run, "keys"):
            run = {key: numpy.array([getattr(p, key) for p in run])
                   for key in ("seconds", "objective", "bound")}
        colour = COLOURS[k % len(COLOURS)]
        axes.plot(run["seconds"], run["objective"], color=colour, label=name)
        axes.plot(run["seconds"], run["bound"], color=colour, linestyle="--")
    axes.set_xlabel("seconds of the method")
    axes.set_ylabel("objective (solid), certified bound (dashed)")
    axes.legend()
    return axes


def profile(path, axes=None):
    """Performance profile of a log: the share of problems that each method solved within a factor
    of the fastest."""
    axes = _axes(axes)
    cases = log.read(path)
    problems = [" ".join(row) for row in zip(cases["data.name"], cases["model.name"])]
    methods = sorted(set(cases["method.name"]))
    times = {(p, m): s for p, m, s, v in zip(problems, cases["method.name"], cases["seconds"],
                                              cases["verdict"]) if v in SOLVED}
    names = sorted({p for p, _ in times})
    best = {p: min(s for (q, _), s in times.items() if q == p) for p in names}
    for k, method in enumerate(methods):
        ratios = sorted(times[p, method] / best[p] for p in names if (p, method) in times)
        if not ratios:
            continue
        shares = numpy.arange(1, len(ratios) + 1) / len(names)
        axes.step([1.0, *ratios, 64.0], [0.0, *shares, shares[-1]], where="post", label=method,
                  color=COLOURS[k % len(COLOURS)])
    axes.set_xscale("log", base=2)
    axes.set_xlim(1, 64)
    axes.set_ylim(0, 1.02)
    axes.set_xlabel("factor of the fastest method's time")
    axes.set_ylabel("share of problems solved")
    axes.legend()
    return axes
