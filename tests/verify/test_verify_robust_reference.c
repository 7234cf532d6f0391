/* Robust reference optima (neighbours/optima.csv, part A): each row trained by both methods, met to
 * 1e-7, and proven by zerogap-verify. */
#include "core/loss.h"
#include "core/proof.h"
#include "data/catalogue.h"
#include "data/planted.h"
#include "solvers/solver.h"
#include "tests/support/support.h"
#include "train/registry.h"
#include "train/training.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct row {
    char kind[32], data[96], loss[32];
    size_t n, d;
    double beta, radius, lower, upper;
} row;

/* ---- the table ------------------------------------------------------------------------------- */

/* One field of a CSV line, quoted or not; moves behind its comma. */
static void take_field(const char **line, char *field, size_t size)
{
    const char *at = *line;
    bool quoted = *at == '"';
    at += quoted;
    size_t length = strcspn(at, quoted ? "\"" : ",\r\n");
    assert_true(length < size);
    memcpy(field, at, length);
    field[length] = '\0';
    at += length + quoted;
    *line = at + (*at == ',');
}

static double take_number(const char **line)
{
    char field[96];
    take_field(line, field, sizeof field);
    return atof(field[0] == 'r' && field[1] == '=' ? field + 2 : field);
}

/* False: the row is not about training. */
static bool parse_row(const char *line, row *r)
{
    char work[8], activation[16];
    take_field(&line, work, sizeof work);
    if (strcmp(work, "A") != 0 || strncmp(line, "robust", 6) != 0) return false;
    take_field(&line, r->kind, sizeof r->kind);
    take_field(&line, r->data, sizeof r->data);
    r->n = (size_t)take_number(&line);
    r->d = (size_t)take_number(&line);
    take_field(&line, activation, sizeof activation);
    assert_string_equal(activation, "relu2");
    take_field(&line, r->loss, sizeof r->loss);
    r->beta = take_number(&line);
    r->radius = take_number(&line);
    r->lower = take_number(&line);
    r->upper = take_number(&line);
    return true;
}

/* ---- the data -------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* +1 above the median, else -1. */
static void label_by_median(zg_dataset *data)
{
    size_t n = data->rows;
    double sorted[64];
    assert_true(n <= 64);
    memcpy(sorted, data->t, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, compare);
    double median = n % 2 ? sorted[n / 2] : 0.5 * (sorted[n / 2 - 1] + sorted[n / 2]);
    for (size_t i = 0; i < n; i++)
        data->t[i] = data->t[i] > median ? 1.0 : -1.0;
}

/* The first n rows and d columns of a data set of two classes, which become 0 and 1. */
static zg_dataset *corner_of(const zg_dataset *all, size_t n, size_t d)
{
    zg_dataset *out;
    zg_error error = {0};
    double *x = calloc(n * d, sizeof *x), *t = calloc(n, sizeof *t);
    assert_true(x && t);
    for (size_t i = 0; i < n; i++) {
        memcpy(x + i * d, all->x + i * all->inputs, d * sizeof *x);
        t[i] = all->t[i] == all->t[0];
    }
    assert_ok(zg_dataset_create(n, d, x, 1, t, &out, &error), &error);
    free(x);
    free(t);
    return out;
}

/* NULL where they cannot be had here.  path: of the file with the rows, or empty. */
static zg_dataset *load(const row *r, char *path, size_t size)
{
    zg_planted planted = {.noise = 0.1, .activation = TEST_RELU2};
    zg_dataset *all = NULL, *out = NULL;
    zg_data_options options = {0};
    zg_error error = {0};
    *path = '\0';
    if (sscanf(r->data, "gauss:%zu,%zu,%zu,%u", &planted.n, &planted.d, &planted.neurons,
               &planted.seed) == 4) {
        assert_ok(zg_planted_create(&planted, &out, &error), &error);
        if (strstr(r->data, "labels=median")) label_by_median(out);
        return out;
    }
    if (strncmp(r->data, "wdbc", 4) != 0) {
        char relative[160];
        snprintf(relative, sizeof relative, "data/%s.csv", r->data);
        const char *shared = test_shared(relative);
        if (!shared) return NULL;
        snprintf(path, size, "%s", shared);
        assert_ok(zg_dataset_load(path, &options, &out, &error), &error);
        return out;
    }
    if (zg_catalogue_load("wdbc", &options, &all, &error) != ZG_OK) return NULL;
    if (r->n == all->rows) return all;
    out = corner_of(all, r->n, r->d);
    zg_dataset_free(all);
    return out;
}

static zg_problem *make_problem(const row *r, const zg_dataset *dataset, double radius)
{
    zg_error error = {0};
    zg_problem *problem;
    zg_model_options options = {.beta = r->beta, .activation = TEST_RELU2};
    assert_ok(zg_loss_parse(r->loss, &options.loss, &error), &error);
    bool labels = zg_loss_has(options.loss.kind, ZG_LOSS_LABELLED);
    options.task = labels ? ZG_BINARY : ZG_REGRESSION;
    options.standardize = strchr(r->data, ':') == NULL;
    assert_ok(zg_problem_create(dataset, &options, &problem, &error), &error);
    assert_int_equal(problem->samples, r->n);
    assert_int_equal(problem->inputs, r->d);
    assert_ok(zg_problem_make_robust(problem, radius, &error), &error);
    return problem;
}

/* ---- training and proof ---------------------------------------------------------------------- */

static void train(const zg_problem *problem, const zg_method *method, zg_training *out)
{
    zg_value *values;
    zg_error error = {0};
    zg_control control = {.tolerance = 1e-7};
    assert_ok(zg_values_create(method, &values, &error), &error);
    assert_ok(
        zg_training_run(problem, method, values, &control, 0.0, INFINITY, NULL, NULL, out, &error),
        &error);
    zg_values_free(method, values);
    if (out->assessment.decision != ZG_DECISION_CERTIFIED)
        fail_msg("%s: [%.10g, %.10g], %s", method->name, out->certificate.bound,
                 out->certificate.objective, out->solution.message);
}

static void prove(const zg_problem *problem, const zg_dataset *dataset, const char *path,
                  const zg_training *training)
{
    char certificate[] = "/tmp/zg-robust-XXXXXX", command[4096], data[64];
    zg_error error = {0};
    zg_proof_claim claim;
    int file = mkstemp(certificate);
    assert_true(file >= 0);
    close(file);
    zg_proof proof = {.problem = problem,
                      .dataset = dataset,
                      .network = training->solution.network,
                      .dual = training->dual,
                      .data_path = *path ? path : NULL};
    assert_ok(zg_proof_write(certificate, &proof, &claim, &error), &error);
    assert_true(claim.gap <= 1e-6);
    snprintf(command, sizeof command, "%s-verify '%s' --data '%s' >/dev/null", getenv("ZEROGAP"),
             certificate, claim.data_file);
    int status = system(command);
    snprintf(data, sizeof data, "%s.csv", certificate);
    unlink(certificate);
    unlink(data);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void check(const row *r, const zg_dataset *dataset, const char *path,
                  const zg_method *method)
{
    zg_training training;
    zg_problem *problem = make_problem(r, dataset, r->radius);
    train(problem, method, &training);
    const zg_certificate *c = &training.certificate;
    double size = fmax(1.0, r->upper);
    print_message("# %s %s beta %g radius %g, %s: [%.10g, %.10g], reference [%.10g, %.10g], %.1f "
                  "s; %s\n",
                  r->data, r->loss, r->beta, r->radius, method->name, c->bound, c->objective,
                  r->lower, r->upper, training.solution.processor_seconds,
                  training.solution.message);
    assert_true(c->objective <= r->upper + 1e-7 * size);
    assert_true(c->objective >= r->lower - 1e-9 * size);
    assert_true(c->bound <= r->upper + 1e-9 * size);
    assert_true(c->bound >= r->lower - 1e-7 * size);
    prove(problem, dataset, path, &training);
    zg_training_clear(&training);
    zg_problem_free(problem);
}

/* A box of half-width r holds the ball of radius r and is held by that of r sqrt(d). */
static void check_box(const row *r, const zg_dataset *dataset)
{
    zg_training inner, outer;
    zg_problem *within = make_problem(r, dataset, r->radius);
    zg_problem *around = make_problem(r, dataset, r->radius * sqrt((double)r->d));
    train(within, &zg_method_ipm, &inner);
    train(around, &zg_method_ipm, &outer);
    assert_true(inner.certificate.bound <= r->upper);
    assert_true(outer.certificate.objective >= r->lower);
    zg_training_clear(&inner);
    zg_training_clear(&outer);
    zg_problem_free(within);
    zg_problem_free(around);
}

static void every_robust_optimum_is_met_by_both_methods_and_proven(void **state)
{
    (void)state;
    const char *table = test_shared("reference/neighbours/optima.csv");
    char line[1024], path[512];
    size_t met = 0, boxes = 0;
    if (!table) skip();
    FILE *file = fopen(table, "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file)) {
        row r;
        if (!parse_row(line, &r)) continue;
        zg_dataset *dataset = load(&r, path, sizeof path);
        if (!dataset) {
            print_message("# skipped, no data: %s\n", r.data);
            continue;
        }
        bool box = strcmp(r.kind, "robust linf exact") == 0;
        if (box)
            check_box(&r, dataset);
        else
            check(&r, dataset, path, &zg_method_ipm);
        if (!box && r.radius > 0) check(&r, dataset, path, &zg_method_exchange);
        met += !box;
        boxes += box;
        zg_dataset_free(dataset);
    }
    fclose(file);
    print_message("# %zu optima, %zu brackets of boxes\n", met, boxes);
    assert_true(met >= 20 && boxes == 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_robust_optimum_is_met_by_both_methods_and_proven),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
