"""Networks with weights from elsewhere: sum_j v_jc sigma(w_j'x + b_j) + constant_c."""
import numpy

from ._arrays import matrix, numbers, pointer
from ._handles import Problem, Rows
from ._library import LIBRARY, BadInputError, make
from ._network import Network

SINGLE = 1e-6  # how far from 1 the norm of a unit vector in single precision may be


def vector(values, count, what):
    """count doubles, or None."""
    if values is None:
        return None
    array = numbers(values, what).reshape(-1)
    if array.shape != (count,):
        raise BadInputError("%s has %d numbers, expected %d" % (what, array.size, count))
    return array


def _sharpen(w, b, bias):
    """Vectors of single precision that are meant to have norm 1 get it in double precision."""
    whole = numpy.hstack([w, b[:, None]]) if bias and b is not None else w
    length = numpy.linalg.norm(whole, axis=1)
    near = (numpy.abs(length - 1) < SINGLE) & (bias or b is None or b == 0)
    scale = numpy.where(near, length, 1.0)
    return numpy.ascontiguousarray(w / scale[:, None]), b / scale if bias and b is not None else b


def network_from_weights(w, v, b=None, constant=None, *, activation="relu2", bias=True,
                         loss="squared", beta=1.0, classes=None, single=False):
    """The network of unit neurons that is the same function.

    w: m x d, v: m x k (or m), b: m or None, constant: k or None.  bias: whether the network gets the
    input 1 behind the others, with which there is one for any b and constant (unless the
    activation has b = 0 and a + c = 0).  Without it unit neurons may not be able to represent the
    constant: `miss` of the network says, for each output, by how much the given function is larger.
    Neurons of norm 1 stay as they are; the others become those of their sum, whose penalty is not
    the least that the function can have.

    loss, beta and classes (sorted labels, of a classifier) are recorded in it, for `certify`.
    single: the weights were of single precision; vectors that have norm 1 in it are taken for unit
    vectors.
    """
    w = matrix(w, "w")
    v = numpy.asarray(v)
    v = matrix(v.reshape(-1, 1) if v.ndim == 1 else v, "v")
    if len(v) != len(w):
        raise BadInputError("w has %d neurons, v has %d" % (len(w), len(v)))
    b, constant = vector(b, len(w), "b"), vector(constant, v.shape[1], "constant")
    if single:
        w, b = _sharpen(w, b, bias)
    y = numpy.ones((1, v.shape[1])) if classes is None else numpy.asarray(classes)
    rows = Rows(numpy.zeros((len(y), w.shape[1])), y)
    task = "regression" if classes is None else "binary" if len(classes) == 2 else "multiclass"
    problem = Problem.create(rows, activation=activation, architecture="dense", loss=loss, task=task,
                             beta=beta, standardize=False, bias=bias)
    outputs = LIBRARY.zg_problem_outputs(problem.pointer)
    if outputs != v.shape[1]:
        raise BadInputError("v has %d outputs, %d classes have %d" % (v.shape[1], len(y), outputs))
    miss = numpy.zeros(outputs)
    network = Network(make("zg_network_from_weights", problem.pointer, len(w), pointer(w),
                           pointer(b), pointer(v), pointer(constant), pointer(miss)))
    network.miss = miss
    return network
