/* A network as one quadratic form per output. */
#include "core/quadratic_form.h"

#include "base/double_double.h"
#include "base/linalg.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static zg_status form_alloc(size_t inputs, zg_quadratic_form *out, zg_error *error)
{
    *out = (zg_quadratic_form){.inputs = inputs,
                               .q = zg_doubles(inputs),
                               .p_fine = INFINITY,
                               .q_fine = INFINITY,
                               .r_fine = INFINITY};
    if (inputs <= SIZE_MAX / sizeof(double) / (inputs ? inputs : 1))
        out->p = zg_doubles(inputs * inputs);
    if (out->p && out->q) return ZG_OK;
    zg_quadratic_form_clear(out);
    return zg_no_memory(error);
}

void zg_quadratic_form_clear(zg_quadratic_form *form)
{
    free(form->p);
    free(form->q);
    free(form->p_low);
    free(form->q_low);
    *form = (zg_quadratic_form){0};
}

/* One neuron over the patches of its group. */
static void add_neuron(const zg_network *network, size_t j, double alpha, zg_quadratic_form *form)
{
    const zg_patches *patches = &network->patches;
    const double *u = network->u + j * patches->width;
    zg_activation s = network->activation;
    double share = alpha / (double)patches->patches;
    for (size_t k = 0; k < patches->patches; k++) {
        const size_t *index =
            patches->identity
                ? NULL
                : patches->index + (network->group[j] * patches->patches + k) * patches->width;
        for (size_t a = 0; a < patches->width; a++) {
            size_t row = index ? index[a] : a;
            form->q[row] += share * s.b * u[a];
            for (size_t b = 0; b < patches->width; b++)
                form->p[row * form->inputs + (index ? index[b] : b)] += share * s.a * (u[a] * u[b]);
        }
    }
    form->r += alpha * s.c;
}

/* Every term passes some roundings of its own and at most one for each term that is added; the
 * absolute values of a neuron's terms form matrices of norm |alpha a| |u|^2, vectors of norm
 * |alpha b| |u| and numbers |alpha c|, since patches are averaged.  To certificates a neuron is
 * u / |u|: by how much |u| misses 1 counts, too. */
static void bound_errors(const zg_network *network, size_t output, zg_quadratic_form *form)
{
    zg_activation s = network->activation;
    double p = 0, q = 0, r = 0, p_missed = 0, q_missed = 0;
    for (size_t j = 0; j < network->count; j++) {
        double alpha = fabs(network->alpha[j * network->outputs + output]);
        double length = zg_norm(network->patches.width, network->u + j * network->patches.width);
        p += alpha * fabs(s.a) * (length * length);
        q += alpha * fabs(s.b) * length;
        r += alpha * fabs(s.c);
        double missed = fabs(length - 1) + (double)network->patches.width * DBL_EPSILON;
        p_missed += alpha * fabs(s.a) * missed * (2 + missed);
        q_missed += alpha * fabs(s.b) * missed;
    }
    double terms = (double)network->count * (double)network->patches.patches;
    double unit = (terms + 16) * DBL_EPSILON, least = (terms + 16) * (double)form->inputs * DBL_MIN;
    form->p_error = unit * p + p_missed * (1 + unit) + least;
    form->q_error = unit * q + q_missed * (1 + unit) + least;
    form->r_error = unit * r + least;
}

/* The last input is 1. */
static void fold_constant(zg_quadratic_form *form)
{
    size_t wide = form->inputs, d = wide - 1;
    double p = zg_norm(wide * wide, form->p), q = zg_norm(wide, form->q), r = fabs(form->r);
    form->r_error += form->q_error + form->p_error + 2 * DBL_EPSILON * (p + q + r);
    form->q_error += 2 * form->p_error + DBL_EPSILON * (2 * p + q);
    form->r += form->q[d] + form->p[d * wide + d];
    for (size_t i = 0; i < d; i++) {
        form->q[i] += 2 * form->p[i * wide + d];
        memmove(form->p + i * d, form->p + i * wide, d * sizeof *form->p);
    }
    form->inputs = d;
}

/* f * scale + mean */
static void change_units(zg_quadratic_form *form, double mean, double scale)
{
    size_t d = form->inputs;
    double size = fabs(scale);
    form->p_error = size * (form->p_error + DBL_EPSILON * zg_norm(d * d, form->p));
    form->q_error = size * (form->q_error + DBL_EPSILON * zg_norm(d, form->q));
    form->r_error =
        size * (form->r_error + 2 * DBL_EPSILON * fabs(form->r)) + 2 * DBL_EPSILON * fabs(mean);
    for (size_t k = 0; k < d * d; k++)
        form->p[k] *= scale;
    for (size_t i = 0; i < d; i++)
        form->q[i] *= scale;
    form->r = form->r * scale + mean;
}

zg_status zg_quadratic_form_create(const zg_network *network, size_t output, zg_quadratic_form *out,
                                   zg_error *error)
{
    if (network->preprocess.halfspaces > 0)
        return zg_fail(error, ZG_UNSUPPORTED,
                       "a network that sees half-spaces is no quadratic form of its inputs");
    zg_status status = form_alloc(network->inputs, out, error);
    if (status != ZG_OK) return status;
    for (size_t j = 0; j < network->count; j++)
        if (network->alpha[j * network->outputs + output] != 0)
            add_neuron(network, j, network->alpha[j * network->outputs + output], out);
    bound_errors(network, output, out);
    if (network->preprocess.bias) fold_constant(out);
    if (network->encoding.mean)
        change_units(out, network->encoding.mean[output], network->encoding.scale[output]);
    return ZG_OK;
}

/* Errors of the form, carried through D and m; those of the long double sums, whose terms are at
 * most |P'| |m| |m| and the like; and the last rounding. */
static void raw_errors(const zg_quadratic_form *form, const zg_preprocess *preprocess,
                       zg_quadratic_form *raw)
{
    size_t d = form->inputs;
    double least = INFINITY, m = zg_norm(d, preprocess->mean);
    for (size_t i = 0; i < d; i++)
        if (!(fabs(preprocess->scale[i]) >= least)) least = fabs(preprocess->scale[i]);
    double p = zg_norm(d * d, raw->p), q = form->q_error / least,
           slope = zg_norm(d, form->q) / least, tiny = ((double)d + 8) * 2 * (double)LDBL_EPSILON;
    raw->p_error = form->p_error / least / least + DBL_EPSILON * p;
    double pull = 2 * m * (raw->p_error + tiny * p);
    raw->q_error = q + pull + tiny * slope + DBL_EPSILON * zg_norm(d, raw->q);
    raw->r_error = form->r_error + m * (q + pull + tiny * slope) + DBL_EPSILON * fabs(raw->r) +
                   tiny * fabs(form->r);
}

/* With z = D (x - m):  P <- D P D,  q <- D q - 2 D P D m,  r <- r - q'D m + m'D P D m. */
zg_status zg_quadratic_form_raw(const zg_quadratic_form *form, const zg_preprocess *preprocess,
                                zg_quadratic_form *out, zg_error *error)
{
    size_t d = form->inputs;
    zg_status status = form_alloc(d, out, error);
    if (status != ZG_OK) return status;
    memcpy(out->p, form->p, d * d * sizeof *out->p);
    memcpy(out->q, form->q, d * sizeof *out->q);
    out->r = form->r;
    out->p_error = form->p_error;
    out->q_error = form->q_error;
    out->r_error = form->r_error;
    if (!preprocess->mean) return ZG_OK;
    const double *m = preprocess->mean, *s = preprocess->scale;
    long double r = form->r;
    for (size_t i = 0; i < d; i++) {
        long double pull = 0; /* of row i of D P D on m */
        for (size_t j = 0; j < d; j++) {
            long double entry = form->p[i * d + j] / ((long double)s[i] * s[j]);
            pull += entry * m[j];
            out->p[i * d + j] = (double)entry;
        }
        long double slope = (long double)form->q[i] / s[i];
        out->q[i] = (double)(slope - 2 * pull);
        r += (pull - slope) * m[i];
    }
    out->r = (double)r;
    raw_errors(form, preprocess, out);
    return ZG_OK;
}

/* q* = 2 D h*, h* = P*z* + q* / 2 and r* = f*(z*) at z* = D (x - m).  z is off by two roundings of
 * each entry, which moves h by |P| and f by 2 h of that; sums are off by their terms times those of
 * their sizes. */
void zg_quadratic_form_move(const zg_quadratic_form *form, const zg_preprocess *preprocess,
                            const double *x, zg_quadratic_form *around, double *work)
{
    size_t d = form->inputs;
    const double *m = preprocess->mean, *s = preprocess->scale;
    double *z = work, *h = work + d, least = m ? INFINITY : 1;
    for (size_t i = 0; i < d; i++) {
        z[i] = m ? (x[i] - m[i]) / s[i] : x[i];
        if (m && !(fabs(s[i]) >= least)) least = fabs(s[i]);
    }
    double length = zg_norm(d, z), terms = (double)d + 8, unit = terms * DBL_EPSILON;
    double off = m ? 2 * DBL_EPSILON * length + terms * DBL_MIN : 0, far = length + off;
    double p = zg_norm(d * d, form->p), q = zg_norm(d, form->q);
    memcpy(h, form->q, d * sizeof *h);
    zg_gemv(false, d, d, 1.0, form->p, d, z, 0.5, h);
    around->r = form->r + zg_dot(d, z, h) + 0.5 * zg_dot(d, z, form->q);
    double slope = form->p_error * far + p * off + 0.5 * form->q_error + unit * (p * far + q);
    around->r_error = (form->p_error * far + form->q_error) * far + form->r_error +
                      2 * (zg_norm(d, h) + slope) * off + (p + form->p_error) * off * off +
                      2 * unit * ((p * far + q) * far + fabs(form->r)) + terms * DBL_MIN;
    for (size_t i = 0; i < d; i++)
        around->q[i] = m ? 2 * h[i] / s[i] : 2 * h[i];
    around->q_error = (2 * slope / least + 2 * DBL_EPSILON * zg_norm(d, around->q)) * (1 + unit) +
                      terms * DBL_MIN;
}

zg_status zg_quadratic_form_around(const zg_quadratic_form *form, const zg_preprocess *preprocess,
                                   const double *x, zg_quadratic_form *out, zg_error *error)
{
    size_t d = form->inputs;
    double *work = zg_doubles(2 * d), least = INFINITY;
    zg_status status = form_alloc(d, out, error);
    if (status == ZG_OK && !work) {
        zg_quadratic_form_clear(out);
        status = zg_no_memory(error);
    }
    if (status == ZG_OK) {
        memcpy(out->p, form->p, d * d * sizeof *out->p);
        out->p_error = form->p_error;
    }
    const double *s = preprocess->scale;
    for (size_t i = 0; status == ZG_OK && s && i < d; i++) {
        for (size_t j = 0; j < d; j++)
            out->p[i * d + j] = (double)(form->p[i * d + j] / ((long double)s[i] * s[j]));
        if (!(fabs(s[i]) >= least)) least = fabs(s[i]);
    }
    if (status == ZG_OK && s)
        out->p_error = form->p_error / least / least + 2 * DBL_EPSILON * zg_norm(d * d, out->p) +
                       (double)d * DBL_MIN;
    if (status == ZG_OK) zg_quadratic_form_move(form, preprocess, x, out, work);
    free(work);
    return status;
}

/* What a - b as rounded leaves, with the low parts of both. */
static double difference_low(double a, double a_low, double b, double b_low)
{
    zg_dd high = zg_dd_sum_of(a, -b);
    return high.low + (a_low - b_low);
}

/* The low parts of a difference are rounded to doubles, of which each is below a unit of a or b. */
static zg_status subtract_low(const zg_quadratic_form *a, const zg_quadratic_form *b,
                              zg_quadratic_form *out, zg_error *error)
{
    size_t d = a->inputs;
    const double unit = 8 * DBL_EPSILON * DBL_EPSILON;
    out->p_low = zg_doubles(d * d);
    out->q_low = zg_doubles(d);
    if (!out->p_low || !out->q_low) {
        zg_quadratic_form_clear(out);
        return zg_no_memory(error);
    }
    for (size_t k = 0; k < d * d; k++)
        out->p_low[k] = difference_low(a->p[k], a->p_low[k], b->p[k], b->p_low[k]);
    for (size_t i = 0; i < d; i++)
        out->q_low[i] = difference_low(a->q[i], a->q_low[i], b->q[i], b->q_low[i]);
    out->r_low = difference_low(a->r, a->r_low, b->r, b->r_low);
    out->p_fine = a->p_fine + b->p_fine + unit * (zg_norm(d * d, a->p) + zg_norm(d * d, b->p));
    out->q_fine = a->q_fine + b->q_fine + unit * (zg_norm(d, a->q) + zg_norm(d, b->q));
    out->r_fine = a->r_fine + b->r_fine + unit * (fabs(a->r) + fabs(b->r));
    return ZG_OK;
}

zg_status zg_quadratic_form_difference(const zg_quadratic_form *a, const zg_quadratic_form *b,
                                       zg_quadratic_form *out, zg_error *error)
{
    size_t d = a->inputs;
    zg_status status = form_alloc(d, out, error);
    if (status != ZG_OK) return status;
    for (size_t k = 0; k < d * d; k++)
        out->p[k] = a->p[k] - b->p[k];
    for (size_t i = 0; i < d; i++)
        out->q[i] = a->q[i] - b->q[i];
    out->r = a->r - b->r;
    out->p_error = a->p_error + b->p_error + DBL_EPSILON * zg_norm(d * d, out->p);
    out->q_error = a->q_error + b->q_error + DBL_EPSILON * zg_norm(d, out->q);
    out->r_error = a->r_error + b->r_error + DBL_EPSILON * fabs(out->r);
    return a->p_low && b->p_low ? subtract_low(a, b, out, error) : ZG_OK;
}

double zg_quadratic_form_value(const zg_quadratic_form *form, const double *x)
{
    long double sum = form->r;
    for (size_t i = 0; i < form->inputs; i++) {
        long double row = form->q[i];
        for (size_t j = 0; j < form->inputs; j++)
            row += (long double)form->p[i * form->inputs + j] * x[j];
        sum += row * x[i];
    }
    return (double)sum;
}

/* ---- its largest terms --------------------------------------------------------------------- */

/* Puts a term at its place among the largest so far. */
static void insert(zg_term *terms, size_t room, size_t *used, zg_term term)
{
    size_t at = *used < room ? *used : room - 1;
    if (*used == room && fabs(term.coefficient) <= fabs(terms[at].coefficient)) return;
    while (at > 0 && fabs(terms[at - 1].coefficient) < fabs(term.coefficient)) {
        terms[at] = terms[at - 1];
        at--;
    }
    terms[at] = term;
    if (*used < room) ++*used;
}

void zg_quadratic_form_terms(const zg_quadratic_form *form, zg_term *terms, size_t *count)
{
    size_t d = form->inputs, room = *count;
    *count = 0;
    for (size_t i = 0; room > 0 && i < d; i++) {
        zg_term linear = {i, ZG_LINEAR_TERM, form->q[i]};
        if (linear.coefficient != 0) insert(terms, room, count, linear);
        for (size_t j = i; j < d; j++) {
            zg_term product = {i, j, form->p[i * d + j] * (i == j ? 1 : 2)};
            if (product.coefficient != 0) insert(terms, room, count, product);
        }
    }
}
