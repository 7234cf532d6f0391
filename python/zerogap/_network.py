"""Networks."""
import ctypes
import os
import tempfile
import typing

import numpy

from . import _library
from ._arrays import copy_of, matrix, pointer
from ._handles import Handle, columns_for
from ._library import LIBRARY, BadInputError, call, encode, make


class Form(typing.NamedTuple):
    """f(x) = x'Px + q'x + r."""
    P: numpy.ndarray
    q: numpy.ndarray
    r: float

    def __call__(self, X):
        X = matrix(X)
        return numpy.einsum("ni,ij,nj->n", X, self.P, X) + X @ self.q + self.r


class Network:
    """A two-layer network f(x)_c = sum_j alpha_jc sigma(u_j'x), whose neurons have unit norm.

    Of `train` it comes with what it is worth: `certified` is true only when `gap`, the distance of
    its `objective` from the certified lower `bound` on every network's, is within the tolerance.
    One that was loaded or made from weights is not certified: ask `zerogap.certify`.
    """

    def __init__(self, handle, result=None):
        self._handle = Handle(handle, "zg_network_free")
        self._parts = _library.NetworkParts()
        self.training = result  # of `train`: what it took, and its verdict
        self.miss = None  # of weights from elsewhere: see zerogap.torch
        LIBRARY.zg_network_describe(self.pointer, ctypes.byref(self._parts))

    @property
    def pointer(self):
        return self._handle.pointer

    def __repr__(self):
        state = "not certified" if not self.certified else "certified, gap %.2e" % self.gap
        return "<zerogap.Network: %d inputs, %d outputs, %d neurons; %s>" % (
            self.inputs, self.outputs, self.neurons, state)

    # ---- what it is worth ------------------------------------------------------------------------

    def _measured(self, name):
        """From the training here, else what the file's record says, which nobody has checked."""
        if self.training is not None:
            return getattr(self.training, name)
        return getattr(self._refresh(), name)

    @property
    def objective(self):
        """Loss and penalty together, evaluated again from the rows: an upper bound on p*."""
        return self._measured("objective")

    @property
    def bound(self):
        """Certified lower bound on the objective of every network of any width."""
        return self._measured("bound")

    @property
    def gap(self):
        """(objective - bound) / max(1, |objective|); NaN where that proves nothing."""
        return self._measured("gap")

    @property
    def certified(self):
        """Whether it is proven to be globally optimal, up to the tolerance, by this very run."""
        return self.training is not None and self.training.certified

    # ---- what it is made of ----------------------------------------------------------------------

    def _refresh(self):
        LIBRARY.zg_network_describe(self.pointer, ctypes.byref(self._parts))
        return self._parts

    @property
    def inputs(self):
        return self._parts.inputs

    @property
    def outputs(self):
        return self._parts.outputs

    @property
    def neurons(self):
        """How many it has."""
        return self._parts.neurons

    @property
    def u(self):
        """neurons x width: unit vectors; with a bias its weight is the last number."""
        return copy_of(self._parts.u, self._parts.neurons, self._parts.width)

    @property
    def alpha(self):
        """neurons x outputs: what each neuron contributes."""
        return copy_of(self._parts.alpha, self._parts.neurons, self._parts.outputs)

    @property
    def group(self):
        """neurons: the pool that each belongs to; 0 in dense networks."""
        return copy_of(self._parts.group, self._parts.neurons, kind=numpy.intp)

    @property
    def dual(self):
        """outputs x rows: the vector behind the bound; None where there is none."""
        parts = self._refresh()
        if not parts.dual:
            return None
        return copy_of(parts.dual, parts.outputs, parts.samples)

    @property
    def activation(self):
        s = self._parts.activation
        return s.a, s.b, s.c

    @property
    def architecture(self):
        text = ctypes.create_string_buffer(256)
        LIBRARY.zg_architecture_format(ctypes.byref(self._parts.architecture), text, len(text))
        return text.value.decode()

    @property
    def loss(self):
        text = ctypes.create_string_buffer(64)
        LIBRARY.zg_loss_format(self._parts.loss, text, len(text))
        return text.value.decode()

    @property
    def beta(self):
        return self._parts.beta

    @property
    def halfspaces(self):
        """0, or the number of half-spaces through which the network sees its inputs."""
        return self._parts.halfspaces

    @property
    def bias(self):
        return self._parts.bias

    @property
    def task(self):
        return _library.TASKS[self._parts.task]

    @property
    def method(self):
        """That trained it; empty where that is not known."""
        return self._parts.method.decode()

    @property
    def mean(self):
        """Of the inputs, by which they are standardised; None where they are not."""
        return copy_of(self._parts.mean, self.inputs)

    @property
    def scale(self):
        return copy_of(self._parts.scale, self.inputs)

    @property
    def target_mean(self):
        """outputs: f is multiplied by target_scale, and this is added; None where it is not."""
        return copy_of(self._parts.target_mean, self.outputs)

    @property
    def target_scale(self):
        return copy_of(self._parts.target_scale, self.outputs)

    def _words(self, address, count):
        return [address[k].decode() for k in range(count)] if address else None

    @property
    def input_names(self):
        """Names of the columns; None where they are not known."""
        return self._words(self._parts.input_names, self.inputs)

    @property
    def classes(self):
        """Sorted labels of a classifier; None of a regression."""
        if not self._parts.labels:
            return None
        words = self._words(self._parts.label_texts, self._parts.labels)
        if words is not None:
            return numpy.array(words)
        return copy_of(self._parts.label_values, self._parts.labels)

    def form(self, output=0, raw=True):
        """The quadratic form that one output is, of inputs as in the data, or of standardised ones
        (raw=False)."""
        d, r = self.inputs, ctypes.c_double()
        p, q = numpy.empty((d, d)), numpy.empty(d)
        call("zg_network_form", self.pointer, output, raw, pointer(p), pointer(q), ctypes.byref(r))
        return Form(p, q, r.value)

    # ---- what it does ----------------------------------------------------------------------------

    def _evaluate(self, X):
        """outputs x n, as the library lays them out."""
        x = matrix(columns_for(X, self.input_names))
        if x.shape[1] != self.inputs:
            raise BadInputError("X has %d features, but the network is expecting %d features as "
                                "input" % (x.shape[1], self.inputs))
        f = numpy.empty((self.outputs, len(x)))
        if len(x):
            call("zg_network_predict", self.pointer, len(x), pointer(x), pointer(f))
        return f

    def decision_function(self, X):
        """f(X): n numbers, or n x outputs where there are several."""
        f = self._evaluate(X)
        return f[0] if self.outputs == 1 else numpy.ascontiguousarray(f.T)

    def predict(self, X):
        """f(X) of a regression; the labels of a classifier.  Columns of frames are matched by
        name."""
        if self.classes is None:
            return self.decision_function(X)
        f = self._evaluate(X)
        found = numpy.empty(f.shape[1], numpy.uintp)
        call("zg_network_classify", self.pointer, f.shape[1], pointer(f),
             found.ctypes.data_as(ctypes.POINTER(ctypes.c_size_t)))
        return self.classes[found]

    def save(self, path):
        """Writes the model file (docs/model.md)."""
        call("zg_network_save", self.pointer, encode(os.fspath(path)))

    # ---- copies and pickles: by way of the model file, whose numbers read back equal -------------

    def __reduce__(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "model.json")
            self.save(path)
            with open(path, "rb") as file:
                return _from_text, (file.read(), self.training, self.miss)


def _from_text(text, training, miss):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.json")
        with open(path, "wb") as file:
            file.write(text)
        network = load(path)
    network.training, network.miss = training, miss
    return network


def load(path):
    """Reads a model file.  What it says of itself, nobody has checked: ask `certify`."""
    return Network(make("zg_network_load", encode(os.fspath(path))))
