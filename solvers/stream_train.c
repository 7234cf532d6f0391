/* Training from sums, and from a pipe (see stream_train.h). */
#include "solvers/stream_train.h"

#include "base/linalg.h"
#include "core/decomposition.h"
#include "core/neuron_set.h"
#include "core/sphere.h"
#include "solvers/ipm_solve.h"

#include <cblas.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ITERATIONS 100
#define EIGENVALUE_CUTOFF 1e-12
/* Additions that a term of the sums can have taken part in: those of its block, the blocks of a
 * part, and a few that the compensated level, weights and roots stand for; besides, for what is
 * summed without compensation, one a block. */
#define ADDITIONS (ZG_SUMS_BLOCK + 64 + 32)

/* One output being solved; original units. */
typedef struct run {
    const zg_sums *sums;
    const zg_problem *shape;
    size_t output;
    double beta;
    double gamma, size; /* relative rounding; |y| + sum_l sqrt(G_ll) |fit_l| */
    double *fit, *best_fit, *product, *norms; /* features each; norms: sqrt(G_kk) */
    double *errors;                           /* a group's features */
    long double *exact, *terms;               /* features each: a network's fit, its terms' sizes */
    double *t, *q, *g;                        /* order x order, order x order, order */
    double **z, **zn;
    double *storage;
    zg_network *network; /* the best one, of this output only */
    double objective, bound;
    double doubt; /* part of objective: at most so far from the exact value, on either side */
} run;

/* ---- what the sums say ----------------------------------------------------------------------- */

static const double *moments_of(const run *r)
{
    return r->sums->moments + r->output * r->sums->features;
}

/* product = G fit; returns |y| + sum_l sqrt(G_ll) |fit_l|, which bounds every exact sum's terms. */
static double multiply(run *r, const double *fit)
{
    int p = (int)r->sums->features;
    cblas_dsymv(CblasColMajor, CblasLower, p, 1.0, r->sums->gram, p, fit, 1, 0.0, r->product, 1);
    double size = sqrt(r->sums->squares[r->output]);
    for (size_t k = 0; k < r->sums->features; k++)
        size += r->norms[k] * fabs(fit[k]);
    return size;
}

/* 1/2 |y - Phi fit|^2 */
static double loss_of(run *r, const double *fit)
{
    size_t p = r->sums->features;
    r->size = multiply(r, fit);
    return fmax(0.0, 0.5 * r->sums->squares[r->output] - zg_dot(p, moments_of(r), fit) +
                         0.5 * zg_dot(p, fit, r->product));
}

/* t = T_g of a group's features x; returns a bound on the norm of its error where each feature has
 * one of gamma |v| sqrt(G_kk), |v| <= size. */
static double form_slack(run *r, size_t group, const double *x)
{
    size_t m = r->sums->order, count = r->sums->features / r->sums->groups;
    const double *own = x + group * count;
    for (size_t k = 0; k < count; k++)
        r->errors[k] = r->gamma * r->norms[group * count + k] * r->size;
    if (!r->sums->basis) {
        zg_smat(m, own, r->t);
        return zg_norm(count, r->errors);
    }
    for (size_t k = 0; k < count; k++)
        r->errors[k] += 8.0 * DBL_EPSILON * fabs(own[k]); /* of J's elements and the sums of four */
    zg_basis_adjoint(r->sums->basis, group, r->errors, true, r->t);
    double error = zg_norm(m * m, r->t);
    zg_basis_adjoint(r->sums->basis, group, own, false, r->t);
    return error * (1.0 + 8.0 * (double)(m * m) * DBL_EPSILON);
}

/* Largest value of one group's +-[u;1]'T[u;1] over unit u, safe against an error of T. */
static zg_status group_maximum(run *r, double error, double *largest)
{
    size_t m = r->sums->order, w = m - 1;
    double value[2], rho[2];
    if (!r->sums->bordered) {
        memcpy(r->q, r->t, m * m * sizeof *r->t);
        zg_status status = zg_eigenvalues(m, r->q, r->g);
        double slack = error + 8.0 * (double)m * DBL_EPSILON * zg_norm(m * m, r->t);
        *largest = fmax(r->g[m - 1], -r->g[0]) + slack;
        return status;
    }
    double corner = r->t[m * m - 1];
    for (size_t j = 0; j < w; j++)
        memcpy(r->q + j * w, r->t + j * m, w * sizeof *r->t);
    memcpy(r->g, r->t + w * m, w * sizeof *r->t);
    zg_status status = zg_sphere_maxima(w, r->q, r->g, value, rho);
    *largest = fmax(value[0] + corner, value[1] - corner);
    *largest += 2.0 * error + 4.0 * DBL_EPSILON * (fabs(*largest) + fabs(corner));
    return status;
}

/* The safe bound that v = y - Phi fit gives. */
static zg_status bound_of(run *r, const double *fit, double *bound)
{
    size_t p = r->sums->features;
    double lambda = 0.0;
    r->size = multiply(r, fit);
    double linear = r->sums->squares[r->output] - zg_dot(p, moments_of(r), fit); /* v'y */
    double square = linear - zg_dot(p, moments_of(r), fit) + zg_dot(p, fit, r->product);
    for (size_t k = 0; k < p; k++)
        r->product[k] = moments_of(r)[k] - r->product[k];
    for (size_t g = 0; g < r->sums->groups; g++) {
        double largest, error = form_slack(r, g, r->product);
        zg_status status = group_maximum(r, error, &largest);
        if (status != ZG_OK) return status;
        lambda = fmax(lambda, largest);
    }
    double s = lambda > 0.0 ? r->beta / lambda * (1.0 - 4.0 * DBL_EPSILON) : INFINITY;
    s = square > 0.0 ? fmax(0.0, fmin(s, linear / square)) : 0.0;
    *bound = s * linear - 0.5 * s * s * square - 4.0 * r->gamma * r->size * r->size * (s + s * s);
    return isfinite(*bound) ? ZG_OK : ZG_FAILED;
}

/* ---- networks -------------------------------------------------------------------------------- */

/* exact += alpha svec([u;1][u;1]') over the features of the inputs as they are. */
static void add_plain_neuron(const run *r, const double *u, double alpha, long double *exact,
                             long double *terms)
{
    size_t m = r->sums->order, width = r->sums->patches->width;
    for (size_t j = 0; j < m; j++)
        for (size_t i = 0; i <= j; i++, exact++, terms++) {
            long double product = (long double)(j < width ? u[j] : 1.0) * (i < width ? u[i] : 1.0);
            long double term = alpha * product * (i < j ? sqrtl(2) : 1);
            *exact += term;
            *terms += fabsl(term);
        }
}

/* fit = the network's coefficients over the features; returns sum |alpha_j|.  *error: by how much
 * the predictions of fit are off, |.|_2 over the samples, from rounding fit to doubles. */
static double network_fit(run *r, const zg_network *network, double *error)
{
    size_t p = r->sums->features, count = p / r->sums->groups, width = network->patches.width;
    double penalty = 0.0;
    memset(r->exact, 0, 2 * p * sizeof *r->exact); /* and terms */
    for (size_t j = 0; j < network->count; j++) {
        const double *u = network->u + j * width;
        double alpha = network->alpha[j * network->outputs + r->output];
        size_t group = network->group[j];
        long double *exact = r->exact + group * count, *terms = r->terms + group * count;
        penalty += fabs(alpha);
        if (r->sums->basis)
            zg_basis_add_neuron(r->sums->basis, group, u, alpha, exact, terms);
        else
            add_plain_neuron(r, u, alpha, exact, terms);
    }
    double roundings = 2.0 * (double)(network->count + width + 8) * (double)LDBL_EPSILON;
    *error = 0.0;
    for (size_t k = 0; k < p; k++) {
        r->fit[k] = (double)r->exact[k];
        *error += r->norms[k] * (roundings * (double)r->terms[k] + DBL_EPSILON * fabs(r->fit[k]));
    }
    return penalty * (1.0 + 2.0 * (double)network->count * DBL_EPSILON);
}

static zg_status take_network(run *r, double cutoff, double limit)
{
    zg_network *network;
    zg_status status = zg_network_create(r->shape, &network, NULL);
    if (status != ZG_OK) return status;
    status = zg_network_add_blocks(network, r->shape->lift, r->output, r->z, r->zn, cutoff);
    if (status == ZG_OK) {
        double error, penalty = network_fit(r, network, &error), loss = loss_of(r, r->fit);
        double doubt = r->gamma * r->size * r->size;
        doubt += error * (sqrt(2.0 * (loss + doubt)) + 0.5 * error); /* |r + e|^2 / 2 - |r|^2 / 2 */
        double objective = loss + r->beta * penalty + doubt;
        if (objective < limit) {
            zg_network *old = r->network;
            r->network = network;
            r->objective = objective;
            r->doubt = doubt;
            network = old;
        }
    }
    zg_network_free(network);
    return status == ZG_NO_MEMORY ? status : ZG_OK;
}

/* Fewest eigenvalues that keep the gap within the tolerance. */
static zg_status thin_out(run *r, double tolerance)
{
    static const double cutoffs[] = {1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10};
    double room = fmin(10.0 * (r->objective - r->bound), tolerance * fabs(r->objective));
    double limit = fmax(r->objective, r->bound + room);
    for (size_t i = 0; i < sizeof cutoffs / sizeof *cutoffs; i++) {
        const zg_network *before = r->network;
        zg_status status = take_network(r, cutoffs[i], limit);
        if (status != ZG_OK || r->network != before) return status;
    }
    return ZG_OK;
}

static zg_status judge(run *r, const zg_ipm *ipm)
{
    const zg_space *space = ipm->space;
    size_t block = space->order * space->order;
    for (size_t k = 0; k < ipm->cones; k++)
        for (size_t e = 0; e < block; e++)
            (k % 2 ? r->zn : r->z)[k / 2][e] = space->block_unit * ipm->best_blocks[k * block + e];
    for (size_t k = 0; k < space->features; k++)
        r->best_fit[k] = space->block_unit * ipm->best_x[k];
    double bound;
    if (bound_of(r, r->best_fit, &bound) == ZG_OK && bound > r->bound) r->bound = bound;
    return take_network(r, EIGENVALUE_CUTOFF, r->objective);
}

static double share_of_gap(const run *r)
{
    return (r->objective - r->bound) / fmax(1.0 / (double)r->sums->outputs, fabs(r->objective));
}

/* ---- one output ------------------------------------------------------------------------------ */

static zg_status run_create(run *r)
{
    size_t p = r->sums->features, m = r->sums->order, groups = r->sums->groups, block = m * m;
    r->storage = zg_doubles(4 * p + p / groups + 2 * block + m + 2 * groups * block);
    r->exact = calloc(p, 2 * sizeof *r->exact);
    r->z = calloc(2 * groups, sizeof *r->z);
    if (!r->storage || !r->exact || !r->z) return ZG_NO_MEMORY;
    r->terms = r->exact + p;
    r->fit = r->storage;
    r->best_fit = r->fit + p;
    r->product = r->best_fit + p;
    r->norms = r->product + p;
    r->errors = r->norms + p;
    r->t = r->errors + p / groups;
    r->q = r->t + block;
    r->g = r->q + block;
    r->zn = r->z + groups;
    for (size_t k = 0; k < 2 * groups; k++)
        r->z[k] = r->g + m + k * block;
    double least = (double)r->sums->rows * DBL_MIN; /* for products that underflow */
    for (size_t k = 0; k < p; k++)
        r->norms[k] = sqrt(fmax(0.0, r->sums->gram[k * p + k]) + least);
    double blocks = (double)(r->sums->rows / ZG_SUMS_BLOCK);
    r->gamma = ((double)ADDITIONS + blocks + 2.0 * (double)p) * DBL_EPSILON;
    r->objective = 0.5 * r->sums->squares[r->output];
    double bound;
    if (bound_of(r, r->fit, &bound) == ZG_OK) r->bound = fmax(0.0, bound); /* v = y */
    return zg_network_create(r->shape, &r->network, NULL);
}

static void run_clear(run *r)
{
    zg_network_free(r->network);
    free(r->storage);
    free(r->exact);
    free(r->z);
}

static zg_status iterate(run *r, const zg_gram *gram, const zg_control *control, long *iterations)
{
    zg_space *space = NULL;
    zg_ipm *ipm = NULL;
    zg_status status = zg_space_from_sums(r->sums, gram, r->output, r->beta, &space);
    if (status == ZG_OK) status = zg_ipm_create(space, &ipm);
    if (status == ZG_OK) zg_ipm_start(ipm);
    zg_patience patience = zg_patience_begin();
    for (int k = 0; status == ZG_OK && k < ITERATIONS; k++) {
        zg_ipm_measure(ipm);
        status = judge(r, ipm);
        if (share_of_gap(r) <= control->tolerance) break;
        if (!zg_patience_left(&patience, ipm, share_of_gap(r))) break;
        if (status != ZG_OK || zg_ipm_step(ipm) != ZG_OK) break;
        ++*iterations;
    }
    zg_ipm_free(ipm);
    zg_space_free(space);
    return status;
}

static zg_status merge_network(zg_network *whole, const run *r)
{
    const zg_network *part = r->network;
    for (size_t j = 0; j < part->count; j++) {
        zg_status status = zg_network_add(whole, part->group[j], part->u + j * part->patches.width,
                                          r->output, part->alpha[j * part->outputs + r->output]);
        if (status != ZG_OK) return status;
    }
    return ZG_OK;
}

static zg_status train_output(run *r, const zg_gram *gram, const zg_control *control,
                              zg_sums_result *out)
{
    zg_status status = run_create(r);
    if (status == ZG_OK && share_of_gap(r) > control->tolerance) {
        status = iterate(r, gram, control, &out->iterations);
        if (status == ZG_OK) status = thin_out(r, control->tolerance);
    }
    if (status == ZG_OK) status = merge_network(out->network, r);
    if (status == ZG_OK) {
        out->objective += r->objective;
        out->bound += r->bound;
        r->size = multiply(r, r->best_fit);
        out->attainable += fmax(10.0 * r->gamma * r->size * r->size, 2.0 * r->doubt);
    }
    run_clear(r);
    return status;
}

/* ---- all outputs ----------------------------------------------------------------------------- */

zg_status zg_sums_train(const zg_sums *sums, const zg_problem *shape, const zg_control *control,
                        zg_sums_result *out, zg_error *error)
{
    zg_gram *gram = NULL;
    double before = zg_monotonic();
    if (sums->rows == 0) return zg_fail(error, ZG_BAD_INPUT, "there are no rows to train on");
    zg_status status = zg_gram_create(sums, &gram);
    if (status == ZG_FAILED)
        return zg_fail(error, status, "the sums over the samples have no finite inverse");
    if (status == ZG_OK) status = zg_network_create(shape, &out->network, NULL);
    for (size_t c = 0; status == ZG_OK && c < sums->outputs; c++) {
        run r = {.sums = sums, .shape = shape, .output = c, .beta = shape->beta};
        status = train_output(&r, gram, control, out);
    }
    zg_gram_free(gram);
    if (status != ZG_OK) return zg_fail(error, status, "%s", zg_status_message(status));
    out->rows = sums->rows;
    out->attainable /= fmax(1.0, fabs(out->objective));
    out->gap = zg_gap(out->objective, out->bound);
    out->seconds = zg_monotonic() - before;
    return ZG_OK;
}

/* ---- from a pipe ----------------------------------------------------------------------------- */

static zg_status check_model(const zg_model_options *model, zg_error *error)
{
    if (!zg_loss_has(model->loss.kind, ZG_LOSS_QUADRATIC))
        return zg_fail(error, ZG_UNSUPPORTED,
                       "only the squared loss can be trained in one pass; read the data from a "
                       "file for the others");
    if (zg_neuron_set_finite(model->neuron_set))
        return zg_fail(error, ZG_UNSUPPORTED,
                       "a finite neuron set needs all the data; read them from a file");
    if (model->standardize || model->task != ZG_REGRESSION)
        return zg_fail(error, ZG_UNSUPPORTED,
                       "standardising and class labels need all the data first; read them from a "
                       "file");
    return ZG_OK;
}

typedef struct intake {
    zg_csv_reader *reader;
    size_t inputs, outputs;
    double *x, *rows, *y; /* a block: x, targets as read, targets by output */
    zg_basis *basis;      /* what the first block shows */
    zg_sums *sums;
    zg_problem *shape; /* of the first row */
} intake;

static zg_status first_block(intake *in, size_t rows, const zg_model_options *model,
                             zg_error *error)
{
    zg_status status = zg_problem_from_arrays(1, in->inputs, in->x, in->outputs, in->rows, NULL,
                                              model->activation, &model->architecture, model->loss,
                                              (zg_penalty){0}, model->beta, &in->shape, error);
    if (status != ZG_OK) return status;
    if (zg_texts_copy(zg_csv_input_names(in->reader), in->inputs, &in->shape->preprocess.names) !=
            ZG_OK ||
        zg_texts_copy(zg_csv_target_names(in->reader), in->outputs, &in->shape->encoding.names) !=
            ZG_OK ||
        zg_csv_target_columns(in->reader, &in->shape->encoding.columns) != ZG_OK)
        return zg_no_memory(error);
    if (zg_basis_create(model->activation, &in->shape->patches, rows, in->x, &in->basis) != ZG_OK)
        return zg_no_memory(error);
    return zg_sums_create_in(in->basis, model->activation, &in->shape->patches, in->outputs,
                             &in->sums, error);
}

static zg_status take_rows(intake *in, const zg_model_options *model, zg_error *error)
{
    for (;;) {
        size_t rows;
        zg_status status = zg_csv_next(in->reader, ZG_SUMS_BLOCK, in->x, in->rows, &rows, error);
        if (status != ZG_OK) return status;
        if (rows == 0) break;
        if (zg_csv_label_count(in->reader) > 0)
            return zg_fail(error, ZG_UNSUPPORTED,
                           "the target column holds texts; one pass over the data needs numbers");
        if (!in->sums && (status = first_block(in, rows, model, error)) != ZG_OK) return status;
        for (size_t c = 0; c < in->outputs; c++)
            for (size_t i = 0; i < rows; i++)
                in->y[c * ZG_SUMS_BLOCK + i] = in->rows[i * in->outputs + c];
        zg_sums_add(in->sums, rows, in->x, in->y, ZG_SUMS_BLOCK, NULL);
    }
    if (!in->sums) return zg_fail(error, ZG_BAD_INPUT, "there are no rows to train on");
    zg_sums_finish(in->sums);
    return ZG_OK;
}

static zg_status open_intake(intake *in, FILE *stream, const char *name,
                             const zg_data_options *data, zg_error *error)
{
    if (data && (data->missing == ZG_MISSING_MEAN || data->missing == ZG_MISSING_TRAINING_MEAN))
        return zg_fail(error, ZG_UNSUPPORTED,
                       "means of columns need all the data first; drop the rows or read a file");
    zg_status status = zg_csv_open(stream, name, data, &in->reader, error);
    if (status != ZG_OK) return status;
    in->inputs = zg_csv_inputs(in->reader);
    in->outputs = zg_csv_targets(in->reader);
    in->x = zg_doubles(ZG_SUMS_BLOCK * in->inputs);
    in->rows = zg_doubles(ZG_SUMS_BLOCK * in->outputs);
    in->y = zg_doubles(ZG_SUMS_BLOCK * in->outputs);
    return in->x && in->rows && in->y ? ZG_OK : zg_no_memory(error);
}

zg_status zg_stream_train(FILE *stream, const char *name, const zg_data_options *data,
                          const zg_model_options *model, const zg_control *control,
                          zg_sums_result *out, zg_error *error)
{
    intake in = {0};
    double before = zg_monotonic();
    *out = (zg_sums_result){0};
    zg_status status = check_model(model, error);
    if (status == ZG_OK) status = open_intake(&in, stream, name, data, error);
    if (status == ZG_OK) status = take_rows(&in, model, error);
    out->read_seconds = zg_monotonic() - before;
    if (status == ZG_OK) status = zg_sums_train(in.sums, in.shape, control, out, error);
    zg_sums_free(in.sums);
    zg_basis_free(in.basis);
    zg_problem_free(in.shape);
    if (in.reader) zg_csv_close(in.reader);
    free(in.x);
    free(in.rows);
    free(in.y);
    return status;
}
