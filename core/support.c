/* The support function of the set of admissible neurons (see support.h). */
#include "core/support.h"

#include "base/linalg.h"
#include "core/neuron_set.h"
#include "core/safe.h"
#include "core/sphere.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Bordered: value[sign] >= max over unit u of +-[u;1]'T[u;1] = +-(u'Qu + 2 g'u + corner). */
static zg_status bordered_maxima(const zg_set_form *form, double *space, double value[2],
                                 double rho[2])
{
    size_t m = form->order, w = m - 1;
    const double *t = form->t;
    double corner = t[m * m - 1], *q = space, *g = space + m * m;
    for (size_t j = 0; j < w; j++)
        memcpy(q + j * w, t + j * m, w * sizeof *t);
    memcpy(g, t + w * m, w * sizeof *t);
    zg_status status = zg_sphere_maxima(w, q, g, value, rho);
    if (status) return status;
    value[0] += corner;
    value[1] -= corner;
    for (int sign = 0; sign < 2; sign++) /* |[u;1]|^2 = 2 */
        value[sign] += 2.0 * form->error + 4.0 * DBL_EPSILON * (fabs(value[sign]) + fabs(corner));
    return ZG_OK;
}

/* Unbordered: +-u'Tu, the extreme eigenvalues. */
static zg_status plain_maxima(const zg_set_form *form, double *space, double value[2],
                              double rho[2])
{
    size_t m = form->order;
    double *q = space, *w = space + m * m;
    memcpy(q, form->t, m * m * sizeof *q);
    zg_status status = zg_eigenvalues(m, q, w);
    if (status) return status;
    double slack = form->error + 8.0 * (double)m * DBL_EPSILON * zg_norm(m * m, form->t);
    value[0] = w[m - 1] + slack;
    value[1] = -w[0] + slack;
    rho[0] = rho[1] = 0.0;
    return ZG_OK;
}

static zg_status sphere_support(const zg_set_form *form, double value[2], double rho[2])
{
    double *space = zg_doubles(form->order * (form->order + 1));
    if (!space) return ZG_NO_MEMORY;
    zg_status status = (form->bordered ? bordered_maxima : plain_maxima)(form, space, value, rho);
    free(space);
    return status;
}

zg_support_proof zg_support_proof_of(zg_neuron_set set, size_t width)
{
    return zg_set_enumerable(set, width) ? ZG_PROOF_COUNTING : ZG_PROOF_SPHERE;
}

zg_status zg_support(zg_neuron_set set, const zg_set_form *form, double value[2], double rho[2])
{
    double own[2];
    size_t width = form->order - (form->bordered ? 1 : 0);
    if (!rho) rho = own;
    rho[0] = rho[1] = 0.0;
    if (zg_set_enumerable(set, width)) return zg_set_enumerate(set, form, value, NULL);
    zg_status status = sphere_support(form, value, rho);
    /* u' T w <= the largest size of an eigenvalue. */
    if (set.kind == ZG_SET_BILINEAR) value[0] = value[1] = zg_upper_max(value[0], value[1]);
    return status;
}

zg_status zg_support_best(zg_neuron_set set, const zg_set_form *form, double value[2],
                          zg_candidates *best)
{
    if (zg_set_enumerable(set, form->order - (form->bordered ? 1 : 0)))
        return zg_set_enumerate(set, form, value, best);
    return ZG_UNSUPPORTED;
}
