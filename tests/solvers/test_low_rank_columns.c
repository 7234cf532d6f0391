/* What the columns of a factor come from and go by: axes of the slacks, lengths of new columns, and
 * a curvature at another point; each against its definition. */
#include "base/linalg.h"
#include "core/certificate.h"
#include "solvers/low_rank_curvature.h"
#include "solvers/low_rank_lengths.h"
#include "tests/support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const zg_loss squared = {ZG_LOSS_SQUARED, 1.0}, logistic = {ZG_LOSS_LOGISTIC, 1.0},
                     absolute = {ZG_LOSS_ABSOLUTE, 1.0};

/* ---- axes -------------------------------------------------------------------------------------- */

/* The slack of one sign, of order m, and its eigenvectors. */
static void slack_of(const zg_lift *lift, const double *t, double scale, double beta, double rho,
                     double *slack, double *e)
{
    size_t m = lift->order;
    for (size_t i = 0; i < m * m; i++)
        slack[i] = -scale * t[i];
    for (size_t i = 0; i < m; i++)
        slack[i * (m + 1)] += lift->bordered && i == m - 1 ? beta - rho : rho;
    assert_int_equal(zg_eigen(m, slack, e), ZG_OK);
}

/* How much of a vector (width) lies in the span of the first vectors of the slack, whose border is
 * left out. */
static double share_within(const zg_lift *lift, const double *slack, size_t first, double *vector)
{
    size_t w = lift->width, m = lift->order;
    double whole = zg_norm(w, vector), *basis = zg_doubles(w * first);
    for (size_t k = 0; k < first; k++) { /* Gram and Schmidt */
        double *u = basis + k * w;
        memcpy(u, slack + k * m, w * sizeof *u);
        for (int twice = 0; twice < 2; twice++)
            for (size_t q = 0; q < k; q++)
                zg_axpy(w, -zg_dot(w, basis + q * w, u), basis + q * w, u);
        double length = zg_norm(w, u);
        for (size_t i = 0; i < w; i++)
            u[i] = length > 1e-12 ? u[i] / length : 0.0;
    }
    double within = 0.0;
    for (size_t k = 0; k < first; k++)
        within += pow(zg_dot(w, basis + k * w, vector), 2);
    free(basis);
    return sqrt(within) / whole;
}

/* Three lowest of a slack of width d: all of it is within the span of the lowest five. */
static void assert_lowest(zg_activation activation, size_t d, double size, double within)
{
    enum { N = 80, COUNT = 3 };
    zg_random random;
    zg_random_seed(&random, 71);
    zg_problem *p = test_random_problem(&random, N, d, activation, "dense", squared, 0.7);
    zg_program program = zg_problem_program(p, 0);
    const zg_lift *lift = p->lift;
    size_t m = lift->order;
    double v[N], *t = zg_doubles(m * m), *slack = zg_doubles(m * m), *e = zg_doubles(m),
                 *vectors = zg_doubles(d * COUNT), rho[2];
    test_normals(&random, N, v);
    for (size_t i = 0; i < N; i++)
        v[i] *= size;
    zg_bound bound;
    assert_int_equal(zg_program_bound(&program, v, &bound, &(zg_slack_parts){.rho = rho, .t = t}),
                     ZG_OK);
    zg_axes *axes;
    assert_int_equal(zg_axes_create(lift, t, &axes), ZG_OK);
    for (int sign = 0; sign < 2; sign++) {
        double scale = sign ? -bound.scale : bound.scale,
               own = lift->bordered ? rho[sign] : program.beta;
        assert_int_equal(zg_axes_lowest(axes, scale, program.beta, own, COUNT, vectors), ZG_OK);
        slack_of(lift, t, scale, program.beta, own, slack, e);
        for (size_t k = 0; k < COUNT; k++)
            assert_true(share_within(lift, slack, COUNT + 2, vectors + k * d) > within);
        if (lift->bordered) /* the lowest one's linear response is of the sign that lowers F */
            assert_true(scale * zg_dot(d, t + d * lift->order, vectors) >= 0.0);
    }
    zg_axes_free(axes);
    free(t);
    free(slack);
    free(e);
    free(vectors);
    zg_problem_free(p);
}

static void directions_are_the_lowest_of_the_slack(void **state)
{
    (void)state;
    for (double size = 1e-8; size < 1e9; size *= 1e4) {
        assert_lowest(TEST_QUADRATIC, 6, size, 1.0 - 1e-9);
        assert_lowest(TEST_QUADRATIC, 40, size, 1.0 - 1e-9);
        assert_lowest(TEST_RELU2, 6, size, 1.0 - 1e-9); /* all axes: exact */
        assert_lowest(TEST_RELU2, 40, size, 0.99);
    }
}

static void axes_of_what_is_not_finite_are_none(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 72);
    zg_problem *p = test_random_problem(&random, 10, 3, TEST_RELU2, "dense", squared, 0.7);
    double v[10] = {1.0, 2.0, NAN};
    zg_axes *axes;
    assert_int_equal(zg_axes_of(p->lift, v, &axes), ZG_FAILED);
    assert_null(axes);
    v[2] = INFINITY;
    assert_int_equal(zg_axes_of(p->lift, v, &axes), ZG_FAILED);
    zg_problem_free(p);
}

/* ---- lengths ----------------------------------------------------------------------------------- */

enum { N = 90, D = 8 };

typedef struct setting {
    zg_problem *problem;
    zg_program program;
    zg_factor *factor;
    double *w, *f;
} setting;

/* Two columns of the usual size of each sign, and behind them short ones. */
static void set_up(setting *s, const size_t columns[2], zg_activation activation, zg_loss loss)
{
    zg_random random;
    zg_random_seed(&random, 73);
    s->problem = test_random_problem(&random, N, D, activation, "dense", loss, 0.2);
    s->program = zg_problem_program(s->problem, 0);
    assert_int_equal(zg_factor_create(&s->program, columns, &s->factor), ZG_OK);
    s->w = zg_doubles(zg_factor_size(s->factor));
    s->f = zg_doubles(N);
    for (size_t k = 0; k < 2; k++)
        for (size_t j = 0; j < columns[k]; j++) {
            double *w = s->w + s->factor->offset[k] + j * D;
            test_normals(&random, D, w);
            for (size_t i = 0; i < D; i++)
                w[i] *= j < 2 ? 0.2 : 1e-4;
        }
}

static void clear(setting *s)
{
    zg_factor_free(s->factor);
    zg_problem_free(s->problem);
    free(s->w);
    free(s->f);
}

static double value(setting *s)
{
    return zg_factor_value(s->factor, s->w, NULL, s->f);
}

/* F for one new column's length by times what it is. */
static double stretched(setting *s, double *column, double by)
{
    double before[D];
    memcpy(before, column, sizeof before);
    for (size_t i = 0; i < D; i++)
        column[i] *= by;
    double result = value(s);
    memcpy(column, before, sizeof before);
    return result;
}

/* With b = 0 F is quadratic in the squares of the lengths for the squared loss: no other length of
 * one of the columns does better.  c is in it through t. */
static void new_lengths_are_the_best(void **state)
{
    (void)state;
    static const size_t columns[2] = {4, 3}, kept[2] = {2, 2};
    const zg_activation activations[] = {TEST_QUADRATIC, {0.3, 0.0, 0.8}};
    for (size_t a = 0; a < 2; a++) {
        setting s;
        set_up(&s, columns, activations[a], squared);
        double before = value(&s);
        assert_int_equal(zg_factor_lengthen(s.factor, kept, s.w, s.f), ZG_OK);
        double after = value(&s);
        assert_true(after < before - 1e-3 * fabs(before));
        for (size_t k = 0; k < 2; k++)
            for (size_t j = 2; j < columns[k]; j++)
                for (double by = 0.1; by < 10.0; by *= 1.1) {
                    double *column = s.w + s.factor->offset[k] + j * D;
                    if (zg_norm(D, column) < 1e-3 && by < 1.0) continue; /* left out */
                    assert_true(stretched(&s, column, by) > after - 1e-10 * fabs(after));
                }
        clear(&s);
    }
}

/* To second order only, but never for the worse, for any loss and sizes of data. */
static void lengths_never_raise_the_value(void **state)
{
    (void)state;
    static const size_t columns[2] = {5, 5}, kept[2] = {2, 2};
    const zg_loss losses[] = {squared, logistic, absolute};
    for (size_t l = 0; l < 3; l++)
        for (double size = 1e-8; size < 1e9; size *= 1e2) {
            setting s;
            set_up(&s, columns, TEST_RELU2, losses[l]);
            if (l == 2) s.factor->width = 0.1;
            for (size_t i = 0; i < N * D; i++)
                s.problem->x[i] *= size;
            double before = value(&s);
            assert_int_equal(zg_factor_lengthen(s.factor, kept, s.w, s.f), ZG_OK);
            assert_true(value(&s) <= before);
            assert_true(zg_all_finite(zg_factor_size(s.factor), s.w));
            clear(&s);
        }
}

static void nothing_new_or_of_no_length_stays_as_it_is(void **state)
{
    (void)state;
    static const size_t columns[2] = {3, 2}, all[2] = {3, 2}, kept[2] = {2, 2};
    setting s;
    set_up(&s, columns, TEST_RELU2, squared);
    size_t size = zg_factor_size(s.factor);
    double *before = zg_doubles(size);
    memset(s.w + 2 * D, 0, D * sizeof *s.w);
    memcpy(before, s.w, size * sizeof *before);
    assert_int_equal(zg_factor_lengthen(s.factor, all, s.w, s.f), ZG_OK);
    assert_memory_equal(before, s.w, size * sizeof *before);
    assert_int_equal(zg_factor_lengthen(s.factor, kept, s.w, s.f), ZG_OK);
    assert_memory_equal(before, s.w, size * sizeof *before);
    free(before);
    clear(&s);
}

/* ---- a curvature that moves -------------------------------------------------------------------- */

/* What is kept at one point gives the curvature that is made at the other, D being the same. */
static void a_moved_curvature_is_that_of_its_point(void **state)
{
    (void)state;
    static const size_t columns[2] = {3, 2};
    const zg_loss losses[] = {squared, logistic};
    for (size_t l = 0; l < 2; l++) {
        setting s;
        set_up(&s, columns, TEST_RELU2, losses[l]);
        size_t size = zg_factor_size(s.factor);
        double *gradient = zg_doubles(size), *moved = zg_doubles(size), *made = zg_doubles(size),
               *projections = zg_doubles(N * 5), v[N];
        zg_axes *axes;
        zg_curvature *first, *second;
        (void)value(&s);
        for (size_t i = 0; i < N; i++)
            v[i] = -s.factor->slope[i];
        assert_int_equal(zg_axes_of(s.problem->lift, v, &axes), ZG_OK);
        assert_int_equal(zg_curvature_create(s.factor, s.w, 50, 0.5, axes, &first), ZG_OK);
        assert_true(zg_curvature_moves(first) && !zg_curvature_is_whole(first));
        zg_random random;
        zg_random_seed(&random, 74);
        test_normals(&random, size, s.w);
        for (size_t i = 0; i < size; i++)
            s.w[i] *=
                0.3; /* the logistic loss is curved at all rows still: the sample is the same */
        test_normals(&random, size, gradient);
        zg_curvature_solve(first, gradient, made);
        (void)value(&s);
        zg_factor_project(s.factor, s.w, projections);
        assert_int_equal(zg_curvature_move(first, s.factor, s.w, projections, s.f), ZG_OK);
        zg_curvature_solve(first, gradient, moved);
        zg_axpy(size, -1.0, moved, made);
        assert_true(zg_norm(size, made) > 0.1 * zg_norm(size, moved)); /* it was another */
        assert_int_equal(zg_curvature_create(s.factor, s.w, 50, 0.5, axes, &second), ZG_OK);
        zg_curvature_solve(second, gradient, made);
        zg_axpy(size, -1.0, moved, made);
        assert_true(zg_norm(size, made) < 1e-4 * zg_norm(size, moved));
        zg_curvature_free(first);
        zg_curvature_free(second);
        zg_axes_free(axes);
        free(gradient);
        free(moved);
        free(made);
        free(projections);
        clear(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(directions_are_the_lowest_of_the_slack),
        cmocka_unit_test(axes_of_what_is_not_finite_are_none),
        cmocka_unit_test(new_lengths_are_the_best),
        cmocka_unit_test(lengths_never_raise_the_value),
        cmocka_unit_test(nothing_new_or_of_no_length_stays_as_it_is),
        cmocka_unit_test(a_moved_curvature_is_that_of_its_point),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
