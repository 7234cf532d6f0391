/*
 * Every safe bound against arithmetic of 2400 bits: none is on the wrong side of the truth,
 * whatever the magnitudes (subnormal to 1e308), ranks, duplicate rows, a single row or column; and
 * where the numbers are ordinary none is more than 1e-9 away from it, for a bound that says nothing
 * is safe too.
 */
#include "base/linalg.h"
#include "core/certificate.h"
#include "core/safe.h"
#include "core/sphere.h"
#include "tests/core/exact.h"
#include "tests/support/support.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 2000, MOST = 5 };

/* ---- random numbers of any magnitude --------------------------------------------------------- */

/* Draws a power of two that a whole vector shares: every second case is ordinary. */
static int random_scale(zg_random *random)
{
    double kind = zg_random_uniform(random);
    if (kind < 0.5) return (int)(8.0 * zg_random_uniform(random)) - 4;
    if (kind < 0.7) return (int)(160.0 * zg_random_uniform(random)) - 80;
    return (int)(2100.0 * zg_random_uniform(random)) - 1075;
}

static bool ordinary(int scale)
{
    return scale >= -4 && scale <= 4;
}

static double random_entry(zg_random *random, int scale)
{
    static const double special[] = {0.0,     1.0,   DBL_TRUE_MIN, DBL_MIN, 0x1p-537,
                                     0x1p511, 1e300, -1.0,         -0.0};
    double kind = zg_random_uniform(random);
    if (kind < 0.1) return 0.0;
    if (kind < 0.12 && !ordinary(scale)) return special[(size_t)(9.0 * zg_random_uniform(random))];
    double x = scalbn(zg_random_normal(random), scale);
    return isfinite(x) ? x : DBL_MAX;
}

static void random_vector(zg_random *random, size_t count, int scale, double *out)
{
    for (size_t i = 0; i < count; i++)
        out[i] = random_entry(random, scale);
}

/* A positive number: a weight, a beta, a delta. */
static double random_positive(zg_random *random, int scale)
{
    double x = scalbn(0.5 + zg_random_uniform(random), scale);
    return x > DBL_MAX ? DBL_MAX : x > 0.0 ? x : DBL_TRUE_MIN;
}

static size_t random_size(zg_random *random, size_t most)
{
    return 1 + (size_t)((double)most * zg_random_uniform(random));
}

/* Rows of which some repeat, some are multiples of others and some are zero. */
static void random_rows(zg_random *random, size_t n, size_t d, int scale, double *x)
{
    for (size_t i = 0; i < n; i++) {
        double kind = zg_random_uniform(random);
        random_vector(random, d, scale, x + i * d);
        if (kind < 0.1) memset(x + i * d, 0, d * sizeof *x);
        if (i == 0 || kind < 0.7) continue;
        double factor = kind < 0.9 ? 1.0 : zg_random_normal(random);
        for (size_t k = 0; k < d; k++)
            x[i * d + k] = factor * x[(i - 1) * d + k];
        for (size_t k = 0; k < d; k++)
            if (!isfinite(x[i * d + k])) x[i * d + k] = 0.0;
    }
}

/* ---- the best unit vectors, by other means --------------------------------------------------- */

/* u for sign * (u'Qu + 2 g'u) as large as double arithmetic gets it: (rho - Q)^-1 g with the rho
 * that makes it a unit vector, filled up in the top eigenspace where there is none (side: which
 * way).  Good to the square of the unit roundoff in value, and whatever it is, a vector. */
static void best_direction(size_t m, const double *q, const double *g, int sign, int side,
                           double *u)
{
    double a[MOST * MOST], w[MOST], h[MOST] = {0}, largest = 0.0;
    for (size_t k = 0; k < m * m; k++)
        largest = fmax(largest, fabs(q[k]));
    for (size_t k = 0; k < m; k++)
        largest = fmax(largest, fabs(g[k]));
    int exponent;
    (void)frexp(largest, &exponent);
    for (size_t k = 0; k < m * m; k++)
        a[k] = sign * scalbn(q[k], -exponent);
    assert_int_equal(zg_eigen(m, a, w), ZG_OK);
    for (size_t j = 0; j < m; j++)
        for (size_t i = 0; i < m; i++)
            h[j] += sign * a[j * m + i] * scalbn(g[i], -exponent);
    double low = 1e-18, high = 2.0 * zg_norm(m, h) + 1e-18, c[MOST], length = 0.0;
    for (int step = 0; step < 200; step++) {
        double t = sqrt(low * high);
        for (size_t j = 0; j < m; j++)
            c[j] = h[j] / (t + (w[m - 1] - w[j]));
        length = zg_norm(m, c);
        *(length > 1.0 ? &low : &high) = t;
    }
    double rest = zg_norm(m - 1, c); /* the top part may be noise */
    if (length < 1.0) c[m - 1] = side * sqrt(1.0 - rest * rest);
    for (size_t i = 0; i < m; i++) {
        u[i] = 0.0;
        for (size_t j = 0; j < m; j++)
            u[i] += c[j] * a[j * m + i];
    }
    if (!(zg_norm(m, u) > 1e-300)) u[0] = 1.0;
}

/* ---- the sphere oracle ----------------------------------------------------------------------- */

/* Q is full, of rank one, a multiple of the identity, or diagonal with repeated entries. */
static void random_quadratic(zg_random *random, size_t m, int scale, double *q)
{
    double kind = zg_random_uniform(random), v[MOST], own = random_entry(random, scale);
    random_vector(random, m, 0, v);
    for (size_t j = 0; j < m; j++)
        for (size_t i = 0; i <= j; i++) {
            double entry = kind < 0.6            ? random_entry(random, scale)
                           : kind < 0.8          ? own * v[i] * v[j]
                           : i != j              ? 0.0
                           : kind < 0.9 || j < 2 ? own
                                                 : random_entry(random, scale);
            q[i * m + j] = q[j * m + i] = isfinite(entry) ? entry : 0.0;
        }
}

static void check_sphere(zg_random *random, size_t m, const double *q, const double *g,
                         bool is_ordinary)
{
    double copy[MOST * MOST], value[2], rho[2], u[MOST], scale = zg_norm(m * m, q) + zg_norm(m, g);
    memcpy(copy, q, m * m * sizeof *q);
    if (zg_sphere_maxima(m, copy, g, value, rho) != ZG_OK) fail_msg("finite numbers are refused");
    mpfr_t attained;
    mpfr_init2(attained, EXACT_BITS);
    for (int sign = 0; sign < 2; sign++) {
        double best = -INFINITY;
        for (int trial = 0; trial < 5; trial++) {
            if (trial < 2)
                best_direction(m, q, g, sign ? -1 : 1, trial ? 1 : -1, u);
            else
                test_normals(random, m, u);
            exact_quadratic(attained, m, q, g, u, sign ? -1 : 1);
            assert_true(mpfr_number_p(attained));
            if (mpfr_cmp_d(attained, value[sign]) > 0)
                fail_msg("order %zu: bound %a, attained %a", m, value[sign],
                         mpfr_get_d(attained, MPFR_RNDU));
            best = fmax(best, mpfr_get_d(attained, MPFR_RNDD));
        }
        if (is_ordinary && !(value[sign] - best <= 1e-9 * scale))
            fail_msg("order %zu: bound %.17g, best %.17g", m, value[sign], best);
    }
    mpfr_clear(attained);
}

static void quadratics_on_the_sphere(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 101);
    for (int round = 0; round < test_rounds(ROUNDS); round++) {
        size_t m = random_size(&random, MOST);
        double q[MOST * MOST], g[MOST];
        int scale = random_scale(&random), other = round % 2 ? scale : random_scale(&random);
        random_quadratic(&random, m, scale, q);
        random_vector(&random, m, other, g);
        if (round % 7 == 0) memset(g, 0, sizeof g);
        check_sphere(&random, m, q, g, ordinary(scale) && ordinary(other));
    }
}

/* ---- the adjoint and lambda(v) --------------------------------------------------------------- */

typedef struct instance {
    zg_problem *problem;
    double v[MOST];
    bool ordinary;
} instance;

static zg_loss random_loss(zg_random *random, int scale)
{
    zg_loss loss = {(zg_loss_kind)(ZG_LOSS_COUNT * zg_random_uniform(random)), 1.0};
    if (zg_random_uniform(random) < 0.5) loss.delta = random_positive(random, scale);
    return loss;
}

static void random_targets(zg_random *random, zg_loss loss, size_t n, int scale, double *y)
{
    random_vector(random, n, scale, y);
    for (size_t i = 0; zg_loss_has(loss.kind, ZG_LOSS_LABELLED) && i < n; i++)
        y[i] = y[i] < 0.0 ? -1.0 : 1.0;
}

/* problem is NULL where the numbers are refused as too large for double precision. */
static instance draw_instance(zg_random *random)
{
    static const char *const architectures[] = {
        "dense", "conv1d:filter=1", "conv1d:filter=2,pool=2", "conv1d:filter=3,pool=global"};
    size_t n = random_size(random, MOST), d = random_size(random, 3);
    size_t kind = (size_t)(6.0 * zg_random_uniform(random));
    if (kind == 2 || kind == 3) d = 4;
    bool tame = zg_random_uniform(random) < 0.4;
    int sx = tame ? 0 : random_scale(random), sv = tame ? 0 : random_scale(random);
    int sa = tame ? 0 : random_scale(random);
    double x[MOST * 4], y[MOST], weights[MOST];
    instance in = {.ordinary = ordinary(sx) && ordinary(sv) && ordinary(sa)};
    zg_loss loss = random_loss(random, tame ? 0 : random_scale(random));
    random_rows(random, n, d, sx, x);
    random_targets(random, loss, n, tame ? 0 : random_scale(random), y);
    random_vector(random, n, sv, in.v);
    for (size_t i = 0; i < n; i++)
        weights[i] = random_positive(random, tame ? 0 : random_scale(random));
    zg_activation s = {random_entry(random, sa), random_entry(random, sa),
                       random_entry(random, sa)};
    if (kind == 5) s.b = s.c = 0.0;
    zg_architecture architecture;
    zg_error error = {0};
    assert_ok(zg_architecture_parse(architectures[kind < 4 ? kind : 0], d, &architecture, &error),
              &error);
    double beta = random_positive(random, tame ? 0 : random_scale(random));
    zg_status status = zg_problem_from_arrays(
        n, d, x, 1, y, zg_random_uniform(random) < 0.5 ? weights : NULL, s, &architecture, loss,
        (zg_penalty){ZG_PENALTY_L1, 0.0}, beta, &in.problem, &error);
    assert_true(status == ZG_OK || (status == ZG_BAD_INPUT && !in.ordinary));
    return in;
}

static instance random_instance(zg_random *random)
{
    instance in = draw_instance(random);
    while (!in.problem)
        in = draw_instance(random);
    return in;
}

static void the_adjoint(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 102);
    mpfr_t distance, bound;
    mpfr_inits2(EXACT_BITS, distance, bound, (mpfr_ptr)0);
    for (int round = 0; round < test_rounds(ROUNDS); round++) {
        instance in = random_instance(&random);
        const zg_lift *lift = in.problem->lift;
        double *t = zg_doubles(lift->order * lift->order), *work = zg_doubles(zg_lift_work(lift));
        for (size_t g = 0; g < lift->groups; g++) {
            double error = zg_lift_adjoint_error(lift, g, in.v);
            bool finite = isfinite(error);
            assert_true(!isnan(error));
            zg_lift_adjoint(lift, g, in.v, t, work);
            for (size_t k = 0; k < lift->order * lift->order; k++)
                finite = finite && isfinite(t[k]);
            assert_true(finite || !in.ordinary);
            if (!finite) continue; /* the certificate takes no infinite numbers */
            exact_adjoint_distance(distance, lift, g, in.v, t);
            mpfr_set_d(bound, error, MPFR_RNDN);
            mpfr_sqr(bound, bound, MPFR_RNDN);
            if (mpfr_cmp(distance, bound) > 0) fail_msg("round %d: error above %a", round, error);
            if (in.ordinary)
                assert_true(error <= 1e-12 * zg_lift_adjoint_terms(lift, g, in.v) + 1e-280);
        }
        free(t);
        free(work);
        zg_problem_free(in.problem);
    }
    mpfr_clears(distance, bound, (mpfr_ptr)0);
}

/* The larger of best and every attained value of one group and sign; none is above lambda. */
static double attain(zg_random *random, const zg_lift *lift, size_t group, const double *v,
                     double lambda, double best)
{
    size_t w = lift->width, m = lift->order;
    double *t = zg_doubles(m * m), *work = zg_doubles(zg_lift_work(lift)), q[MOST * MOST];
    double g[MOST] = {0}, u[MOST];
    zg_lift_adjoint(lift, group, v, t, work);
    for (size_t j = 0; j < w; j++)
        memcpy(q + j * w, t + j * m, w * sizeof *q);
    if (lift->bordered) memcpy(g, t + w * m, w * sizeof *g);
    mpfr_t attained;
    mpfr_init2(attained, EXACT_BITS);
    for (int trial = 0; trial < 6; trial++) {
        if (trial < 4)
            best_direction(w, q, g, trial % 2 ? -1 : 1, trial / 2 ? 1 : -1, u);
        else
            test_normals(random, w, u);
        exact_response(attained, lift, group, v, u);
        mpfr_abs(attained, attained, MPFR_RNDN);
        assert_true(mpfr_number_p(attained));
        if (mpfr_cmp_d(attained, lambda) > 0)
            fail_msg("lambda %a, attained %a", lambda, mpfr_get_d(attained, MPFR_RNDA));
        best = fmax(best, mpfr_get_d(attained, MPFR_RNDZ));
    }
    mpfr_clear(attained);
    free(t);
    free(work);
    return best;
}

static void lambda_of_any_vector(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 103);
    int certified = 0, rounds = test_rounds(ROUNDS);
    for (int round = 0; round < rounds; round++) {
        instance in = random_instance(&random);
        zg_program program = zg_problem_program(in.problem, 0);
        const zg_lift *lift = in.problem->lift;
        zg_bound bound;
        zg_loss_project(program.loss, lift->samples, in.v, program.y, program.weights);
        zg_status status = zg_program_bound(&program, in.v, &bound, NULL);
        assert_true(status == ZG_OK || !in.ordinary);
        if (status == ZG_OK) {
            double best = 0.0, terms = 0.0;
            for (size_t g = 0; g < lift->groups; g++) {
                best = attain(&random, lift, g, in.v, bound.lambda, best);
                terms += zg_lift_adjoint_terms(lift, g, in.v);
            }
            if (in.ordinary && !(bound.lambda - best <= 1e-9 * terms + 1e-280))
                fail_msg("lambda %.17g, best %.17g", bound.lambda, best);
            certified++;
        }
        zg_problem_free(in.problem);
    }
    assert_true(certified > rounds / 2);
}

/* ---- the dual value -------------------------------------------------------------------------- */

/* Near 0 and 1 the entropy's slope has no bound. */
static void the_entropy_at_its_ends(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 107);
    zg_loss logistic = {ZG_LOSS_LOGISTIC, 1.0};
    mpfr_t value;
    mpfr_init2(value, EXACT_BITS);
    for (int round = 0; round < test_rounds(ROUNDS); round++) {
        double small = scalbn(0.5 + zg_random_uniform(&random), -(round % 80));
        double y = round % 3 ? 1.0 : -1.0, weight = random_positive(&random, round % 5 - 2);
        double s = random_positive(&random, round % 7 - 3);
        double v = y * (round % 2 ? small : 1.0 - small) * weight / s;
        double below = zg_loss_dual_below(logistic, 1, s, &v, &y, &weight);
        bool inside = exact_dual(value, logistic, 1, s, &v, &y, &weight);
        assert_true(inside || below == -INFINITY);
        if (!inside) continue;
        if (mpfr_cmp_d(value, below) < 0)
            fail_msg("%a is above D = %a", below, mpfr_get_d(value, MPFR_RNDD));
        assert_true(below >= mpfr_get_d(value, MPFR_RNDD) - 1e-13 * weight);
    }
    mpfr_clear(value);
}

static void the_dual_value(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 104);
    mpfr_t value;
    mpfr_init2(value, EXACT_BITS);
    for (int round = 0; round < test_rounds(ROUNDS); round++) {
        instance in = random_instance(&random);
        zg_program p = zg_problem_program(in.problem, 0);
        size_t n = in.problem->samples;
        zg_loss_project(p.loss, n, in.v, p.y, p.weights);
        double limit = round % 3 ? INFINITY : random_positive(&random, random_scale(&random));
        double s = zg_loss_best_scale(p.loss, n, in.v, p.y, p.weights, limit);
        assert_true(fabs(s) <= limit);
        if (round % 2) s *= zg_random_uniform(&random);
        double below = zg_loss_dual_below(p.loss, n, s, in.v, p.y, p.weights);
        assert_true(!isnan(below));
        bool inside = exact_dual(value, p.loss, n, s, in.v, p.y, p.weights);
        if (below > -INFINITY && !inside) fail_msg("round %d: outside the domain", round);
        if (inside && mpfr_cmp_d(value, below) < 0)
            fail_msg("round %d: %a is above D = %a", round, below, mpfr_get_d(value, MPFR_RNDD));
        double true_value = inside ? mpfr_get_d(value, MPFR_RNDN) : 0.0;
        if (in.ordinary && isfinite(s) && fabs(true_value) < 1e3 && fabs(true_value) > 1e-3 &&
            p.weights == NULL && p.loss.delta == 1.0)
            assert_true(below >= true_value - 1e-12 * (1.0 + fabs(true_value)));
        zg_problem_free(in.problem);
    }
    mpfr_clear(value);
}

/* ---- the bound, where the optimum is known --------------------------------------------------- */

/* max over unit u of |sigma(x'u)|: t = x'u takes every value of [-|x|, |x|], and [0, 0] when there
 * is one input only the ends. */
static void strongest_response(mpfr_t out, zg_activation s, size_t d, const double *x)
{
    mpfr_t length, t, value;
    mpfr_inits2(EXACT_BITS, length, t, value, (mpfr_ptr)0);
    mpfr_set_zero(length, 1);
    for (size_t k = 0; k < d; k++) {
        mpfr_set_d(t, x[k], MPFR_RNDN);
        mpfr_sqr(t, t, MPFR_RNDN);
        mpfr_add(length, length, t, MPFR_RNDN);
    }
    mpfr_sqrt(length, length, MPFR_RNDN);
    mpfr_set_zero(out, 1);
    for (int point = 0; point < 3; point++) {
        if (point < 2) {
            (point ? mpfr_neg : mpfr_set)(t, length, MPFR_RNDN);
        } else { /* the vertex -b / (2 a) */
            if (d == 1 || s.a == 0.0) continue;
            mpfr_set_d(t, -0.5, MPFR_RNDN);
            mpfr_mul_d(t, t, s.b, MPFR_RNDN);
            mpfr_div_d(t, t, s.a, MPFR_RNDN);
            if (mpfr_cmpabs(t, length) > 0) continue;
        }
        mpfr_set_d(value, s.a, MPFR_RNDN);
        mpfr_mul(value, value, t, MPFR_RNDN);
        mpfr_add_d(value, value, s.b, MPFR_RNDN);
        mpfr_mul(value, value, t, MPFR_RNDN);
        mpfr_add_d(value, value, s.c, MPFR_RNDN);
        mpfr_abs(value, value, MPFR_RNDN);
        if (mpfr_cmp(value, out) > 0) mpfr_set(out, value, MPFR_RNDN);
    }
    mpfr_clears(length, t, value, (mpfr_ptr)0);
}

/* The f that minimises weight loss(f, y) + price |f|, for every loss but within its pieces: 0 and y
 * are candidates, and so is this.  Whatever f is, its objective is that of a network. */
static void stationary(mpfr_t f, zg_loss loss, double y, double weight, const mpfr_t price)
{
    mpfr_t shift;
    mpfr_init2(shift, EXACT_BITS);
    mpfr_div_d(shift, price, weight, MPFR_RNDN);
    if (loss.kind == ZG_LOSS_LOGISTIC) { /* 1 / (1 + e^(y f)) = price / weight */
        mpfr_ui_div(f, 1, shift, MPFR_RNDN);
        mpfr_sub_ui(f, f, 1, MPFR_RNDN);
        if (mpfr_sgn(f) > 0)
            mpfr_log(f, f, MPFR_RNDN);
        else
            mpfr_set_zero(f, 1);
        mpfr_mul_d(f, f, y, MPFR_RNDN);
    } else {
        (y > 0 ? mpfr_neg : mpfr_set)(shift, shift, MPFR_RNDN);
        mpfr_add_d(f, shift, y, MPFR_RNDN);
        if (mpfr_sgn(f) * (y > 0 ? 1 : -1) < 0) mpfr_set_zero(f, 1);
    }
    mpfr_clear(shift);
}

/* p* of n copies of one sample: min over f of sum_i w_i loss(f, y) + beta |f| / S. */
static void optimum_of_copies(mpfr_t out, const zg_problem *p, double weight)
{
    mpfr_t strongest, price, f, value, part;
    mpfr_inits2(EXACT_BITS, strongest, price, f, value, part, (mpfr_ptr)0);
    strongest_response(strongest, p->activation, p->inputs, p->x);
    mpfr_set_d(price, p->beta, MPFR_RNDN);
    mpfr_div(price, price, strongest, MPFR_RNDN);
    mpfr_set_inf(out, 1);
    for (int candidate = 0; candidate < (mpfr_zero_p(strongest) ? 1 : 3); candidate++) {
        mpfr_set_d(f, candidate == 1 ? p->y[0] : 0.0, MPFR_RNDN);
        if (candidate == 2) stationary(f, p->loss, p->y[0], weight, price);
        if (p->loss.kind == ZG_LOSS_INTERPOLATE && mpfr_cmp_d(f, p->y[0]) != 0) continue;
        mpfr_mul(value, price, f, MPFR_RNDN);
        mpfr_abs(value, value, MPFR_RNDN);
        if (mpfr_zero_p(f)) mpfr_set_zero(value, 1);
        for (size_t i = 0; i < p->samples; i++) {
            exact_loss(part, p->loss, f, p->y[0], p->weights ? p->weights[i] : 1.0);
            mpfr_add(value, value, part, MPFR_RNDN);
        }
        if (mpfr_cmp(value, out) < 0) mpfr_set(out, value, MPFR_RNDN);
    }
    mpfr_clears(strongest, price, f, value, part, (mpfr_ptr)0);
}

/* A problem of equal rows, weights apart; *weight gets their sum.  NULL where it is refused. */
static zg_problem *draw_copies(zg_random *random, bool *is_ordinary, double *weight)
{
    size_t n = random_size(random, 3), d = random_size(random, 3);
    bool tame = zg_random_uniform(random) < 0.5;
    int s[5];
    for (int k = 0; k < 5; k++)
        s[k] = tame ? 0 : random_scale(random);
    double x[9], y[3], weights[3];
    zg_loss loss = random_loss(random, s[0]);
    random_vector(random, d, s[1], x);
    random_targets(random, loss, 1, s[2], y);
    bool weighted = zg_random_uniform(random) < 0.5 && loss.kind != ZG_LOSS_INTERPOLATE;
    *weight = 0.0;
    for (size_t i = 0; i < n; i++) {
        memmove(x + i * d, x, d * sizeof *x);
        y[i] = y[0];
        weights[i] = weighted ? random_positive(random, tame ? 0 : random_scale(random)) : 1.0;
        *weight += weights[i];
    }
    zg_activation a = {random_entry(random, s[3]), random_entry(random, s[3]),
                       random_entry(random, s[3])};
    if (zg_random_uniform(random) < 0.3) a.b = a.c = 0.0;
    *is_ordinary = tame;
    zg_problem *problem = NULL;
    zg_error error = {0};
    zg_status status = zg_problem_from_arrays(n, d, x, 1, y, weighted ? weights : NULL, a, NULL,
                                              loss, (zg_penalty){ZG_PENALTY_L1, 0.0},
                                              random_positive(random, s[4]), &problem, &error);
    assert_true(status == ZG_OK || (status == ZG_BAD_INPUT && !tame));
    return problem;
}

static zg_problem *random_copies(zg_random *random, bool *is_ordinary, double *weight)
{
    zg_problem *problem = draw_copies(random, is_ordinary, weight);
    while (!problem)
        problem = draw_copies(random, is_ordinary, weight);
    return problem;
}

/* The best of the bounds from three vectors: the loss's own maximiser, one cut off where the cones
 * end, and a random one. */
static double best_bound(zg_random *random, const zg_problem *p, const mpfr_t optimum)
{
    zg_program program = zg_problem_program(p, 0);
    double best = 0.0, v[3], strongest;
    mpfr_t s;
    mpfr_init2(s, EXACT_BITS);
    strongest_response(s, p->activation, p->inputs, p->x);
    strongest = mpfr_get_d(s, MPFR_RNDN);
    mpfr_clear(s);
    for (int trial = 0; trial < 4; trial++) {
        for (size_t i = 0; i < p->samples; i++) {
            double w = p->weights ? p->weights[i] : 1.0, sign = p->y[0] < 0 ? -1.0 : 1.0;
            v[i] = trial == 0   ? w * p->y[0]
                   : trial == 1 ? w * sign * fmin(1.0, p->beta / strongest)
                   : trial == 2 ? 0.5 * w * sign
                                : random_entry(random, random_scale(random));
        }
        zg_bound bound;
        if (zg_program_bound(&program, v, &bound, NULL) != ZG_OK) continue;
        assert_true(isfinite(bound.value) && bound.value >= 0.0);
        if (mpfr_cmp_d(optimum, bound.value) < 0)
            fail_msg("bound %a above the optimum %a", bound.value, mpfr_get_d(optimum, MPFR_RNDD));
        best = fmax(best, bound.value);
    }
    return best;
}

static void optima_of_one_sample(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 105);
    mpfr_t optimum;
    mpfr_init2(optimum, EXACT_BITS);
    for (int round = 0; round < test_rounds(ROUNDS); round++) {
        bool is_ordinary;
        double weight;
        zg_problem *p = random_copies(&random, &is_ordinary, &weight);
        optimum_of_copies(optimum, p, weight);
        double best = best_bound(&random, p, optimum), value = mpfr_get_d(optimum, MPFR_RNDN);
        /* The best scale of the logistic dual and of a squared hinge is found from every v > 0. */
        if (is_ordinary && isfinite(value) && !(best >= value - 1e-9 * fmax(1.0, value)))
            fail_msg("round %d: bound %.17g, optimum %.17g", round, best, value);
        zg_problem_free(p);
    }
    mpfr_clear(optimum);
}

/* ---- the bound, below the objective of any network ------------------------------------------- */

typedef struct neurons {
    size_t count, group[3];
    double u[3][MOST], alpha[3];
} neurons;

static void random_neurons(zg_random *random, const zg_problem *p, neurons *out)
{
    out->count = random_size(random, 3);
    int scale = random_scale(random);
    for (size_t j = 0; j < out->count; j++) {
        test_normals(random, p->patches.width, out->u[j]);
        out->group[j] = (size_t)((double)p->patches.groups * zg_random_uniform(random));
        out->alpha[j] = random_entry(random, scale);
    }
}

static void exact_objective(mpfr_t out, const zg_problem *p, const neurons *net)
{
    mpfr_t f, part;
    mpfr_inits2(EXACT_BITS, f, part, (mpfr_ptr)0);
    mpfr_set_zero(out, 1);
    for (size_t j = 0; j < net->count; j++) {
        mpfr_set_d(part, p->beta, MPFR_RNDN);
        mpfr_mul_d(part, part, fabs(net->alpha[j]), MPFR_RNDN);
        mpfr_add(out, out, part, MPFR_RNDN);
    }
    for (size_t i = 0; i < p->samples; i++) {
        double pick[MOST] = {0};
        pick[i] = 1.0;
        mpfr_set_zero(f, 1);
        for (size_t j = 0; j < net->count; j++) {
            exact_response(part, p->lift, net->group[j], pick, net->u[j]);
            mpfr_mul_d(part, part, net->alpha[j], MPFR_RNDN);
            mpfr_add(f, f, part, MPFR_RNDN);
        }
        exact_loss(part, p->loss, f, p->y[i], p->weights ? p->weights[i] : 1.0);
        mpfr_add(out, out, part, MPFR_RNDN);
    }
    mpfr_clears(f, part, (mpfr_ptr)0);
}

static zg_network *unit_network(const zg_problem *p, const neurons *net)
{
    zg_network *network;
    assert_ok(zg_network_create(p, &network, NULL), NULL);
    for (size_t j = 0; j < net->count; j++) {
        double u[MOST], length = zg_norm(p->patches.width, net->u[j]);
        for (size_t k = 0; k < p->patches.width; k++)
            u[k] = net->u[j][k] / length;
        assert_ok(zg_network_add(network, net->group[j], u, 0, net->alpha[j]), NULL);
    }
    return network;
}

/* The objective that the library computes is off the exact one, that of neurons of length 1 in
 * every digit, by no more than it says. */
static void check_rounding(const zg_problem *p, const neurons *net, const mpfr_t exact)
{
    zg_network *network = unit_network(p, net);
    double objective, error;
    mpfr_t difference;
    mpfr_init2(difference, EXACT_BITS);
    assert_ok(zg_network_objective(network, p, &objective, NULL, NULL), NULL);
    assert_ok(zg_network_objective_error(network, p, NULL, &error), NULL);
    zg_network_free(network);
    assert_true(error >= 0.0);
    if (isfinite(objective) && isfinite(error)) {
        mpfr_sub_d(difference, exact, objective, MPFR_RNDN);
        mpfr_abs(difference, difference, MPFR_RNDN);
        if (mpfr_cmp_d(difference, error) > 0)
            fail_msg("objective %a off by %a, rounding %a", objective,
                     mpfr_get_d(difference, MPFR_RNDN), error);
    }
    mpfr_clear(difference);
}

static void objectives_of_networks(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 106);
    mpfr_t objective;
    mpfr_init2(objective, EXACT_BITS);
    for (int round = 0; round < test_rounds(ROUNDS); round++) {
        instance in = random_instance(&random);
        zg_program program = zg_problem_program(in.problem, 0);
        zg_bound bound = {0};
        if (in.problem->loss.kind != ZG_LOSS_INTERPOLATE &&
            zg_program_bound(&program, in.v, &bound, NULL) != ZG_NO_MEMORY)
            for (int trial = 0; trial < 3; trial++) {
                neurons net;
                random_neurons(&random, in.problem, &net);
                if (trial == 0) net.count = 0;
                exact_objective(objective, in.problem, &net);
                check_rounding(in.problem, &net, objective);
                if (mpfr_cmp_d(objective, bound.value) < 0)
                    fail_msg("round %d: bound %a, a network has %a", round, bound.value,
                             mpfr_get_d(objective, MPFR_RNDD));
            }
        zg_problem_free(in.problem);
    }
    mpfr_clear(objective);
}

/* A loss said to be less than it is: where products underflow, too, before a large weight. */
static void losses_from_above(void **state)
{
    static const zg_loss_kind kinds[] = {ZG_LOSS_SQUARED,       ZG_LOSS_ABSOLUTE, ZG_LOSS_HUBER,
                                         ZG_LOSS_SQUARED_HINGE, ZG_LOSS_HINGE,    ZG_LOSS_LOGISTIC};
    (void)state;
    zg_random random;
    zg_random_seed(&random, 107);
    mpfr_t exact, f;
    mpfr_inits2(EXACT_BITS, exact, f, (mpfr_ptr)0);
    int small = 0;
    for (int round = 0; round < test_rounds(20 * ROUNDS); round++) {
        zg_loss loss = {kinds[round % 6], random_positive(&random, random_scale(&random))};
        bool labels = zg_loss_has(loss.kind, ZG_LOSS_LABELLED);
        int scale = random_scale(&random);
        double at = random_entry(&random, scale), weight = random_positive(&random, -scale);
        double y = labels ? (round % 4 < 2 ? 1.0 : -1.0) : random_entry(&random, scale);
        double above = zg_loss_above(loss, at, y, weight);
        mpfr_set_d(f, at, MPFR_RNDN);
        exact_loss(exact, loss, f, y, weight);
        if (mpfr_cmp_d(exact, above) > 0)
            fail_msg("round %d: loss %d, %a said, %a at %a and %a, weight %a", round, loss.kind,
                     above, mpfr_get_d(exact, MPFR_RNDD), at, y, weight);
        if (isinf(above)) continue;
        small += above < 1e-300;
        mpfr_mul_d(exact, exact, 1.0 + 1e-10, MPFR_RNDN); /* nor much more than it is */
        mpfr_add_d(exact, exact, 1e-300 + 1e-320 * weight, MPFR_RNDN);
        if (mpfr_cmp_d(exact, above) < 0 && loss.kind != ZG_LOSS_LOGISTIC)
            fail_msg("round %d: loss %d, %a said for %a", round, loss.kind, above,
                     mpfr_get_d(exact, MPFR_RNDD));
    }
    assert_true(small > 20);
    mpfr_clears(exact, f, (mpfr_ptr)0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quadratics_on_the_sphere), cmocka_unit_test(the_adjoint),
        cmocka_unit_test(lambda_of_any_vector),     cmocka_unit_test(the_dual_value),
        cmocka_unit_test(the_entropy_at_its_ends),  cmocka_unit_test(optima_of_one_sample),
        cmocka_unit_test(objectives_of_networks),   cmocka_unit_test(losses_from_above),
    };
    return cmocka_run_group_tests_name("safe_bounds", tests, NULL, NULL);
}
