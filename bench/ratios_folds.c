/* The table of folds: a path of betas scored by folds, against a plain loop over its cases. */
#include "bench/ratios.h"

#include "base/linalg.h"
#include "bench/sample.h"
#include "core/network.h"
#include "data/planted.h"
#include "train/path.h"
#include "train/registry.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define BETAS 20
#define FOLDS 5
#define TOLERANCE 1e-6

/* One data set, and what both ways are given. */
typedef struct contest {
    zg_dataset *rows;
    zg_encoding encoding;
    zg_model_options model;
    const zg_method *method;
    zg_value *values;
    zg_control control;
    double betas[BETAS];
} contest;

static double processor_time(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static bool prepare(contest *c, size_t n, size_t d, const char *loss)
{
    zg_error error = {0};
    const zg_planted planted = {
        .n = n, .d = d, .neurons = 5, .noise = 0.1, .seed = 1, .activation = ZG_BENCH_ACTIVATION};
    double *betas = NULL;
    zg_problem *problem = NULL;
    *c = (contest){.model = {.activation = ZG_BENCH_ACTIVATION, .task = ZG_REGRESSION, .beta = 1},
                   .control = {.tolerance = TOLERANCE}};
    bool good = zg_loss_parse(loss, &c->model.loss, &error) == ZG_OK &&
                zg_planted_create(&planted, &c->rows, &error) == ZG_OK &&
                zg_encoding_fit(c->rows, ZG_REGRESSION, &c->encoding, &error) == ZG_OK &&
                zg_method_find("ipm", NULL, &c->method, &error) == ZG_OK &&
                zg_values_create(c->method, &c->values, &error) == ZG_OK &&
                zg_problem_create(c->rows, &c->model, &problem, &error) == ZG_OK &&
                zg_path_grid(problem, BETAS, 1e-3, &betas, &error) == ZG_OK;
    for (size_t i = 0; good && i < BETAS; i++)
        c->betas[i] = betas[i];
    free(betas);
    zg_problem_free(problem);
    if (!good) fprintf(stderr, "zerogap-ratios: %s\n", error.message);
    return good;
}

static void clear(contest *c)
{
    if (c->values) zg_values_free(c->method, c->values);
    zg_encoding_clear(&c->encoding);
    zg_dataset_free(c->rows);
}

/* Path of all rows, and of each fold. */
static bool by_path(const contest *c, size_t *chosen, size_t *uncertified)
{
    zg_error error = {0};
    zg_path path;
    const zg_path_order order = {.train = c->rows,
                                 .folds = FOLDS,
                                 .model = &c->model,
                                 .encoding = &c->encoding,
                                 .method = c->method,
                                 .values = c->values,
                                 .control = &c->control};
    if (zg_path_run(&order, BETAS, c->betas, &path, &error) != ZG_OK) {
        fprintf(stderr, "zerogap-ratios: %s\n", error.message);
        return false;
    }
    *chosen = path.chosen;
    *uncertified = 0;
    for (size_t i = 0; i < BETAS; i++)
        *uncertified += path.points[i].uncertified;
    zg_path_clear(&path);
    return true;
}

/* One case: trained from nothing, judged; its score on the held rows, if any. */
static bool one_case(const contest *c, const zg_dataset *rows, const zg_dataset *held, double beta,
                     double *score)
{
    zg_error error = {0};
    zg_problem *problem = NULL;
    zg_model_options model = c->model;
    zg_training training = {0};
    model.beta = beta;
    double *f = held ? zg_doubles(held->rows) : NULL;
    bool good = zg_problem_create(rows, &model, &problem, &error) == ZG_OK &&
                zg_training_run(problem, c->method, c->values, &c->control, 0, INFINITY, NULL, NULL,
                                &training, &error) == ZG_OK &&
                training.assessment.decision == ZG_DECISION_CERTIFIED;
    if (good && held)
        good = f && zg_network_predict(training.solution.network, held->rows, held->x, f, &error) ==
                        ZG_OK;
    if (good && held) *score = zg_rmse(held->rows, f, held->t);
    if (!good) fprintf(stderr, "zerogap-ratios: %s\n", error.message);
    free(f);
    zg_training_clear(&training);
    zg_problem_free(problem);
    return good;
}

/* The same cases, every one by itself: each beta on the rows of each fold, and on all rows. */
static bool by_loop(const contest *c, size_t *chosen)
{
    zg_error error;
    double sum[BETAS] = {0};
    bool good = true;
    for (size_t k = 0; good && k < FOLDS; k++) {
        zg_dataset *rows, *held;
        good = zg_dataset_fold(c->rows, (zg_fold){.folds = FOLDS, .number = k}, &rows, &held,
                               &error) == ZG_OK;
        for (size_t i = 0; good && i < BETAS; i++) {
            double score = 0;
            good = one_case(c, rows, held, c->betas[i], &score);
            sum[i] += score;
        }
        zg_dataset_free(rows);
        zg_dataset_free(held);
    }
    *chosen = 0;
    for (size_t i = 1; i < BETAS; i++)
        if (sum[i] < sum[*chosen]) *chosen = i;
    for (size_t i = 0; good && i < BETAS; i++)
        good = one_case(c, c->rows, NULL, c->betas[i], NULL);
    return good;
}

static bool row(size_t n, size_t d, const char *loss)
{
    contest c;
    size_t first = 0, second = 0, uncertified = 0;
    bool good = prepare(&c, n, d, loss);
    double start = processor_time(), path = 0, loop = 0;
    if (good) good = by_path(&c, &first, &uncertified);
    path = processor_time() - start;
    start = processor_time();
    if (good) good = by_loop(&c, &second);
    loop = processor_time() - start;
    if (good)
        printf("%5zu %4zu %-9s %8.3f %8.3f %6.1f %11zu %9s\n", n, d, loss, path, loop, loop / path,
               uncertified, first == second ? "yes" : "NO");
    fflush(stdout);
    clear(&c);
    return good && uncertified == 0 && first == second;
}

bool zg_ratios_folds(void)
{
    printf("\n%d betas, %d folds, tolerance %.0e: the path command against a loop over its cases, "
           "processor seconds\n%5s %4s %-9s %8s %8s %6s %11s %9s\n",
           BETAS, FOLDS, TOLERANCE, "n", "d", "loss", "path", "loop", "ratio", "uncertified",
           "same beta");
    bool good = row(300, 10, "squared");
    good = row(3000, 20, "squared") && good;
    good = row(1000, 40, "squared") && good;
    good = row(300, 30, "squared") && good;
    good = row(300, 10, "absolute") && good;
    return row(500, 20, "huber:0.5") && good;
}
