/* Paths of beta with the options of the public interface: as `zerogap train --beta-path` goes. */
#include "base/linalg.h"
#include "base/sized.h"
#include "train/path.h"
#include "train/plan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RATIO 1e-3 /* smallest beta of a grid, to its largest */

/* All that the caller asked for. */
typedef struct request {
    const zg_dataset *dataset;
    zg_model_options model;
    zg_problem_options problem;
    zg_train_options training;
    zg_path_options path;
    double last; /* monotonic time of the last call of the callback, or of the start */
    bool stopped;
} request;

static zg_status read_request(const zg_problem_options *problem, const zg_train_options *training,
                              const zg_path_options *path, request *r, zg_error *error)
{
    zg_status status =
        zg_sized_read("zg_problem_options", problem, &r->problem, sizeof r->problem, error);
    if (status == ZG_OK)
        status =
            zg_sized_read("zg_train_options", training, &r->training, sizeof r->training, error);
    if (status == ZG_OK)
        status = zg_sized_read("zg_path_options", path, &r->path, sizeof r->path, error);
    if (status != ZG_OK) return status;
    if (r->path.ratio == 0.0) r->path.ratio = RATIO;
    if (r->path.folds == 1 || r->path.folds > 1000)
        return zg_fail(error, ZG_BAD_INPUT, "folds is %zu, expected 0 or 2 to 1000", r->path.folds);
    if (!(r->path.ratio > 0.0 && r->path.ratio < 1.0))
        return zg_fail(error, ZG_BAD_INPUT, "the ratio is %g, expected a number between 0 and 1",
                       r->path.ratio);
    if (r->path.one_standard_error && !r->path.folds)
        return zg_fail(error, ZG_BAD_INPUT,
                       "one_standard_error needs folds, whose spread it is about");
    if (r->problem.weights && r->problem.class_weights)
        return zg_fail(error, ZG_BAD_INPUT,
                       "weights of rows and of classes do not go together on a path");
    if (zg_loss_has(r->model.loss.kind, ZG_LOSS_EXACT))
        return zg_fail(error, ZG_BAD_INPUT,
                       "under interpolation beta only scales: there is none to choose");
    return ZG_OK;
}

/* A method's observer: passes on that it goes on, and whether it shall. */
static bool ask(void *context, const zg_iterate *iterate, double seconds)
{
    request *r = context;
    bool go_on = false;
    const zg_progress progress = {.unit = iterate->unit,
                                  .number = iterate->number,
                                  .seconds = seconds,
                                  .objective = NAN,
                                  .bound = NAN,
                                  .gap = NAN};
    if (r->stopped) return false;
    if (zg_monotonic() - r->last < r->training.progress_seconds) return true;
    r->training.progress(r->training.context, &progress, &go_on);
    r->last = zg_monotonic();
    r->stopped = !go_on;
    return go_on;
}

static zg_status check_betas(size_t count, const double *betas, zg_error *error)
{
    for (size_t i = 0; i < count; i++) {
        if (!(betas[i] > 0.0) || !isfinite(betas[i]))
            return zg_fail(error, ZG_BAD_INPUT, "beta is %g, expected a number > 0", betas[i]);
        for (size_t k = 0; k < i; k++)
            if (betas[k] == betas[i])
                return zg_fail(error, ZG_BAD_INPUT, "beta %g is given twice", betas[i]);
    }
    return ZG_OK;
}

/* The caller's betas, or a grid; *own is to be freed. */
static zg_status find_betas(const request *r, const zg_problem *problem, size_t count,
                            const double *betas, double **own, zg_error *error)
{
    *own = NULL;
    if (!betas) return zg_path_grid(problem, count, r->path.ratio, own, error);
    zg_status status = check_betas(count, betas, error);
    if (status == ZG_OK && !(*own = zg_doubles(count))) status = zg_no_memory(error);
    if (status == ZG_OK) memcpy(*own, betas, count * sizeof *betas);
    return status;
}

static zg_status run(request *r, const zg_encoding *encoding, const zg_plan *plan, size_t count,
                     const double *betas, zg_path_point *points, size_t *chosen, zg_error *error)
{
    zg_path path = {0};
    const zg_observer observer = {ask, r};
    zg_control control = plan->control;
    /* Not in processes of their own, whose callbacks would be copies. */
    if (r->training.progress && control.jobs < 2) control.observer = &observer;
    const zg_path_order order = {.train = r->dataset,
                                 .weights = r->problem.weights,
                                 .folds = r->path.folds,
                                 .seed = r->path.seed,
                                 .one_standard_error = r->path.one_standard_error,
                                 .model = &r->model,
                                 .bias = r->model.bias,
                                 .standardize_target = r->problem.standardize_target,
                                 .class_weights = r->problem.class_weights,
                                 .encoding = encoding,
                                 .method = plan->method,
                                 .values = plan->values,
                                 .control = &control};
    zg_status status = zg_path_run(&order, count, betas, &path, error);
    if (r->stopped) status = zg_fail(error, ZG_STOPPED, "the callback stopped the path");
    if (status == ZG_OK) memcpy(points, path.points, count * sizeof *points);
    if (status == ZG_OK) *chosen = path.folds ? path.chosen : SIZE_MAX;
    zg_path_clear(&path);
    return status;
}

zg_status zg_train_path(const zg_dataset *dataset, const zg_model_options *model,
                        const zg_problem_options *problem_options, const zg_train_options *training,
                        const zg_path_options *options, size_t count, const double *betas,
                        zg_path_point *points, size_t *chosen, zg_error *error)
{
    request r = {.dataset = dataset, .model = *model, .last = zg_monotonic()};
    zg_problem *problem = NULL;
    zg_plan plan = {0};
    double *own = NULL;
    r.model.beta = 1.0; /* until it is chosen */
    *chosen = SIZE_MAX;
    if (count == 0) return zg_fail(error, ZG_BAD_INPUT, "a path needs at least one beta");
    zg_status status = read_request(problem_options, training, options, &r, error);
    if (status == ZG_OK)
        status = zg_problem_create_with(dataset, &r.model, problem_options, &problem, error);
    if (status == ZG_OK) status = zg_plan_make(problem, &r.training, &plan, error);
    if (status == ZG_OK) status = find_betas(&r, problem, count, betas, &own, error);
    if (status == ZG_OK)
        status = run(&r, &problem->encoding, &plan, count, own, points, chosen, error);
    free(own);
    zg_plan_clear(&plan);
    zg_problem_free(problem);
    return status;
}
