/* The reference optima, row by row (see reference.h). */
#include "tests/solvers/reference.h"

#include "data/catalogue.h"
#include "tests/solvers/solving.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct row {
    char data[64], architecture[96], activation[16], loss[16];
    size_t n, d;
    double beta, optimum;
} row;

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
    char field[64];
    take_field(line, field, sizeof field);
    return atof(field);
}

static void parse_row(const char *line, row *r)
{
    take_field(&line, r->data, sizeof r->data);
    r->n = (size_t)take_number(&line);
    r->d = (size_t)take_number(&line);
    take_field(&line, r->architecture, sizeof r->architecture);
    take_field(&line, r->activation, sizeof r->activation);
    take_field(&line, r->loss, sizeof r->loss);
    r->beta = take_number(&line);
    r->optimum = take_number(&line);
}

static zg_dataset *planted_data(const char *text)
{
    zg_planted planted = {.noise = 0.1, .activation = TEST_RELU2};
    unsigned seed;
    char kind[16];
    int fields = sscanf(text, "%15[a-z]:%zu,%zu,%zu,%u", kind, &planted.n, &planted.d,
                        &planted.neurons, &seed);
    if (fields != 5) return NULL;
    planted.seed = seed;
    planted.features = strcmp(kind, "official") == 0 ? ZG_FEATURES_GAUSSIAN4 : ZG_FEATURES_GAUSSIAN;
    zg_dataset *dataset = NULL;
    zg_error error = {0};
    assert_ok(zg_planted_create(&planted, &dataset, &error), &error);
    return dataset;
}

/* Planted, in the shared folder, or in the catalogue; NULL when it cannot be had here. */
static zg_dataset *find_data(const char *name)
{
    zg_dataset *dataset = planted_data(name);
    if (dataset) return dataset;
    char relative[96];
    snprintf(relative, sizeof relative, "data/%s.csv", name);
    const char *path = test_shared(relative);
    zg_data_options options = {0};
    zg_error error = {0};
    if (path) {
        assert_ok(zg_dataset_load(path, &options, &dataset, &error), &error);
        return dataset;
    }
    zg_status status = zg_catalogue_load(name, &options, &dataset, &error);
    if (status != ZG_OK) print_message("# %s\n", error.message);
    return status == ZG_OK ? dataset : NULL;
}

static zg_problem *make_problem(const row *r, const zg_dataset *dataset)
{
    bool planted = strchr(r->data, ':'), digits = strcmp(r->data, "digits01") == 0;
    bool binary = !planted && strcmp(r->data, "boston") != 0;
    zg_error error = {0};
    zg_problem *problem = NULL;
    char loss[48];
    zg_model_options options = {.beta = r->beta,
                                .standardize = !planted && !digits,
                                .task = binary ? ZG_BINARY : ZG_REGRESSION};
    /* The values of huber are for delta = 1. */
    snprintf(loss, sizeof loss, "%s", r->loss);
    assert_ok(zg_activation_parse(r->activation, &options.activation, &error), &error);
    assert_ok(zg_loss_parse(loss, &options.loss, &error), &error);
    assert_ok(zg_architecture_parse(r->architecture, zg_dataset_inputs(dataset),
                                    &options.architecture, &error),
              &error);
    assert_ok(zg_problem_create(dataset, &options, &problem, &error), &error);
    assert_int_equal(problem->samples, r->n);
    assert_int_equal(problem->inputs, r->d);
    return problem;
}

static void check_row(const zg_method *method, const row *r, const zg_problem *problem, bool dimacs)
{
    test_run run;
    test_solve(method, problem, NULL, NULL, &run);
    print_message("# %s %s %s %s beta %g: %.10g (reference %.10g), gap %.1e, %zu neurons, %ld "
                  "iterations, %.2f s%s%s\n",
                  r->data, r->architecture, r->activation, r->loss, r->beta, run.objective,
                  r->optimum, run.gap, run.solution.network->count, run.solution.iterations,
                  run.solution.seconds, *run.solution.message ? "; " : "", run.solution.message);
    assert_ok(run.status, &run.error);
    assert_true(fabs(run.objective - r->optimum) <= 1e-6 * r->optimum);
    assert_true(fabs(run.bound - r->optimum) <= 1e-6 * r->optimum);
    assert_true(run.gap <= 1e-6);
    assert_true(run.solution.has_dimacs || !dimacs);
    for (int i = 0; dimacs && i < 6; i++)
        assert_true(fabs(run.solution.dimacs[i]) <= 1e-5);
    test_run_clear(&run);
}

void test_reference(const zg_method *method, const char *prefix, bool dimacs)
{
    const char *path = test_shared("reference/optima.csv");
    if (!path) {
        print_message("# no shared reference values here\n");
        skip();
    }
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    char line[512];
    int checked = 0, missing = 0;
    while (fgets(line, sizeof line, file)) {
        const char *name = line + (*line == '"');
        if (strncmp(name, prefix, strlen(prefix)) != 0) continue;
        row r;
        parse_row(line, &r);
        zg_dataset *dataset = find_data(r.data);
        if (!dataset) {
            missing++;
            continue;
        }
        zg_problem *problem = make_problem(&r, dataset);
        check_row(method, &r, problem, dimacs);
        checked++;
        zg_problem_free(problem);
        zg_dataset_free(dataset);
    }
    fclose(file);
    if (missing > 0) {
        print_message("# %d rows of %s left out: no data\n", missing, prefix);
        skip();
    }
    assert_true(checked > 0);
}
