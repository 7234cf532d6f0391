#!/usr/bin/python3
"""cvxopt_sdpa.py PROBLEM SOLUTION: a program in SDPA's sparse format by CVXOPT's conelp.

The program is  min a'y  subject to  sum_k y_k A_k - C >= 0  with the multiplier X, which is conelp's
form with G = -[A_1 .. A_m], h = -C.  SOLUTION gets CSDP's layout: y on the first line, then
"matrix block row column value", matrix 1 the slack Z and 2 the multiplier X.
Exit status: 0 optimal, 10 infeasible, 11 unbounded, 12 an answer that it is not sure of, 13 no CVXOPT;
1 is Python's own, for an exception: no claim may share it.
"""
import sys

try:
    import cvxopt
    from cvxopt import matrix, solvers, spmatrix
except ImportError as missing:
    print(missing)
    sys.exit(13)


def read(path):
    """Costs, signed orders of the blocks (diagonal ones negative), entries."""
    with open(path, encoding="ascii") as file:
        lines = [line for line in file if line[0] not in '*"']
    words = " ".join(lines).translate(str.maketrans("(){},", "     ")).split()
    variables, blocks = int(words[0]), int(words[1])
    orders = [int(word) for word in words[2:2 + blocks]]
    at = 2 + blocks + variables
    cost = [float(word) for word in words[2 + blocks:at]]
    rows = zip(*(iter(words[at:]),) * 5)
    entries = [(int(k), int(b) - 1, int(i) - 1, int(j) - 1, float(v)) for k, b, i, j, v in rows]
    return cost, orders, entries


def solve(cost, orders, entries):
    """conelp's result, and where every block begins: the diagonal blocks are its cone "l"."""
    linear = [b for b, order in enumerate(orders) if order < 0]
    conic = [b for b, order in enumerate(orders) if order > 0]
    start, total = {}, 0
    for b in linear + conic:
        start[b] = total
        total += -orders[b] if orders[b] < 0 else orders[b] ** 2
    h = matrix(0.0, (total, 1))
    values, rows, columns = [], [], []
    for k, b, i, j, value in entries:
        places = [start[b] + i] if orders[b] < 0 else {start[b] + i * orders[b] + j,
                                                       start[b] + j * orders[b] + i}
        for place in places:
            if k == 0:
                h[place] = -value
            else:
                values.append(-value)
                rows.append(place)
                columns.append(k - 1)
    g = spmatrix(values, rows, columns, (total, len(cost)))
    dims = {"l": sum(-orders[b] for b in linear), "q": [], "s": [orders[b] for b in conic]}
    solvers.options.update(abstol=1e-9, reltol=1e-9, feastol=1e-9, show_progress=False)
    # "ldl" takes constraints that are linearly dependent, too
    return solvers.conelp(matrix(cost), g, h, dims, kktsolver="ldl"), start


def write(path, result, orders, start):
    with open(path, "w", encoding="ascii") as file:
        file.write(" ".join(f"{y:.17e}" for y in result["x"]) + "\n")
        for number, values in ((1, result["s"]), (2, result["z"])):
            for b, order in enumerate(orders):
                for i in range(abs(order)):
                    for j in range(i, order) if order > 0 else (i,):
                        # conelp speaks of the lower triangle only
                        place = start[b] + (i * order + j if order > 0 else i)
                        file.write(f"{number} {b + 1} {i + 1} {j + 1} {values[place]:.17e}\n")


def main():
    cost, orders, entries = read(sys.argv[1])
    print("CVXOPT version", cvxopt.__version__)
    result, start = solve(cost, orders, entries)
    print("status:", result["status"])
    if result["status"] == "dual infeasible":  # the problem in y is unbounded: no X
        return 10
    if result["status"] == "primal infeasible":
        return 11
    write(sys.argv[2], result, orders, start)
    print("vector objective", repr(result["primal objective"]))
    print("matrix objective", repr(result["dual objective"]))
    return 0 if result["status"] == "optimal" else 12


sys.exit(main())
