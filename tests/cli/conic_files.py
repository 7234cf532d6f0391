"""Readers of SDPA's sparse format and of the Conic Benchmark Format, and the semidefinite program of
a training problem, all in fractions: nothing here is shared with the program under test.

A program is (cost, blocks, entries): cost a list; blocks a list of (kind, order) with kind "s" (a
matrix), "l" or "q" (vectors); entries {(matrix, block, row, column): value}, matrix 0 being F0, rows
not above columns, all from 0 but the matrices."""
import csv
import re
from fractions import Fraction


def number(text):
    return Fraction(float.fromhex(text) if "x" in text else float(text))


def read_sdpa(path):
    with open(path, encoding="ascii") as file:
        lines = [line for line in file if line[0] not in '"*']
    variables, count = int(lines[0].split()[0]), int(lines[1].split()[0])
    sizes = [int(word) for word in re.findall(r"-?\d+", lines[2])]
    cost = [number(word) for word in lines[3].split()]
    assert len(sizes) == count and len(cost) == variables
    blocks = [("l" if size < 0 else "s", abs(size)) for size in sizes]
    entries = {}
    for line in lines[4:]:
        matrix, block, row, column, value = line.split()
        place = (int(matrix), int(block) - 1, int(row) - 1, int(column) - 1)
        assert place not in entries and place[2] <= place[3]
        entries[place] = number(value)
    return cost, blocks, entries


def read_cbf(path):
    with open(path, encoding="ascii") as file:
        lines = [line.strip() for line in file if line.strip() and line[0] != "#"]
    part, at = {}, 0
    while at < len(lines):
        keyword = lines[at]
        head = lines[at + 1].split()
        length = {"VER": 0, "OBJSENSE": 0, "VAR": 1, "CON": 1}.get(keyword)
        length = int(head[0]) if length is None else int(head[length]) if length else 0
        assert keyword not in part
        part[keyword] = head, [line.split() for line in lines[at + 2:at + 2 + length]]
        at += 2 + length
    assert int(part["VER"][0][0]) >= 3 and part["OBJSENSE"][0] == ["MIN"]
    variables = int(part["VAR"][0][0])
    assert part["VAR"][1] == [["F", str(variables)]]
    cost = [Fraction(0)] * variables
    for variable, value in part.get("OBJACOORD", (0, []))[1]:
        cost[int(variable)] = number(value)
    blocks = [("s", int(row[0])) for row in part.get("PSDCON", (0, []))[1]]
    matrices, place_of = len(blocks), []
    for cone, size in part.get("CON", (0, []))[1]:
        place_of += [(len(blocks), k) for k in range(int(size))]
        blocks.append(({"L+": "l", "Q": "q"}[cone], int(size)))
    entries = {}

    def put(place, value):
        assert place not in entries and value != 0
        entries[place] = value

    for block, variable, row, column, value in part.get("HCOORD", (0, []))[1]:
        assert int(block) < matrices and int(row) >= int(column)
        put((int(variable) + 1, int(block), int(column), int(row)), number(value))
    for block, row, column, value in part.get("DCOORD", (0, []))[1]:
        put((0, int(block), int(column), int(row)), -number(value))
    for row, variable, value in part.get("ACOORD", (0, []))[1]:
        block, k = place_of[int(row)]
        put((int(variable) + 1, block, k, k), number(value))
    for row, value in part.get("BCOORD", (0, []))[1]:
        block, k = place_of[int(row)]
        put((0, block, k, k), -number(value))
    return cost, blocks, entries


def patches(architecture, inputs):
    """Groups of patches, each a list of inputs."""
    if architecture == "dense":
        return [[list(range(inputs))]]
    words = dict(re.findall(r"(\w+)=(\w+)", architecture))
    size, stride = int(words["filter"]), int(words.get("stride", 1))
    all_patches = [list(range(k, k + size)) for k in range(0, inputs - size + 1, stride)]
    pool = words.get("pool", "none")
    width = {"none": 1, "global": len(all_patches)}.get(pool) or int(pool)
    return [all_patches[k:k + width] for k in range(0, len(all_patches) - width + 1, width)]


def lift(row, group, activation, bordered):
    a, b, c = activation
    order = len(group[0]) + bordered
    matrix = [[Fraction(0)] * order for _ in range(order)]
    for patch in group:
        x = [row[k] for k in patch]
        for i, left in enumerate(x):
            for j, right in enumerate(x):
                matrix[i][j] += a * left * right
            if bordered:
                matrix[i][-1] += b * left / 2
        if bordered:
            matrix[-1][-1] += c
    return [[value / len(group) for value in line] for line in matrix]


def loss_of(text, y):
    """The dual loss v p - q v^2 on low <= v <= high: p, q, low, high."""
    name, _, delta = text.partition(":")
    one, half = Fraction(1), Fraction(1, 2)
    if name == "squared":
        return y, half, None, None
    if name == "absolute":
        return y, 0, -one, one
    if name == "huber":
        bound = number(delta or "1")
        return y, half, -bound, bound
    if name == "interpolate":
        return y, 0, None, None
    high = one if name == "hinge" else None
    low, high = (Fraction(0), high) if y > 0 else (None if high is None else -high, Fraction(0))
    return y, (half if name == "squared-hinge" else 0), low, high


def problem_of(row, data_path):
    """What a row of the table and its data say: x, y, activation, beta."""
    with open(data_path, encoding="ascii", newline="") as file:
        table = [[number(word) for word in line] for line in list(csv.reader(file))[1:]]
    activation = [number(word) for word in row["activation"].split(",")]
    return [line[:-1] for line in table], [line[-1] for line in table], activation, number(row["beta"])


def pose(row, data_path, conic):
    """The training dual, minimised, of a row of the table; conic: one second-order cone."""
    x, y, activation, beta = problem_of(row, data_path)
    groups = patches(row["architecture"], len(x[0]))
    bordered = any(activation[1:])
    losses = [loss_of(row["loss"], value) for value in y]
    n, order = len(x), len(groups[0][0]) + bordered
    multipliers = 2 * len(groups) if bordered else 0
    curved = [i for i in range(n) if losses[i][1]]
    joined = conic and bool(curved)
    cost = [-loss[0] for loss in losses] + [Fraction(0)] * multipliers
    cost += [Fraction(1)] if joined else [losses[i][1] for i in curved]
    blocks = [("s", order)] * (2 * len(groups))
    entries = {}
    for g, group in enumerate(groups):
        for sign in range(2):
            for k in range(order - 1 if bordered else 0, order):
                entries[0, 2 * g + sign, k, k] = -beta
            for k in range(order if bordered else 0):
                entries[n + 2 * g + sign + 1, 2 * g + sign, k, k] = Fraction(-1 if k == order - 1 else 1)
        for i in range(n):
            matrix = lift(x[i], group, activation, bordered)
            for r in range(order):
                for c in range(r, order):
                    entries[i + 1, 2 * g, r, c] = -matrix[r][c]
                    entries[i + 1, 2 * g + 1, r, c] = matrix[r][c]
    if joined:
        block, t = len(blocks), len(cost)
        blocks.append(("q", len(curved) + 2))
        entries[0, block, 0, 0], entries[0, block, 1, 1] = Fraction(-1, 2), Fraction(1, 2)
        entries[t, block, 0, 0] = entries[t, block, 1, 1] = Fraction(1)
        for k, i in enumerate(curved):
            entries[i + 1, block, k + 2, k + 2] = Fraction(1)
    else:
        for k, i in enumerate(curved):
            block = len(blocks)
            blocks.append(("s", 2))
            entries[0, block, 0, 0] = Fraction(-1)
            entries[i + 1, block, 0, 1] = Fraction(1)
            entries[n + multipliers + k + 1, block, 1, 1] = Fraction(1)
    line = 0
    for i, (_, _, low, high) in enumerate(losses):
        for bound, sign in ((low, 1), (high, -1)):
            if bound is not None:
                entries[0, len(blocks), line, line] = sign * bound
                entries[i + 1, len(blocks), line, line] = Fraction(sign)
                line += 1
    if line:
        blocks.append(("l", line))
    return cost, blocks, {place: value for place, value in entries.items() if value != 0}


def honest_answer(row, certificate, data_path):
    """y and X of the SDPA file from an exact certificate of a dense problem, in fractions."""
    x, y, activation, _ = problem_of(row, data_path)
    cost, blocks, entries = pose(row, data_path, False)
    v = [number(word) for word in certificate["dual"]]
    bordered, d = any(activation[1:]), len(x[0])
    rho = [number(word) for word in certificate["rho"]] if bordered else []
    u = [number(word) for word in certificate["neurons"]]
    neurons = [u[k:k + d] + [Fraction(1)] * bordered for k in range(0, len(u), d)]
    blocks_x = []
    for sign in (1, -1):
        z = [[Fraction(0)] * (d + bordered) for _ in range(d + bordered)]
        for alpha, unit in zip(certificate["alpha"], neurons):
            weight = sign * number(alpha)
            for i, left in enumerate(unit if weight > 0 else []):
                for j, right in enumerate(unit):
                    z[i][j] += weight * left * right
        blocks_x.append(z)
    for value in v if blocks[-1] == ("s", 2) and len(blocks) > 2 else []:
        blocks_x.append([[value * value / 2, -value / 2], [-value / 2, Fraction(1, 2)]])
    epigraphs = [value * value for value in v] if len(blocks) > 2 else []
    return v + rho + epigraphs, blocks_x
