/* The support function of the set of admissible neurons (see support.h). */
#include "core/support.h"

#include "base/linalg.h"
#include "core/cube.h"
#include "core/neuron_set.h"
#include "core/safe.h"
#include "core/sphere.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Relaxations that branch and bound may solve for a certificate, and in search of neurons; how far
 * beyond beta a neuron is worth having, relative. */
#define CERTIFIED_NODES 20000
#define SEARCHED_NODES 20000
#define BEYOND 1e-7
/* Of binary neurons that a certificate has its checker count. */
#define COUNTED_WIDTH 35

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

/* The same over all +-1 weights, or pairs of them, by the relaxation: with x = (l, 1), or the two
 * halves of a pair, sign times the response is x'Cx. */
static zg_status cube_support(const zg_set_form *form, bool pairs, double value[2], double *rho)
{
    size_t m = form->order, w = m - (form->bordered ? 1 : 0), n = pairs ? 2 * w : m;
    double *c = zg_doubles(n * n + n), *y = c + n * n, root = sqrt((double)w), size = 0.0;
    zg_status status = c ? ZG_OK : ZG_NO_MEMORY;
    for (int sign = 0; sign < 2 && status == ZG_OK; sign++) {
        double s = sign ? -1.0 : 1.0;
        memset(c, 0, n * n * sizeof *c);
        for (size_t j = 0; j < w; j++)
            for (size_t i = 0; i < w; i++) {
                double entry = s * form->t[j * m + i] / (double)w;
                if (pairs)
                    c[(w + j) * n + i] = c[i * n + w + j] = 0.5 * entry;
                else
                    c[j * n + i] = entry;
            }
        for (size_t i = 0; form->bordered && i < w; i++)
            c[w * n + i] = c[i * n + w] = s * form->t[w * m + i] / root;
        size = 0.0;
        for (size_t k = 0; k < n * n; k++)
            size += fabs(c[k]);
        double corner = form->bordered ? s * form->t[m * m - 1] : 0.0;
        status = zg_cube_bound(n, c, &(zg_cube_search){.target = -INFINITY, .y = y}, &value[sign]);
        for (size_t i = 0; i < w && rho; i++) /* pairs: the mean of both halves serves both */
            rho[(size_t)sign * w + i] = (double)w * (pairs ? y[i] + y[w + i] : y[i]);
        /* Entries are off by two units, the sum by one more; what t is off by. */
        value[sign] = zg_upper(
            value[sign] + corner + 8.0 * DBL_EPSILON * (size + fabs(corner) + fabs(value[sign])) +
            (form->bordered ? 2.0 : 1.0) * form->error + DBL_MIN * (double)(n * n));
    }
    free(c);
    return status;
}

zg_status zg_support_relaxed(zg_neuron_set set, const zg_set_form *form, double value[2],
                             double *rho)
{
    bool pairs = set.kind == ZG_SET_BILINEAR;
    value[0] = value[1] = INFINITY;
    if (!pairs && set.kind != ZG_SET_BINARY) return ZG_UNSUPPORTED;
    return cube_support(form, pairs, value, rho);
}

zg_support_proof zg_support_proof_of(zg_neuron_set set, size_t width)
{
    if (zg_set_enumerable(set, width)) return ZG_PROOF_COUNTING;
    /* The checker counts what was searched here, while that is a matter of minutes. */
    if (zg_set_searchable(set, width) && width <= COUNTED_WIDTH) return ZG_PROOF_COUNTING;
    bool cube = set.kind == ZG_SET_BINARY || set.kind == ZG_SET_BILINEAR;
    return cube ? ZG_PROOF_CUBE : ZG_PROOF_SPHERE;
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
    bool pairs = set.kind == ZG_SET_BILINEAR;
    if (pairs) value[0] = value[1] = zg_upper_max(value[0], value[1]);
    if (status != ZG_OK || !(pairs || set.kind == ZG_SET_BINARY)) return status;
    double cube[2];
    status = cube_support(form, pairs, cube, NULL);
    for (int sign = 0; sign < 2 && status == ZG_OK; sign++)
        value[sign] = zg_upper_better(value[sign], cube[sign]);
    if (status != ZG_OK || !zg_set_searchable(set, width)) return status;
    zg_search search = {.most_nodes = CERTIFIED_NODES};
    status = zg_set_search(set, form, &search, cube, NULL);
    for (int sign = 0; sign < 2 && status == ZG_OK; sign++)
        value[sign] = zg_upper_better(value[sign], cube[sign]);
    return status;
}

bool zg_support_finds(zg_neuron_set set, size_t width)
{
    return zg_set_enumerable(set, width) || zg_set_searchable(set, width);
}

/* First without branching: neurons beyond beta are all that is asked for. */
static zg_status search_best(zg_neuron_set set, const zg_set_form *form, double beta,
                             double value[2], zg_candidates *best)
{
    zg_search quick = {.most_nodes = 0}, whole = {.most_nodes = SEARCHED_NODES, .enough = beta};
    zg_status status = zg_set_search(set, form, &quick, value, best);
    bool found = best->count > 0 && fabs(best->value[0]) > beta * (1.0 + BEYOND);
    if (status != ZG_OK || found) return status;
    return zg_set_search(set, form, &whole, value, best);
}

zg_status zg_support_best(zg_neuron_set set, const zg_set_form *form, double beta, double value[2],
                          zg_candidates *best)
{
    size_t width = form->order - (form->bordered ? 1 : 0);
    if (zg_set_enumerable(set, width)) return zg_set_enumerate(set, form, value, best);
    if (zg_set_searchable(set, width)) return search_best(set, form, beta, value, best);
    return ZG_UNSUPPORTED;
}
