"""Trains a small network with NumPy alone and writes a certificate of how good it is, as
docs/certificate.md says:  write_certificate.py DATA.csv BETA OUT.json
DATA.csv has a header and its target in the last column; activation relu2, squared loss, dense."""
import hashlib, json, sys
import numpy as np

A, B, C = 0.09, 0.5, 0.47

def sigma(t):
    return A * t * t + B * t + C

def forms(X, v):
    """Q, g, s with sum_i v_i sigma(x_i . u) = u'Qu + 2 g'u + s for unit u."""
    return A * X.T @ (v[:, None] * X), B / 2 * X.T @ v, C * v.sum()

def sphere_bound(Q, g):
    """The least rho + g'(rho I - Q)^-1 g over rho above Q's eigenvalues bounds the maximum."""
    w, V = np.linalg.eigh(Q)
    h = V.T @ g
    value = lambda t: w[-1] + t + np.sum(h * h / (w[-1] + t - w))
    steps = np.exp(np.linspace(np.log(1e-9 + 1e-9 * abs(w).max()), np.log(1 + 4 * abs(h).sum()), 4000))
    t = min(steps, key=value)
    return value(t), w[-1] + t

def new_neurons(X, v, rng):
    """Local maxima of |sum_i v_i sigma(x_i . u)| on the sphere, by shifted power steps."""
    for sign in (1, -1):
        Q, g, _ = forms(X, sign * v)
        shift = np.abs(np.linalg.eigvalsh(Q)).max()
        for u in rng.standard_normal((8, X.shape[1])):
            for _ in range(300):
                u = Q @ u + g + shift * u
                u /= np.linalg.norm(u)
            yield u

def train(X, y, beta, rounds=40):
    rng, U, alpha = np.random.default_rng(0), np.zeros((0, X.shape[1])), np.zeros(0)
    for _ in range(rounds):
        new = np.array(list(new_neurons(X, y - sigma(X @ U.T) @ alpha, rng)))
        U, alpha = np.vstack([U, new]), np.append(alpha, np.zeros(len(new)))
        P = sigma(X @ U.T)
        r, norms = y - P @ alpha, (P * P).sum(0)
        for j in list(range(len(alpha))) * 300:  # the penalised fit, one weight at a time
            t = P[:, j] @ r + norms[j] * alpha[j]
            a = np.sign(t) * max(abs(t) - beta, 0) / norms[j]
            r += P[:, j] * (alpha[j] - a)
            alpha[j] = a
        U, alpha = U[alpha != 0], alpha[alpha != 0]
    return U, alpha

def main(path, beta, out):
    table = np.loadtxt(path, delimiter=",", skiprows=1)
    X, y, beta = table[:, :-1].copy(), table[:, -1].copy(), float(beta)
    U, alpha = train(X, y, beta)
    v = y - sigma(X @ U.T) @ alpha
    upper = (v @ v / 2 + beta * abs(alpha).sum()) * (1 + 1e-12)
    (Q, g, s), hexes = forms(X, v), lambda a: [float(x).hex() for x in np.ravel(a)]
    bounds = [sphere_bound(k * Q, k * g) for k in (1, -1)]
    scale = min(1, beta / (1 + 1e-9) / max(bounds[0][0] + s, bounds[1][0] - s))
    v, rho = scale * v, [scale * b[1] for b in bounds]
    lower = (v @ y - v @ v / 2) * (1 - 1e-12)
    gap = (upper - lower) / max(1, upper) * (1 + 1e-9)
    json.dump({"format": "zerogap-certificate/1", "header": True, "columns": X.shape[1] + 1,
               "targets": [X.shape[1]], "samples": len(y),
               "digest": hashlib.sha256(X.astype("<f8").tobytes() + y.astype("<f8").tobytes()).hexdigest(),
               "task": "regression", "activation": hexes([A, B, C]), "architecture": "dense",
               "loss": "squared", "beta": beta.hex(), "lower": lower.hex(), "upper": upper.hex(),
               "gap": gap.hex(), "groups": [0] * len(alpha), "neurons": hexes(U), "alpha": hexes(alpha),
               "dual": hexes(v), "rho": hexes(rho)}, open(out, "w"), indent=1)

main(*sys.argv[1:])
