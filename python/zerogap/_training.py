"""Training, certifying and verifying."""
import contextlib
import csv
import ctypes
import dataclasses
import json
import math
import os
import signal
import subprocess
import tempfile
import threading
import typing
import warnings

import numpy

from . import _library
from ._arrays import matrix, pointer
from ._handles import Problem, Rows, Targets
from ._library import (LIBRARY, BadInputError, FailedError, FileError, call, encode, failure, make,
                       texts)
from ._network import Network, load
from ._programs import program

ATTENTION = 0.05  # seconds between looks at whether somebody wants to interrupt


class NotCertifiedWarning(UserWarning):
    """A global method ended without the proof that was asked for."""


class SlowKernelsWarning(RuntimeWarning):
    """OpenBLAS does not know the processor, and runs slow kernels."""


@dataclasses.dataclass(frozen=True)
class Progress:
    """How far a method has come: bounds are certified."""
    unit: str
    number: int
    seconds: float
    objective: float
    bound: float
    gap: float
    certification_seconds: float


class Training(typing.NamedTuple):
    """What a training took, and what its result is worth."""
    verdict: str
    certified: bool
    objective: float
    bound: float
    gap: float
    bound_source: str
    rounding: float
    tolerance: float
    loss: float
    penalty: float
    residual: float
    method: str
    iterations: int
    unit: str
    seconds: float
    processor_seconds: float
    certification_seconds: float
    neuron_bound: int
    cause: str
    reason: str
    remark: str
    ended_early: str = ""


@dataclasses.dataclass(frozen=True)
class Certificate:
    """How far a network is proven to be from the global optimum.  True when it is certified."""
    objective: float
    bound: float
    gap: float
    bound_source: str
    rounding: float
    tolerance: float
    verdict: str

    @property
    def certified(self):
        return self.verdict == "certified"

    def __bool__(self):
        return self.certified


# ---- interrupting, progress ----------------------------------------------------------------------


class _Interrupts:
    """Ctrl-C while the library works: the signal is noted, the callback asks the method to stop, and
    the signal's own handler runs when it has.  (A handler that raises inside of a ctypes callback
    would be lost.)"""

    def __init__(self):
        self.arrived = None
        self._handler = None

    def __enter__(self):
        if threading.current_thread() is threading.main_thread():
            handler = signal.getsignal(signal.SIGINT)
            if callable(handler):  # else nobody in Python handles it: it stays as it is
                self._handler = handler
                signal.signal(signal.SIGINT, self._note)
        return self

    def _note(self, number, frame):
        self.arrived = (number, frame)

    def __exit__(self, *_):
        if self._handler is not None:
            signal.signal(signal.SIGINT, self._handler)
            if self.arrived:
                self._handler(*self.arrived)


class _Listener:
    """What the library calls while it trains."""

    def __init__(self, callback, interrupts):
        self.callback, self.interrupts = callback, interrupts
        self.error = None
        self.asked = False  # to stop, by the callback

    def hear(self, _context, progress, go_on):
        try:
            if self.interrupts.arrived:
                return
            answer = None if self.callback is None else self._tell(progress.contents)
            self.asked = answer is not None and not answer
            go_on[0] = not self.asked
        except BaseException as error:  # goes on after the library has returned
            self.error = error

    def _tell(self, p):
        return self.callback(Progress(p.unit.decode(), p.number, p.seconds, p.objective, p.bound,
                                      p.gap, p.certification_seconds))


@contextlib.contextmanager
def _bar(show, tolerance):
    """A callback that draws a progress bar with tqdm: the gap on its way to the tolerance, on a
    logarithmic scale."""
    if not show:
        yield None
        return
    try:
        from tqdm.auto import tqdm
    except ImportError:
        warnings.warn("no progress bar: tqdm is not there", stacklevel=4)
        yield None
        return
    with tqdm(total=1.0, bar_format="{l_bar}{bar}| {elapsed}{postfix}") as bar:
        first = []

        def draw(progress):
            if progress.gap > 0 and math.isfinite(progress.gap):
                first.append(progress.gap)
                whole = math.log(first[0] / tolerance)
                share = math.log(first[0] / progress.gap) / whole if whole > 0 else 1.0
                bar.n = max(bar.n, min(1.0, share))
            bar.set_postfix_str("gap %.1e" % progress.gap)

        yield draw


def _both(first, second):
    if first is None or second is None:
        return first or second

    def call_both(progress):
        first(progress)
        return second(progress)

    return call_both


def _settings(settings):
    """KEY=VALUE of the method's options, from a mapping."""
    def word(value):
        return str(value).lower() if isinstance(value, (bool, numpy.bool_)) else str(value)
    return ["%s=%s" % (key, word(value)) for key, value in (settings or {}).items()]


def _run(name, arguments, options, callback):
    """Calls a function that takes TrainOptions at its end, with progress and interrupts; what the
    callback raised is raised.  Returns status, error text and the listener."""
    text = _library.ErrorText()
    with _Interrupts() as interrupts:
        listener = _Listener(callback, interrupts)
        options.progress = _library.ProgressFunction(listener.hear)
        options.progress_seconds = 0.0 if callback else ATTENTION
        status = getattr(LIBRARY, name)(*arguments, ctypes.byref(text))
    if listener.error is not None:
        raise listener.error
    return status, text, listener


def _options(solver, settings, tolerance, seconds, threads, jobs):
    for name, count in (("threads", threads), ("jobs", jobs)):
        if count is not None and not 0 <= count < 2**31:
            raise BadInputError("%s: expected a number from 0 to %d, found %r" % (name, 2**31 - 1, count))
    words = _settings(settings)
    return _library.TrainOptions(method=encode(solver), settings=texts(words),
                                 setting_count=len(words), tolerance=tolerance,
                                 seconds=seconds or 0.0, threads=threads or 0, jobs=jobs or 0)


# ---- training ------------------------------------------------------------------------------------


def _training(result, ended):
    c = result.certificate
    verdict = _library.DECISIONS[result.decision]
    return Training(
        verdict=verdict, certified=verdict == "certified", objective=c.objective, bound=c.bound,
        gap=c.gap, bound_source=_library.SOURCES[c.source], rounding=c.rounding,
        tolerance=result.tolerance, loss=result.loss, penalty=result.penalty, residual=result.miss,
        method=result.method.decode(), iterations=result.iterations, unit=result.unit.decode(),
        seconds=result.seconds, processor_seconds=result.processor_seconds,
        certification_seconds=result.certification_seconds, neuron_bound=result.neuron_bound,
        cause=result.cause.decode(), reason=result.reason.decode(errors="replace"),
        remark=result.remark.decode(errors="replace"), ended_early=ended)


def train_problem(problem, *, solver="auto", settings=None, tolerance=1e-6, seconds=None,
                  threads=None, jobs=1, callback=None, progress=False):
    """Trains a problem; see `train`."""
    options = _options(solver, settings, tolerance, seconds, threads, jobs)
    result, handle = _library.Result(), ctypes.c_void_p()
    with _bar(progress, tolerance) as draw:
        status, text, listener = _run(
            "zg_train_with", (problem.pointer, ctypes.byref(options), ctypes.byref(handle),
                              ctypes.byref(result)), options, _both(draw, callback))
    if not handle:
        raise failure(status, text)
    ended = text.message.decode(errors="replace") if status != _library.OK else ""
    network = Network(handle, _training(result, ended))
    if network.training.verdict == "wrong":
        raise failure(_library.FAILED, text)
    if status == _library.STOPPED and not listener.asked:
        raise FailedError("the training was stopped: its callback did not end by itself")
    if status not in (_library.OK, _library.STOPPED) and not network.certified:
        warnings.warn(NotCertifiedWarning(network.training.reason or ended), stacklevel=3)
    if "OpenBLAS" in network.training.remark:
        warnings.warn(SlowKernelsWarning(network.training.remark), stacklevel=3)
    return network


def train(X, y, *, beta=None, activation="relu2", architecture="dense", loss="squared", task="auto",
          bias=False, standardize=False, standardize_target=False, sample_weight=None,
          class_weight=None, robust=0.0, neuron_set="sphere", rows="values", solver="auto", settings=None,
          tolerance=1e-6, seconds=None, threads=None, jobs=1, callback=None, progress=False, certificate=None):
    """Trains one network to global optimality: min loss + beta sum |alpha_j| over unit neurons.

    X is n x d; y has n targets, or n x k for k outputs.  Words are labels of classes; numbers are
    those of a regression unless task is "binary" or "multiclass".  Options are those of `zerogap
    train`, with its defaults: numbers come out the same to the last digit.

    beta: weight of the penalty, > 0.  activation: "relu2", "quadratic", "A,B,C" or three numbers.
    loss: "squared", "absolute", "huber:DELTA", "hinge", "squared-hinge", "logistic", "interpolate".
    robust: radius of the ball around each row whose worst point counts, in the units that the
    network sees; 0: the rows alone.  neuron_set: "sphere", "binary", "ternary", "bits:K" or
    "bilinear": the neurons that there may be.  class_weight: "balanced" or a mapping of labels to
    weights.  rows: what the targets say of the network: "values"; "slopes", one column an input;
    "values+slopes"; "contrast": its mean where y > 0 is to be 1 above that elsewhere.  settings:
    options of the solver.
    seconds: limit on the solver's time.  callback: gets a `Progress` with certified bounds at every
    iterate; an answer that is neither None nor true ends the training with what there is.
    progress: True shows a bar (tqdm).
    certificate: path of a certificate to write, for `verify`, with its rows in PATH.csv; both
    replace those of another certificate, and no other file.

    A global method that ends without the proof gives a network that is not `certified`, and a
    NotCertifiedWarning.  A result that contradicts itself is an exception.
    """
    if certificate is not None:
        _check_replaceable(certificate)
    problem = Problem.create(Rows(X, y), activation=activation, architecture=architecture, loss=loss,
                             task=task, beta=beta, standardize=standardize, bias=bias, robust=robust,
                             neuron_set=neuron_set, rows=rows, sample_weight=sample_weight, class_weight=class_weight,
                             standardize_target=standardize_target)
    network = train_problem(problem, solver=solver, settings=settings, tolerance=tolerance,
                            seconds=seconds, threads=threads, jobs=jobs, callback=callback,
                            progress=progress)
    if certificate is not None:
        save_certificate(certificate, problem, network)
    return network


def _check_replaceable(path):
    """A certificate replaces one of before, with its rows, and no other file."""
    path = os.fspath(path)
    try:
        with open(path, "rb") as file:
            ours = b'"zerogap-certificate/' in file.read(4096)
    except FileNotFoundError:
        if not os.path.exists(path + ".csv"):
            return
        raise FileError("%s.csv is there already, without a certificate %s that it would belong to: "
                        "name another or remove it" % (path, path)) from None
    if not ours:
        raise FileError("%s is there already and is no certificate: name another or remove it" % path)


def save_certificate(path, problem, network):
    """Writes a certificate, with its rows in PATH.csv."""
    _check_replaceable(path)
    ends = _library.ClaimEnds()
    call("zg_certificate_save", encode(os.fspath(path)), problem.pointer, problem.rows.pointer,
         network.pointer, None, None, ctypes.byref(ends))


# ---- certifying ----------------------------------------------------------------------------------


def network_from_neurons(u, alpha, problem, group=None):
    """A network with given unit neurons in a problem's shape."""
    u, alpha = matrix(u, "u"), numpy.asarray(alpha)
    alpha = matrix(alpha.reshape(-1, 1) if alpha.ndim == 1 else alpha, "alpha")
    if len(u) != len(alpha):
        raise BadInputError("u has %d neurons, alpha has %d" % (len(u), len(alpha)))
    outputs = LIBRARY.zg_problem_outputs(problem.pointer)
    if alpha.shape[1] != outputs:
        raise BadInputError("alpha has %d outputs, the problem has %d" % (alpha.shape[1], outputs))
    width = problem_width(problem)
    if u.shape[1] != width:
        raise BadInputError("u has %d numbers per neuron, expected %d" % (u.shape[1], width))
    if group is not None:
        group = numpy.require(group, numpy.uintp, ["C", "A"])
        if group.shape != (len(u),):
            raise BadInputError("group has the shape %s, expected (%d,)" % (group.shape, len(u)))
        group = group.ctypes.data_as(ctypes.POINTER(ctypes.c_size_t))
    return Network(make("zg_network_from_neurons", problem.pointer, len(u), group,
                                         pointer(u), pointer(alpha)))


def problem_width(problem):
    """Numbers in a neuron's u: those of the empty network of the problem."""
    empty = Network(make("zg_network_from_neurons", problem.pointer, 0, None, None, None))
    return empty._parts.width


def certify(network, X, y, *, loss=None, beta=None, tight=False, tolerance=1e-6, solver="auto",
            sample_weight=None, class_weight=None, certificate=None, callback=None, progress=False,
            **model):
    """Proves how far a network is from the global optimum of its training problem.

    network: a `Network`, the path of a model file, or arrays (u, alpha) of unit neurons (neurons x
    inputs) and their weights, (u, alpha, group) with pools, with which activation, architecture,
    bias, task, standardize, loss and beta are as for `train`.  It is evaluated anew from the rows; the bound comes from the dual vector
    that it keeps, from its own residual, or, with tight, from solving the convex program.

    certificate: path of a certificate to write, for `verify`.
    """
    if isinstance(network, (str, os.PathLike)):
        network = load(network)
    if isinstance(network, Network):
        if model:
            raise TypeError("a network has its own %s" % ", ".join(sorted(model)))
        rows = Rows(X, y, network.input_names)
        problem = Problem.of_network(rows, network, loss=loss, beta=beta,
                                     sample_weight=sample_weight, class_weight=class_weight)
    else:
        u, alpha, *group = network
        settings = {"activation": "relu2", "architecture": "dense", "task": "auto",
                    "standardize": False, "bias": False, **model}
        rows = Rows(X, y)
        problem = Problem.create(rows, loss=loss or "squared", beta=beta,
                                 sample_weight=sample_weight, class_weight=class_weight, **settings)
        network = network_from_neurons(u, alpha, problem, *group)
    found = certify_problem(problem, network, tight=tight, tolerance=tolerance, solver=solver,
                            callback=callback, progress=progress)
    if certificate is not None:
        save_certificate(certificate, problem, network)
    return found


def certify_problem(problem, network, *, tight=False, tolerance=1e-6, solver="auto", callback=None,
                    progress=False):
    """Certifies a network on a problem; see `certify`."""
    if not 0 < tolerance <= 1:
        raise BadInputError("the tolerance is %r, expected a number above 0 and at most 1"
                            % (tolerance,))
    c = _library.Certificate()
    if tight:
        options = _options(solver, None, 0.0, None, None, 1)
        with _bar(progress, 1e-9) as draw:
            status, text, _ = _run("zg_certify_tight", (
                problem.pointer, network.pointer, ctypes.byref(options), ctypes.byref(c)),
                options, _both(draw, callback))
        if status != _library.OK:
            raise failure(status, text)
    else:
        call("zg_certify", problem.pointer, network.pointer, ctypes.byref(c))
    verdict = _library.DECISIONS[LIBRARY.zg_certificate_decide(ctypes.byref(c), tolerance)]
    if verdict == "wrong":
        raise FailedError("objective %r and bound %r contradict each other" % (c.objective, c.bound))
    return Certificate(c.objective, c.bound, c.gap, _library.SOURCES[c.source], c.rounding,
                       tolerance, verdict)


# ---- verifying -----------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Proof:
    """What the exact checker says of a certificate.  True when it is proven."""
    verdict: str
    message: str
    lower: float
    upper: float
    gap: float
    statement: typing.Mapping[str, typing.Any]

    @property
    def proven(self):
        return self.verdict == "proven"

    def __bool__(self):
        return self.proven


def _write_rows(file, path, X, y):
    """X and y as the CSV file that a certificate describes: its columns and records.  Which rows
    they are is for the checker to say, by their digest."""
    with open(path, encoding="utf-8") as text:
        try:
            claim = json.load(text)
            columns, targets, header = claim["columns"], claim["targets"], claim["header"]
            wanted = claim.get("rows") or range(claim["samples"])
        except (ValueError, KeyError, TypeError) as error:
            raise BadInputError("%s: no certificate: %s" % (path, error)) from None
    x, t = matrix(X), Targets(y, len(matrix(X)))
    if columns == x.shape[1] + t.numbers.shape[1] + 1:  # a bias: the input 1 behind the others
        x = numpy.hstack([x, numpy.ones((len(x), 1))])
    if columns != x.shape[1] + t.numbers.shape[1] or len(targets) != t.numbers.shape[1]:
        raise BadInputError("the certificate is about %d inputs and %d targets, X has %d and y has %d"
                            % (columns - len(targets), len(targets), x.shape[1],
                               t.numbers.shape[1]))
    if len(x) != len(wanted):
        raise BadInputError("the certificate is about %d rows, X has %d" % (len(wanted), len(x)))
    inputs = [k for k in range(columns) if k not in targets]
    records = [["0"] * columns for _ in range(max(wanted) + 1)]
    for row, place in enumerate(wanted):
        for k, value in zip(inputs, x[row]):
            records[place][k] = repr(float(value))
        for k, value in zip(targets, t.numbers[row]):
            records[place][k] = t.labels[int(value)] if t.labels else repr(float(value))
    writer = csv.writer(file)
    if header:
        writer.writerow(["c%d" % k for k in range(columns)])
    writer.writerows(records)


def verify(path, X=None, y=None, *, data=None, exact=False, rows=None):
    """Checks a certificate in exact rational arithmetic, by a program that shares no code with the
    library.

    X and y are the rows that it is about, or data the path of their file; without both it is the
    file that was written beside the certificate, PATH.csv.  rows is what they must be of the data:
    "values", "slopes", "values+slopes", "fisher" or "contrast" (without it any of these), or "certificate":
    functionals as the certificate has them, whatever the data say.
    """
    path = os.fspath(path)
    if (X is None) != (y is None) or (X is not None and data is not None):
        raise TypeError("verify takes X and y, or data, or none of them")
    with tempfile.TemporaryDirectory() as folder:
        if X is not None:
            data = os.path.join(folder, "rows.csv")
            with open(data, "w", newline="", encoding="utf-8") as file:
                _write_rows(file, path, X, y)
        command = [program("zerogap-verify", "ZEROGAP_VERIFY"), path, "--json", "--data",
                   os.fspath(data or path + ".csv")]
        command += ["--exact"] if exact else []
        command += ["--rows", rows] if rows is not None else []
        done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    try:
        said = json.loads(done.stdout)
        verdict = said["verdict"]
    except (ValueError, KeyError):
        raise FailedError("zerogap-verify ended with status %d and said nothing that can be read"
                          % done.returncode) from None
    if verdict == "bad file":
        raise BadInputError("%s: %s" % (path, said.get("message", "")))
    if (verdict == "proven") != (done.returncode == 0):
        raise FailedError("zerogap-verify says %r and ended with status %d"
                          % (verdict, done.returncode))
    bounds = [said.get(name, math.nan) for name in ("lower", "upper", "gap")]
    return Proof(verdict, said.get("message", ""), *bounds, said)
