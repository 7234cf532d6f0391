/* The parts of the interior-point method, each computed a second way. */
#include "base/linalg.h"
#include "solvers/ipm_assembly.h"
#include "solvers/ipm_schur.h"
#include "solvers/ipm_solve.h"
#include "tests/support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const architectures[] = {"dense", "conv1d:filter=3,stride=2",
                                            "conv2d:height=3,width=4,filter=2x2,pool=2x1",
                                            "conv2d:height=3,width=4,filter=2x3,pool=global"};
static const zg_activation activations[] = {
    {0.09, 0.5, 0.47}, {1.0, 0.0, 0.0}, {0.0, 1.0, 0.3}, {-0.5, 0.3, 0.1}};
enum { ARCHITECTURES = 4, ACTIVATIONS = 4, D = 12 };

/* A random positive definite matrix. */
static void random_definite(zg_random *random, size_t m, double *out)
{
    double *factor = zg_doubles(m * m);
    test_normals(random, m * m, factor);
    zg_gemm(false, true, m, m, m, 1.0, factor, m, factor, m, 0.0, out, m);
    for (size_t k = 0; k < m; k++)
        out[k * m + k] += 0.1;
    free(factor);
}

typedef struct fixture {
    zg_problem *problem;
    zg_space *space;
    zg_cone *cones;
    double *storage;
    zg_cone_scratch scratch;
} fixture;

static fixture make_over(zg_random *random, const char *set, size_t n, const char *architecture,
                         zg_activation activation, zg_space_kind kind)
{
    fixture f = {0};
    zg_loss loss = {ZG_LOSS_SQUARED, 1.0};
    f.problem = test_random_problem(random, n, D, activation, architecture, loss, 0.7);
    zg_program program = zg_problem_program(f.problem, 0);
    assert_int_equal(zg_neuron_set_parse(set, &program.neuron_set, NULL), ZG_OK);
    assert_int_equal(zg_space_from_program(&program, kind, &f.space), ZG_OK);
    size_t m = f.space->order, count = 2 * f.space->groups;
    f.cones = calloc(count, sizeof *f.cones);
    f.storage = zg_doubles(count * zg_cone_storage(m));
    assert_int_equal(zg_cone_scratch_create(m, &f.scratch), ZG_OK);
    for (size_t k = 0; k < count; k++) {
        zg_cone_place(&f.cones[k], m, f.storage + k * zg_cone_storage(m));
        f.cones[k].sign = k % 2 ? 1.0 : -1.0;
        random_definite(random, m, f.cones[k].z);
        random_definite(random, m, f.cones[k].s);
        assert_int_equal(zg_cone_scale(&f.cones[k], &f.scratch), ZG_OK);
    }
    return f;
}

static fixture make(zg_random *random, size_t n, const char *architecture, zg_activation activation,
                    zg_space_kind kind)
{
    return make_over(random, "sphere", n, architecture, activation, kind);
}

static void clear(fixture *f)
{
    zg_cone_scratch_clear(&f->scratch);
    zg_space_free(f->space);
    zg_problem_free(f->problem);
    free(f->cones);
    free(f->storage);
}

/* ---- cones ----------------------------------------------------------------------------------- */

static void scaling_makes_both_equal(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 1);
    fixture f = make(&random, 5, "dense", TEST_RELU2, ZG_SPACE_SAMPLES);
    size_t m = f.space->order;
    double *work = zg_doubles(m * m), *out = zg_doubles(m * m);
    for (size_t k = 0; k < 2; k++) {
        zg_cone *cone = &f.cones[k];
        zg_cone_sandwich(cone, cone->s, out, &f.scratch); /* W S W = Z */
        for (size_t e = 0; e < m * m; e++)
            assert_close(out[e], cone->z[e], 1e-10);
        zg_gemm(true, false, m, m, m, 1.0, cone->u, m, cone->s, m, 0.0, work, m);
        zg_gemm(false, false, m, m, m, 1.0, work, m, cone->u, m, 0.0, out, m);
        for (size_t j = 0; j < m; j++)
            for (size_t i = 0; i < m; i++)
                assert_close(out[j * m + i], i == j ? cone->lambda[j] : 0.0, 1e-10);
        assert_close(zg_cone_complementarity(cone, m, 0.0), zg_inner(m, cone->z, cone->s), 1e-11);
    }
    free(work);
    free(out);
    clear(&f);
}

/* Along any direction with dz + ds = target the closed-form complementarity is the true one, and
 * the step found is where Z or S becomes singular. */
static void steps_end_at_the_boundary(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 2);
    for (int round = 0; round < test_rounds(20); round++) {
        fixture f = make(&random, 3, "conv1d:filter=3,stride=2", TEST_RELU2, ZG_SPACE_SAMPLES);
        size_t m = f.space->order;
        double *change = zg_doubles(m * m), *z = zg_doubles(m * m), *s = zg_doubles(m * m),
               *w = zg_doubles(m);
        zg_cone *cone = &f.cones[0];
        for (size_t j = 0; j < m; j++)
            for (size_t i = 0; i <= j; i++)
                change[j * m + i] = change[i * m + j] = zg_random_normal(&random);
        zg_cone_predict(cone, m);
        zg_cone_direction(cone, change, &f.scratch);
        double step = zg_cone_step(cone, &f.scratch);
        if (isfinite(step)) {
            memcpy(s, cone->s, m * m * sizeof *s);
            zg_axpy(m * m, step, change, s);
            zg_cone_advance(cone, step, &f.scratch);
            memcpy(z, cone->z, m * m * sizeof *z);
            assert_close(zg_cone_complementarity(cone, m, step), zg_inner(m, z, s), 1e-9);
            assert_int_equal(zg_eigenvalues(m, z, w), ZG_OK);
            double least = w[0];
            assert_int_equal(zg_eigenvalues(m, s, w), ZG_OK);
            assert_close(fmin(least, w[0]), 0.0, 1e-9);
        }
        free(change);
        free(z);
        free(s);
        free(w);
        clear(&f);
    }
}

/* ---- assembly -------------------------------------------------------------------------------- */

static void gram_form_equals_the_definition(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 3);
    for (int a = 0; a < ARCHITECTURES; a++)
        for (int s = 0; s < ACTIVATIONS; s++) {
            size_t n = a == 0 ? 230 : 23; /* more than one tile */
            fixture f = make(&random, n, architectures[a], activations[s], ZG_SPACE_SAMPLES);
            size_t m = f.space->order;
            zg_gram_work work;
            assert_int_equal(zg_gram_work_create(f.space, &work), ZG_OK);
            double *matrix = zg_doubles(n * n), *mi = zg_doubles(m * m), *mj = zg_doubles(m * m);
            zg_gram_fill(f.space, f.cones, &work, matrix, n);
            for (int check = 0; check < 60; check++) {
                size_t j = zg_random_below_or_equal(&random, n - 1),
                       i = j + zg_random_below_or_equal(&random, n - 1 - j);
                double expected = 0.0;
                for (size_t k = 0; k < 2 * f.space->groups; k++) {
                    zg_lift_matrix(f.problem->lift, k / 2, i, mi);
                    zg_lift_matrix(f.problem->lift, k / 2, j, mj);
                    zg_cone_sandwich(&f.cones[k], mj, mj, &f.scratch);
                    expected += f.space->shrink * f.space->shrink * zg_inner(m, mi, mj);
                }
                assert_close(matrix[j * n + i], expected, 1e-11);
            }
            zg_gram_work_clear(&work);
            free(matrix);
            free(mi);
            free(mj);
            clear(&f);
        }
}

static void kronecker_form_equals_the_definition(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 4);
    for (size_t m = 1; m <= 7; m++) {
        size_t p = zg_svec_size(m);
        double *w = zg_doubles(m * m), *other = zg_doubles(m * m), *k = zg_doubles(p * p),
               *lower = zg_doubles(p * p), *t = zg_doubles(m * m), *a = zg_doubles(m * m),
               *b = zg_doubles(m * m), *x = zg_doubles(p), *out = zg_doubles(p),
               *sum = zg_doubles(p);
        random_definite(&random, m, w);
        random_definite(&random, m, other);
        zg_kronecker_add(m, w, other, true, k, p);
        zg_kronecker_add(m, w, other, false, lower, p);
        for (size_t j = 0; j < p; j++)
            for (size_t i = 0; i < p; i++)
                assert_close(lower[j * p + i], i >= j ? k[j * p + i] : 0.0, 1e-13);
        test_normals(&random, p, x);
        zg_smat(m, x, t);
        const double *both[] = {w, other};
        for (int c = 0; c < 2; c++) {
            zg_gemm(false, false, m, m, m, 1.0, both[c], m, t, m, 0.0, a, m);
            zg_gemm(false, false, m, m, m, 1.0, a, m, both[c], m, 0.0, b, m);
            zg_svec(m, b, out);
            zg_axpy(p, 1.0, out, sum);
        }
        zg_gemv(false, p, p, 1.0, k, p, x, 0.0, out);
        for (size_t i = 0; i < p; i++)
            assert_close(out[i], sum[i], 1e-12);
        double *owned[] = {w, other, k, lower, t, a, b, x, out, sum};
        for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
            free(owned[i]);
    }
}

/* ---- solves ---------------------------------------------------------------------------------- */

/* The solution of the system, by its definition: residual in both rows. */
static void check_solution(const fixture *f, const double *diagonal, const double *right,
                           const double *right_rho, const double *dx, const double *drho)
{
    const zg_space *space = f->space;
    size_t n = space->unknowns, m = space->order, q = zg_space_multipliers(space);
    double *left = zg_doubles(n), *t = zg_doubles(m * m), *change = zg_doubles(m * m);
    double *traces = zg_doubles(q + 1);
    zg_cone_scratch scratch;
    assert_int_equal(zg_cone_scratch_create(m, &scratch), ZG_OK);
    for (size_t i = 0; i < n; i++)
        left[i] = diagonal[i] * dx[i];
    for (size_t k = 0; k < 2 * space->groups; k++) {
        const zg_cone *cone = &f->cones[k];
        zg_space_adjoint(space, k / 2, dx, t);
        for (size_t e = 0; e < m * m; e++)
            change[e] = cone->sign * t[e];
        size_t first = zg_space_multiplier(space, k);
        zg_space_add_multiples(space, drho + first, change);
        zg_cone_sandwich(cone, change, change, &scratch);
        zg_space_apply(space, k / 2, change, cone->sign, left);
        zg_space_traces(space, change, traces + first);
    }
    for (size_t k = 0; k < q; k++)
        assert_close(traces[k], right_rho[k], 1e-8);
    free(traces);
    for (size_t i = 0; i < n; i++)
        assert_close(left[i], right[i], 1e-8);
    zg_cone_scratch_clear(&scratch);
    free(left);
    free(t);
    free(change);
}

static void solves_satisfy_the_newton_system(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 5);
    for (int a = 0; a < ARCHITECTURES; a++)
        for (int s = 0; s < ACTIVATIONS; s++)
            for (int turn = 0; turn < 4; turn++) {
                static const char *const sets[] = {"sphere", "sphere", "binary", "bilinear"};
                bool woodbury = turn == 1;
                fixture f =
                    make_over(&random, sets[turn], woodbury ? 150 : 20, architectures[a],
                              activations[s], woodbury ? ZG_SPACE_WOODBURY : ZG_SPACE_SAMPLES);
                size_t n = f.problem->samples;
                if (turn == 3 && f.space->bordered) { /* pairs have no border */
                    clear(&f);
                    continue;
                }
                zg_schur *schur;
                assert_int_equal(zg_schur_create(f.space, f.cones, &f.scratch, &schur), ZG_OK);
                size_t q = zg_space_multipliers(f.space);
                double *diagonal = zg_doubles(n), *right = zg_doubles(n), *dx = zg_doubles(n),
                       *drho = zg_doubles(q + 1), *right_rho = zg_doubles(q + 1);
                for (size_t i = 0; i < n; i++)
                    diagonal[i] = 0.5 + zg_random_uniform(&random);
                test_normals(&random, n, right);
                test_normals(&random, q, right_rho);
                assert_int_equal(zg_schur_factor(schur, diagonal), ZG_OK);
                zg_schur_solve(schur, right, right_rho, 3, dx, drho, NULL);
                check_solution(&f, diagonal, right, right_rho, dx, drho);
                zg_schur_free(schur);
                free(diagonal);
                free(right);
                free(dx);
                free(drho);
                free(right_rho);
                clear(&f);
            }
}

/* ---- sums ------------------------------------------------------------------------------------ */

static void block_features_equal_the_lift(void **state)
{
    (void)state;
    zg_random random;
    zg_random_seed(&random, 6);
    for (int a = 0; a < ARCHITECTURES; a++)
        for (int s = 0; s < ACTIVATIONS; s++) {
            fixture f = make(&random, 9, architectures[a], activations[s], ZG_SPACE_SAMPLES);
            const zg_lift *lift = f.problem->lift;
            size_t p = zg_svec_size(lift->order);
            double *phi = zg_doubles(9 * p), *block = zg_doubles(4 * p),
                   *columns = zg_doubles(4 * lift->width);
            for (size_t g = 0; g < lift->groups; g++) {
                zg_lift_features(lift, g, phi, 9);
                zg_features_block(lift, g, 3, 4, 2.0, block, 4, columns);
                for (size_t k = 0; k < p; k++)
                    for (size_t i = 0; i < 4; i++)
                        assert_close(block[k * 4 + i], 2.0 * phi[k * 9 + 3 + i], 1e-13);
            }
            free(phi);
            free(block);
            free(columns);
            clear(&f);
        }
}

/* Any division into blocks gives the same sums, and they are Phi'W Phi, Phi'W y and y'W y. */
static void sums_do_not_depend_on_blocks(void **state)
{
    (void)state;
    enum { N = 2500 };
    zg_random random;
    zg_random_seed(&random, 7);
    fixture f = make(&random, N, "conv1d:filter=4,stride=4", TEST_RELU2, ZG_SPACE_WOODBURY);
    const zg_problem *p = f.problem;
    double *weights = zg_doubles(N);
    for (size_t i = 0; i < N; i++)
        weights[i] = 0.5 + zg_random_uniform(&random);
    zg_sums *whole, *parts;
    zg_error error = {0};
    assert_ok(zg_sums_create(p->activation, &p->patches, 1, &whole, &error), &error);
    assert_ok(zg_sums_create(p->activation, &p->patches, 1, &parts, &error), &error);
    zg_sums_add(whole, N, p->x, p->y, N, weights);
    for (size_t start = 0, count = 1; start < N; start += count, count = 3 * count + 1) {
        if (count > N - start) count = N - start;
        zg_sums_add(parts, count, p->x + start * D, p->y + start, count, weights + start);
    }
    zg_sums_finish(whole);
    zg_sums_finish(parts);
    size_t features = whole->features, size = zg_svec_size(whole->order);
    double *phi = zg_doubles(N * features);
    for (size_t g = 0; g < whole->groups; g++)
        zg_lift_features(p->lift, g, phi + g * size * N, N);
    assert_int_equal(parts->rows, N);
    assert_close(whole->squares[0], parts->squares[0], 1e-12);
    for (size_t j = 0; j < features; j++) {
        double moment = 0.0;
        for (size_t i = 0; i < features; i++) {
            double entry = 0.0;
            for (size_t r = 0; r < N; r++)
                entry += weights[r] * phi[j * N + r] * phi[i * N + r];
            assert_close(whole->gram[j * features + i], entry, 1e-12);
            assert_close(parts->gram[j * features + i], entry, 1e-12);
        }
        for (size_t r = 0; r < N; r++)
            moment += weights[r] * phi[j * N + r] * p->y[r];
        assert_close(whole->moments[j], moment, 1e-12);
        assert_close(parts->moments[j], moment, 1e-12);
    }
    zg_sums_free(whole);
    zg_sums_free(parts);
    free(phi);
    free(weights);
    clear(&f);
}

/* How many iterates patience is had with, at most 200, where every one's lower bound and
 * complementarity are so many times those of the one before. */
static int iterates_waited(double lower, double mu)
{
    zg_ipm ipm = {.lower = 1.0, .shift = 1.0, .mu = 1.0, .step = 0.01};
    zg_patience patience = zg_patience_begin();
    int count = 0;
    while (count < 200 && zg_patience_left(&patience, &ipm, 1.0)) {
        ipm.lower *= lower;
        ipm.mu *= mu;
        count++;
    }
    return count;
}

/* Iterates that diverge come to an end, even while their lower bound grows. */
static void patience_ends(void **state)
{
    (void)state;
    assert_int_equal(iterates_waited(1.2, 1.0), 200);
    assert_int_equal(iterates_waited(1.2, 0.1), 200);
    assert_in_range(iterates_waited(1.0, 1.0), 20, 30);
    assert_in_range(iterates_waited(1.2, 10.0), 6, 12);
    assert_in_range(iterates_waited(1.0, 10.0), 6, 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scaling_makes_both_equal),
        cmocka_unit_test(steps_end_at_the_boundary),
        cmocka_unit_test(gram_form_equals_the_definition),
        cmocka_unit_test(kronecker_form_equals_the_definition),
        cmocka_unit_test(solves_satisfy_the_newton_system),
        cmocka_unit_test(block_features_equal_the_lift),
        cmocka_unit_test(sums_do_not_depend_on_blocks),
        cmocka_unit_test(patience_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
