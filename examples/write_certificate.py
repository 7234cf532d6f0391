"""Trains a small network with NumPy alone and writes a certificate of how good it is, as
docs/certificate.md says:  write_certificate.py DATA.csv BETA OUT.json
DATA.csv has a header and its target in the last column; activation relu2, squared loss, dense."""
import hashlib, json, sys
import numpy as np

A, B, C = 0.09, 0.5, 0.47
sigma = lambda t: A * t * t + B * t + C

def forms(X, v):
    """Q, g, s with sum_i v_i sigma(x_i . u) = u'Qu + 2 g'u + s."""
    return A * X.T @ (v[:, None] * X), B / 2 * X.T @ v, C * v.sum()

def sphere_bound(Q, g):
    """Every rho above Q's eigenvalues bounds u'Qu + 2 g'u by rho + g'(rho I - Q)^-1 g: the least."""
    w, V = np.linalg.eigh(Q)
    h, top = V.T @ g, w[-1]
    value = lambda t: top + t + np.sum(h * h / (top + t - w))
    t = min(np.geomspace(1e-12 * (1 + abs(w).max()), 1 + 4 * abs(h).sum(), 2000), key=value)
    return value(t), top + t

def new_neurons(X, v, rng):
    """Local maxima of |sum_i v_i sigma(x_i . u)| on the sphere, by shifted power steps."""
    for sign in (1, -1):
        Q, g, _ = forms(X, sign * v)
        for u in rng.standard_normal((4, X.shape[1])):
            for _ in range(200):
                u = Q @ u + g + np.abs(np.linalg.eigvalsh(Q)).max() * u
                u /= np.linalg.norm(u)
            yield u

def train(X, y, beta, rounds=12):
    rng, U, alpha = np.random.default_rng(0), np.zeros((0, X.shape[1])), np.zeros(0)
    for _ in range(rounds):
        U = np.vstack([U, *new_neurons(X, y - sigma(X @ U.T) @ alpha, rng)])
        alpha, P = np.append(alpha, np.zeros(len(U) - len(alpha))), sigma(X @ U.T)
        r, norms = y - P @ alpha, (P * P).sum(0)
        for j in list(range(len(alpha))) * 200:  # the penalised fit, one weight at a time
            t = P[:, j] @ r + norms[j] * alpha[j]
            a = np.sign(t) * max(abs(t) - beta, 0) / norms[j]
            r, alpha[j] = r + P[:, j] * (alpha[j] - a), a
        U, alpha = U[alpha != 0], alpha[alpha != 0]
    return U, alpha

table, beta = np.loadtxt(sys.argv[1], delimiter=",", skiprows=1), float(sys.argv[2])
X, y, hexes = table[:, :-1].copy(), table[:, -1].copy(), lambda a: [float(x).hex() for x in np.ravel(a)]
U, alpha = train(X, y, beta)
v = y - sigma(X @ U.T) @ alpha  # the dual vector: the residual, scaled into the cones
upper = (v @ v / 2 + beta * abs(alpha).sum()) * (1 + 1e-12)
(Q, g, s), digest = forms(X, v), hashlib.sha256(X.astype("<f8").tobytes() + y.astype("<f8").tobytes())
(plus, rho_plus), (minus, rho_minus) = sphere_bound(Q, g), sphere_bound(-Q, -g)
scale = min(1, beta / (1 + 1e-9) / max(plus + s, minus - s))
lower = (scale * v @ y - scale**2 * v @ v / 2) * (1 - 1e-12)
json.dump({"format": "zerogap-certificate/1", "header": True, "columns": X.shape[1] + 1, "targets": [X.shape[1]],
           "samples": len(y), "digest": digest.hexdigest(), "task": "regression", "activation": hexes([A, B, C]),
           "architecture": "dense", "loss": "squared", "beta": beta.hex(), "lower": lower.hex(), "upper": upper.hex(),
           "gap": ((upper - lower) / max(1, upper) * (1 + 1e-9)).hex(), "groups": [0] * len(alpha), "neurons": hexes(U),
           "alpha": hexes(alpha), "dual": hexes(scale * v), "rho": hexes([scale * rho_plus, scale * rho_minus])}, open(sys.argv[3], "w"))
