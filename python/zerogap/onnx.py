"""Networks as ONNX graphs of MatMul, Add and Mul, and back."""
import os

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

from ._foreign import network_from_weights
from ._library import BadInputError, UnsupportedError

OPERATORS = 13  # version of the operator set
ACTIVATION = "zerogap.activation"  # key of the model's metadata

ROUNDING = 1e-13  # relative: what is left of a difference of equal terms

# ---- out -----------------------------------------------------------------------------------------


class _Graph:
    """Nodes and constants, one after the other."""

    def __init__(self):
        self.nodes, self.constants, self.last = [], [], "x"

    def step(self, operator, other, name):
        """last <- operator(last, other); other: an array, or the name of a tensor."""
        if not isinstance(other, str):
            self.constants.append(numpy_helper.from_array(
                numpy.ascontiguousarray(other, numpy.float64), name + "_constant"))
            other = name + "_constant"
        self.nodes.append(helper.make_node(operator, [self.last, other], [name], name=name))
        self.last = name
        return name


def to_onnx(network, path=None):
    """A dense network as a model in double precision; also written to path, if there is one."""
    if network.halfspaces or network.architecture != "dense":
        raise UnsupportedError("only dense networks become graphs, this one is %s"
                                   % ("of half-spaces" if network.halfspaces
                                      else network.architecture))
    graph, (a, b, c), u = _Graph(), network.activation, network.u
    if network.mean is not None:
        graph.step("Add", -network.mean, "centred")
        graph.step("Mul", 1.0 / network.scale, "standardised")
    t = graph.step("MatMul", u[:, :network.inputs].T, "t")
    if network.bias:
        t = graph.step("Add", u[:, -1], "t_with_bias")
    graph.step("Mul", numpy.array(a), "at")
    graph.step("Add", numpy.array(b), "at_b")
    graph.step("Mul", t, "att_bt")
    graph.step("Add", numpy.array(c), "activation")
    graph.step("MatMul", network.alpha, "f")
    if network.target_mean is not None:
        graph.step("Mul", network.target_scale, "scaled")
        graph.step("Add", network.target_mean, "y")
    tensors = [helper.make_tensor_value_info(name, TensorProto.DOUBLE, ["n", width])
               for name, width in (("x", network.inputs), (graph.last, network.outputs))]
    model = helper.make_model(
        helper.make_graph(graph.nodes, "zerogap", tensors[:1], tensors[1:], graph.constants),
        producer_name="zerogap", opset_imports=[helper.make_opsetid("", OPERATORS)])
    helper.set_model_props(model, {ACTIVATION: ",".join(map(repr, network.activation))})
    onnx.checker.check_model(model)
    if path is not None:
        onnx.save(model, os.fspath(path))
    return model


# ---- in ------------------------------------------------------------------------------------------


class _Linear:
    """s W'x + k, entry by entry, with W (d x m) as a matrix product left it."""

    def __init__(self, W, k, s=None):
        self.W, self.k, self.s = W, k, numpy.ones_like(k) if s is None else s


class _Hidden:
    """a t^2 + b t + c, a number of each per entry of t = W'x (m)."""

    def __init__(self, W, a, b, c):
        self.W, self.a, self.b, self.c = W, a, b, c


class _Output:
    """Sums of hidden entries: V'h + k."""

    def __init__(self, hidden, V, k):
        self.hidden, self.V, self.k = hidden, V, k


def _refuse(what):
    raise UnsupportedError("the graph is no two-layer network with a polynomial activation: %s" % what)


def _row(constant, width):
    """A constant that is added or multiplied entry by entry, one number for each."""
    try:
        return numpy.broadcast_to(numpy.asarray(constant, numpy.float64), (1, width)).reshape(-1)
    except ValueError:
        return _refuse("a constant of shape %s meets %d entries" % (numpy.shape(constant), width))


def _hidden(value):
    return _Hidden(value.W, numpy.zeros_like(value.k), value.s, value.k)


def _add(value, constant):
    if isinstance(value, _Linear):
        return _Linear(value.W, value.k + _row(constant, len(value.k)), value.s)
    if isinstance(value, _Hidden):
        return _Hidden(value.W, value.a, value.b, value.c + _row(constant, len(value.c)))
    return _Output(value.hidden, value.V, value.k + _row(constant, len(value.k)))


def _scale(value, constant):
    if isinstance(value, _Linear):
        s = _row(constant, len(value.k))
        return _Linear(value.W, value.k * s, value.s * s)
    if isinstance(value, _Hidden):
        s = _row(constant, len(value.c))
        return _Hidden(value.W, value.a * s, value.b * s, value.c * s)
    s = _row(constant, len(value.k))
    return _Output(value.hidden, value.V * s, value.k * s)


def _multiply(first, second):
    """Two tensors that are linear in the same t."""
    pair = []
    for value in (first, second):
        if isinstance(value, _Output):
            _refuse("outputs are multiplied")
        pair.append(_hidden(value) if isinstance(value, _Linear) else value)
    p, q = pair
    ratio = _ratio(p.W, q.W)
    if p.a.any() or q.a.any():
        _refuse("a term of degree 3 or more")
    return _Hidden(p.W, p.b * q.b * ratio, p.b * q.c + p.c * q.b * ratio, p.c * q.c)


def _ratio(W, other):
    """other = W * ratio, column by column."""
    if W.shape != other.shape:
        _refuse("tensors of %d and %d entries are multiplied" % (W.shape[1], other.shape[1]))
    largest = numpy.abs(W).argmax(axis=0), numpy.arange(W.shape[1])
    below = W[largest]
    ratio = numpy.where(below != 0, other[largest] / numpy.where(below != 0, below, 1), 0.0)
    if not numpy.allclose(W * ratio, other, rtol=1e-12, atol=0):
        _refuse("different linear functions are multiplied")
    return ratio


def _matmul(value, matrix):
    matrix = numpy.asarray(matrix, numpy.float64)
    if isinstance(value, _Linear) and matrix.ndim == 2:
        return _Linear((value.W * value.s) @ matrix, value.k @ matrix)
    if isinstance(value, _Hidden) and matrix.ndim == 2:
        return _Output(value, matrix, numpy.zeros(matrix.shape[1]))
    return _refuse("a third layer, or a matrix of %d dimensions" % matrix.ndim)


def _gemm(node, value, matrix, *rest):
    given = {a.name: helper.get_attribute_value(a) for a in node.attribute}
    if given.get("transA"):
        _refuse("Gemm with transA")
    out = _matmul(value, matrix.T if given.get("transB") else matrix)
    out = _scale(out, given.get("alpha", 1.0))
    return _add(out, given.get("beta", 1.0) * rest[0]) if rest else out


def _apply(node, values):
    """One node; constants come before."""
    kind = node.op_type
    constant = [isinstance(value, numpy.ndarray) for value in values]
    if kind in ("Identity", "Cast"):
        return values[0]
    if kind == "Gemm" and constant == [False] + [True] * (len(values) - 1):
        return _gemm(node, *values)
    if len(values) == 2 and kind in ("Add", "Mul", "MatMul", "Sub", "Div"):
        first, second = values
        if kind == "MatMul" and constant == [False, True]:
            return _matmul(first, second)
        if kind == "Sub" and constant == [False, True]:
            return _add(first, -second)
        if kind == "Div" and constant == [False, True]:
            return _scale(first, 1.0 / second)
        if kind == "Add" and constant in ([True, False], [False, True]):
            return _add(second, first) if constant[0] else _add(first, second)
        if kind == "Mul" and constant in ([True, False], [False, True]):
            return _scale(second, first) if constant[0] else _scale(first, second)
        if kind == "Mul" and not any(constant):
            return _multiply(first, second)
        if kind == "Add" and not any(constant):
            return _sum(first, second)
    return _refuse("the node %s of kind %s" % (node.name or "?", kind))


def _sum(first, second):
    """Of two tensors that are polynomials of the same t."""
    if isinstance(first, _Output) or isinstance(second, _Output):
        _refuse("outputs are added to each other")
    p, q = (_hidden(v) if isinstance(v, _Linear) else v for v in (first, second))
    ratio = _ratio(p.W, q.W)
    return _Hidden(p.W, p.a + q.a * ratio ** 2, p.b + q.b * ratio, p.c + q.c)


def _read(model):
    """The output of a graph, as it is made of its input."""
    graph = model.graph
    values = {tensor.name: numpy_helper.to_array(tensor).astype(numpy.float64)
              for tensor in graph.initializer}
    inputs = [tensor for tensor in graph.input if tensor.name not in values]
    if len(inputs) != 1 or len(graph.output) != 1:
        _refuse("%d inputs, %d outputs" % (len(inputs), len(graph.output)))
    shape = inputs[0].type.tensor_type.shape.dim
    if len(shape) != 2 or shape[1].dim_value < 1:
        _refuse("the input's shape is not n x d")
    d = shape[1].dim_value
    values[inputs[0].name] = _Linear(numpy.eye(d), numpy.zeros(d))
    for node in graph.node:
        if node.op_type == "Constant":
            values[node.output[0]] = numpy_helper.to_array(
                helper.get_attribute_value(node.attribute[0])).astype(numpy.float64)
        elif all(name in values for name in node.input):
            values[node.output[0]] = _apply(node, [values[name] for name in node.input])
        else:
            _refuse("the node %s has an input that nothing computes" % (node.name or "?"))
    out = values.get(graph.output[0].name)
    if not isinstance(out, _Output):
        _refuse("its output is not a sum of hidden units")
    return out


def _neurons(hidden, V, activation):
    """w, b, v and constant of neurons v sigma(w't + b) that are V'(a t^2 + b t + c)."""
    A, B, C = activation
    if A == 0:
        _refuse("the activation has no square; give the network as arrays instead")
    s = hidden.a / A
    if not s.all():
        _refuse("a hidden unit without a square")
    shift = (hidden.b / s - B) / (2 * A)
    shift = numpy.where(numpy.abs(shift) < ROUNDING * (numpy.abs(hidden.b / s) + abs(B)) / abs(A),
                        0.0, shift)
    whole = s * ((A * shift + B) * shift + C)
    rest = hidden.c - whole
    rest = numpy.where(numpy.abs(rest) < ROUNDING * (numpy.abs(hidden.c) + numpy.abs(whole)), 0.0,
                       rest)
    return hidden.W.T, shift, s[:, None] * V, rest @ V


def from_onnx(model, *, activation=None, bias=None, loss="squared", beta=1.0, classes=None):
    """The network of unit neurons that a graph is: linear, a polynomial of degree 2 entry by entry,
    linear, of MatMul, Gemm, Add, Sub, Mul and Div.

    model: a path or an onnx.ModelProto.  activation: that the neurons shall have; of models written
    here it is in the file.  bias, loss, beta and classes as for `zerogap.torch.from_torch`.
    """
    if not isinstance(model, onnx.ModelProto):
        model = onnx.load(os.fspath(model))
    if activation is None:
        known = {p.key: p.value for p in model.metadata_props}
        if ACTIVATION not in known:
            raise BadInputError("which activation? the model does not say: give activation=(a, b, c)")
        activation = known[ACTIVATION]
    if isinstance(activation, str):
        from ._handles import activation_of
        parsed = activation_of(activation)
        activation = (parsed.a, parsed.b, parsed.c)
    out = _read(model)
    w, b, v, constant = _neurons(out.hidden, out.V, activation)
    constant = constant + out.k
    if bias is None:
        bias = bool(b.any() or constant.any())
    return network_from_weights(numpy.ascontiguousarray(w), numpy.ascontiguousarray(v), b, constant,
                                activation=activation, bias=bias, loss=loss, beta=beta,
                                classes=classes)
