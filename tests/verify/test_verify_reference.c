/* The library's certificates against the checker: every reference optimum, trained, written as a
 * proof and judged by zerogap-verify in both tiers. */
#include "core/loss.h"
#include "core/proof.h"
#include "data/catalogue.h"
#include "data/planted.h"
#include "tests/support/support.h"
#include "train/registry.h"
#include "train/training.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static char directory[64];

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Runs the checker; returns its exit status and copies its first line. */
static int run_checker(const char *certificate, const char *data, const char *options, char *line,
                       size_t size, double *took)
{
    char command[4096];
    snprintf(command, sizeof command, "%s-verify %s --data %s %s", getenv("ZEROGAP"), certificate,
             data, options);
    double start = seconds();
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    line[0] = '\0';
    (void)!fgets(line, (int)size, pipe);
    int status = pclose(pipe);
    *took = seconds() - start;
    return status / 256;
}

/* "official:n,d,m,seed" or "gauss:..", the name of a shared CSV file, or a catalogue name. */
static zg_status load(const char *name, char *path, size_t size, zg_dataset **out, zg_error *error)
{
    zg_planted planted = {.noise = 0.1, .activation = TEST_RELU2};
    *path = '\0';
    if (sscanf(name, "%*[a-z]:%zu,%zu,%zu,%u", &planted.n, &planted.d, &planted.neurons,
               &planted.seed) == 4) {
        bool official = strncmp(name, "official", 8) == 0;
        planted.features = official ? ZG_FEATURES_GAUSSIAN4 : ZG_FEATURES_GAUSSIAN;
        return zg_planted_create(&planted, out, error);
    }
    char relative[160];
    snprintf(relative, sizeof relative, "data/%s.csv", name);
    const char *shared = test_shared(relative);
    zg_data_options options = {0};
    if (!shared) return zg_catalogue_load(name, &options, out, error);
    snprintf(path, size, "%s", shared);
    return zg_dataset_load(path, &options, out, error);
}

/* Labels that are a class: two different numbers, unless the data are for regression. */
static zg_task task_of(const zg_dataset *dataset, const char *name)
{
    (void)dataset;
    return strchr(name, ':') || strcmp(name, "boston") == 0 ? ZG_REGRESSION : ZG_BINARY;
}

static zg_problem *make_problem(const zg_dataset *dataset, const char *name,
                                const char *architecture, const char *activation, const char *loss,
                                double beta)
{
    zg_error error = {0};
    zg_model_options options = {.beta = beta, .task = task_of(dataset, name)};
    options.standardize = !strchr(name, ':') && strcmp(name, "digits01") != 0;
    assert_ok(zg_activation_parse(activation, &options.activation, &error), &error);
    assert_ok(zg_loss_parse(loss, &options.loss, &error), &error);
    assert_ok(zg_architecture_parse(architecture, dataset->inputs, &options.architecture, &error),
              &error);
    zg_problem *problem;
    assert_ok(zg_problem_create(dataset, &options, &problem, &error), &error);
    return problem;
}

/* optimum: NAN when unknown.  took gets the seconds of both tiers. */
static void judge(const zg_proof *proof, double optimum, const char *what, double took[2])
{
    char certificate[128], line[1024];
    zg_error error = {0};
    zg_proof_claim claim;
    snprintf(certificate, sizeof certificate, "%s/proof.json", directory);
    assert_ok(zg_proof_write(certificate, proof, &claim, &error), &error);
    for (int exact = 0; exact < 2; exact++) {
        int status = run_checker(certificate, claim.data_file, exact ? "--exact" : "", line,
                                 sizeof line, &took[exact]);
        if (status != 0) print_error("%s: %s", what, line);
        assert_int_equal(status, 0);
    }
    print_message("# %s: gap %.1e, lost %.1e, %.3f s, exact %.3f s\n", what, claim.gap,
                  claim.lost / fmax(1.0, fabs(claim.upper)), took[0], took[1]);
    assert_true(claim.gap <= 1e-6);
    if (isnan(optimum)) return;
    assert_true(claim.lower <= optimum * (1 + 1e-6) && claim.upper >= optimum * (1 - 1e-6));
}

static void solve_and_judge(const char *name, const char *architecture, const char *activation,
                            const char *loss, double beta, double optimum, double *solved,
                            double checked[2])
{
    char path[256], what[512];
    *solved = checked[0] = checked[1] = NAN;
    zg_error error = {0};
    zg_dataset *dataset = NULL;
    snprintf(what, sizeof what, "%s %s %s %s %g", name, architecture, activation, loss, beta);
    if (load(name, path, sizeof path, &dataset, &error)) {
        print_message("# skipped, no data: %s (%s)\n", what, error.message);
        return;
    }
    zg_problem *problem = make_problem(dataset, name, architecture, activation, loss, beta);
    const zg_method *method;
    zg_value *values;
    assert_ok(zg_method_find("auto", problem, &method, &error), &error);
    assert_ok(zg_values_create(method, &values, &error), &error);
    zg_control control = {.tolerance = 1e-7};
    zg_training training;
    zg_status status =
        zg_training_run(problem, method, values, &control, 0.0, 0.0, NULL, NULL, &training, &error);
    assert_ok(status, &error);
    zg_proof proof = {.problem = problem,
                      .dataset = dataset,
                      .network = training.solution.network,
                      .dual = training.dual,
                      .data_path = *path ? path : NULL};
    double took[2];
    judge(&proof, optimum, what, took);
    *solved = training.solution.seconds;
    for (int exact = 0; exact < 2; exact++)
        checked[exact] = took[exact];
    zg_training_clear(&training);
    zg_values_free(method, values);
    zg_problem_free(problem);
    zg_dataset_free(dataset);
}

static void test_reference_optima(void **state)
{
    (void)state;
    const char *path = test_shared("reference/optima.csv");
    if (!path) {
        print_message("# no shared reference data here\n");
        skip();
    }
    char line[512], name[128], architecture[160], activation[64], loss[64], copy[256];
    double beta, optimum;
    snprintf(copy, sizeof copy, "%s", path);
    FILE *file = fopen(copy, "r");
    assert_non_null(file);
    int rows = 0, missing = 0;
    const char *only = getenv("ZEROGAP_ONLY");
    while (fgets(line, sizeof line, file)) {
        const char *p = line;
        int used = 0;
        char quoted = *p == '"';
        if (sscanf(p, quoted ? "\"%127[^\"]\",%n" : "%127[^,],%n", name, &used) != 1) continue;
        p += used;
        if (sscanf(p, "%*d,%*d,%n", &used) != 0) continue;
        p += used;
        quoted = *p == '"';
        if (sscanf(p, quoted ? "\"%159[^\"]\",%n" : "%159[^,],%n", architecture, &used) != 1)
            continue;
        if (sscanf(p + used, "%63[^,],%63[^,],%lf,%lf", activation, loss, &beta, &optimum) != 4)
            continue;
        if (only && !strstr(line, only)) continue;
        double solved, checked[2];
        solve_and_judge(name, architecture, activation, loss, beta, optimum, &solved, checked);
        rows++;
        missing += isnan(solved);
    }
    fclose(file);
    assert_true(rows > 0);
    if (missing == 0) return;
    print_message("# %d of %d reference optima have no data here\n", missing, rows);
    skip();
}

/* n = 500, d = 50: the exact tier in half a minute, the fast one in 20 times the solver's time. */
static void test_size(void **state)
{
    (void)state;
    double solved = NAN, checked[2] = {NAN, NAN};
    solve_and_judge("gauss:500,50,5,1", "dense", "relu2", "squared", 1.0, NAN, &solved, checked);
    print_message("# n=500 d=50: solved in %.3f s, checked in %.3f s, exactly in %.3f s\n", solved,
                  checked[0], checked[1]);
    assert_true(checked[0] <= 20 * solved && checked[1] <= 30);
}

static int make_directory(void **state)
{
    (void)state;
    strcpy(directory, "/tmp/zerogap-proof-XXXXXX");
    return mkdtemp(directory) && getenv("ZEROGAP") ? 0 : -1;
}

static int remove_directory(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", directory);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_reference_optima, make_directory, remove_directory),
        cmocka_unit_test_setup_teardown(test_size, make_directory, remove_directory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
