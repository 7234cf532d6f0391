"""What the library holds for us, freed with the Python object; rows as data sets, and problems."""
import ctypes
import functools

import numpy

from . import _library
from ._arrays import is_frame, is_text, matrix, names_of, numbers, pointer
from ._library import LIBRARY, BadInputError, call, encode, make, texts


class Handle:
    """Owns something of the library's."""

    def __init__(self, handle, free):
        self.pointer = handle
        self._free = getattr(LIBRARY, free)

    def __del__(self):
        self._free(self.pointer)


def columns_for(X, names):
    """X with the columns that a model was trained with, in their order, where both have names."""
    own = names_of(X)
    if own is None or names is None or own == list(names):
        return X
    missing = [name for name in names if name not in own]
    further = [name for name in own if name not in names]
    if missing or further:
        raise BadInputError("the columns are not those of the model: %s" % "; ".join(
            "%s %s" % (what, ", ".join(repr(name) for name in some))
            for what, some in (("missing", missing), ("not known", further)) if some))
    if len(set(own)) != len(own):
        raise BadInputError("two columns of X have the same name")
    return X[list(names)]


class Targets:
    """y as numbers (n x k), with the words that they stand for (sorted), and the columns' names."""

    def __init__(self, y, rows):
        self.labels = None
        self.names = None
        if is_frame(y):
            self.names = names_of(y)
        elif isinstance(getattr(y, "name", None), str):
            self.names = [y.name]
        if is_text(y):
            words, y = numpy.unique(numpy.asarray(y).astype(str), return_inverse=True)
            self.labels = [str(word) for word in words]
            self.numbers = numpy.require(y, numpy.float64, ["C", "A"])
        else:
            self.numbers = numbers(y, "y")
        if self.numbers.ndim == 1:
            self.numbers = self.numbers.reshape(-1, 1)
        if self.numbers.ndim != 2:
            raise BadInputError("y has %d dimensions, expected n targets, or n x k"
                                % self.numbers.ndim)
        if len(self.numbers) != rows:
            raise BadInputError("X has %d rows, y has %d" % (rows, len(self.numbers)))
        if self.labels is not None and self.numbers.shape[1] != 1:
            raise BadInputError("labels are one column, y has %d" % self.numbers.shape[1])


class Rows:
    """Samples and their targets as a data set, over X's own memory where it lies right."""

    def __init__(self, X, y, names=None, input_names=None):
        """names: of a model, by which a frame's columns are put in order; input_names: of the
        columns of an X that has none itself."""
        X = columns_for(X, names)
        self.x = matrix(X)
        if 0 in self.x.shape:
            raise BadInputError("Found array with %d sample(s) and %d feature(s) (shape=%s) while a "
                                "minimum of 1 is required." % (*self.x.shape, self.x.shape))
        targets = Targets(y, len(self.x))
        self.t = targets.numbers
        self.handle = Handle(make("zg_dataset_borrow", *self.x.shape, pointer(self.x),
                                  self.t.shape[1], pointer(self.t)), "zg_dataset_free")
        own = names_of(X) or input_names
        if own or targets.names:
            call("zg_dataset_set_names", self.pointer, texts(own), texts(targets.names))
        if targets.labels is not None:
            call("zg_dataset_set_labels", self.pointer, len(targets.labels), texts(targets.labels))

    @property
    def pointer(self):
        return self.handle.pointer


def activation_of(activation):
    """"relu2", "quadratic", "A,B,C" or three numbers."""
    if not isinstance(activation, str):
        activation = ",".join(repr(float(number)) for number in activation)
    return _activation(activation)


# What the library makes of a text is always the same, and is not to be changed.
@functools.lru_cache
def _activation(activation):
    out = _library.Activation()
    call("zg_activation_parse", encode(activation), ctypes.byref(out))
    return out


@functools.lru_cache
def loss_of(loss):
    out = _library.Loss()
    call("zg_loss_parse", encode(loss), ctypes.byref(out))
    return out


@functools.lru_cache
def neuron_set_of(neuron_set):
    out = _library.NeuronSet()
    call("zg_neuron_set_parse", encode(neuron_set), ctypes.byref(out))
    return out


@functools.lru_cache
def row_kind_of(rows):
    out = ctypes.c_int()
    call("zg_row_kind_parse", encode(rows), ctypes.byref(out))
    return out.value


@functools.lru_cache
def architecture_of(architecture, inputs):
    out = _library.Architecture()
    call("zg_architecture_parse", encode(architecture), inputs, ctypes.byref(out))
    return out


def task_of(task):
    if task not in _library.TASKS:
        raise BadInputError("unknown task %r; known are %s" % (task, ", ".join(_library.TASKS)))
    return _library.TASKS.index(task)


def weights_text(class_weight):
    """Weights of classes as the library reads them: "balanced", or "LABEL=W,LABEL=W"."""
    if class_weight is None or isinstance(class_weight, str):
        return class_weight
    return ",".join("%s=%r" % (label, float(weight)) for label, weight in class_weight.items())


def flag_of(value, name):
    """True or False; what merely counts as one of them, such as "no", is more likely a mistake."""
    if isinstance(value, (bool, numpy.bool_)) or (isinstance(value, int) and value in (0, 1)):
        return bool(value)
    raise BadInputError("%s: expected True or False, found %r" % (name, value))


def model_options(points, *, activation, architecture, loss, task, beta, standardize, bias,
                  robust=0.0, neuron_set="sphere", rows="values"):
    """What is to be trained."""
    if beta is None:
        if loss != "interpolate":
            raise BadInputError("beta is needed: the weight of the penalty, a number > 0")
        beta = 1.0
    return _library.ModelOptions(activation_of(activation),
                                 architecture_of(architecture, points.x.shape[1]), loss_of(loss),
                                 task_of(task), beta, flag_of(standardize, "standardize"),
                                 flag_of(bias, "bias"), robust,
                                 neuron_set_of(neuron_set), row_kind_of(rows))


class Problem:
    """Rows with a model: what is to be trained, or a network to be measured."""

    def __init__(self, rows, handle):
        self.rows = rows  # the library may use its memory
        self.handle = Handle(handle, "zg_problem_free")

    @property
    def pointer(self):
        return self.handle.pointer

    @staticmethod
    def options(rows, sample_weight, class_weight, standardize_target):
        weights = None
        if sample_weight is not None:
            weights = numbers(sample_weight, "sample_weight")
            if weights.shape != (len(rows.x),):
                raise BadInputError("sample_weight has the shape %s, expected (%d,)"
                                    % (weights.shape, len(rows.x)))
        options = _library.ProblemOptions(class_weights=encode(weights_text(class_weight)),
                                          standardize_target=flag_of(standardize_target,
                                                                     "standardize_target"))
        if weights is not None:
            options.weights = pointer(weights)
        return options, weights

    @classmethod
    def create(cls, points, *, sample_weight=None, class_weight=None, standardize_target=False,
               **model):
        model = model_options(points, **model)
        options, keep = cls.options(points, sample_weight, class_weight, standardize_target)
        handle = make("zg_problem_create_with", points.pointer, ctypes.byref(model),
                      ctypes.byref(options))
        del keep
        return cls(points, handle)

    @classmethod
    def of_network(cls, rows, network, *, loss=None, beta=None, sample_weight=None,
                   class_weight=None):
        if beta is not None and not beta > 0:
            raise BadInputError("beta is %r, expected a number > 0" % (beta,))
        options, keep = cls.options(rows, sample_weight, class_weight, False)
        handle = make("zg_problem_for_network", rows.pointer, network.pointer, encode(loss),
                      beta or 0.0, ctypes.byref(options))
        del keep
        return cls(rows, handle)

    @property
    def beta_max(self):
        out = ctypes.c_double()
        call("zg_problem_beta_max", self.pointer, ctypes.byref(out))
        return out.value
