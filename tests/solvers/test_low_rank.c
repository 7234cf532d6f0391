/* The low-rank method: its factor, its subspaces, and its optima against the interior point's. */
#include "base/blas.h"
#include "base/linalg.h"
#include "core/certificate.h"
#include "solvers/low_rank_newton.h"
#include "solvers/low_rank_subspace.h"
#include "tests/solvers/solving.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static const char *const architectures[] = {"dense", "conv1d:filter=4,stride=4",
                                            "conv1d:filter=4,stride=2,pool=2",
                                            "conv1d:filter=5,stride=1,pool=global"};
static const zg_loss losses[] = {{ZG_LOSS_SQUARED, 1.0},       {ZG_LOSS_ABSOLUTE, 1.0},
                                 {ZG_LOSS_HUBER, 0.7},         {ZG_LOSS_HINGE, 1.0},
                                 {ZG_LOSS_SQUARED_HINGE, 1.0}, {ZG_LOSS_LOGISTIC, 1.0}};
enum { ARCHITECTURES = 4, LOSSES = 6 };

static bool keep_going(void *context)
{
    ++*(int *)context;
    return true;
}

/* ---- the factor -------------------------------------------------------------------------------- */

/* F at w by the lift itself: predictions of Z - Z', loss and penalty. */
static double value_by_lift(const zg_factor *factor, const double *w)
{
    const zg_program *program = factor->program;
    const zg_lift *lift = program->lift;
    size_t block = lift->order * lift->order;
    double *f = zg_doubles(lift->samples), *work = zg_doubles(zg_lift_work(lift));
    double *z = zg_doubles(block), sum = 0.0;
    for (size_t k = 0; k < factor->cones; k++) {
        zg_factor_block(factor, w, k, z);
        assert_true(fabs(zg_lift_trace_violation(lift, z)) <= 1e-12 * (1.0 + zg_norm(block, z)));
        zg_lift_apply(lift, k / 2, z, k % 2 ? -1.0 : 1.0, f, work);
        sum += program->beta * zg_lift_penalty(lift, z);
    }
    sum += zg_loss_value(program->loss, lift->samples, f, program->y, program->weights);
    free(f);
    free(work);
    free(z);
    return sum;
}

static void random_factor(zg_random *random, const zg_program *program, zg_factor **factor,
                          double **w)
{
    size_t columns[64];
    for (size_t k = 0; k < 2 * program->lift->groups; k++)
        columns[k] = 1 + k % 3;
    assert_int_equal(zg_factor_create(program, columns, factor), ZG_OK);
    *w = zg_doubles(zg_factor_size(*factor));
    test_normals(random, zg_factor_size(*factor), *w);
}

static void the_factor_says_what_its_blocks_say_in_the_lift(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 31);
    for (int a = 0; a < ARCHITECTURES; a++)
        for (int l = 0; l < LOSSES; l++)
            for (int bordered = 0; bordered < 2; bordered++) {
                zg_problem *p =
                    test_random_problem(&random, 211, 12, bordered ? TEST_RELU2 : TEST_QUADRATIC,
                                        architectures[a], losses[l], 0.7);
                zg_program program = zg_problem_program(p, 0);
                zg_factor *factor;
                double *w, *f = zg_doubles(p->samples);
                random_factor(&random, &program, &factor, &w);
                assert_close(zg_factor_value(factor, w, NULL, f), value_by_lift(factor, w), 1e-11);
                free(w);
                free(f);
                zg_factor_free(factor);
                zg_problem_free(p);
            }
}

/* Central differences along random directions. */
static void assert_gradient(bool balanced)
{
    zg_random random;
    zg_random_seed(&random, 32);
    for (int a = 0; a < ARCHITECTURES; a++)
        for (int l = 0; l < LOSSES; l++) {
            zg_problem *p =
                test_random_problem(&random, 90, 12, TEST_RELU2, architectures[a], losses[l], 0.7);
            zg_program program = zg_problem_program(p, 0);
            zg_factor *factor;
            double *w, *f = zg_doubles(p->samples);
            random_factor(&random, &program, &factor, &w);
            bool kinks = losses[l].kind == ZG_LOSS_ABSOLUTE || losses[l].kind == ZG_LOSS_HINGE;
            factor->width = kinks ? 0.5 : 0.0;
            factor->balanced = balanced;
            size_t size = zg_factor_size(factor);
            double *gradient = zg_doubles(size), *direction = zg_doubles(size);
            double *moved = zg_doubles(size), h = 1e-6;
            zg_factor_value(factor, w, gradient, f);
            test_normals(&random, size, direction);
            memcpy(moved, w, size * sizeof *w);
            zg_axpy(size, h, direction, moved);
            double above = zg_factor_value(factor, moved, NULL, f);
            zg_axpy(size, -2.0 * h, direction, moved);
            double below = zg_factor_value(factor, moved, NULL, f);
            assert_close((above - below) / (2.0 * h), zg_dot(size, gradient, direction), 2e-6);
            free(gradient);
            free(direction);
            free(moved);
            free(w);
            free(f);
            zg_factor_free(factor);
            zg_problem_free(p);
        }
}

static void the_gradient_is_that_of_the_value(void **state)
{
    (void)state;
    assert_gradient(false);
}

static void the_gradient_at_the_best_multiples_is_that_of_the_value(void **state)
{
    (void)state;
    assert_gradient(true);
}

/* F by the multiples of its two signs, through the scaled factor itself. */
static double value_of_multiples(zg_factor *factor, const double *w, double plus, double minus)
{
    size_t size = zg_factor_size(factor);
    double *scaled = zg_doubles(size), *f = zg_doubles(factor->program->lift->samples);
    for (size_t k = 0; k < factor->cones; k++)
        for (size_t i = factor->offset[k]; i < factor->offset[k + 1]; i++)
            scaled[i] = sqrt(k % 2 ? minus : plus) * w[i];
    bool balanced = factor->balanced;
    factor->balanced = false;
    double value = zg_factor_value(factor, scaled, NULL, f);
    factor->balanced = balanced;
    free(scaled);
    free(f);
    return value;
}

/* Nothing near the multiples found is lower, within their bounds; what they promise is what the
 * factor has once it has taken them. */
static void balanced_signs_are_at_their_best(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 45);
    for (int a = 0; a < ARCHITECTURES; a++)
        for (int l = 0; l < LOSSES; l++) {
            zg_problem *p =
                test_random_problem(&random, 90, 12, TEST_RELU2, architectures[a], losses[l], 0.7);
            zg_program program = zg_problem_program(p, 0);
            zg_factor *factor;
            double *w, *f = zg_doubles(p->samples);
            random_factor(&random, &program, &factor, &w);
            bool kinks = losses[l].kind == ZG_LOSS_ABSOLUTE || losses[l].kind == ZG_LOSS_HINGE;
            factor->width = kinks ? 0.5 : 0.0;
            double plain = zg_factor_value(factor, w, NULL, f);
            factor->balanced = true;
            double value = zg_factor_value(factor, w, NULL, f);
            double plus = factor->multiple[0], minus = factor->multiple[1];
            assert_true(value < plain);
            assert_close(value_of_multiples(factor, w, plus, minus), value, 1e-12);
            for (int k = 0; k < 20; k++) {
                double s = fmin(fmax(plus * exp(0.2 * zg_random_normal(&random)), 0.01), 100.0);
                double t = fmin(fmax(minus * exp(0.2 * zg_random_normal(&random)), 0.01), 100.0);
                assert_true(value_of_multiples(factor, w, s, t) >= value * (1.0 - 1e-10));
            }
            (void)zg_factor_value(factor, w, NULL, f);
            zg_factor_take_multiples(factor, w);
            factor->balanced = false;
            assert_close(zg_factor_value(factor, w, NULL, f), value, 1e-12);
            free(w);
            free(f);
            zg_factor_free(factor);
            zg_problem_free(p);
        }
}

/* The envelope lies below the loss by at most half its width times the samples. */
static void the_envelope_of_a_loss_stays_close_below_it(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 33);
    for (int l = 0; l < LOSSES; l++) {
        if (losses[l].kind != ZG_LOSS_ABSOLUTE && losses[l].kind != ZG_LOSS_HINGE) continue;
        zg_problem *p = test_random_problem(&random, 80, 5, TEST_RELU2, "dense", losses[l], 0.7);
        zg_program program = zg_problem_program(p, 0);
        zg_factor *factor;
        double *w, *f = zg_doubles(p->samples), *slope = zg_doubles(p->samples);
        random_factor(&random, &program, &factor, &w);
        zg_factor_value(factor, w, NULL, f);
        double exact = zg_factor_loss(factor, 0, p->samples, f, slope);
        for (double width = 1e-3; width < 10.0; width *= 10.0) {
            factor->width = width;
            double smooth = zg_factor_loss(factor, 0, p->samples, f, slope);
            assert_true(smooth <= exact + 1e-12 * exact);
            assert_true(smooth >= exact - 0.5 * width * (double)p->samples - 1e-12 * exact);
        }
        free(w);
        free(f);
        free(slope);
        zg_factor_free(factor);
        zg_problem_free(p);
    }
}

/* All but about a fifth of the numbers of a lift's rows become 0. */
static void thin_out(zg_random *random, zg_lift *lift)
{
    size_t count = lift->samples * lift->patches * lift->width;
    for (size_t g = 0; g < lift->groups; g++)
        for (size_t k = 0; k < count; k++)
            if (zg_random_uniform(random) >= 0.2) lift->rows[g][k] = 0.0;
}

/* Value and gradient by the rows of a store, against those by the lift's own. */
static void check_store(zg_factor *factor, const double *w, const zg_row_store *store, bool single,
                        double *f)
{
    size_t size = zg_factor_size(factor);
    double *exact = zg_doubles(size), *other = zg_doubles(size);
    assert_int_equal(zg_factor_use(factor, NULL, false), ZG_OK);
    double value = zg_factor_value(factor, w, exact, f), close = single ? 1e-5 : 1e-12;
    assert_int_equal(zg_factor_use(factor, store, single), ZG_OK);
    assert_close(zg_factor_value(factor, w, other, f), value, close);
    zg_axpy(size, -1.0, exact, other);
    double off = zg_norm(size, other);
    assert_true(off <= close * zg_norm(size, exact));
    assert_true(off > 0.0); /* the store was used */
    free(exact);
    free(other);
}

static void rows_of_few_numbers_give_the_passes_of_all(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 41);
    for (int a = 0; a < ARCHITECTURES; a++) {
        zg_problem *p =
            test_random_problem(&random, 901, 12, TEST_RELU2, architectures[a], losses[0], 0.7);
        zg_program program = zg_problem_program(p, 0);
        zg_row_store *store, *whole;
        assert_int_equal(zg_row_store_create(program.lift, &whole), ZG_OK);
        assert_null(whole->sparse);
        thin_out(&random, p->lift);
        assert_int_equal(zg_row_store_create(program.lift, &store), ZG_OK);
        assert_non_null(store->sparse);
        zg_factor *factor;
        double *w, *f = zg_doubles(p->samples);
        random_factor(&random, &program, &factor, &w);
        int threads = zg_blas_threads();
        for (int k = 3; k > 0; k--) { /* more workers than there are blocks, two, one */
            zg_blas_set_threads(k);
            check_store(factor, w, store, false, f);
            check_store(factor, w, store, true, f);
            check_store(factor, w, store, false, f);
        }
        zg_blas_set_threads(threads);
        zg_row_store_free(store);
        zg_row_store_free(whole);
        free(w);
        free(f);
        zg_factor_free(factor);
        zg_problem_free(p);
    }
}

/* Rows in single precision change value and gradient by what single precision is worth. */
static void single_precision_changes_a_pass_by_its_own_rounding_only(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 40);
    for (int a = 0; a < ARCHITECTURES; a++) {
        zg_problem *p =
            test_random_problem(&random, 901, 12, TEST_RELU2, architectures[a], losses[0], 0.7);
        zg_program program = zg_problem_program(p, 0);
        zg_factor *factor;
        double *w, *f = zg_doubles(p->samples);
        random_factor(&random, &program, &factor, &w);
        size_t size = zg_factor_size(factor);
        double *exact = zg_doubles(size), *rough = zg_doubles(size);
        double value = zg_factor_value(factor, w, exact, f);
        zg_row_store *store;
        assert_int_equal(zg_row_store_create(program.lift, &store), ZG_OK);
        assert_int_equal(zg_factor_use(factor, store, true), ZG_OK);
        double other = zg_factor_value(factor, w, rough, f);
        assert_close(other, value, 1e-5);
        assert_true(other != value); /* it was single precision */
        zg_axpy(size, -1.0, exact, rough);
        assert_true(zg_norm(size, rough) < 1e-5 * zg_norm(size, exact));
        assert_int_equal(zg_factor_use(factor, NULL, false), ZG_OK);
        assert_true(zg_factor_value(factor, w, rough, f) == value);
        assert_true(memcmp(rough, exact, size * sizeof *exact) == 0);
        zg_row_store_free(store);
        free(exact);
        free(rough);
        free(w);
        free(f);
        zg_factor_free(factor);
        zg_problem_free(p);
    }
}

/* ---- the metric -------------------------------------------------------------------------------- */

/* sum_i r_i r_i' / n of one cone by its definition, turned by U, is diagonal, and what it has there
 * is in the scale. */
static void assert_scale(const zg_metric *metric, const zg_factor *factor, const double *w,
                         size_t cone, double damping)
{
    const zg_lift *lift = factor->program->lift;
    size_t d = lift->width, m = factor->columns[cone], n = lift->samples;
    const double *own = w + factor->offset[cone], *turn = metric->turn[cone];
    double t = zg_norm(d * m, own), *a = zg_doubles(m * m), *r = zg_doubles(m);
    for (size_t i = 0; i < n; i++) {
        zg_gemv(true, d, m, 2.0 * lift->activation.a, own, d, lift->rows[cone / 2] + i * d, 0.0, r);
        r[0] += lift->activation.b * t;
        zg_gemm(false, true, m, m, 1, 1.0 / (double)n, r, m, r, m, 1.0, a, m);
    }
    for (size_t j = 0; j < m; j++)
        for (size_t k = 0; k < m; k++) {
            double entry = 0.0;
            for (size_t p = 0; p < m; p++)
                for (size_t q = 0; q < m; q++)
                    entry += turn[j * m + p] * a[q * m + p] * turn[k * m + q];
            if (j != k) assert_true(fabs(entry) < 1e-10 * zg_norm(m * m, a));
            if (j != k) continue;
            double c = metric->spectrum[cone / 2][d - 1],
                   scale = metric->scale[cone][j * d + d - 1];
            assert_close(1.0 / (scale * scale), c * entry + damping, 1e-9);
        }
    free(a);
    free(r);
}

static void the_metric_is_that_of_its_definition(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 41);
    for (int bordered = 0; bordered < 2; bordered++)
        for (int a = 0; a < 2; a++) { /* one patch a sample */
            zg_problem *p =
                test_random_problem(&random, 50, 12, bordered ? TEST_RELU2 : TEST_QUADRATIC,
                                    architectures[a], losses[0], 0.7);
            zg_program program = zg_problem_program(p, 0);
            zg_factor *factor;
            zg_metric *metric;
            double *w;
            random_factor(&random, &program, &factor, &w);
            assert_int_equal(zg_metric_create(program.lift, &metric), ZG_OK);
            assert_int_equal(zg_metric_fit(metric, factor, w, 0.3), ZG_OK);
            for (size_t k = 0; k < factor->cones; k++)
                assert_scale(metric, factor, w, k, 0.3);
            zg_metric_free(metric);
            free(w);
            zg_factor_free(factor);
            zg_problem_free(p);
        }
}

/* There and back; and the gradient's coordinates are those of a linear map's transpose. */
static void coordinates_of_the_metric_describe_the_same_factor(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 42);
    for (int a = 0; a < ARCHITECTURES; a++) {
        zg_problem *p =
            test_random_problem(&random, 60, 12, TEST_RELU2, architectures[a], losses[0], 0.7);
        zg_program program = zg_problem_program(p, 0);
        zg_factor *factor;
        zg_metric *metric;
        double *w;
        random_factor(&random, &program, &factor, &w);
        size_t size = zg_factor_size(factor);
        double *s = zg_doubles(size), *back = zg_doubles(size), *work = zg_doubles(size);
        double *g = zg_doubles(size), *by_s = zg_doubles(size);
        assert_int_equal(zg_metric_create(program.lift, &metric), ZG_OK);
        assert_int_equal(zg_metric_fit(metric, factor, w, 0.3), ZG_OK);
        zg_metric_coordinates(metric, factor, w, s, work);
        zg_metric_point(metric, factor, s, back, work);
        for (size_t i = 0; i < size; i++)
            assert_true(fabs(back[i] - w[i]) < 1e-11 * (1.0 + fabs(w[i])));
        test_normals(&random, size, g);
        zg_metric_gradient(metric, factor, g, by_s, work);
        assert_close(zg_dot(size, by_s, s), zg_dot(size, g, w), 1e-9);
        free(s);
        free(back);
        free(work);
        free(g);
        free(by_s);
        zg_metric_free(metric);
        free(w);
        zg_factor_free(factor);
        zg_problem_free(p);
    }
}

/* At beta small the metric saves most of the steps of a descent without it. */
static void a_descent_in_the_metric_gets_further(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 43);
    enum { N = 400, D = 20 };
    zg_problem *p = test_random_problem(&random, N, D, TEST_RELU2, "dense", losses[0], 1e-3);
    for (size_t i = 0; i < N; i++) /* inputs of very different size */
        for (size_t j = 0; j < D; j++)
            p->x[i * D + j] *= pow(0.6, (double)j);
    zg_program program = zg_problem_program(p, 0);
    double value[2], *f = zg_doubles(N);
    zg_metric *metric;
    assert_int_equal(zg_metric_create(program.lift, &metric), ZG_OK);
    for (int with = 0; with < 2; with++) {
        zg_random_seed(&random, 44);
        zg_factor *factor;
        const size_t columns[2] = {8, 8};
        bool ended;
        assert_int_equal(zg_factor_create(&program, columns, &factor), ZG_OK);
        double *w = zg_doubles(zg_factor_size(factor));
        test_normals(&random, zg_factor_size(factor), w);
        int calls = 0;
        const zg_descent first = {.steps = 100, .go_on = keep_going, .context = &calls};
        assert_int_equal(zg_factor_descend(factor, &first, w, &value[with], f, &ended), ZG_OK);
        assert_int_equal(zg_metric_fit(metric, factor, w, 20.0 * program.beta), ZG_OK);
        const zg_descent how = {
            .steps = 60, .metric = with ? metric : NULL, .go_on = keep_going, .context = &calls};
        assert_int_equal(zg_factor_descend(factor, &how, w, &value[with], f, &ended), ZG_OK);
        assert_true(!ended && calls > 0);
        free(w);
        zg_factor_free(factor);
    }
    assert_true(value[1] < value[0]);
    zg_metric_free(metric);
    free(f);
    zg_problem_free(p);
}

/* ---- the curvature ----------------------------------------------------------------------------- */

/* The rho at which rho + h' (rho I - g Q)^-1 h is least, by ternary search: e, h of Q. */
static double least_multiplier(size_t d, const double *e, const double *h, double g)
{
    double top = g > 0.0 ? e[d - 1] : -e[0], low = log(1e-12), high = log(1e6);
    for (int k = 0; k < 300; k++) {
        double third = (high - low) / 3.0, value[2];
        for (int side = 0; side < 2; side++) {
            double above = exp(side ? high - third : low + third);
            value[side] = above;
            for (size_t i = 0; i < d; i++)
                value[side] += h[i] * h[i] / (top + above - g * e[i]);
        }
        if (value[0] < value[1])
            high -= third;
        else
            low += third;
    }
    return top + exp(low);
}

/* out += 2 (rho I - g Q) step of one cone, Q of v = - slope. */
static void add_slack(const zg_factor *factor, const double *slope, size_t cone, const double *step,
                      double *out)
{
    const zg_lift *lift = factor->program->lift;
    size_t d = lift->width, order = lift->order;
    double *v = zg_doubles(lift->samples), *t = zg_doubles(order * order), g = cone ? -1.0 : 1.0;
    double *work = zg_doubles(zg_lift_work(lift)), *axes = zg_doubles(d * d), *e = zg_doubles(d),
           *h = zg_doubles(d);
    for (size_t i = 0; i < lift->samples; i++)
        v[i] = -slope[i];
    zg_lift_adjoint(lift, 0, v, t, work);
    for (size_t j = 0; j < d; j++)
        memcpy(axes + j * d, t + j * order, d * sizeof *axes);
    assert_int_equal(zg_eigen(d, axes, e), ZG_OK);
    double rho = fmax(factor->program->beta, g > 0.0 ? e[d - 1] : -e[0]);
    if (lift->bordered) {
        zg_gemv(true, d, d, 1.0, axes, d, t + d * order, 0.0, h);
        rho = least_multiplier(d, e, h, g);
    }
    for (size_t at = factor->offset[cone]; at < factor->offset[cone + 1]; at += d) {
        zg_gemv(false, d, d, -2.0 * g, t, order, step + at, 1.0, out + at);
        zg_axpy(d, 2.0 * rho, step + at, out + at);
    }
    free(v);
    free(t);
    free(work);
    free(axes);
    free(e);
    free(h);
}

/* out += J' diag(curved) J step: predictions are differentiated by central differences. */
static void add_responses(zg_factor *factor, const double *w, const double *curved,
                          const double *step, double *out)
{
    size_t n = factor->program->lift->samples, size = zg_factor_size(factor);
    double *jacobian = zg_doubles(n * size), *moved = zg_doubles(size), *low = zg_doubles(n),
           *along = zg_doubles(n), h = 1e-5;
    for (size_t j = 0; j < size; j++) {
        memcpy(moved, w, size * sizeof *w);
        moved[j] = w[j] + h;
        (void)zg_factor_value(factor, moved, NULL, jacobian + j * n);
        moved[j] = w[j] - h;
        (void)zg_factor_value(factor, moved, NULL, low);
        for (size_t i = 0; i < n; i++)
            jacobian[j * n + i] = (jacobian[j * n + i] - low[i]) / (2.0 * h);
    }
    zg_gemv(false, n, size, 1.0, jacobian, n, step, 0.0, along);
    for (size_t i = 0; i < n; i++)
        along[i] *= curved[i];
    zg_gemv(true, n, size, 1.0, jacobian, n, along, 1.0, out);
    free(jacobian);
    free(moved);
    free(low);
    free(along);
}

/* Targets at which every other row lies within the absolute loss's kink, and the second derivatives
 * that its narrow envelope then has. */
static void narrow(zg_problem *p, zg_factor *factor, const double *w, double *curved)
{
    enum { N = 40 };
    double f[N];
    (void)zg_factor_value(factor, w, NULL, f);
    factor->width = 1e-6;
    for (size_t i = 0; i < N; i++) {
        p->y[i] = f[i] + (i % 2 ? 0.4 * factor->width : 5.0);
        curved[i] = i % 2 ? 1.0 / factor->width : 0.0;
    }
}

/* H times what the inverse makes of a gradient is that gradient, H being computed from its
 * definition: of all rows, and with the step's own error in single precision. */
static void assert_curvature(bool bordered, bool kinks)
{
    zg_random random;
    zg_random_seed(&random, 45);
    zg_problem *p = test_random_problem(&random, 40, 7, bordered ? TEST_RELU2 : TEST_QUADRATIC,
                                        "dense", losses[kinks ? 1 : 0], 0.7);
    zg_program program = zg_problem_program(p, 0);
    const size_t columns[2] = {2, 3};
    const double damping = 0.6;
    zg_factor *factor;
    zg_curvature *curvature;
    assert_int_equal(zg_factor_create(&program, columns, &factor), ZG_OK);
    size_t size = zg_factor_size(factor);
    double *w = zg_doubles(size), *gradient = zg_doubles(size), *step = zg_doubles(size),
           *back = zg_doubles(size), *f = zg_doubles(40), *slope = zg_doubles(40),
           *curved = zg_doubles(40);
    test_normals(&random, size, w);
    test_normals(&random, size, gradient);
    for (size_t i = 0; i < 40; i++)
        curved[i] = 1.0;
    if (kinks) narrow(p, factor, w, curved);
    assert_int_equal(zg_curvature_create(factor, w, 1000, damping, NULL, &curvature), ZG_OK);
    zg_curvature_solve(curvature, gradient, step);
    (void)zg_factor_value(factor, w, NULL, f);
    memcpy(slope, factor->slope, 40 * sizeof *slope);
    zg_axpy(size, damping, step, back);
    add_responses(factor, w, curved, step, back);
    for (size_t k = 0; k < 2; k++)
        add_slack(factor, slope, k, step, back);
    zg_axpy(size, -1.0, gradient, back);
    assert_true(zg_norm(size, back) < 1e-3 * zg_norm(size, gradient));
    zg_curvature_free(curvature);
    free(w);
    free(gradient);
    free(step);
    free(back);
    free(f);
    free(slope);
    free(curved);
    zg_factor_free(factor);
    zg_problem_free(p);
}

static void the_curvature_is_that_of_its_definition(void **state)
{
    (void)state;
    assert_curvature(false, false);
    assert_curvature(true, false);
}

/* The curvature at a kink is a million times that of the rest: single precision is not enough. */
static void the_curvature_of_a_narrow_envelope_is_that_of_its_definition(void **state)
{
    (void)state;
    assert_curvature(false, true);
    assert_curvature(true, true);
}

/* It comes to the same point or a better one with less than half of the passes, also when it knows
 * a third of the rows only. */
static void a_descent_with_curvature_needs_fewer_passes_than_one_in_the_metric(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 46);
    enum { N = 600, D = 30 };
    zg_problem *p = test_random_problem(&random, N, D, TEST_RELU2, "dense", losses[0], 1.0);
    for (size_t i = 0; i < N; i++) /* inputs of very different size */
        for (size_t j = 0; j < D; j++)
            p->x[i * D + j] *= pow(0.8, (double)j);
    zg_program program = zg_problem_program(p, 0);
    const size_t columns[2] = {10, 10};
    double value[2], *f = zg_doubles(N);
    long passes[2];
    for (int with = 0; with < 2; with++) {
        zg_factor *factor;
        bool ended;
        int calls = 0;
        zg_random_seed(&random, 47);
        assert_int_equal(zg_factor_create(&program, columns, &factor), ZG_OK);
        double *w = zg_doubles(zg_factor_size(factor));
        test_normals(&random, zg_factor_size(factor), w);
        const zg_descent first = {.steps = 100, .go_on = keep_going, .context = &calls};
        assert_int_equal(zg_factor_descend(factor, &first, w, &value[with], f, &ended), ZG_OK);
        long before = factor->passes;
        if (with) {
            zg_curvature *curvature;
            zg_newton_end end;
            const zg_descent how = {.steps = 30, .go_on = keep_going, .context = &calls};
            assert_int_equal(zg_curvature_create(factor, w, N / 3, program.beta, NULL, &curvature),
                             ZG_OK);
            assert_int_equal(zg_factor_newton(factor, &how, curvature, w, f, &end), ZG_OK);
            value[with] = end.value;
            zg_curvature_free(curvature);
        } else {
            zg_metric *metric;
            assert_int_equal(zg_metric_create(program.lift, &metric), ZG_OK);
            assert_int_equal(zg_metric_fit(metric, factor, w, 20.0 * program.beta), ZG_OK);
            const zg_descent how = {
                .steps = 60, .metric = metric, .go_on = keep_going, .context = &calls};
            assert_int_equal(zg_factor_descend(factor, &how, w, &value[with], f, &ended), ZG_OK);
            zg_metric_free(metric);
        }
        passes[with] = factor->passes - before;
        assert_close(value[with], value_by_lift(factor, w), 1e-9);
        free(w);
        zg_factor_free(factor);
    }
    assert_true(passes[1] < passes[0]);
    assert_true(value[1] <= value[0]);
    free(f);
    zg_problem_free(p);
}

/* Numbers beyond single precision leave no curvature, and say so. */
static void a_curvature_beyond_single_precision_is_refused(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 48);
    zg_problem *p = test_random_problem(&random, 30, 5, TEST_RELU2, "dense", losses[0], 0.1);
    for (size_t i = 0; i < 30 * 5; i++)
        p->x[i] *= 1e30;
    zg_program program = zg_problem_program(p, 0);
    zg_factor *factor;
    zg_curvature *curvature;
    double *w;
    random_factor(&random, &program, &factor, &w);
    assert_int_equal(zg_curvature_create(factor, w, 30, 0.1, NULL, &curvature), ZG_FAILED);
    assert_null(curvature);
    free(w);
    zg_factor_free(factor);
    zg_problem_free(p);
}

/* ---- subspaces --------------------------------------------------------------------------------- */

static void a_basis_is_orthonormal_whatever_it_is_made_of(void **state)
{
    (void)state;
    enum { WIDTH = 9, MOST = 6, GIVEN = 8 };
    zg_random random;
    zg_random_seed(&random, 34);
    zg_lift shape = {.groups = 1, .width = WIDTH, .order = WIDTH + 1, .bordered = true};
    double given[WIDTH * GIVEN], inner[MOST * MOST];
    test_normals(&random, WIDTH * GIVEN, given);
    memcpy(given + WIDTH, given, WIDTH * sizeof *given); /* twice the same */
    memset(given + 2 * WIDTH, 0, WIDTH * sizeof *given); /* nothing */
    for (size_t i = 0; i < WIDTH; i++) {
        given[3 * WIDTH + i] = 1e-290 * given[4 * WIDTH + i];  /* tiny, and the same direction */
        given[5 * WIDTH + i] = i ? given[5 * WIDTH + i] : NAN; /* not a number */
        given[6 * WIDTH + i] *= 1e300;
    }
    zg_subspace *subspace;
    assert_int_equal(zg_subspace_create(&shape, MOST, &subspace), ZG_OK);
    assert_int_equal(subspace->dimension, MOST);
    assert_int_equal(zg_subspace_span(subspace, 0, given, GIVEN), ZG_OK);
    zg_gemm(true, false, MOST, MOST, WIDTH, 1.0, subspace->basis[0], WIDTH, subspace->basis[0],
            WIDTH, 0.0, inner, MOST);
    for (size_t i = 0; i < MOST; i++)
        for (size_t j = 0; j < MOST; j++)
            assert_true(fabs(inner[i * MOST + j] - (i == j)) < 1e-13);
    zg_subspace_free(subspace);
}

/* A network of the small problem is one of the full problem with the same objective. */
static void a_restricted_network_costs_the_same_in_full(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 35);
    for (int a = 0; a < ARCHITECTURES; a++) {
        zg_problem *p =
            test_random_problem(&random, 60, 12, TEST_RELU2, architectures[a], losses[0], 0.5);
        const zg_lift *lift = p->lift;
        zg_subspace *subspace;
        assert_int_equal(zg_subspace_create(lift, 3, &subspace), ZG_OK);
        for (size_t g = 0; g < lift->groups; g++) {
            double candidates[3 * 12];
            test_normals(&random, 3 * lift->width, candidates);
            assert_int_equal(zg_subspace_span(subspace, g, candidates, 3), ZG_OK);
        }
        zg_problem *small = NULL;
        zg_error error = {0};
        assert_ok(zg_subspace_problem(subspace, p, 0, &small, &error), &error);
        test_run run;
        test_solve(&zg_method_ipm, small, NULL, NULL, &run);
        assert_ok(run.status, &run.error);
        zg_network *full = NULL;
        assert_ok(zg_network_create(p, &full, &error), &error);
        assert_int_equal(zg_subspace_lift(subspace, run.solution.network, 0, full), ZG_OK);
        double objective;
        assert_int_equal(zg_network_objective(full, p, &objective, NULL, NULL), ZG_OK);
        assert_true(full->count > 0);
        assert_close(objective, run.objective, 1e-12);
        zg_network_free(full);
        test_run_clear(&run);
        zg_problem_free(small);
        zg_subspace_free(subspace);
        zg_problem_free(p);
    }
}

/* ---- the method -------------------------------------------------------------------------------- */

static double optimum(const zg_problem *problem)
{
    test_run run;
    const zg_control tight = {.tolerance = 1e-8};
    test_solve(&zg_method_ipm, problem, NULL, &tight, &run);
    assert_ok(run.status, &run.error);
    double objective = run.objective;
    test_run_clear(&run);
    return objective;
}

static void optima_are_those_of_the_interior_point_method(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 36);
    for (int round = 0; round < test_rounds(1); round++)
        for (int a = 0; a < ARCHITECTURES; a++)
            for (int l = 0; l < LOSSES; l++) {
                zg_problem *p =
                    test_random_problem(&random, 70, 20, round % 2 ? TEST_QUADRATIC : TEST_RELU2,
                                        architectures[a], losses[l], 2.0);
                test_assert_optimal(&zg_method_low_rank, p, "directions=3; steps=30", optimum(p),
                                    2e-6);
                zg_problem_free(p);
            }
}

/* A width that narrowed whatever the descents had come to, or an envelope that stayed around zero,
 * would need more rounds. */
static void a_loss_with_kinks_is_certified_by_descents(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 49);
    const int kinds[2] = {1, 3};
    for (int k = 0; k < 2; k++) {
        zg_problem *p =
            test_random_problem(&random, 500, 16, TEST_RELU2, "dense", losses[kinds[k]], 3.0);
        test_assert_optimal(&zg_method_low_rank, p, "directions=4; rounds=15", optimum(p), 1e-6);
        zg_problem_free(p);
    }
}

/* With beta at and above beta_max nothing is to be trained. */
static void above_beta_max_the_zero_network_is_proven_at_once(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 37);
    zg_problem *p = test_random_problem(&random, 50, 10, TEST_RELU2, "dense", losses[0], 1.0);
    zg_program program = zg_problem_program(p, 0);
    double beta_max;
    assert_int_equal(zg_program_beta_max(&program, &beta_max), ZG_OK);
    p->beta = 1.01 * beta_max;
    test_run run;
    test_solve(&zg_method_low_rank, p, NULL, NULL, &run);
    assert_ok(run.status, &run.error);
    assert_true(run.gap <= 1e-6);
    assert_int_equal(run.solution.network->count, 0);
    assert_int_equal(run.solution.iterations, 0);
    test_run_clear(&run);
    zg_problem_free(p);
}

static bool stop_at_once(void *context, const zg_iterate *iterate, double seconds)
{
    (void)iterate, (void)seconds;
    ++*(int *)context;
    return false;
}

/* What is known then is handed over, and is no success. */
static void a_search_that_is_stopped_says_so_and_returns_its_best(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 38);
    zg_problem *p = test_random_problem(&random, 300, 40, TEST_RELU2, "dense", losses[0], 0.05);
    int calls = 0;
    zg_observer observer = {stop_at_once, &calls};
    zg_control stopped = {.tolerance = 1e-9, .observer = &observer};
    test_run run;
    test_solve(&zg_method_low_rank, p, "directions=2; steps=5", &stopped, &run);
    assert_int_equal(run.status, ZG_STOPPED);
    assert_int_equal(calls, 1);
    assert_non_null(run.solution.network);
    assert_true(run.gap > 1e-9 && run.bound <= run.objective);
    test_run_clear(&run);
    zg_control hurried = {.tolerance = 1e-9, .seconds = 1e-9};
    test_solve(&zg_method_low_rank, p, "directions=2; steps=5", &hurried, &run);
    assert_int_equal(run.status, ZG_TIMEOUT);
    assert_non_null(run.solution.network);
    assert_true(run.bound <= run.objective);
    test_run_clear(&run);
    zg_problem_free(p);
}

static long most_memory(void)
{
    struct rusage usage;
    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_maxrss;
}

/* Each round that gains nothing calls for a longer descent; its length must not become a size. */
static void rounds_in_vain_cost_no_memory(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 50);
    for (int a = 0; a < ARCHITECTURES; a++)
        for (int l = 0; l < 3; l += 2) {
            zg_problem *p =
                test_random_problem(&random, 5, 8, TEST_QUADRATIC, architectures[a], losses[l], 1);
            const zg_control vain = {.tolerance = 1e-18};
            test_run run;
            long before = most_memory();
            test_solve(&zg_method_low_rank, p, "rounds=34", &vain, &run);
            assert_true(most_memory() - before < 100000); /* kB */
            assert_ok(run.status, &run.error);
            assert_true(run.gap <= 1e-6);
            test_run_clear(&run);
            zg_problem_free(p);
        }
}

static void what_it_cannot_treat_names_what_can(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 39);
    zg_problem *p = test_random_problem(&random, 10, 3, TEST_RELU2, "dense",
                                        (zg_loss){ZG_LOSS_INTERPOLATE, 1.0}, 1.0);
    zg_error error = {0};
    assert_int_equal(zg_method_low_rank.check(p, NULL, &error), ZG_UNSUPPORTED);
    assert_non_null(strstr(error.message, "\"ipm\""));
    p->penalty.kind = ZG_PENALTY_POWER;
    assert_int_equal(zg_method_low_rank.check(p, NULL, &error), ZG_UNSUPPORTED);
    assert_non_null(strstr(error.message, "\"branch-and-bound\""));
    zg_problem_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_factor_says_what_its_blocks_say_in_the_lift),
        cmocka_unit_test(the_gradient_is_that_of_the_value),
        cmocka_unit_test(the_gradient_at_the_best_multiples_is_that_of_the_value),
        cmocka_unit_test(balanced_signs_are_at_their_best),
        cmocka_unit_test(the_envelope_of_a_loss_stays_close_below_it),
        cmocka_unit_test(single_precision_changes_a_pass_by_its_own_rounding_only),
        cmocka_unit_test(rows_of_few_numbers_give_the_passes_of_all),
        cmocka_unit_test(the_metric_is_that_of_its_definition),
        cmocka_unit_test(coordinates_of_the_metric_describe_the_same_factor),
        cmocka_unit_test(a_descent_in_the_metric_gets_further),
        cmocka_unit_test(the_curvature_is_that_of_its_definition),
        cmocka_unit_test(the_curvature_of_a_narrow_envelope_is_that_of_its_definition),
        cmocka_unit_test(a_descent_with_curvature_needs_fewer_passes_than_one_in_the_metric),
        cmocka_unit_test(a_curvature_beyond_single_precision_is_refused),
        cmocka_unit_test(a_basis_is_orthonormal_whatever_it_is_made_of),
        cmocka_unit_test(a_restricted_network_costs_the_same_in_full),
        cmocka_unit_test(optima_are_those_of_the_interior_point_method),
        cmocka_unit_test(a_loss_with_kinks_is_certified_by_descents),
        cmocka_unit_test(above_beta_max_the_zero_network_is_proven_at_once),
        cmocka_unit_test(a_search_that_is_stopped_says_so_and_returns_its_best),
        cmocka_unit_test(rounds_in_vain_cost_no_memory),
        cmocka_unit_test(what_it_cannot_treat_names_what_can),
    };
    return cmocka_run_group_tests_name("low-rank", tests, NULL, NULL);
}
