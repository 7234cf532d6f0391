/* The training problem: data x lift x loss x penalty. */
#include "core/problem.h"

#include "base/linalg.h"
#include "core/neuron_set.h"
#include "core/problem_rows.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static zg_status check_numbers(const char *what, size_t count, const double *values,
                               zg_error *error)
{
    for (size_t i = 0; i < count; i++)
        if (!isfinite(values[i]))
            return zg_fail(error, ZG_BAD_INPUT, "%s number %zu is %s, expected a finite number",
                           what, i + 1, isnan(values[i]) ? "NaN" : "infinite");
    return ZG_OK;
}

static zg_status check_labels(const zg_problem *p, zg_error *error)
{
    if (!zg_loss_has(p->loss.kind, ZG_LOSS_LABELLED)) return ZG_OK;
    char name[64];
    zg_loss_format(p->loss, name, sizeof name);
    for (size_t i = 0; i < p->outputs * p->samples; i++)
        if (fabs(p->y[i]) != 1.0)
            return zg_fail(error, ZG_BAD_INPUT,
                           "loss %s needs targets -1 and +1, found %g in row %zu; use the binary "
                           "task",
                           name, p->y[i], i % p->samples + 1);
    return ZG_OK;
}

static zg_status check_neurons(const zg_problem *p, zg_error *error)
{
    char name[ZG_NEURON_SET_SIZE];
    zg_neuron_set_format(p->neuron_set, name);
    if (!zg_neuron_set_finite(p->neuron_set)) return ZG_OK;
    if (p->penalty.kind != ZG_PENALTY_L1)
        return zg_fail(error, ZG_UNSUPPORTED, "the neuron set %s needs the penalty l1", name);
    if (p->robust > 0.0)
        return zg_fail(error, ZG_UNSUPPORTED,
                       "robust problems are about neurons of any weights, not of the set %s", name);
    if (p->neuron_set.kind == ZG_SET_BILINEAR && (p->activation.b != 0 || p->activation.c != 0))
        return zg_fail(error, ZG_UNSUPPORTED,
                       "bilinear neurons respond with a (x'u) (x'v): expected an activation with "
                       "b = c = 0, as quadratic, found %g,%g,%g",
                       p->activation.a, p->activation.b, p->activation.c);
    return ZG_OK;
}

static zg_status check_problem(const zg_problem *p, zg_error *error)
{
    if (!p->samples || !p->outputs)
        return zg_fail(error, ZG_BAD_INPUT, "the problem has no samples or no outputs");
    if (!(p->beta > 0.0) || !isfinite(p->beta))
        return zg_fail(error, ZG_BAD_INPUT, "beta is %g, expected a number > 0", p->beta);
    if (zg_loss_has(p->loss.kind, ZG_LOSS_THRESHOLD) &&
        !(p->loss.delta > 0.0 && isfinite(p->loss.delta)))
        return zg_fail(error, ZG_BAD_INPUT, "huber's delta is %g, expected a number > 0",
                       p->loss.delta);
    if (p->penalty.kind == ZG_PENALTY_POWER && !(p->penalty.power > 0.0 && p->penalty.power < 1.0))
        return zg_fail(error, ZG_BAD_INPUT, "the penalty's power is %g, expected 0 < power < 1",
                       p->penalty.power);
    zg_status status = check_neurons(p, error);
    if (status == ZG_OK) status = check_numbers("input", p->points * p->inputs, p->x, error);
    if (status == ZG_OK) status = check_numbers("target", p->samples * p->outputs, p->y, error);
    for (size_t i = 0; status == ZG_OK && p->weights && i < p->samples; i++)
        if (!(p->weights[i] > 0.0) || (isinf(p->weights[i]) && !p->functionals))
            status =
                zg_fail(error, ZG_BAD_INPUT, "the weight of row %zu is %g, expected a number > 0",
                        i + 1, p->weights[i]);
    return status ? status : check_labels(p, error);
}

static zg_status copy_weights(zg_problem *p, const double *weights)
{
    if (!weights) return ZG_OK;
    p->weights = zg_doubles(p->samples);
    if (!p->weights) return ZG_NO_MEMORY;
    memcpy(p->weights, weights, p->samples * sizeof *weights);
    return ZG_OK;
}

/* Weight decay as the power sum that it is once every neuron is scaled at best. */
static zg_status resolve_penalty(zg_problem *p, zg_error *error)
{
    if (p->penalty.kind != ZG_PENALTY_WEIGHT_DECAY) return ZG_OK;
    if (p->activation.b != 0.0 || p->activation.c != 0.0)
        return zg_fail(error, ZG_UNSUPPORTED,
                       "weight decay needs the activation a t^2 (b = c = 0), found %g, %g, %g",
                       p->activation.a, p->activation.b, p->activation.c);
    p->penalty = (zg_penalty){ZG_PENALTY_POWER, 2.0 / 3.0};
    p->beta *= ZG_WEIGHT_DECAY_FACTOR;
    return ZG_OK;
}

/* "FILE: row 3, input "age"" and the like, for numbers that cannot be computed with. */
static void name_place(const zg_dataset *dataset, size_t row, const char *kind, size_t k,
                       char *const *names, char *text, size_t size)
{
    const char *file = dataset->name;
    char name[96] = "";
    if (names)
        snprintf(name, sizeof name, "\"%.80s\"", names[k]);
    else
        snprintf(name, sizeof name, "%zu", k + 1);
    snprintf(text, size, "%.200s%srow %zu, %s %s", file ? file : "", file ? ": " : "", row + 1,
             kind, name);
}

/* A neuron's response to a row must be a number: what is infinite there is infinite everywhere, and
 * LAPACK never returns from it. */
static zg_status check_responses(const zg_problem *p, const zg_dataset *dataset, zg_error *error)
{
    for (size_t i = 0; i < p->points; i++) {
        const double *x = p->x + i * p->inputs;
        double length = zg_norm(p->inputs, x);
        if (isfinite((fabs(p->activation.a) * length + fabs(p->activation.b)) * length)) continue;
        size_t largest = 0;
        for (size_t j = 0; j < dataset->inputs; j++)
            if (p->preprocess.halfspaces == 0 && fabs(x[j]) > fabs(x[largest])) largest = j;
        char place[400];
        name_place(dataset, i, "input", largest, dataset->input_names, place, sizeof place);
        return zg_fail(error, ZG_BAD_INPUT,
                       "%s is %g: a neuron's response to it is beyond the range of double "
                       "precision; --standardize brings the inputs to unit scale",
                       place, x[largest]);
    }
    return ZG_OK;
}

/* So must the objective of the zero network.  Interpolation is a constraint, not a sum. */
static zg_status check_losses(const zg_problem *p, const zg_dataset *dataset, zg_error *error)
{
    const double zero = 0.0;
    double sum = 0.0;
    size_t count = zg_loss_has(p->loss.kind, ZG_LOSS_EXACT) ? 0 : p->outputs * p->samples;
    for (size_t k = 0; k < count; k++) {
        size_t row = k % p->samples;
        if (p->weights && isinf(p->weights[row])) continue; /* a constraint, too */
        sum += zg_loss_value(p->loss, 1, &zero, p->y + k, p->weights ? p->weights + row : NULL);
        if (isfinite(sum)) continue;
        bool own = dataset->targets == p->outputs;
        char place[400];
        name_place(dataset, row, "target", k / p->samples, own ? dataset->target_names : NULL,
                   place, sizeof place);
        return zg_fail(error, ZG_BAD_INPUT,
                       "%s is %g: its loss is beyond the range of double precision; divide the "
                       "targets by a constant",
                       place, p->y[k]);
    }
    return ZG_OK;
}

zg_status zg_problem_make_robust(zg_problem *problem, double radius, zg_error *error)
{
    if (!(radius >= 0.0) || !isfinite(radius * radius) || (radius > 0.0 && radius < 1e-100))
        return zg_fail(error, ZG_BAD_INPUT,
                       "the radius is %g, expected 0 or a number from 1e-100 to 1e150", radius);
    const char *what = problem->outputs != 1                            ? "several outputs"
                       : zg_neuron_set_finite(problem->neuron_set)      ? "a finite neuron set"
                       : problem->preprocess.bias                       ? "a bias"
                       : problem->functionals                           ? "rows that are not values"
                       : problem->preprocess.halfspaces > 0             ? "half-spaces"
                       : problem->penalty.kind != ZG_PENALTY_L1         ? "a penalty that is not l1"
                       : zg_loss_has(problem->loss.kind, ZG_LOSS_EXACT) ? "interpolation"
                                                                        : NULL;
    if (radius > 0.0 && what)
        return zg_fail(error, ZG_UNSUPPORTED,
                       "robust training is for one output and the l1 penalty, not for %s", what);
    problem->robust = radius;
    return ZG_OK;
}

/* The last steps that both constructors share: x, y, weights and the model are in place.  Arrays
 * (dataset NULL) are not checked for overflow: bounds are safe for any numbers, though nothing
 * useful comes of infinite ones. */
static zg_status finish(zg_problem *p, const zg_dataset *dataset, zg_problem **out, zg_error *error)
{
    zg_status status = resolve_penalty(p, error);
    if (status == ZG_OK) status = check_problem(p, error);
    if (status == ZG_OK && dataset) status = check_responses(p, dataset, error);
    if (status == ZG_OK && dataset) status = check_losses(p, dataset, error);
    if (status == ZG_OK)
        status = zg_patches_create(&p->architecture, p->inputs, &p->patches, error);
    if (status == ZG_OK)
        status =
            p->functionals
                ? zg_functionals_lift(p->functionals, p->activation, p->x, &p->lift, error)
                : zg_lift_create(p->activation, &p->patches, p->samples, p->x, &p->lift, error);
    if (status == ZG_OK) status = zg_problem_check_exact_row(p, error);
    if (status) {
        zg_problem_free(p);
        return status;
    }
    *out = p;
    return ZG_OK;
}

zg_status zg_problem_taking_inputs(size_t n, size_t d, double *x, size_t outputs, const double *y,
                                   const double *weights, zg_activation activation,
                                   const zg_architecture *architecture, zg_loss loss,
                                   zg_penalty penalty, double beta, zg_problem **out,
                                   zg_error *error)
{
    zg_problem *p = calloc(1, sizeof *p);
    if (!p) {
        free(x);
        return zg_no_memory(error);
    }
    *p = (zg_problem){.samples = n,
                      .points = n,
                      .inputs = d,
                      .outputs = outputs,
                      .x = x,
                      .y = zg_doubles(n * outputs),
                      .activation = activation,
                      .loss = loss,
                      .penalty = penalty,
                      .beta = beta,
                      .preprocess = {.inputs = d},
                      .encoding = {.task = ZG_REGRESSION, .outputs = outputs}};
    if (architecture) p->architecture = *architecture;
    if (!p->y || copy_weights(p, weights)) {
        zg_problem_free(p);
        return zg_no_memory(error);
    }
    memcpy(p->y, y, n * outputs * sizeof *y);
    return finish(p, NULL, out, error);
}

zg_status zg_problem_from_arrays(size_t n, size_t d, const double *x, size_t outputs,
                                 const double *y, const double *weights, zg_activation activation,
                                 const zg_architecture *architecture, zg_loss loss,
                                 zg_penalty penalty, double beta, zg_problem **out, zg_error *error)
{
    double *own = zg_doubles(n * d);
    if (!own) return zg_no_memory(error);
    memcpy(own, x, n * d * sizeof *x);
    return zg_problem_taking_inputs(n, d, own, outputs, y, weights, activation, architecture, loss,
                                    penalty, beta, out, error);
}

static zg_status check_preprocess(const zg_dataset *dataset, const zg_preprocess *preprocess,
                                  const zg_model_options *options, zg_error *error)
{
    if ((preprocess->mean || preprocess->names || preprocess->fill || preprocess->halfspaces) &&
        preprocess->inputs != dataset->inputs)
        return zg_fail(error, ZG_BAD_INPUT,
                       "the preprocessing is for %zu inputs, the data have %zu", preprocess->inputs,
                       dataset->inputs);
    if (preprocess->bias && preprocess->halfspaces == 0 && options->architecture.kind != ZG_DENSE)
        return zg_fail(error, ZG_BAD_INPUT,
                       "a bias is an input more: only dense networks can have one");
    return ZG_OK;
}

/* The inputs as the network gets them: the data set's own where borrow says so. */
static zg_status set_inputs(zg_problem *p, const zg_dataset *dataset, bool borrow)
{
    p->borrows_x = borrow;
    p->x = borrow ? dataset->x : zg_doubles(p->samples * p->inputs);
    if (!p->x) return ZG_NO_MEMORY;
    if (!borrow) zg_preprocess_apply(&p->preprocess, dataset->rows, dataset->x, p->x);
    return ZG_OK;
}

/* There are as many half-spaces as rows make: only now is it known how wide the inputs are. */
static void resolve_inputs(zg_problem *p)
{
    p->inputs = zg_preprocess_width(&p->preprocess);
    if (p->preprocess.halfspaces > 0 && p->architecture.kind == ZG_CONV1D &&
        p->architecture.channels > 0)
        p->architecture.width = p->inputs / p->architecture.channels;
}

/* A network of one output that was trained on slopes, say, does not know the other targets. */
static bool lacks_targets(const zg_encoding *encoding, const zg_dataset *dataset, zg_row_kind rows)
{
    size_t wanted = zg_row_kind_targets(rows, dataset->inputs, encoding->outputs);
    return wanted != encoding->outputs && wanted == dataset->targets && encoding->outputs == 1 &&
           encoding->task == ZG_REGRESSION && !encoding->mean && !encoding->scale;
}

static zg_status build(const zg_dataset *dataset, const zg_preprocess *preprocess,
                       const zg_encoding *encoding, const double *weights,
                       const zg_model_options *options, zg_penalty penalty, bool borrow,
                       zg_problem **out, zg_error *error)
{
    zg_status status = check_preprocess(dataset, preprocess, options, error);
    if (status) return status;
    const zg_encoding numbers = {.task = ZG_REGRESSION, .outputs = dataset->targets};
    if (lacks_targets(encoding, dataset, options->rows)) encoding = &numbers;
    zg_problem *p = calloc(1, sizeof *p);
    if (!p) return zg_no_memory(error);
    *p = (zg_problem){.samples = dataset->rows,
                      .points = dataset->rows,
                      .outputs = encoding->outputs,
                      .y = zg_doubles(dataset->rows * encoding->outputs),
                      .activation = options->activation,
                      .architecture = options->architecture,
                      .loss = options->loss,
                      .penalty = penalty,
                      .beta = options->beta,
                      .rows = options->rows,
                      .neuron_set = options->neuron_set};
    bool complete = p->y && !copy_weights(p, weights) &&
                    !zg_preprocess_copy(preprocess, &p->preprocess) &&
                    !zg_encoding_copy(encoding, &p->encoding);
    p->preprocess.inputs = dataset->inputs;
    resolve_inputs(p);
    if (!complete || set_inputs(p, dataset, borrow)) {
        zg_problem_free(p);
        return zg_no_memory(error);
    }
    status = zg_encoding_apply(encoding, dataset, p->y, error);
    if (status == ZG_OK) status = zg_problem_pose_rows(p, options, error);
    if (status) {
        zg_problem_free(p);
        return status;
    }
    status = finish(p, dataset, &p, error);
    if (status) return status;
    status = zg_problem_make_robust(p, options->robust, error);
    if (status)
        zg_problem_free(p);
    else
        *out = p;
    return status;
}

zg_status zg_problem_from_dataset(const zg_dataset *dataset, const zg_preprocess *preprocess,
                                  const zg_encoding *encoding, const double *weights,
                                  const zg_model_options *options, zg_penalty penalty,
                                  zg_problem **out, zg_error *error)
{
    zg_status status = zg_preprocess_check_halfspaces(dataset, preprocess, error);
    if (status != ZG_OK) return status;
    return build(dataset, preprocess, encoding, weights, options, penalty, false, out, error);
}

zg_status zg_problem_for_scores(const zg_dataset *dataset, const zg_preprocess *preprocess,
                                const zg_encoding *encoding, const zg_model_options *options,
                                zg_penalty penalty, zg_problem **out, zg_error *error)
{
    return build(dataset, preprocess, encoding, NULL, options, penalty, false, out, error);
}

zg_status zg_problem_over_dataset(const zg_dataset *dataset, const zg_preprocess *preprocess,
                                  const zg_encoding *encoding, const double *weights,
                                  const zg_model_options *options, zg_penalty penalty,
                                  zg_problem **out, zg_error *error)
{
    bool borrow = zg_preprocess_is_identity(preprocess);
    zg_status status = zg_preprocess_check_halfspaces(dataset, preprocess, error);
    if (status != ZG_OK) return status;
    return build(dataset, preprocess, encoding, weights, options, penalty, borrow, out, error);
}

void zg_problem_free(zg_problem *problem)
{
    if (!problem) return;
    zg_lift_free(problem->lift);
    zg_functionals_free(problem->functionals);
    free(problem->targets);
    zg_patches_clear(&problem->patches);
    zg_preprocess_clear(&problem->preprocess);
    zg_encoding_clear(&problem->encoding);
    if (!problem->borrows_x) free(problem->x);
    free(problem->y);
    free(problem->weights);
    free(problem);
}

void zg_problem_join(zg_problem *problem, zg_team *team)
{
    problem->lift->team = team;
}

zg_program zg_problem_program(const zg_problem *problem, size_t output)
{
    return (zg_program){.lift = problem->lift,
                        .loss = problem->loss,
                        .y = problem->y + output * problem->samples,
                        .weights = problem->weights,
                        .beta = problem->beta,
                        .neuron_set = problem->neuron_set};
}

double zg_program_objective(const zg_program *program, double *const *z, double *const *zn,
                            double *f, double *work)
{
    const zg_lift *lift = program->lift;
    double penalty = 0.0;
    memset(f, 0, lift->samples * sizeof *f);
    for (size_t g = 0; g < lift->groups; g++) {
        zg_lift_apply(lift, g, z[g], 1.0, f, work);
        zg_lift_apply(lift, g, zn[g], -1.0, f, work);
        penalty += zg_lift_penalty(lift, z[g]) + zg_lift_penalty(lift, zn[g]);
    }
    penalty *= fabs(zg_loss_meet(lift->samples, f, program->y, program->weights));
    return program->constant + program->beta * penalty +
           zg_loss_value(program->loss, lift->samples, f, program->y, program->weights);
}
