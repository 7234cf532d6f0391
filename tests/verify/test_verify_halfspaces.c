/*
 * Half-spaces, which the library finds by exact determinants of doubles and the checker in whole
 * numbers: both against each other and against all directions of a grid, where rows are in general
 * position and where they are anything but; threshold units trained over them, against reference
 * optima and an oracle of their own; and certificates that lie about them.
 */
#include "proof.h"

#include "base/linalg.h"
#include "core/proof.h"
#include "data/halfspaces.h"
#include "solvers/solver.h"
#include "tests/support/support.h"
#include "train/training.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_ROWS = 24, MOST_PATTERNS = 700 };

typedef struct patterns {
    size_t count;
    char digit[MOST_PATTERNS][MOST_ROWS];
} patterns;

static int compare(const void *a, const void *b)
{
    return memcmp(a, b, MOST_ROWS);
}

static void sort(patterns *p)
{
    size_t kept = 0;
    qsort(p->digit, p->count, sizeof *p->digit, compare);
    for (size_t k = 0; k < p->count; k++)
        if (kept == 0 || compare(p->digit[kept - 1], p->digit[k]) != 0)
            memmove(p->digit[kept++], p->digit[k], MOST_ROWS);
    p->count = kept;
}

static void of_library(size_t n, size_t d, const double *x, patterns *out)
{
    double *u;
    zg_error error = {0};
    memset(out, 0, sizeof *out);
    assert_ok(zg_halfspaces_create(n, d, x, &out->count, &u, &error), &error);
    assert_true(out->count <= MOST_PATTERNS);
    for (size_t k = 0; k < out->count; k++)
        for (size_t i = 0; i < n; i++)
            out->digit[k][i] = zg_halfspace_of(d, u + k * 2 * d, x + i * d) == 1;
    free(u);
}

static void of_checker(size_t n, size_t d, const double *x, patterns *out)
{
    zv_session s = {.memory_limit = (size_t)1 << 28};
    memset(out, 0, sizeof *out);
    for (size_t k = 0; k < n * d; k++)
        zv_seen(&s, x[k]);
    double *h = zv_halfspaces(&s, n, d, x, &out->count);
    assert_true(out->count <= MOST_PATTERNS);
    for (size_t k = 0; k < out->count; k++)
        for (size_t i = 0; i < n; i++)
            out->digit[k][i] = h[i * out->count + k] == 1;
    zv_release(&s);
}

/* Whole directions up to `most`, which is far enough for rows of small whole numbers. */
static void of_grid(size_t n, size_t d, const double *x, int most, patterns *out)
{
    memset(out, 0, sizeof *out);
    int from[3] = {-most, d > 1 ? -most : 0, d > 2 ? -most : 0}, u[3];
    for (u[0] = from[0]; u[0] <= -from[0]; u[0]++)
        for (u[1] = from[1]; u[1] <= -from[1]; u[1]++)
            for (u[2] = from[2]; u[2] <= -from[2]; u[2]++) {
                if (u[0] == 0 && u[1] == 0 && u[2] == 0) continue;
                if (out->count == MOST_PATTERNS) sort(out);
                assert_true(out->count < MOST_PATTERNS);
                for (size_t i = 0; i < n; i++) {
                    double sum = 0;
                    for (size_t c = 0; c < d; c++)
                        sum += u[c] * x[i * d + c];
                    out->digit[out->count][i] = sum >= 0;
                }
                out->count++;
            }
    sort(out);
}

static void assert_same(const patterns *a, const patterns *b)
{
    assert_int_equal(a->count, b->count);
    assert_memory_equal(a->digit, b->digit, a->count * MOST_ROWS);
}

/* Rows of -1, 0 and 1 are zero, repeated, opposite and in common planes most of the time. */
static void degenerate_rows_have_the_patterns_of_a_fine_grid(void **state)
{
    (void)state;
    zg_random random;
    patterns *p = calloc(3, sizeof *p);
    zg_random_seed(&random, 5);
    for (int round = 0; round < test_rounds(300); round++) {
        double x[18];
        size_t d = 1 + zg_random_below_or_equal(&random, 2);
        size_t n = 1 + zg_random_below_or_equal(&random, 5);
        for (size_t k = 0; k < n * d; k++)
            x[k] = (double)zg_random_below_or_equal(&random, 2) - 1;
        of_library(n, d, x, &p[0]);
        of_checker(n, d, x, &p[1]);
        of_grid(n, d, x, 6, &p[2]);
        assert_same(&p[0], &p[1]);
        assert_same(&p[0], &p[2]);
    }
    free(p);
}

static void rows_in_general_position_have_the_number_that_is_known(void **state)
{
    (void)state;
    zg_random random;
    patterns *p = calloc(2, sizeof *p);
    zg_random_seed(&random, 6);
    for (size_t n = 1; n <= MOST_ROWS; n++)
        for (size_t d = 1; d <= 3; d++) {
            double x[3 * MOST_ROWS], scale = pow(10, 40.0 * zg_random_uniform(&random) - 20);
            test_normals(&random, n * d, x);
            for (size_t k = 0; k < n * d; k++)
                x[k] *= scale;
            of_library(n, d, x, &p[0]);
            of_checker(n, d, x, &p[1]);
            assert_same(&p[0], &p[1]);
            size_t known = d == 1 ? 2 : d == 2 ? 2 * n : n * (n - 1) + 2;
            if (n < d) known = (size_t)1 << n; /* all, of independent rows */
            assert_int_equal(p[0].count, known);
        }
    free(p);
}

/* Points a last digit off a plane, where a computed determinant says nothing. */
static void a_last_digit_decides(void **state)
{
    (void)state;
    patterns *p = calloc(2, sizeof *p);
    double x[12] = {0.1, 0.2, 1, 0.3, 0.6, 1, 0.7, 1.4, 1, 0.9, 1.8, 1};
    for (int k = -3; k <= 3; k++) {
        double rows[12];
        memcpy(rows, x, sizeof rows);
        for (int step = abs(k); step > 0; step--)
            rows[7] = nextafter(rows[7], k > 0 ? 2 : 0);
        of_library(4, 3, rows, &p[0]);
        of_checker(4, 3, rows, &p[1]);
        assert_same(&p[0], &p[1]);
    }
    /* The same rows and their negatives, in whole numbers. */
    for (size_t k = 0; k < 6; k++)
        x[6 + k] = -(x[k] = rint(10 * x[k]));
    of_library(4, 3, x, &p[0]);
    of_checker(4, 3, x, &p[1]);
    assert_same(&p[0], &p[1]);
    free(p);
}

static void what_cannot_be_enumerated_is_refused(void **state)
{
    (void)state;
    static const double bad[] = {NAN, INFINITY, 1e61, 1e-61};
    double x[8] = {1, 2, 3, 4, 5, 6, 7, 8}, *u;
    size_t count;
    zg_error error;
    assert_int_equal(zg_halfspaces_create(2, 4, x, &count, &u, &error), ZG_UNSUPPORTED);
    assert_int_equal(zg_halfspaces_create(2, 0, x, &count, &u, &error), ZG_UNSUPPORTED);
    for (size_t k = 0; k < 4; k++) {
        x[1] = bad[k];
        assert_int_equal(zg_halfspaces_create(2, 2, x, &count, &u, &error), ZG_UNSUPPORTED);
        assert_non_null(strstr(error.message, "row 1, input 2"));
    }
    double *many = zg_doubles(3 * 1000);
    assert_non_null(many);
    assert_int_equal(zg_halfspaces_create(1000, 3, many, &count, &u, &error), ZG_UNSUPPORTED);
    free(many);
    assert_true(isnan(zg_halfspace_of(2, (const double[]){1, 0, 0, 0}, (const double[]){NAN, 1})));
    assert_true(
        isnan(zg_halfspace_of(2, (const double[]){0, 1, 0, 0}, (const double[]){INFINITY, 1})));
}

/* ---- threshold units ------------------------------------------------------------------------- */

static zg_model_options threshold_units(double beta)
{
    return (zg_model_options){.activation = TEST_QUADRATIC,
                              .architecture = {.kind = ZG_CONV1D,
                                               .height = 1,
                                               .channels = 1,
                                               .filter = {1, 1},
                                               .stride = {1, 1}},
                              .beta = beta,
                              .halfspaces = true};
}

static void train(const zg_dataset *dataset, double beta, zg_problem **problem, zg_training *out)
{
    zg_value *values;
    zg_error error = {0};
    zg_control control = {.tolerance = 1e-9};
    const zg_model_options options = threshold_units(beta);
    assert_ok(zg_problem_create(dataset, &options, problem, &error), &error);
    assert_ok(zg_values_create(&zg_method_ipm, &values, &error), &error);
    (void)zg_training_run(*problem, &zg_method_ipm, values, &control, 0, INFINITY, NULL, NULL, out,
                          &error);
    zg_values_free(&zg_method_ipm, values);
}

/* D(s v) of the squared loss over the checker's patterns: no code of the solver's side. */
static double bound_of(size_t n, size_t d, const double *x, const double *y, const double *v,
                       double beta)
{
    patterns *p = calloc(1, sizeof *p);
    double largest = 0, product = zg_dot(n, v, y), square = zg_dot(n, v, v);
    of_checker(n, d, x, p);
    for (size_t k = 0; k < p->count; k++) {
        double sum = 0;
        for (size_t i = 0; i < n; i++)
            sum += p->digit[k][i] ? v[i] : 0;
        largest = fmax(largest, fabs(sum));
    }
    free(p);
    double s = fmin(product / square, beta / largest);
    return s * product - s * s * square / 2;
}

static bool check_reference(const char *line)
{
    unsigned n, d, seed;
    double beta, lower, upper;
    if (sscanf(line,
               "G,threshold units,\"threshold:%u,%u,%u\",%*u,%*u,step,squared,%lf,%*[^,],"
               "%lf,%lf,",
               &n, &d, &seed, &beta, &lower, &upper) != 6)
        return false;
    double x[3 * MOST_ROWS], y[MOST_ROWS];
    zg_random random;
    zg_dataset *dataset;
    zg_problem *problem;
    zg_training training;
    zg_error error = {0};
    zg_random_seed(&random, seed);
    test_normals(&random, n * d, x);
    for (size_t i = 0; i < n; i++)
        y[i] = x[i * d] * x[i * d + 1] > 0 ? 1 : -1;
    for (size_t i = 0; i < n; i++)
        y[i] += 0.1 * zg_random_normal(&random);
    assert_ok(zg_dataset_create(n, d, x, 1, y, &dataset, &error), &error);
    train(dataset, beta, &problem, &training);
    assert_int_equal(training.assessment.decision, ZG_DECISION_CERTIFIED);
    double second = bound_of(n, d, x, y, training.dual, beta);
    print_message("# %u,%u beta %g: [%.10g, %.10g], over the checker's patterns %.10g\n", n, d,
                  beta, training.certificate.bound, training.certificate.objective, second);
    assert_close(training.certificate.bound, lower, 1e-7);
    assert_close(training.certificate.objective, upper, 1e-7);
    assert_close(second, lower, 1e-7);
    zg_training_clear(&training);
    zg_problem_free(problem);
    zg_dataset_free(dataset);
    return true;
}

static void threshold_units_reach_the_reference_optima(void **state)
{
    (void)state;
    const char *path = test_shared("reference/neighbours/optima.csv");
    char line[512];
    int checked = 0;
    if (!path) {
        print_message("# no shared reference values here\n");
        skip();
    }
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file))
        if (line[0] == 'G') {
            assert_true(check_reference(line));
            checked++;
        }
    fclose(file);
    assert_true(checked >= 4);
}

/* ---- certificates ---------------------------------------------------------------------------- */

enum { N = 7, D = 2 };

typedef struct sample {
    char *certificate, *data;
    double lower, upper;
} sample;

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text = calloc(1, 1 << 16);
    assert_true(file && text);
    assert_true(fread(text, 1, (1 << 16) - 1, file) > 0);
    fclose(file);
    return text;
}

/* Rows that are zero, repeated and opposite. */
static void make(sample *out)
{
    const double x[N * D] = {0, 0, 1, 2, 1, 2, -1, -2, 2, -1, 3, 1, -1, 1};
    const double y[N] = {1, -2, 0.5, 3, -1, 0.25, 2};
    zg_dataset *dataset;
    zg_problem *problem;
    zg_training training;
    zg_error error = {0};
    assert_ok(zg_dataset_create(N, D, x, 1, y, &dataset, &error), &error);
    train(dataset, 0.25, &problem, &training);
    assert_int_equal(training.assessment.decision, ZG_DECISION_CERTIFIED);
    char path[] = "/tmp/zg-halfspaces-XXXXXX", data[64];
    int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
    zg_proof proof = {.problem = problem,
                      .dataset = dataset,
                      .network = training.solution.network,
                      .dual = training.dual};
    zg_proof_claim claim;
    assert_ok(zg_proof_write(path, &proof, &claim, &error), &error);
    snprintf(data, sizeof data, "%s.csv", path);
    *out = (sample){read_file(path), read_file(data), training.certificate.bound,
                    training.certificate.objective};
    unlink(path);
    unlink(data);
    zg_training_clear(&training);
    zg_problem_free(problem);
    zg_dataset_free(dataset);
}

static zv_verdict judge(const char *certificate, const char *data, zv_session *s)
{
    char *a = strdup(certificate), *b = strdup(data);
    zv_claim claim;
    *s = (zv_session){.memory_limit = (size_t)1 << 28, .work_limit = 1e9};
    zv_judge(s, &claim, a, strlen(a), b, strlen(b));
    zv_release(s);
    free(a);
    free(b);
    return s->verdict;
}

/* With `from` in the certificate replaced by `to`. */
static zv_verdict judge_into(const sample *s, const char *from, const char *to, zv_session *session)
{
    char changed[1 << 16];
    const char *at = strstr(s->certificate, from);
    assert_non_null(at);
    snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - s->certificate), s->certificate, to,
             at + strlen(from));
    return judge(changed, s->data, session);
}

static zv_verdict judge_changed(const sample *s, const char *from, const char *to)
{
    zv_session session;
    return judge_into(s, from, to, &session);
}

static void a_certificate_over_degenerate_rows_is_proven(void **state)
{
    (void)state;
    sample s;
    zv_session session;
    make(&s);
    if (judge(s.certificate, s.data, &session) != ZV_PROVEN) print_error("%s\n", session.message);
    assert_int_equal(session.verdict, ZV_PROVEN);
    assert_close(session.lower, s.lower, 1e-8);
    assert_close(session.upper, s.upper, 1e-8);
    free(s.certificate);
    free(s.data);
}

static void a_certificate_that_lies_about_its_half_spaces_is_not_proven(void **state)
{
    (void)state;
    sample s;
    make(&s);
    const char *const flag = ",\n \"halfspaces\": true";
    assert_int_equal(judge_changed(&s, flag, ""), ZV_BAD_FILE);
    assert_int_equal(judge_changed(&s, flag, ",\n \"halfspaces\": false"), ZV_BAD_FILE);
    assert_int_equal(judge_changed(&s, flag, ",\n \"halfspaces\": 1"), ZV_BAD_FILE);
    /* Balls and margins are of points, which half-spaces do not move with. */
    static const char *const formats[] = {"zerogap-certificate/2", "zerogap-margins/1"};
    for (size_t k = 0; k < 2; k++) {
        zv_session session;
        assert_int_equal(judge_into(&s, "zerogap-certificate/1", formats[k], &session),
                         ZV_BAD_FILE);
        assert_non_null(strstr(session.message, "no half-spaces of points that move"));
    }
    const char *width = strstr(s.certificate, "\"width\": ");
    assert_non_null(width);
    char own[32], other[32];
    int count = atoi(width + strlen("\"width\": "));
    snprintf(own, sizeof own, "\"width\": %d", count);
    for (int more = -1; more <= 1; more += 2) {
        snprintf(other, sizeof other, "\"width\": %d", count + more);
        assert_int_equal(judge_changed(&s, own, other), ZV_BAD_FILE);
    }
    free(s.certificate);
    free(s.data);
}

/* A changed digit of the dual vector, of the network or of the bounds may leave a weaker claim that
 * is still true, and must never prove one that is false. */
static void no_changed_digit_proves_what_is_false(void **state)
{
    (void)state;
    sample s;
    size_t tried = 0, proven = 0;
    make(&s);
    size_t from = (size_t)(strstr(s.certificate, "\"lower\"") - s.certificate);
    for (size_t at = from; s.certificate[at]; at++) {
        char saved = s.certificate[at];
        if (saved < '0' || saved > '9') continue;
        zv_session session;
        s.certificate[at] = (char)(saved == '9' ? '0' : saved + 1);
        tried++;
        if (judge(s.certificate, s.data, &session) == ZV_PROVEN) {
            proven++;
            assert_true(session.lower <= s.upper + 1e-9);
            assert_true(isinf(session.upper) || session.upper >= s.lower - 1e-9);
        }
        s.certificate[at] = saved;
    }
    print_message("# %zu mutations, %zu proven and true\n", tried, proven);
    assert_true(tried > 50 && proven < tried);
    free(s.certificate);
    free(s.data);
}

/* ---- other rows ------------------------------------------------------------------------------ */

static void a_network_is_not_judged_on_rows_that_are_parted_otherwise(void **state)
{
    (void)state;
    double x[] = {1, 2, -1, 0.5, 2, -1, 0.25, -3}, y[] = {1, -1, 2, 0.5};
    zg_dataset *dataset, *other;
    zg_problem *problem, *of_other;
    zg_training training;
    zg_error error = {0};
    assert_ok(zg_dataset_create(4, 2, x, 1, y, &dataset, &error), &error);
    train(dataset, 0.1, &problem, &training);
    const zg_network *network = training.solution.network;
    assert_ok(zg_problem_for_network(dataset, network, NULL, 0, NULL, &of_other, &error), &error);
    zg_problem_free(of_other);
    x[0] = -1;
    assert_ok(zg_dataset_create(4, 2, x, 1, y, &other, &error), &error);
    assert_int_equal(zg_problem_for_network(other, network, NULL, 0, NULL, &of_other, &error),
                     ZG_BAD_INPUT);
    assert_non_null(strstr(error.message, "half-spaces"));
    double p[4], q[2], r;
    assert_int_equal(zg_network_form(network, 0, true, p, q, &r, &error), ZG_UNSUPPORTED);
    zg_dataset_free(other);
    zg_dataset_free(dataset);
    zg_training_clear(&training);
    zg_problem_free(problem);
}

static void a_model_file_keeps_its_half_spaces(void **state)
{
    (void)state;
    const double x[] = {1, 2, -1, 0.5, 2, -1, 0.25, -3, 0.1, 0.3}, y[] = {1, -1, 2, 0.5, 3};
    zg_dataset *dataset;
    zg_problem *problem;
    zg_training training;
    zg_network *again;
    zg_error error = {0};
    char path[] = "/tmp/zg-halfspaces-XXXXXX";
    double f[2][5];
    int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
    assert_ok(zg_dataset_create(5, 2, x, 1, y, &dataset, &error), &error);
    train(dataset, 0.1, &problem, &training);
    assert_ok(zg_network_save(training.solution.network, path, &error), &error);
    assert_ok(zg_network_load(path, &again, &error), &error);
    assert_int_equal(again->preprocess.halfspaces, problem->inputs);
    assert_ok(zg_network_predict(training.solution.network, 5, x, f[0], &error), &error);
    assert_ok(zg_network_predict(again, 5, x, f[1], &error), &error);
    assert_memory_equal(f[0], f[1], sizeof f[0]);
    unlink(path);
    zg_network_free(again);
    zg_training_clear(&training);
    zg_problem_free(problem);
    zg_dataset_free(dataset);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(degenerate_rows_have_the_patterns_of_a_fine_grid),
        cmocka_unit_test(rows_in_general_position_have_the_number_that_is_known),
        cmocka_unit_test(a_last_digit_decides),
        cmocka_unit_test(what_cannot_be_enumerated_is_refused),
        cmocka_unit_test(threshold_units_reach_the_reference_optima),
        cmocka_unit_test(a_certificate_over_degenerate_rows_is_proven),
        cmocka_unit_test(a_certificate_that_lies_about_its_half_spaces_is_not_proven),
        cmocka_unit_test(no_changed_digit_proves_what_is_false),
        cmocka_unit_test(a_network_is_not_judged_on_rows_that_are_parted_otherwise),
        cmocka_unit_test(a_model_file_keeps_its_half_spaces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
