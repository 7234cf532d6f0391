/* Makes the golden certificates: make_golden DIRECTORY.  Run by hand when the format changes; the
 * tests read what is committed. */
#include "core/loss.h"
#include "core/proof.h"
#include "partition.h"
#include "train/registry.h"
#include "train/training.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct recipe {
    const char *name, *activation, *architecture, *loss;
    zg_task task;
    size_t rows, inputs;
    double beta;
    int labels; /* 0: a number, 1: texts, 2: numbers 1.. */
    int classes;
    bool standardize, weights, split;
} recipe;

static const recipe recipes[] = {
    {"squared", "relu2", "dense", "squared", ZG_REGRESSION, 9, 3, 0.5, 0, 0, false, false, false},
    {"absolute", "relu2", "dense", "absolute", ZG_REGRESSION, 8, 2, 0.7, 0, 0, true, false, false},
    {"huber", "0.2,-1,0.5", "dense", "huber:0.5", ZG_REGRESSION, 8, 2, 0.3, 0, 0, false, false,
     true},
    {"hinge", "relu2", "dense", "hinge", ZG_BINARY, 9, 2, 0.6, 1, 2, true, false, false},
    {"squared-hinge", "relu2", "dense", "squared-hinge", ZG_BINARY, 8, 2, 0.4, 2, 2, false, true,
     false},
    {"logistic", "relu2", "dense", "logistic", ZG_BINARY, 7, 2, 1.2, 2, 2, false, false, false},
    {"pooled", "relu2", "conv2d:height=4,width=4,filter=2x2,stride=1x2,pool=3x1", "squared",
     ZG_REGRESSION, 6, 16, 0.2, 0, 0, false, false, false},
    {"channels", "relu2", "conv1d:filter=2,stride=1,pool=global,channels=2", "absolute",
     ZG_REGRESSION, 7, 6, 0.5, 0, 0, true, false, false},
    {"multiclass", "relu2", "dense", "squared", ZG_MULTICLASS, 9, 2, 0.3, 1, 3, true, false, false},
    {"quadratic", "quadratic", "dense", "huber", ZG_REGRESSION, 9, 3, 0.8, 0, 0, false, true,
     false},
};

static void write_csv(const char *path, const recipe *r, uint32_t seed)
{
    static const char *const texts[] = {"blue", "green, or \"lime\"", "red"};
    zg_random random;
    zg_random_seed(&random, seed);
    FILE *file = fopen(path, "w");
    if (!file) exit(1);
    for (size_t k = 0; k < r->inputs; k++)
        fprintf(file, "f%zu,", k + 1);
    fputs("target\n", file);
    for (size_t i = 0; i < r->rows; i++) {
        double sum = 0;
        for (size_t k = 0; k < r->inputs; k++) {
            double x = zg_random_normal(&random);
            sum += k % 2 ? -x : x + 0.5 * x * x;
            fprintf(file, "%.2f,", x);
        }
        int class = (int)(i % (size_t)(r->classes ? r->classes : 1));
        if (zg_random_uniform(&random) < 0.7 && r->classes == 2) class = sum > 0;
        if (r->labels == 0) fprintf(file, "%.2f\n", sum + 0.3 * zg_random_normal(&random));
        if (r->labels == 1 && class == 1) fputs("\"green, or \"\"lime\"\"\"\n", file);
        if (r->labels == 1 && class != 1) fprintf(file, "%s\n", texts[class]);
        if (r->labels == 2) fprintf(file, "%d\n", class + 1);
    }
    fclose(file);
}

static void need(zg_status status, const zg_error *error)
{
    if (status == ZG_OK) return;
    fprintf(stderr, "%s\n", error->message);
    exit(1);
}

static zg_problem *make_problem(const recipe *r, const zg_dataset *dataset, const char *loss,
                                zg_error *error)
{
    zg_model_options options = {.beta = r->beta, .task = r->task};
    zg_preprocess preprocess = {.inputs = r->inputs};
    zg_encoding encoding;
    zg_problem *problem;
    double weights[64];
    for (size_t i = 0; i < dataset->rows; i++)
        weights[i] = 0.5 + (double)(i % 4) / 3.0;
    need(zg_activation_parse(r->activation, &options.activation, error), error);
    need(zg_loss_parse(loss, &options.loss, error), error);
    need(zg_architecture_parse(r->architecture, r->inputs, &options.architecture, error), error);
    need(zg_preprocess_fit(dataset, r->standardize, &preprocess, error), error);
    need(zg_encoding_fit(dataset, r->task, &encoding, error), error);
    need(zg_problem_from_dataset(dataset, &preprocess, &encoding, r->weights ? weights : NULL,
                                 &options, (zg_penalty){ZG_PENALTY_L1, 1}, &problem, error),
         error);
    zg_preprocess_clear(&preprocess);
    zg_encoding_clear(&encoding);
    return problem;
}

static void train(const zg_problem *problem, zg_training *out, zg_error *error)
{
    const zg_method *method;
    zg_value *values;
    zg_control control = {.tolerance = 1e-8};
    need(zg_method_find("auto", problem, &method, error), error);
    need(zg_values_create(method, &values, error), error);
    need(zg_training_run(problem, method, values, &control, 0, 0, NULL, NULL, out, error), error);
    zg_values_free(method, values);
}

/* The logistic golden takes the network of another loss and its own residual: a wide gap. */
static void make(const char *directory, const recipe *r, uint32_t seed)
{
    char data[512], path[512];
    zg_error error = {0};
    zg_dataset *dataset, *rest = NULL;
    zg_training training;
    zg_proof_claim claim;
    bool logistic = strcmp(r->loss, "logistic") == 0;
    snprintf(data, sizeof data, "%s/%s.csv", directory, r->name);
    snprintf(path, sizeof path, "%s/%s.json", directory, r->name);
    write_csv(data, r, seed);
    need(zg_dataset_load(data, &(zg_data_options){.header = ZG_HEADER_YES}, &dataset, &error),
         &error);
    if (r->split) {
        zg_dataset *all = dataset;
        need(zg_dataset_split(all, 0.75, 0, &dataset, &rest, &error), &error);
        zg_dataset_free(all);
        zg_dataset_free(rest);
    }
    zg_problem *problem = make_problem(r, dataset, r->loss, &error);
    zg_problem *solved = make_problem(r, dataset, logistic ? "squared-hinge" : r->loss, &error);
    train(solved, &training, &error);
    if (logistic) {
        double f[64];
        need(zg_network_evaluate(training.solution.network, problem->samples, problem->x, f),
             &error);
        zg_loss_gradient(problem->loss, problem->samples, f, problem->y, NULL, training.dual);
        for (size_t i = 0; i < problem->samples; i++)
            training.dual[i] *= -1;
    }
    zg_proof proof = {.problem = problem,
                      .dataset = dataset,
                      .network = training.solution.network,
                      .dual = training.dual,
                      .data_path = data};
    need(zg_proof_write(path, &proof, &claim, &error), &error);
    printf("%-14s [%.12g, %.12g] gap %.1e %s\n", r->name, claim.lower, claim.upper, claim.gap,
           claim.data_file);
    zg_training_clear(&training);
    zg_problem_free(solved);
    zg_problem_free(problem);
    zg_dataset_free(dataset);
}

static void make_partition(const char *directory, const char *name, const long *numbers,
                           size_t count, double extra)
{
    char data[512], path[512];
    bool side[PARTITION_LIMIT];
    long difference = partition_decide(count, numbers, side);
    snprintf(data, sizeof data, "%s/%s.csv", directory, name);
    snprintf(path, sizeof path, "%s/%s.json", directory, name);
    size_t leaves = partition_write(data, path, count, numbers, difference ? NULL : side,
                                    (double)count + extra, false, 0);
    printf("%-14s %zu leaves\n", name, leaves);
}

int main(int argc, char **argv)
{
    if (argc != 2) return 1;
    for (size_t k = 0; k < sizeof recipes / sizeof *recipes; k++)
        make(argv[1], &recipes[k], (uint32_t)k + 1);
    make_partition(argv[1], "partition-yes", (const long[]){3, 1, 1, 2, 2, 1}, 6, -1e-9);
    make_partition(argv[1], "partition-no", (const long[]){5, 3, 4, 1}, 4, 1e-3);
    return 0;
}
