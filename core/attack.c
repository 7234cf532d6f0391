/* Attacked copies and the lower bounds that they prove (see attack.h). */
#include "core/attack.h"

#include "base/linalg.h"
#include "base/memory.h"
#include "core/certificate.h"
#include "core/safe.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- the copies ------------------------------------------------------------------------------ */

void zg_attacks_clear(zg_attacks *attacks)
{
    free(attacks->x);
    free(attacks->owner);
    free(attacks->v);
    *attacks = (zg_attacks){0};
}

void zg_attacks_empty(zg_attacks *attacks)
{
    attacks->count = 0;
}

/* Room for so many copies. */
static zg_status reserve(zg_attacks *a, size_t count)
{
    if (count <= a->capacity) return ZG_OK;
    size_t room = count > 2 * a->capacity ? count : 2 * a->capacity;
    double *x = realloc(a->x, room * a->inputs * sizeof *x);
    if (x) a->x = x;
    size_t *owner = realloc(a->owner, room * sizeof *owner);
    if (owner) a->owner = owner;
    double *v = realloc(a->v, room * sizeof *v);
    if (v) a->v = v;
    if (!x || !owner || !v) return ZG_NO_MEMORY;
    a->capacity = room;
    return ZG_OK;
}

zg_status zg_attacks_copy(const zg_attacks *from, zg_attacks *out)
{
    zg_attacks copy = {.inputs = from->inputs};
    if (from->count && reserve(&copy, from->count) != ZG_OK) {
        zg_attacks_clear(&copy);
        return ZG_NO_MEMORY;
    }
    copy.count = from->count;
    if (from->count) {
        memcpy(copy.x, from->x, from->count * from->inputs * sizeof *copy.x);
        memcpy(copy.owner, from->owner, from->count * sizeof *copy.owner);
        memcpy(copy.v, from->v, from->count * sizeof *copy.v);
    }
    zg_attacks_clear(out);
    *out = copy;
    return ZG_OK;
}

/* Differences and squares are each off by at most a unit of long double precision, and the sum by
 * one per term; what underflows is far below the least radius that matters and counts as outside.
 */
bool zg_attack_is_inside(size_t inputs, const double *row, const double *copy, double radius)
{
    long double sum = 0, limit = (long double)radius * radius;
    bool same = true;
    for (size_t k = 0; k < inputs; k++) {
        long double difference = (long double)copy[k] - row[k];
        sum += difference * difference;
        same = same && copy[k] == row[k];
    }
    long double slack = 1 - 4 * ((long double)inputs + 8) * LDBL_EPSILON;
    return same || (limit >= DBL_MIN && sum <= limit * slack);
}

zg_status zg_attacks_add(const zg_problem *problem, zg_attacks *attacks, size_t owner,
                         const double *shift, double v)
{
    size_t d = problem->inputs;
    if (v == 0.0 || !isfinite(v) || !zg_all_finite(d, shift)) return ZG_OK;
    attacks->inputs = d;
    if (reserve(attacks, attacks->count + 1) != ZG_OK) return ZG_NO_MEMORY;
    const double *row = problem->x + owner * d;
    double *copy = attacks->x + attacks->count * d, length = zg_norm(d, shift);
    double share = length > problem->robust ? problem->robust / length : 1.0;
    share *= 1.0 - 1e-14;
    for (double pull = 1e-14; pull < 1.0; pull *= 8.0) {
        for (size_t k = 0; k < d; k++)
            copy[k] = row[k] + share * shift[k];
        if (zg_attack_is_inside(d, row, copy, problem->robust)) break;
        share *= 1.0 - pull;
        memcpy(copy, row, d * sizeof *copy);
    }
    attacks->owner[attacks->count] = owner;
    attacks->v[attacks->count++] = v;
    return ZG_OK;
}

/* ---- the dual value -------------------------------------------------------------------------- */

/* Per sample: the plain problem's dual variable and target whose D is that of the copies. */
typedef struct folded {
    double *v, *y;
} folded;

/* Sums of the copies of each sample: S (signed by y where there are labels) and T. */
static zg_status sums(const zg_problem *problem, const zg_attacks *a, long double **out)
{
    size_t n = problem->samples;
    long double *s = calloc(2 * n, sizeof *s);
    if (!s) return ZG_NO_MEMORY;
    for (size_t k = 0; k < a->count; k++) {
        s[a->owner[k]] += a->v[k];
        s[n + a->owner[k]] += fabsl((long double)a->v[k]);
    }
    *out = s;
    return ZG_OK;
}

/* Labels: v_i = y_i T_i to the nearest double, which stands for copies' weights that differ by less
 * than a unit (lambda makes up for that).  Otherwise T_i is rounded up and the target such that
 * y v is at most y_i S_i: what D says is then below the truth, for any scale s >= 0. */
static zg_status fold(const zg_problem *problem, const zg_attacks *a, folded *out)
{
    size_t n = problem->samples;
    bool labels = zg_loss_has(problem->loss.kind, ZG_LOSS_LABELLED);
    long double *s = NULL;
    zg_status status = sums(problem, a, &s);
    *out = (folded){zg_doubles(2 * n), NULL};
    if (!out->v) status = ZG_NO_MEMORY;
    out->y = out->v + n;
    double rounding = ((double)a->count + 8.0) * (double)LDBL_EPSILON + 4.0 * DBL_EPSILON;
    for (size_t i = 0; status == ZG_OK && i < n; i++) {
        double y = problem->y[i], total = (double)s[n + i];
        out->y[i] = y;
        out->v[i] = labels ? y * total : total;
        if (labels || total == 0.0) continue;
        out->v[i] = total * (1.0 + rounding) + DBL_MIN;
        double target = (double)(y * s[i] / out->v[i]);
        out->y[i] = target - rounding * (fabs(y) + fabs(target)) - DBL_MIN;
    }
    free(s);
    return status;
}

/* Weights that are no numbers or of the wrong sign go; so does what a sample has too much. */
static zg_status clip(const zg_problem *problem, zg_attacks *a)
{
    size_t n = problem->samples;
    bool labels = zg_loss_has(problem->loss.kind, ZG_LOSS_LABELLED);
    for (size_t k = 0; k < a->count; k++) {
        bool wrong = labels && !(a->v[k] * problem->y[a->owner[k]] >= 0.0);
        if (wrong || !isfinite(a->v[k])) a->v[k] = 0.0;
    }
    long double *s = NULL;
    zg_status status = sums(problem, a, &s);
    for (size_t k = 0; status == ZG_OK && k < a->count; k++) {
        size_t i = a->owner[k];
        double low, high, total = (double)s[n + i];
        zg_loss_domain(problem->loss, problem->y[i], problem->weights ? problem->weights[i] : 1.0,
                       &low, &high);
        double most = (high > -low ? high : -low) * (1.0 - 1e-14);
        if (total > most) a->v[k] *= most / total;
    }
    free(s);
    return status;
}

double zg_attacks_dual_below(const zg_problem *problem, const zg_attacks *attacks, double s)
{
    folded f;
    double value = -INFINITY;
    if (s >= 0.0 && fold(problem, attacks, &f) == ZG_OK)
        value = zg_loss_dual_below(problem->loss, problem->samples, s, f.v, f.y, problem->weights);
    else if (!(s >= 0.0))
        return value;
    free(f.v);
    return value;
}

/* ---- the bound ------------------------------------------------------------------------------- */

zg_status zg_attacks_lift(const zg_problem *problem, const zg_attacks *attacks, zg_lift **out)
{
    return zg_lift_create(problem->activation, &problem->patches, attacks->count, attacks->x, out,
                          NULL);
}

static bool is_of(const zg_problem *problem, const zg_attacks *a)
{
    if (a->count && a->inputs != problem->inputs) return false;
    for (size_t k = 0; k < a->count; k++) {
        if (a->owner[k] >= problem->samples) return false;
        const double *row = problem->x + a->owner[k] * a->inputs;
        if (!zg_attack_is_inside(a->inputs, row, a->x + k * a->inputs, problem->robust))
            return false;
    }
    return true;
}

/* lambda(v) of the copies, with room for weights that are a unit off. */
static zg_status lambda_of(const zg_problem *problem, const zg_attacks *a, double *lambda)
{
    zg_lift *lift = NULL;
    zg_status status = zg_attacks_lift(problem, a, &lift);
    if (status == ZG_OK)
        status = zg_lift_lambda(lift, (zg_neuron_set){ZG_SET_SPHERE, 0}, a->v, lambda, NULL);
    for (size_t g = 0; status == ZG_OK && g < lift->groups; g++)
        *lambda += 8.0 * DBL_EPSILON * zg_lift_adjoint_terms(lift, g, a->v);
    zg_lift_free(lift);
    return status == ZG_OK && !isfinite(*lambda) ? ZG_FAILED : status;
}

zg_status zg_attacks_bound(const zg_problem *problem, zg_attacks *attacks, zg_attack_bound *out)
{
    *out = (zg_attack_bound){0};
    if (problem->outputs != 1 || problem->penalty.kind != ZG_PENALTY_L1 || !is_of(problem, attacks))
        return ZG_BAD_INPUT;
    if (attacks->count == 0) return ZG_OK;
    folded f = {0};
    zg_status status = clip(problem, attacks);
    if (status == ZG_OK) status = lambda_of(problem, attacks, &out->lambda);
    if (status == ZG_OK) status = fold(problem, attacks, &f);
    if (status == ZG_OK) {
        double limit = zg_quotient_below(problem->beta, out->lambda);
        size_t n = problem->samples;
        double s = zg_loss_best_scale(problem->loss, n, f.v, f.y, problem->weights, limit);
        double value = -INFINITY;
        if (s > 0.0) value = zg_loss_dual_below(problem->loss, n, s, f.v, f.y, problem->weights);
        if (value > 0.0) {
            out->value = value;
            out->scale = s;
        }
    }
    free(f.v);
    return status;
}
