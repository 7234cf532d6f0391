#!/usr/bin/python3
"""Writes run.ndjson, the run that the golden reports are made of: invented figures, every kind of
outcome, curves shaped like real ones.  Deterministic:
    /usr/bin/python3 make_log.py > run.ndjson
    /usr/bin/python3 make_log.py small > small.ndjson
"""
import hashlib
import json
import math
import random
import sys
import zlib

rng = random.Random(7)
SMALL = sys.argv[1:] == ["small"]
now = 0.0


def emit(**event):
    line = json.dumps(event, separators=(",", ":"), ensure_ascii=False)[:-1]
    print(f'{line},"crc":"{zlib.crc32(line.encode()):08x}"}}')


def number(value, digits=12):
    return float(f"{value:.{digits}g}")


PROVENANCE = {
    "version": "0.1.0", "commit": "4c1f0e2", "dirty": False,
    "compiler": "gcc 12.2.0", "flags": "-O3 -ffp-contract=off",
    "cpu": "Example CPU @ 2.60GHz", "cores": 2, "memory_bytes": 25025486848,
    "blas": {"name": "OpenBLAS 0.3.21", "core": "Haswell", "threads": 1},
    "libraries": {"csdp": "6.2.0", "glpk": "5.0", "jansson": "2.14"},
}


def run(suite, start):
    emit(event="run_started", t=0.0, format="zerogap-events/1", suite=suite,
         digest=hashlib.sha256(suite.encode()).hexdigest(),
         command=["zerogap", "run", f"suites/{suite}.yaml", "-o", "run.ndjson"],
         started=start, tolerance=1e-6, limits={"seconds": 60, "memory_mb": 4096},
         provenance=PROVENANCE)


def convex_curve(optimum, seconds, steps, final):
    for k in range(steps):
        gap = 3.0 * (final / 3.0)**((k + 1) / steps)
        yield (seconds * (k + 1) / steps, optimum * (1 + gap * 0.4), optimum * (1 - gap * 0.6),
               {"iteration": k + 1})


def local_curve(optimum, seconds, above, bound_gap, epochs):
    steps = 16
    for k in range(steps):
        share = ((k + 1) / steps)**2.5
        excess = above + 8.0 * math.exp(-7 * (k + 1) / steps) * (1 + 0.1 * rng.random())
        bound = optimum * (1 - bound_gap * (1 + 6 * math.exp(-6 * (k + 1) / steps)))
        yield (seconds * share, optimum * (1 + excess), bound, {"epoch": int(epochs * share) + 1})


def case(data, model, method, curve, verdict, seconds=None, neurons=None, train=None, test=None,
         rss=40e6, message=None, unit="iteration", samples=0, wrong_by=0.0, extra=None,
         finish=True):
    global now
    label = " ".join(f"{k}={v}" for k, v in method.items() if k != "method")
    name = f"{data['name']}/{model['loss']},beta={model['beta']}/{method['method']}" + (
        f" {label}" if label else "")
    key = hashlib.sha256(json.dumps([data, model, method], sort_keys=True).encode()).hexdigest()
    key = key[:32]
    emit(event="case_started", t=number(now, 6), case=name, key=key, data=data, model=model,
         method=method)
    points = [] if curve is None else list(curve)
    best = (math.inf, -math.inf)
    for at, objective, bound, step in points:
        best = (min(best[0], objective), max(best[1], bound))
        emit(event="progress", t=number(now + at, 6), case=name, seconds=number(at, 6),
             objective=number(best[0]), bound=number(best[1]), **step)
    if not finish:
        return
    seconds = seconds if seconds is not None else (points[-1][0] if points else 0.0)
    now += seconds
    end = {"event": "case_finished", "t": number(now, 6), "case": name, "key": key,
           "verdict": verdict}
    if points and verdict in ("proven", "certified", "uncertified", "wrong"):
        objective = best[0] - wrong_by
        end.update(objective=number(objective), bound=number(best[1]),
                   gap=number((objective - best[1]) / max(1, abs(objective)), 6))
        end.update(seconds=number(seconds, 6), cpu_seconds=number(seconds * 0.98, 6),
                   peak_rss_bytes=int(rss), neurons=neurons,
                   iterations=list(points[-1][3].values())[0], unit=unit, train=train)
        if test:
            end["test"] = test
        if method["method"] in ("csdp", "ipm"):
            end["dimacs"] = [number(rng.random() * 1e-9, 3) for _ in range(6)]
        if samples:
            end["samples"] = [number(seconds * math.exp(rng.gauss(0, 0.03)), 6)
                              for _ in range(samples)]
        end["timing"] = "solo"
    else:
        end.update(seconds=number(seconds, 6), peak_rss_bytes=int(rss))
    end.update(extra or {})
    if message:
        end["message"] = message
    emit(**end)


def planted(name, n, d, optimum):
    data = {"name": name, "generator": "planted", "n": n, "d": d, "neurons": 5, "seed": 0}
    size = n * d
    for beta in (0.1, 1):
        model = {"activation": "relu2", "loss": "squared", "beta": beta}
        p = optimum * (beta / 0.1)**0.6
        scores = {"loss": number(p * 0.4), "rmse": number(math.sqrt(p / n), 6)}
        slow = 2.0e-9 * n * n * d * d
        fast = 4.0e-9 * n * n * d
        case(data, model, {"method": "csdp"}, convex_curve(p, 0.02 + slow, 14, 2e-7), "certified",
             neurons=11, train=scores, rss=60e6 + 60 * n * n, samples=5)
        case(data, model, {"method": "ipm"}, convex_curve(p, 0.004 + fast, 15, 4e-9),
             "proven" if name == "official" else "certified", neurons=11, train=scores,
             rss=38e6 + 8 * n * n, samples=5)
        for rate in (0.01, 0.1):
            for seed in (0, 1):
                above = 0.04 + 0.1 * abs(math.log10(rate / 0.02)) + 0.02 * rng.random()
                case(data, model, {"method": "adam", "neurons": 50, "learning_rate": rate,
                                   "epochs": 2000, "seed": seed},
                     local_curve(p, 0.15 + 3e-5 * size, above, 0.3, 2000), "uncertified",
                     neurons=50, train={"loss": number(p * 0.5),
                                        "rmse": number(1.05 * math.sqrt(p / n), 6)},
                     rss=30e6 + 16 * size, unit="epoch")
        case(data, model, {"method": "sgd", "neurons": 50, "learning_rate": 0.001, "seed": 0},
             local_curve(p, 0.2 + 4e-5 * size, 1.2, 0.5, 2000), "uncertified", neurons=50,
             train={"loss": number(p), "rmse": number(1.6 * math.sqrt(p / n), 6)},
             rss=30e6 + 16 * size, unit="epoch")


def classes(name, n, d, optimum, accuracy):
    data = {"name": name, "source": name, "task": "binary", "standardize": True, "n": n, "d": d,
            "split": {"train": 0.8, "seed": 0}}
    for loss, p in (("squared", optimum), ("logistic", optimum * 1.4)):
        model = {"activation": "relu2", "loss": loss, "beta": 1}
        case(data, model, {"method": "csdp"},
             None if loss == "logistic" else convex_curve(p, 6e-9 * n * n * d * d, 17, 6e-7),
             "skipped" if loss == "logistic" else "certified", neurons=9,
             train={"loss": number(p * .6), "accuracy": accuracy + 0.012},
             test={"loss": number(p * .2), "accuracy": accuracy}, rss=240e6,
             message="csdp does not treat the logistic loss; ipm does"
             if loss == "logistic" else None)
        case(data, model, {"method": "ipm"}, convex_curve(p, 7e-9 * n * n * d, 16, 7e-8),
             "certified", neurons=9, train={"loss": number(p * .6), "accuracy": accuracy + 0.012},
             test={"loss": number(p * .2), "accuracy": accuracy}, rss=90e6)
        for seed in (0, 1):
            case(data, model, {"method": "adam", "neurons": 50, "learning_rate": 0.01,
                               "epochs": 2000, "seed": seed},
                 local_curve(p, 0.7, 0.09 + 0.02 * seed, 0.35, 2000), "uncertified", neurons=50,
                 train={"loss": number(p * .7), "accuracy": number(accuracy + 0.02, 4)},
                 test={"loss": number(p * .25), "accuracy": number(accuracy - 0.01 - .004 * seed,
                                                                   4)},
                 rss=52e6, unit="epoch")


run("quick", "2024-05-02T09:30:00Z")
planted("official", 100, 20, 5.501878789)
for n, p in () if SMALL else ((200, 60.0432593), (400, 110.5), (800, 236.2)):
    planted(f"gauss{n}", n, 10, p)
classes("wdbc", 455, 30, 31.4, 0.9736)
if not SMALL:
    classes("ionosphere", 280, 34, 44.9, 0.9014)

quad = {"activation": "quadratic", "loss": "interpolate", "beta": 1, "penalty": {"power": 0.6667}}
for n in (8, 12, 16) if SMALL else (6, 8, 10, 12, 14, 16):
    nodes = int(3 * 2**(n * 0.9))
    data = {"name": f"partition{n}", "generator": "partition",
            "numbers": [rng.randrange(1, 40) for _ in range(n)], "n": 2 * n, "d": 2 * n}
    out = n == 16
    case(data, quad, {"method": "branch-and-bound"},
         ((1e-4 * nodes * k / 8, n * (1 + 0.05 * (8 - k)), n * (1 - 0.06 * (8 - k) - 1e-9 * k),
           {"node": max(1, nodes * k // 8)}) for k in range(1, 9 if not out else 6)),
         "timeout" if out else "certified", neurons=n, unit="node", rss=35e6,
         seconds=60.0 if out else 1e-4 * nodes,
         train={"loss": 0.0}, extra=None if out else {"pivots": nodes * 21},
         message="the limit of 60 s wall clock was reached" if out else None)

# A second start of the same run, after a kill: one case once more, the rest of the suite.
now = 0.0
run("quick", "2024-05-02T09:41:10Z")
hard = {"name": "hard<cases> & \"quotes\"", "generator": "planted", "n": 50, "d": 5, "seed": 3}
model = {"activation": "relu2", "loss": "absolute", "beta": 0.1}
case(hard, model, {"method": "csdp"}, convex_curve(9.1, 0.3, 6, 1e-2), "failed", seconds=0.31,
     message="CSDP ended with 5 (stuck at edge of primal feasibility) on every rung")
case(hard, model, {"method": "ipm"}, convex_curve(9.1, 0.02, 12, 1e-8), "wrong", neurons=4,
     train={"loss": 8.2, "rmse": 0.4}, wrong_by=0.3,
     message="objective 8.8000002 lies below the certified bound 9.0999999")
case(hard, model, {"method": "least-squares"}, None, "out_of_memory", seconds=1.5, rss=4.29e9,
     message="the limit of 4096 MiB was reached | allocation of 1.1 GB refused")
case(hard, model, {"method": "adam", "neurons": 50, "learning_rate": 0.1, "epochs": 2000,
                   "seed": 0}, local_curve(9.1, 0.3, 0.2, 0.5, 2000), None, finish=False)
