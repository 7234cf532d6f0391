/* Benchmarks of the mathematics: lift, sphere oracle, certificate, decomposition. */
#include "bench/groups.h"
#include "bench/harness.h"
#include "bench/sample.h"

#include "base/linalg.h"
#include "base/random.h"
#include "core/certificate.h"
#include "core/decomposition.h"
#include "core/neuron_set.h"
#include "core/set_enumeration.h"
#include "core/sphere.h"

#include <stdlib.h>
#include <string.h>

/* A problem with a dual vector, a matrix and scratch: what all of these need. */
typedef struct setting {
    zg_problem *problem;
    double *z, *t, *v, *work;
} setting;

static bool prepare(zg_bench *bench, setting *s)
{
    memset(s, 0, sizeof *s);
    s->problem = zg_bench_problem(zg_bench_n(bench), zg_bench_d(bench));
    if (s->problem) {
        const zg_lift *lift = s->problem->lift;
        s->z = zg_bench_feasible(lift->order, 3);
        s->t = zg_doubles(lift->order * lift->order);
        s->v = zg_doubles(lift->samples);
        s->work = zg_doubles(zg_lift_work(lift) + 1);
    }
    if (s->z && s->t && s->v && s->work) {
        memcpy(s->v, s->problem->y, s->problem->samples * sizeof *s->v);
        return true;
    }
    zg_bench_fail(bench, "out of memory");
    return false;
}

static void clear(setting *s)
{
    zg_problem_free(s->problem);
    free(s->z);
    free(s->t);
    free(s->v);
    free(s->work);
}

static void apply(zg_bench *bench)
{
    setting s;
    if (prepare(bench, &s)) {
        while (zg_bench_next(bench)) {
            zg_lift_apply(s.problem->lift, 0, s.z, 1e-3, s.v, s.work);
            zg_bench_keep(s.v);
        }
        zg_bench_items(bench, s.problem->samples);
    }
    clear(&s);
}

static void adjoint(zg_bench *bench)
{
    setting s;
    if (prepare(bench, &s)) {
        while (zg_bench_next(bench)) {
            zg_lift_adjoint(s.problem->lift, 0, s.v, s.t, s.work);
            zg_bench_keep(s.t);
        }
        zg_bench_items(bench, s.problem->samples);
    }
    clear(&s);
}

static void certificate(zg_bench *bench)
{
    setting s;
    if (prepare(bench, &s)) {
        zg_program program = zg_problem_program(s.problem, 0);
        zg_bound bound;
        while (zg_bench_next(bench)) {
            if (zg_program_bound(&program, s.v, &bound, NULL) != ZG_OK)
                zg_bench_fail(bench, "no bound");
            zg_bench_keep(&bound);
        }
    }
    clear(&s);
}

static void sphere(zg_bench *bench)
{
    size_t order = zg_bench_n(bench);
    double *q = zg_doubles(order * order), *copy = zg_doubles(order * order),
           *g = zg_doubles(order);
    double value[2], rho[2];
    zg_random random;
    zg_random_seed(&random, 2);
    for (size_t i = 0; q && i < order; i++)
        for (size_t j = 0; j <= i; j++)
            q[i * order + j] = q[j * order + i] = zg_random_normal(&random);
    for (size_t i = 0; g && i < order; i++)
        g[i] = zg_random_normal(&random);
    bool ready = q && copy && g;
    if (!ready) zg_bench_fail(bench, "out of memory");
    while (ready && zg_bench_next(bench)) {
        memcpy(copy, q, order * order * sizeof *q);
        if (zg_sphere_maxima(order, copy, g, value, rho) != ZG_OK)
            zg_bench_fail(bench, "the oracle failed");
        zg_bench_keep(value);
    }
    free(q);
    free(copy);
    free(g);
}

/* The oracle of a finite neuron set: items are neurons.  n is the width, d the levels of a weight
 * (2: binary, 3: ternary, 4: two bits); 1: pairs. */
static void set_oracle(zg_bench *bench)
{
    size_t width = zg_bench_n(bench), levels = zg_bench_d(bench);
    zg_neuron_set set = {levels == 1   ? ZG_SET_BILINEAR
                         : levels == 2 ? ZG_SET_BINARY
                         : levels == 3 ? ZG_SET_TERNARY
                                       : ZG_SET_BITS,
                         2};
    size_t order = width + (levels > 1 ? 1 : 0);
    double *t = zg_bench_feasible(order, order), value[2];
    if (!t) zg_bench_fail(bench, "out of memory");
    const zg_set_form form = {order, levels > 1, t, 0.0};
    while (t && zg_bench_next(bench)) {
        if (zg_set_enumerate(set, &form, value, NULL) != ZG_OK)
            zg_bench_fail(bench, "the oracle failed");
        zg_bench_keep(value);
    }
    zg_bench_items(bench, (size_t)zg_set_size(set, width));
    free(t);
}

/* What the machine allows for a binary neuron: a block's step in the first cache, with nothing
 * around it.  Items are neurons. */
static void set_limit(zg_bench *bench)
{
    enum { BLOCK = 512, STEPS = 1024 };
    double *a = zg_doubles(BLOCK), *row = zg_doubles(BLOCK);
    bool ready = a && row;
    if (!ready) zg_bench_fail(bench, "out of memory");
    while (ready && zg_bench_next(bench))
        for (size_t step = 0; step < STEPS; step++) {
            zg_axpy(BLOCK, 1.0, row, a);
            zg_bench_keep(a);
        }
    zg_bench_items(bench, (size_t)BLOCK * STEPS);
    free(a);
    free(row);
}

static void decomposition(zg_bench *bench)
{
    size_t order = zg_bench_n(bench), count = 0;
    double *z = zg_bench_feasible(order, order / 3 + 1), *u = zg_doubles(order * order);
    double *alpha = zg_doubles(order);
    bool ready = z && u && alpha;
    if (!ready) zg_bench_fail(bench, "out of memory");
    while (ready && zg_bench_next(bench)) {
        if (zg_decompose(order, z, 1e-12, u, alpha, &count) != ZG_OK)
            zg_bench_fail(bench, "the decomposition failed");
        zg_bench_keep(alpha);
    }
    free(z);
    free(u);
    free(alpha);
}

void zg_bench_lift(void)
{
    ZG_BENCHMARK(lift_apply, apply, {100, 20}, {1000, 50}, {10000, 100});
    ZG_BENCHMARK(lift_adjoint, adjoint, {100, 20}, {1000, 50}, {10000, 100});
    ZG_BENCHMARK(sphere_oracle, sphere, {20, 0}, {50, 0}, {100, 0}, {200, 0});
    ZG_BENCHMARK(set_oracle, set_oracle, {16, 2}, {20, 2}, {24, 2}, {12, 3}, {9, 4}, {18, 1});
    ZG_BENCHMARK(set_limit, set_limit, {512, 0});
    ZG_BENCHMARK(certificate, certificate, {100, 20}, {1000, 50}, {10000, 100});
    ZG_BENCHMARK(decomposition, decomposition, {21, 0}, {51, 0}, {101, 0});
}
