/*
 * Networks of unit neurons from any weights.
 *
 * Neurons sum_j v_j sigma(w_j'z + b_j) + constant are one quadratic z'Pz + q'z + r per output. With
 * z = (x; 1) where the problem has a bias, unit neurons u with weights alpha make
 *     P = a sum alpha u u',   q = b sum alpha u,   r = c sum alpha = (c / a) tr P,
 * so that M = sum alpha [u; 1][u; 1]' = [P / a, q / b; q' / b, tr P / a], <R, M> = 0.  M is the
 * difference of its parts M+ and M-, to both of which the same matrix is added so that <R, .> is 0
 * for either; zg_decompose makes neurons of them.
 */
#include "base/linalg.h"
#include "core/decomposition.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CUTOFF 1e-14 /* of eigenvalues, relative to the largest: rounding */

typedef struct weights {
    size_t count, inputs; /* without the bias */
    const double *w, *b, *v, *constant;
} weights;

/* One output's part of all neurons that are no unit neurons. */
typedef struct quadratic {
    size_t order; /* the problem's inputs, with the bias */
    double *p, *q;
    double r;
    double size; /* sum of the sizes of what q is a sum of */
} quadratic;

static double offset_of(const weights *given, size_t j)
{
    return given->b ? given->b[j] : 0.0;
}

/* (w_j; b_j) where the problem has a bias, else w_j. */
static void neuron_vector(const weights *given, size_t j, bool bias, double *u)
{
    memcpy(u, given->w + j * given->inputs, given->inputs * sizeof *u);
    if (bias) u[given->inputs] = offset_of(given, j);
}

/* Adds neuron j as it is, or scaled, if that makes it a unit neuron; *stays says so. */
static zg_status keep_unit(const weights *given, size_t j, double *u, zg_network *network,
                           bool *stays)
{
    bool bias = network->preprocess.bias;
    zg_activation s = network->activation;
    size_t width = network->inputs, outputs = network->outputs;
    neuron_vector(given, j, bias, u);
    double length = zg_norm(width, u), factor = 1.0;
    bool homogeneous = s.b == 0.0 && s.c == 0.0;
    *stays = (bias || offset_of(given, j) == 0.0) &&
             (homogeneous || fabs(length - 1.0) <= ZG_UNIT_TOLERANCE);
    if (!*stays || length == 0.0) return ZG_OK;
    if (homogeneous && !zg_is_unit_neuron(width, u)) {
        for (size_t k = 0; k < width; k++)
            u[k] /= length;
        factor = length * length;
    }
    zg_unit_neuron(width, u);
    if (zg_network_add(network, 0, u, 0, 0.0) != ZG_OK) return ZG_NO_MEMORY;
    for (size_t c = 0; c < outputs; c++)
        network->alpha[(network->count - 1) * outputs + c] = factor * given->v[j * outputs + c];
    return ZG_OK;
}

/* Adds v sigma(w_j'x + b_j), as a quadratic of z. */
static void add_to_quadratic(const weights *given, size_t j, bool bias, zg_activation s, double v,
                             double *u, quadratic *form)
{
    neuron_vector(given, j, bias, u);
    double b = bias ? 0.0 : offset_of(given, j);
    for (size_t i = 0; i < form->order; i++) {
        form->q[i] += v * (2.0 * s.a * b + s.b) * u[i];
        for (size_t k = 0; k < form->order; k++)
            form->p[i * form->order + k] += v * s.a * u[i] * u[k];
    }
    form->r += v * ((s.a * b + s.b) * b + s.c);
    form->size += fabs(v) * (2.0 * fabs(s.a * b) + fabs(s.b)) * zg_norm(form->order, u);
}

/* ---- a quadratic as unit neurons -------------------------------------------------------------- */

static double largest(size_t count, const double *values)
{
    double most = 0.0;
    for (size_t k = 0; k < count; k++)
        most = fmax(most, fabs(values[k]));
    return most;
}

/* Refuses terms that the activation has none of. */
static zg_status check_terms(const quadratic *form, zg_activation s, size_t output, zg_error *error)
{
    bool square = largest(form->order * form->order, form->p) > 0.0;
    bool linear = largest(form->order, form->q) > CUTOFF * form->size;
    if (s.a == 0.0 && square)
        return zg_fail(error, ZG_UNSUPPORTED,
                       "output %zu has terms of second degree, which the activation %g,%g,%g has "
                       "none of",
                       output + 1, s.a, s.b, s.c);
    if (s.b == 0.0 && linear)
        return zg_fail(error, ZG_UNSUPPORTED,
                       "output %zu has linear terms, which the activation %g,%g,%g has none of; "
                       "with the input 1 behind the others (bias) they are squares",
                       output + 1, s.a, s.b, s.c);
    return ZG_OK;
}

/* Moves what is missing of the constant to the input 1; what is left is returned. */
static double settle_constant(quadratic *form, zg_activation s, bool bias)
{
    size_t last = form->order - 1;
    double trace = 0.0;
    for (size_t i = 0; i < form->order; i++)
        trace += form->p[i * form->order + i];
    double missing = form->r - s.c / s.a * trace;
    if (!bias || missing == 0.0) return missing;
    if (s.a + s.c != 0.0)
        form->p[last * form->order + last] += missing / (1.0 + s.c / s.a);
    else if (s.b != 0.0)
        form->q[last] += missing;
    else
        return missing;
    return 0.0;
}

/* m (order x order of the lift) as in the head of this file. */
static void fill_blocks(const quadratic *form, zg_activation s, bool bordered, double *m)
{
    size_t d = form->order, order = bordered ? d + 1 : d;
    double trace = 0.0;
    for (size_t i = 0; i < d; i++) {
        trace += form->p[i * d + i] / s.a;
        for (size_t k = 0; k < d; k++)
            m[i * order + k] = (form->p[i * d + k] + form->p[k * d + i]) / (2.0 * s.a);
        if (bordered) m[i * order + d] = m[d * order + i] = s.b != 0.0 ? form->q[i] / s.b : 0.0;
    }
    if (bordered) m[d * order + d] = trace;
}

/* m = z - zn, both positive semidefinite; m becomes its eigenvectors. */
static zg_status split(size_t order, double *m, double *z, double *zn)
{
    double *w = zg_doubles(order);
    zg_status status = w ? zg_eigen(order, m, w) : ZG_NO_MEMORY;
    for (size_t k = 0; k < order && status == ZG_OK; k++) {
        double *part = w[k] > 0.0 ? z : zn;
        for (size_t i = 0; i < order; i++)
            zg_axpy(order, fabs(w[k]) * m[k * order + i], m + k * order, part + i * order);
    }
    free(w);
    return status;
}

/* <R, z> = <R, zn> = 0: by the corner, or by a diagonal entry. */
static void level(const zg_lift *lift, double *z, double *zn)
{
    double excess = zg_lift_trace_violation(lift, z);
    size_t at = excess > 0.0 ? lift->order * lift->order - 1 : 0;
    z[at] += fabs(excess);
    zn[at] += fabs(excess);
}

static zg_status add_quadratic(const zg_problem *problem, const quadratic *form, size_t output,
                               zg_network *network)
{
    const zg_lift *lift = problem->lift;
    size_t order = lift->order;
    double *m = zg_doubles(order * order), *z = zg_doubles(order * order),
           *zn = zg_doubles(order * order);
    zg_status status = m && z && zn ? ZG_OK : ZG_NO_MEMORY;
    if (status == ZG_OK) {
        fill_blocks(form, problem->activation, lift->bordered, m);
        status = split(order, m, z, zn);
    }
    if (status == ZG_OK && lift->bordered) level(lift, z, zn);
    if (status == ZG_OK) status = zg_network_add_blocks(network, lift, output, &z, &zn, CUTOFF);
    free(m);
    free(z);
    free(zn);
    return status;
}

/* Without squares: one neuron along q, and a pair of opposite ones, whose linear terms cancel. */
static zg_status add_linear(const quadratic *form, zg_activation s, size_t output, double *u,
                            zg_network *network, double *missing)
{
    double length = s.b != 0.0 ? zg_norm(form->order, form->q) : 0.0;
    zg_status status = ZG_OK;
    memset(u, 0, form->order * sizeof *u);
    u[0] = 1.0;
    for (size_t i = 0; i < form->order && length > 0.0; i++)
        u[i] = form->q[i] / length;
    *missing = form->r;
    if (length > 0.0) {
        *missing -= s.c * length / s.b;
        status = zg_network_add(network, 0, u, output, length / s.b);
    }
    if (s.c == 0.0 || *missing == 0.0) return status;
    for (int side = 0; side < 2 && status == ZG_OK; side++) {
        status = zg_network_add(network, 0, u, output, *missing / (2.0 * s.c));
        for (size_t i = 0; i < form->order; i++)
            u[i] = -u[i];
    }
    *missing = 0.0;
    return status;
}

/* ---- all of it ---------------------------------------------------------------------------------- */

static void clear(quadratic *form)
{
    memset(form->p, 0, form->order * form->order * sizeof *form->p);
    memset(form->q, 0, form->order * sizeof *form->q);
    form->r = form->size = 0.0;
}

/* One output's part of the neurons that do not stay, and its constant. */
static zg_status add_rest(const zg_problem *problem, const weights *given, const bool *stays,
                          size_t output, double *u, quadratic *form, zg_network *network,
                          double *missing, zg_error *error)
{
    zg_activation s = problem->activation;
    bool bias = problem->preprocess.bias;
    clear(form);
    for (size_t j = 0; j < given->count; j++)
        if (!stays[j])
            add_to_quadratic(given, j, bias, s, given->v[j * problem->outputs + output], u, form);
    if (given->constant) form->r += given->constant[output];
    if (bias && s.a == 0.0 && s.c == 0.0 && s.b != 0.0) {
        form->q[form->order - 1] += form->r;
        form->r = 0.0;
    }
    zg_status status = check_terms(form, s, output, error);
    if (status != ZG_OK) return status;
    if (s.a == 0.0) {
        status = add_linear(form, s, output, u, network, missing);
    } else {
        *missing = settle_constant(form, s, bias);
        status = add_quadratic(problem, form, output, network);
    }
    return status == ZG_OK ? ZG_OK : zg_fail(error, status, "%s", zg_status_message(status));
}

static zg_status check(const zg_problem *problem, const weights *given, zg_error *error)
{
    size_t m = given->count, outputs = problem->outputs;
    if (problem->architecture.kind != ZG_DENSE)
        return zg_fail(error, ZG_UNSUPPORTED, "only dense networks are made from any weights");
    if (zg_all_finite(m * given->inputs, given->w) && zg_all_finite(m * outputs, given->v) &&
        (!given->b || zg_all_finite(m, given->b)) &&
        (!given->constant || zg_all_finite(outputs, given->constant)))
        return ZG_OK;
    return zg_fail(error, ZG_BAD_INPUT, "the weights hold a number that is not finite");
}

static zg_status fill(const zg_problem *problem, const weights *given, zg_network *network,
                      double *miss, zg_error *error)
{
    size_t order = problem->inputs;
    quadratic form = {.order = order, .p = zg_doubles(order * order), .q = zg_doubles(order)};
    double *u = zg_doubles(order);
    bool *stays = calloc(given->count ? given->count : 1, sizeof *stays);
    zg_status status = form.p && form.q && u && stays ? ZG_OK : zg_no_memory(error);
    for (size_t j = 0; j < given->count && status == ZG_OK; j++)
        if (keep_unit(given, j, u, network, &stays[j]) != ZG_OK) status = zg_no_memory(error);
    for (size_t c = 0; c < problem->outputs && status == ZG_OK; c++)
        status = add_rest(problem, given, stays, c, u, &form, network, &miss[c], error);
    free(form.p);
    free(form.q);
    free(u);
    free(stays);
    return status;
}

zg_status zg_network_from_weights(const zg_problem *problem, size_t count, const double *w,
                                  const double *b, const double *v, const double *constant,
                                  double *miss, zg_network **out, zg_error *error)
{
    const weights given = {.count = count,
                           .inputs = problem->preprocess.inputs,
                           .w = w,
                           .b = b,
                           .v = v,
                           .constant = constant};
    zg_network *network;
    *out = NULL;
    zg_status status = check(problem, &given, error);
    if (status == ZG_OK) status = zg_network_create(problem, &network, error);
    if (status != ZG_OK) return status;
    status = fill(problem, &given, network, miss, error);
    if (status == ZG_OK)
        *out = network;
    else
        zg_network_free(network);
    return status;
}
