#!/usr/bin/env python3
"""Particles on their way to a target exp(-V), moved in three ways, and a picture of it.

  certified  along -grad Phi, Phi the polynomial network that is proven best at every step
             (docs/functionals.md, "Where particles should go")
  score      along -grad V - grad log rho, rho a kernel density estimate of the particles
  kernel     Stein variational gradient descent

Usage: particles.py [gaussian|quartic] [-o PICTURE.svg] [--particles N] [--steps N] [--seed S]"""
import argparse
import math

import numpy
import zerogap

GRADIENT = {"gaussian": lambda x: x, "quartic": lambda x: x ** 3}  # V = |x|^2/2, sum x_k^4/4
STEP = {"certified": 0.02, "score": 0.02, "kernel": 0.2}  # its field is a mean over all particles


def draw_target(potential, count, random):
    """A sample of exp(-V), each coordinate by the inverse of its distribution."""
    grid = numpy.linspace(-5, 5, 20001)
    density = numpy.exp(-grid ** 2 / 2 if potential == "gaussian" else -grid ** 4 / 4)
    share = numpy.cumsum(density) / density.sum()
    return numpy.interp(random.uniform(size=(count, 2)), share, grid)


def pairs(x, y):
    difference = x[:, None] - y[None]
    return difference, (difference ** 2).sum(axis=2)


def certified(x, gradient):
    """The field of the best network: by Stein's identity a squared loss on its slopes."""
    n, centred = len(x), x - x.mean(axis=0)
    field = gradient(x) - centred @ numpy.linalg.inv(centred.T @ centred / n)
    network = zerogap.train(x, field, rows="slopes", beta=0.001 * n)
    if not network.certified:
        raise SystemExit("a direction is not certified: gap %g" % network.gap)
    form = network.form()
    return -(2 * x @ form.P + form.q)


def score(x, gradient):
    """Silverman's bandwidth, one for both coordinates."""
    n = len(x)
    difference, square = pairs(x, x)
    width = x.std(axis=0).mean() * n ** (-1 / 6)
    weight = numpy.exp(-square / (2 * width ** 2))
    slope = -(weight[:, :, None] * difference).sum(axis=1) / weight.sum(axis=1)[:, None] / width ** 2
    return -gradient(x) - slope


def kernel(x, gradient):
    """The bandwidth by the median of the distances, as its authors choose it."""
    n = len(x)
    difference, square = pairs(x, x)
    width = max(numpy.median(square) / math.log(n + 1), 1e-12)
    weight = numpy.exp(-square / width)
    repulsion = 2 / width * (weight[:, :, None] * difference).sum(axis=1)
    return (-weight @ gradient(x) + repulsion) / n


def distance(x, y):
    """The energy distance of two samples: 0 for equal distributions, nothing else is."""
    def mean(a, b):
        return numpy.sqrt(pairs(a, b)[1]).mean()
    return 2 * mean(x, y) - mean(x, x) - mean(y, y)


def move(direction, start, gradient, steps):
    path = [start]
    for _ in range(steps):
        path.append(path[-1] + STEP[direction.__name__] * direction(path[-1], gradient))
    return numpy.array(path)


def draw(paths, target, low, high):
    """A panel for each way: of the target some points, grey; paths, and where they end."""
    size, margin = 260, 24
    width = len(paths) * (size + margin) + margin

    def place(point, left):
        x, y = (numpy.clip(point, low, high) - low) / (high - low) * size
        return "%.1f,%.1f" % (left + x, margin + size - y)

    lines = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" '
             'role="img" font-family="sans-serif" font-size="12">' % (width, size + 3 * margin, width,
                                                                      size + 3 * margin),
             "<title>Particles moved to a target in three ways</title>",
             '<rect width="100%" height="100%" fill="#fff"/>']
    for k, (name, path) in enumerate(paths.items()):
        left = margin + k * (size + margin)
        lines.append('<rect x="%d" y="%d" width="%d" height="%d" fill="none" stroke="#999"/>'
                     % (left, margin, size, size))
        for point in target[:100]:
            x, y = place(point, left).split(",")
            lines.append('<circle cx="%s" cy="%s" r="1.5" fill="#ccc"/>' % (x, y))
        for i in range(path.shape[1]):
            lines.append('<polyline fill="none" stroke="#1f77b4" stroke-opacity="0.35" points="%s"/>'
                         % " ".join(place(point, left) for point in path[::30, i]))
        for point in path[-1]:
            x, y = place(point, left).split(",")
            lines.append('<circle cx="%s" cy="%s" r="2.5" fill="#d62728"/>' % (x, y))
        lines.append('<text x="%d" y="%d">%s: energy distance %.4f</text>'
                     % (left, size + 2 * margin, name, distance(path[-1], target)))
    return "\n".join([*lines, "</svg>", ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("potential", nargs="?", default="gaussian", choices=list(GRADIENT))
    parser.add_argument("-o", "--output", metavar="PICTURE.svg")
    parser.add_argument("--particles", type=int, default=60)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--seed", type=int, default=21)
    a = parser.parse_args()
    random, gradient = numpy.random.RandomState(a.seed), GRADIENT[a.potential]
    start = random.standard_normal((a.particles, 2)) * [0.6, 1.6] + [1.5, 0.5]
    target = draw_target(a.potential, 400, random)
    paths = {way.__name__: move(way, start, gradient, a.steps) for way in (certified, score, kernel)}
    print("%-10s %10s" % ("start", "%.4f" % distance(start, target)))
    for name, path in paths.items():
        print("%-10s %10.4f" % (name, distance(path[-1], target)))
    if a.output:
        with open(a.output, "w") as file:
            file.write(draw(paths, target, -3.0, 4.0))


if __name__ == "__main__":
    main()
