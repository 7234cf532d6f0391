/* The digits of a network's quadratic form that doubles do not hold. */
#include "base/double_double.h"
#include "base/linalg.h"
#include "core/quadratic_form.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

/* P, q and r in double-double arithmetic, and the sums of what their terms come to in norm. */
typedef struct digits {
    size_t inputs;
    zg_dd *p, *q, r;
    double p_size, q_size, r_size;
} digits;

static void add_neuron(const zg_network *network, size_t j, double alpha, digits *out)
{
    const zg_patches *patches = &network->patches;
    const double *u = network->u + j * patches->width;
    zg_activation s = network->activation;
    double length = zg_norm(patches->width, u) * (1 + 1e-9), size = fabs(alpha) * (1 + 1e-9);
    zg_dd share = zg_dd_divide((zg_dd){alpha, 0}, (zg_dd){(double)patches->patches, 0});
    zg_dd linear = zg_dd_times(share, s.b), square = zg_dd_times(share, s.a);
    for (size_t k = 0; k < patches->patches; k++) {
        const size_t *index =
            patches->identity
                ? NULL
                : patches->index + (network->group[j] * patches->patches + k) * patches->width;
        for (size_t a = 0; a < patches->width; a++) {
            size_t row = index ? index[a] : a;
            zg_dd left = zg_dd_times(square, u[a]);
            zg_dd_increase(&out->q[row], zg_dd_times(linear, u[a]));
            for (size_t b = 0; b < patches->width; b++)
                zg_dd_increase(&out->p[row * out->inputs + (index ? index[b] : b)],
                               zg_dd_times(left, u[b]));
        }
    }
    zg_dd_increase(&out->r, zg_dd_product_of(alpha, s.c));
    out->p_size += size * fabs(s.a) * length * length;
    out->q_size += size * fabs(s.b) * length;
    out->r_size += size * fabs(s.c);
}

/* The last input is 1. */
static void fold_constant(digits *f)
{
    size_t wide = f->inputs, d = wide - 1;
    zg_dd_increase(&f->r, zg_dd_add(f->q[d], f->p[d * wide + d]));
    f->r_size += f->q_size + f->p_size;
    f->q_size += 2 * f->p_size;
    for (size_t i = 0; i < d; i++) {
        zg_dd_increase(&f->q[i], zg_dd_times(f->p[i * wide + d], 2));
        for (size_t j = 0; j < d; j++)
            f->p[i * d + j] = f->p[i * wide + j];
    }
    f->inputs = d;
}

static void change_units(digits *f, double mean, double scale)
{
    for (size_t k = 0; k < f->inputs * f->inputs; k++)
        f->p[k] = zg_dd_times(f->p[k], scale);
    for (size_t i = 0; i < f->inputs; i++)
        f->q[i] = zg_dd_times(f->q[i], scale);
    f->r = zg_dd_add(zg_dd_times(f->r, scale), (zg_dd){mean, 0});
    f->p_size *= fabs(scale);
    f->q_size *= fabs(scale);
    f->r_size = f->r_size * fabs(scale) + fabs(mean);
}

/* Every term passes some roundings of its own and at most one for each term that is added; what is
 * left beside the doubles of the form is rounded once more. */
static void split(const digits *f, double terms, zg_quadratic_form *form)
{
    size_t d = f->inputs;
    double unit = 2 * (terms + 16) * ZG_DD_UNIT;
    double least = (terms + 16) * (double)d * DBL_MIN;
    for (size_t k = 0; k < d * d; k++)
        form->p_low[k] = zg_dd_rest(f->p[k], form->p[k]);
    for (size_t i = 0; i < d; i++)
        form->q_low[i] = zg_dd_rest(f->q[i], form->q[i]);
    form->r_low = zg_dd_rest(f->r, form->r);
    form->p_fine = unit * f->p_size + DBL_EPSILON * zg_norm(d * d, form->p_low) + least;
    form->q_fine = unit * f->q_size + DBL_EPSILON * zg_norm(d, form->q_low) + least;
    form->r_fine = unit * f->r_size + DBL_EPSILON * fabs(form->r_low) + least;
}

zg_status zg_quadratic_form_add_digits(const zg_network *network, size_t output,
                                       zg_quadratic_form *form)
{
    size_t wide = network->inputs, d = form->inputs;
    digits f = {
        .inputs = wide, .p = calloc(wide * wide, sizeof *f.p), .q = calloc(wide, sizeof *f.q)};
    form->p_low = zg_doubles(d * d);
    form->q_low = zg_doubles(d);
    zg_status status = f.p && f.q && form->p_low && form->q_low ? ZG_OK : ZG_NO_MEMORY;
    for (size_t j = 0; status == ZG_OK && j < network->count; j++) {
        double alpha = network->alpha[j * network->outputs + output];
        if (alpha != 0) add_neuron(network, j, alpha, &f);
    }
    if (status == ZG_OK) {
        if (network->preprocess.bias) fold_constant(&f);
        if (network->encoding.mean)
            change_units(&f, network->encoding.mean[output], network->encoding.scale[output]);
        split(&f, (double)network->count * (double)network->patches.patches, form);
    }
    free(f.p);
    free(f.q);
    return status;
}
