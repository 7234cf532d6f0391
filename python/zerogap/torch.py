"""Weights in and out of PyTorch.

    network = zerogap.torch.from_torch(module, loss="squared", beta=0.1)
    zerogap.certify(network, X, y, tight=True)
"""
import numpy
import torch

from ._foreign import network_from_weights
from ._library import BadInputError, UnsupportedError

POINTS = (-2.0, -1.0, 0.0, 1.0, 2.0, 3.0)  # that an activation is told by


class PolynomialNetwork(torch.nn.Module):
    """A dense network of zerogap's as a module in double precision: u (neurons x width) and alpha
    (neurons x outputs) are its parameters."""

    def __init__(self, network):
        super().__init__()
        if network.halfspaces or network.architecture != "dense":
            raise UnsupportedError("only dense networks become modules, this one is %s"
                                   % ("of half-spaces" if network.halfspaces
                                      else network.architecture))
        self.activation, self.bias = network.activation, network.bias
        self.u = torch.nn.Parameter(torch.from_numpy(network.u))
        self.alpha = torch.nn.Parameter(torch.from_numpy(network.alpha))
        for name in ("mean", "scale", "target_mean", "target_scale"):
            values = getattr(network, name)
            self.register_buffer(name, None if values is None else torch.from_numpy(values))

    def forward(self, x):
        """n x outputs, of n x inputs."""
        a, b, c = self.activation
        if self.mean is not None:
            x = (x - self.mean) / self.scale
        if self.bias:
            x = torch.cat([x, torch.ones_like(x[:, :1])], 1)
        t = x @ self.u.T
        f = ((a * t + b) * t + c) @ self.alpha
        return f if self.target_mean is None else f * self.target_scale + self.target_mean


def to_torch(network):
    """A module with the network's weights."""
    return PolynomialNetwork(network)


def _array(tensor):
    return None if tensor is None else tensor.detach().cpu().numpy().astype(numpy.float64)


def _measure(function):
    """a, b, c of an activation, found by its values; it must be a polynomial of degree 2."""
    t = torch.tensor(POINTS, dtype=torch.float64)
    values = _array(function(t))
    coefficients = numpy.polyfit(POINTS, values, 2)
    coefficients[numpy.abs(coefficients) < 1e-12 * numpy.abs(values).max()] = 0.0
    if numpy.abs(numpy.polyval(coefficients, POINTS) - values).max() > 1e-6 * max(
            1.0, numpy.abs(values).max()):
        raise UnsupportedError("the activation between the two layers is no polynomial of degree 2")
    short = numpy.array([float("%.6g" % number) for number in coefficients])
    exact = numpy.abs(numpy.polyval(short, POINTS) - values).max() < 1e-12 * max(
        1.0, numpy.abs(values).max())
    return tuple(short if exact else coefficients)


def _layers(module):
    """The two linear layers of a module, and the function between them where it can be told."""
    linear = [m for m in module.modules() if isinstance(m, torch.nn.Linear)]
    if len(linear) != 2:
        raise UnsupportedError("expected a module with two linear layers, found %d" % len(linear))
    between = None
    if isinstance(module, torch.nn.Sequential):
        parts = list(module)
        if parts[0] is not linear[0] or parts[-1] is not linear[1]:
            raise UnsupportedError("expected linear, activation, linear, found %s"
                                   % ", ".join(type(part).__name__ for part in parts))
        if len(parts) > 2:
            between = torch.nn.Sequential(*parts[1:-1])
    return linear[0], linear[1], between


def _check(module, network, inputs, single):
    """The network must be what the module computes, whatever its forward does; but for its miss."""
    x = numpy.random.RandomState(0).randn(64, inputs)
    kind = torch.float32 if single else torch.float64
    with torch.no_grad():
        theirs = _array(module(torch.from_numpy(x).to(kind))).reshape(64, -1)
    ours = network.decision_function(x).reshape(64, -1) + network.miss
    scale = max(1.0, numpy.abs(theirs).max())
    difference = numpy.abs(ours - theirs).max() / scale
    if not difference <= (1e-3 if single else 1e-9):
        raise BadInputError("the module does not compute what its two layers with this activation "
                            "do: outputs differ by %.2g of the largest" % difference)


def from_torch(module, *, activation=None, bias=None, loss="squared", beta=1.0, classes=None):
    """The network of unit neurons that a module with two linear layers is, whatever the size of its
    weights and biases, for `zerogap.certify`.

    activation: as for `zerogap.train`; told by itself of a torch.nn.Sequential with three parts.
    bias: whether the network has the input 1 behind the others; by default it has where the module
    has biases.  Without it `miss` of the network says, for each output, by how much the module's
    constant is larger than what unit neurons can represent.  loss, beta and classes are recorded in
    it.  What the module computes is compared with the network.
    """
    if isinstance(module, PolynomialNetwork):
        if module.mean is not None or module.target_mean is not None:
            raise UnsupportedError("the module standardises by itself: certify its network instead")
        u, bias = _array(module.u), module.bias
        w, b = (u[:, :-1], u[:, -1]) if bias else (u, None)
        v, constant, single = _array(module.alpha), None, module.u.dtype != torch.float64
        activation = activation or module.activation
    else:
        first, second, between = _layers(module)
        w, b = _array(first.weight), _array(first.bias)
        v, constant = _array(second.weight).T, _array(second.bias)
        single = first.weight.dtype != torch.float64
        if activation is None:
            if between is None:
                raise BadInputError("which activation? give activation=\"relu2\" or (a, b, c)")
            activation = _measure(between)
    if bias is None:
        bias = b is not None or constant is not None
    network = network_from_weights(numpy.ascontiguousarray(w), numpy.ascontiguousarray(v), b,
                                   constant, activation=activation, bias=bias, loss=loss, beta=beta,
                                   classes=classes, single=single)
    _check(module, network, w.shape[1], single)
    return network
