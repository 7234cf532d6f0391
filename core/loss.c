/* Convex losses and their duals: one row of functions per loss, all coordinate-wise. */
#include "core/loss.h"

#include "base/status.h"
#include "core/safe.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* ---- values ------------------------------------------------------------------------------- */

static double squared_value(double f, double y, double delta)
{
    (void)delta;
    return 0.5 * (f - y) * (f - y);
}

static double absolute_value(double f, double y, double delta)
{
    (void)delta;
    return fabs(f - y);
}

static double huber_value(double f, double y, double delta)
{
    double r = fabs(f - y);
    return r <= delta ? 0.5 * r * r : delta * (r - 0.5 * delta);
}

static double hinge_value(double f, double y, double delta)
{
    (void)delta;
    double h = 1.0 - y * f;
    return h < 0.0 ? 0.0 : h; /* a NaN stays */
}

static double squared_hinge_value(double f, double y, double delta)
{
    double h = hinge_value(f, y, delta);
    return 0.5 * h * h;
}

static double logistic_value(double f, double y, double delta)
{
    (void)delta;
    double t = -y * f;                                 /* log(1 + e^t) without overflow */
    return (t < 0.0 ? 0.0 : t) + log1p(exp(-fabs(t))); /* a NaN stays */
}

/* ---- derivatives in f ----------------------------------------------------------------------- */

static double squared_slope(double f, double y, double delta)
{
    (void)delta;
    return f - y;
}

static double absolute_slope(double f, double y, double delta)
{
    (void)delta;
    return (f > y) - (f < y);
}

static double huber_slope(double f, double y, double delta)
{
    return zg_clamp(f - y, -delta, delta);
}

static double hinge_slope(double f, double y, double delta)
{
    (void)delta;
    return y * f < 1.0 ? -y : 0.0;
}

static double squared_hinge_slope(double f, double y, double delta)
{
    return -y * hinge_value(f, y, delta);
}

static double logistic_slope(double f, double y, double delta)
{
    (void)delta;
    double t = y * f;
    return t >= 0 ? -y * exp(-t) / (1.0 + exp(-t)) : -y / (1.0 + exp(t));
}

/* ---- dual terms inside the domain ------------------------------------------------------------ */

static double entropy(double t)
{
    double value = 0.0;
    if (t > 0.0) value -= t * log(t);
    if (t < 1.0) value -= (1.0 - t) * log1p(-t);
    return value;
}

static double logistic_dual(double v, double y)
{
    return entropy(zg_clamp(y * v, 0.0, 1.0));
}

/* The domain of v for weight 1: free, |v| <= bound, or 0 <= y v <= bound. */
typedef enum domain { FREE, SYMMETRIC, ONE_SIDED } domain;

typedef struct row {
    const char *name;
    double (*value)(double f, double y, double delta);
    double (*slope)(double f, double y, double delta);
    domain domain;
    double bound;    /* of the domain; NAN: delta */
    unsigned traits; /* zg_loss_trait */
} row;

#define QUADRATIC (ZG_LOSS_QUADRATIC | ZG_LOSS_DEGREE_TWO | ZG_LOSS_CURVED | ZG_LOSS_SMOOTH)
#define HUBER (ZG_LOSS_THRESHOLD | ZG_LOSS_DEGREE_TWO | ZG_LOSS_CURVED | ZG_LOSS_SMOOTH)
#define SQUARED_HINGE (ZG_LOSS_LABELLED | ZG_LOSS_CURVED | ZG_LOSS_SMOOTH)
#define LOGISTIC (ZG_LOSS_LABELLED | ZG_LOSS_ENTROPY | ZG_LOSS_SMOOTH)

/* clang-format off */
static const row rows[ZG_LOSS_COUNT] = {
    [ZG_LOSS_SQUARED] = {"squared", squared_value, squared_slope, FREE, INFINITY, QUADRATIC},
    [ZG_LOSS_ABSOLUTE] = {"absolute", absolute_value, absolute_slope, SYMMETRIC, 1.0, ZG_LOSS_DISTANCE},
    [ZG_LOSS_HUBER] = {"huber", huber_value, huber_slope, SYMMETRIC, NAN, HUBER},
    [ZG_LOSS_HINGE] = {"hinge", hinge_value, hinge_slope, ONE_SIDED, 1.0, ZG_LOSS_LABELLED},
    [ZG_LOSS_SQUARED_HINGE] = {"squared-hinge", squared_hinge_value, squared_hinge_slope, ONE_SIDED, INFINITY, SQUARED_HINGE},
    [ZG_LOSS_LOGISTIC] = {"logistic", logistic_value, logistic_slope, ONE_SIDED, 1.0, LOGISTIC},
    [ZG_LOSS_INTERPOLATE] = {"interpolate", NULL, squared_slope, FREE, INFINITY, ZG_LOSS_EXACT},
    [ZG_LOSS_FISHER] = {"fisher", squared_value, squared_slope, FREE, INFINITY, QUADRATIC | ZG_LOSS_SEPARATES},
};
/* clang-format on */

bool zg_loss_has(zg_loss_kind kind, unsigned traits)
{
    return (rows[kind].traits & traits) != 0;
}

zg_loss_kind zg_loss_of_rows(zg_loss_kind kind)
{
    return zg_loss_has(kind, ZG_LOSS_SEPARATES) ? ZG_LOSS_SQUARED : kind;
}

static double weight_of(const double *weights, size_t i)
{
    return weights ? weights[i] : 1.0;
}

size_t zg_loss_exact_row(size_t n, const double *weights)
{
    for (size_t i = 0; weights && i < n; i++)
        if (isinf(weights[i])) return i;
    return SIZE_MAX;
}

double zg_loss_meet(size_t n, double *f, const double *y, const double *weights)
{
    size_t exact = zg_loss_exact_row(n, weights);
    double factor = exact == SIZE_MAX ? 1.0 : y[exact] / f[exact];
    if (exact == SIZE_MAX || !isfinite(factor) || factor == 0.0) return 1.0;
    for (size_t i = 0; i < n; i++)
        f[i] *= factor;
    f[exact] = y[exact];
    return factor;
}

/* The loss of a row of infinite weight. */
static double constraint_value(double f, double y)
{
    return fabs(f - y) <= 8.0 * DBL_EPSILON * fabs(y) ? 0.0 : INFINITY;
}

double zg_loss_miss(size_t n, const double *f, const double *y)
{
    double largest = 0.0, farthest = 0.0;
    for (size_t i = 0; i < n; i++) {
        largest = zg_upper_max(largest, fabs(y[i]));
        farthest = zg_upper_max(farthest, fabs(f[i] - y[i]));
    }
    return farthest == 0.0 ? 0.0 : zg_upper(farthest / largest);
}

static double interpolate_value(size_t n, const double *f, const double *y)
{
    return zg_loss_miss(n, f, y) <= ZG_INTERPOLATION_TOLERANCE ? 0.0 : INFINITY;
}

double zg_loss_value(zg_loss loss, size_t n, const double *f, const double *y,
                     const double *weights)
{
    if (zg_loss_has(loss.kind, ZG_LOSS_EXACT)) return interpolate_value(n, f, y);
    const row *r = &rows[loss.kind];
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        double weight = weight_of(weights, i);
        sum += isinf(weight) ? constraint_value(f[i], y[i])
                             : weight * r->value(f[i], y[i], loss.delta);
    }
    return sum;
}

double zg_loss_above(zg_loss loss, double f, double y, double weight)
{
    if (zg_loss_has(loss.kind, ZG_LOSS_EXACT)) return interpolate_value(1, &f, &y);
    double value = rows[loss.kind].value(f, y, loss.delta);
    double above = (value + 8.0 * DBL_TRUE_MIN) * (1.0 + 16.0 * DBL_EPSILON);
    return zg_upper(zg_up(weight * above));
}

double zg_loss_team_value(zg_team *team, zg_loss loss, size_t n, const double *f, const double *y,
                          const double *weights)
{
    double value;
    size_t first, count;
    if (!team) return zg_loss_value(loss, n, f, y, weights);
    zg_sum sum = zg_sum_begin(team, n, 1, &value);
    while (zg_sum_next(&sum, &first, &count))
        *sum.part =
            zg_loss_value(loss, count, f + first, y + first, weights ? weights + first : NULL);
    zg_sum_end(&sum);
    return value;
}

void zg_loss_gradient(zg_loss loss, size_t n, const double *f, const double *y,
                      const double *weights, double *g)
{
    const row *r = &rows[loss.kind];
    for (size_t i = 0; i < n; i++) {
        double weight = weight_of(weights, i);
        g[i] = isinf(weight) ? 0.0 : weight * r->slope(f[i], y[i], loss.delta);
    }
}

void zg_loss_domain(zg_loss loss, double y, double weight, double *low, double *high)
{
    const row *r = &rows[loss.kind];
    double bound = weight * (isnan(r->bound) ? loss.delta : r->bound);
    /* The product of two numbers may have been rounded up: not outside the true domain. */
    if (isnan(r->bound) && weight != 1.0 && loss.delta != 1.0) bound = nextafter(bound, 0.0);
    *low = -bound;
    *high = bound;
    if (r->domain == ONE_SIDED) *(y > 0 ? low : high) = 0.0;
}

bool zg_loss_quadratic_dual(zg_loss loss, double y, double weight, double *p, double *q)
{
    *p = y;
    *q = zg_loss_has(loss.kind, ZG_LOSS_CURVED) ? 0.5 / weight : 0.0;
    return !zg_loss_has(loss.kind, ZG_LOSS_ENTROPY);
}

double zg_loss_dual(zg_loss loss, size_t n, const double *v, const double *y, const double *weights)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        double weight = weight_of(weights, i), low, high, p, q;
        zg_loss_domain(loss, y[i], weight, &low, &high);
        if (!(v[i] >= low && v[i] <= high)) return -INFINITY;
        if (zg_loss_quadratic_dual(loss, y[i], weight, &p, &q))
            sum += v[i] * (p - q * v[i]);
        else
            sum += weight * logistic_dual(v[i] / weight, y[i]);
    }
    return sum;
}

/* What one coordinate adds to D(s v) at the real number s v, and how far that can be off.  `size`
 * is |term| before any cancellation; DBL_MIN stands for each product that may underflow. */
typedef struct dual_term {
    double value, size, error;
} dual_term;

/* t (p - q t) with t = fl(s v): t, q and the three operations are off by a unit each. */
static dual_term quadratic_term(double t, double p, double q)
{
    double size = fabs(p * t) + q * t * t;
    return (dual_term){t * (p - q * t), size,
                       8.0 * DBL_EPSILON * size +
                           DBL_MIN * (4.0 + fabs(p) + fabs(t) + 2.0 * q * fabs(t))};
}

/* weight H(t).  The logarithms are good to a unit, so H at the computed t to four; that t itself is
 * off by 2 u t moves H by at most 2 u t |log t| <= 2 u H where t <= 1/2, and beyond by at most
 * H(2 u t) < 80 u t (H is concave). */
static dual_term logistic_term(double t, double weight)
{
    double value = weight * entropy(t);
    return (dual_term){value, value,
                       DBL_EPSILON * (8.0 * value + 128.0 * t * weight) +
                           DBL_MIN * (4.0 + 1024.0 * weight)};
}

static bool inside(double s, double v, double low, double high)
{
    double t = s * v;
    return t >= low && t <= high && fma(s, v, -low) >= 0.0 && fma(s, v, -high) <= 0.0;
}

/* Adds up the values, sizes and errors of the samples from first to end; a value is -infinity where
 * one leaves the domain. */
static void add_terms(zg_loss loss, size_t first, size_t end, double s, const double *v,
                      const double *y, const double *weights, double sums[3])
{
    double sum = 0.0, size = 0.0, error = 0.0;
    for (size_t i = first; i < end; i++) {
        double weight = weight_of(weights, i), low, high, p, q, t = s * v[i];
        if (t == 0.0 && (s == 0.0 || v[i] == 0.0)) continue; /* D_i(0) = 0 for every loss */
        zg_loss_domain(loss, y[i], weight, &low, &high);
        if (!inside(s, v[i], low, high)) {
            sums[0] = -INFINITY;
            return;
        }
        bool quadratic = zg_loss_quadratic_dual(loss, y[i], weight, &p, &q);
        dual_term term = quadratic ? quadratic_term(t, p, q)
                                   : logistic_term(zg_clamp(y[i] * t / weight, 0.0, 1.0), weight);
        sum += term.value;
        size += term.size;
        error += term.error;
    }
    sums[0] = sum;
    sums[1] = size;
    sums[2] = error;
}

double zg_loss_team_below(zg_team *team, zg_loss loss, size_t n, double s, const double *v,
                          const double *y, const double *weights)
{
    double sums[3];
    size_t first, count;
    zg_sum sum = zg_sum_begin(team, n, 3, sums);
    while (zg_sum_next(&sum, &first, &count))
        add_terms(loss, first, first + count, s, v, y, weights, sum.part);
    zg_sum_end(&sum);
    double rounding = (double)zg_team_total(team, n) * DBL_EPSILON * sums[1];
    return zg_lower_final(sums[0] - (sums[2] + rounding) * (1.0 + 1e-6));
}

double zg_loss_dual_below(zg_loss loss, size_t n, double s, const double *v, const double *y,
                          const double *weights)
{
    return zg_loss_team_below(NULL, loss, n, s, v, y, weights);
}

void zg_loss_project(zg_loss loss, size_t n, double *v, const double *y, const double *weights)
{
    for (size_t i = 0; i < n; i++) {
        double low, high;
        zg_loss_domain(loss, y[i], weight_of(weights, i), &low, &high);
        v[i] = isnan(v[i]) ? 0.0 : zg_clamp(v[i], low, high);
    }
}

/* The largest s, rounded down, with s v in the domain. */
static double domain_limit(zg_loss loss, size_t n, const double *v, const double *y,
                           const double *weights)
{
    double limit = INFINITY;
    for (size_t i = 0; i < n; i++) {
        double low, high;
        zg_loss_domain(loss, y[i], weight_of(weights, i), &low, &high);
        double edge = v[i] > 0 ? high : low;
        if (v[i] == 0.0 || isinf(edge)) continue;
        double own = zg_quotient_below(fabs(edge), fabs(v[i])); /* 0 for a NaN */
        if (own < limit) limit = own;
    }
    return limit;
}

/* d/ds of sum_i w_i H(s y_i v_i / w_i) = sum_i y_i v_i log((1 - t) / t) falls with s: bisection. */
static double logistic_scale(zg_team *team, size_t n, const double *v, const double *y,
                             const double *weights, double limit)
{
    double low = 0.0, high = limit;
    for (int step = 0; step < 100; step++) {
        double s = 0.5 * (low + high), slope;
        size_t first, count;
        zg_sum sum = zg_sum_begin(team, n, 1, &slope);
        while (zg_sum_next(&sum, &first, &count))
            for (size_t i = first; i < first + count; i++) {
                double t = s * y[i] * v[i] / weight_of(weights, i);
                if (t > 0.0) *sum.part += y[i] * v[i] * (log1p(-zg_clamp(t, 0.0, 1.0)) - log(t));
            }
        zg_sum_end(&sum);
        *(slope > 0 ? &low : &high) = s;
    }
    return low;
}

/* D(s v) = s sums[0] - s^2 sums[1] where D is quadratic. */
static void quadratic_sums(zg_team *team, zg_loss loss, size_t n, const double *v, const double *y,
                           const double *weights, double sums[2])
{
    size_t first, count;
    zg_sum sum = zg_sum_begin(team, n, 2, sums);
    while (zg_sum_next(&sum, &first, &count))
        for (size_t i = first; i < first + count; i++) {
            double p, q;
            zg_loss_quadratic_dual(loss, y[i], weight_of(weights, i), &p, &q);
            sum.part[0] += p * v[i];
            sum.part[1] += q * v[i] * v[i];
        }
    zg_sum_end(&sum);
}

double zg_loss_team_scale(zg_team *team, zg_loss loss, size_t n, const double *v, const double *y,
                          const double *weights, double limit)
{
    double reach = -domain_limit(loss, n, v, y, weights);
    zg_team_max(team, 1, &reach);
    reach = -reach;
    if (isnan(limit)) return 0.0;
    if (reach < limit) limit = reach;
    double lowest = rows[loss.kind].domain == ONE_SIDED ? 0.0 : -limit;
    if (zg_loss_has(loss.kind, ZG_LOSS_ENTROPY))
        return isfinite(limit) ? logistic_scale(team, n, v, y, weights, limit) : 0.0;
    double sums[2];
    quadratic_sums(team, loss, n, v, y, weights, sums);
    double linear = sums[0], curvature = sums[1];
    double s = curvature > 0.0 ? linear / (2.0 * curvature) : linear > 0.0 ? limit : lowest;
    if (linear == 0.0) s = 0.0;
    s = zg_clamp(s, lowest, limit);
    return isfinite(s) ? s : 0.0;
}

double zg_loss_best_scale(zg_loss loss, size_t n, const double *v, const double *y,
                          const double *weights, double limit)
{
    return zg_loss_team_scale(NULL, loss, n, v, y, weights, limit);
}

double zg_loss_envelope(zg_loss loss, double f, double y, double width, double center,
                        double *slope, double *curvature)
{
    double low, high, p, q;
    zg_loss_domain(loss, y, 1.0, &low, &high);
    zg_loss_quadratic_dual(loss, y, 1.0, &p, &q);
    double all = 2.0 * q + width, free = (p - f + width * center) / all;
    double v = zg_clamp(free, low, high), off = v - center;
    *slope = -v;
    if (curvature) *curvature = v == free ? 1.0 / all : 0.0;
    return v * (p - f) - q * v * v - 0.5 * width * off * off;
}

/* ---- names ----------------------------------------------------------------------------------- */

const char *zg_loss_name(zg_loss_kind kind)
{
    return rows[kind].name;
}

bool zg_loss_equal(zg_loss a, zg_loss b)
{
    return a.kind == b.kind && (!zg_loss_has(a.kind, ZG_LOSS_THRESHOLD) || a.delta == b.delta);
}

static zg_status unknown_loss(const char *text, zg_error *error)
{
    const char *names[ZG_LOSS_COUNT];
    for (size_t i = 0; i < ZG_LOSS_COUNT; i++)
        names[i] = rows[i].name;
    return zg_fail_unknown(error, "loss", text, names, ZG_LOSS_COUNT);
}

zg_status zg_loss_parse(const char *text, zg_loss *out, zg_error *error)
{
    size_t length = strcspn(text, ":");
    for (size_t i = 0; i < ZG_LOSS_COUNT; i++) {
        const char *name = rows[i].name;
        if (strlen(name) != length || strncmp(name, text, length) != 0) continue;
        zg_loss loss = {(zg_loss_kind)i, 1.0};
        if (text[length] == ':') {
            if (!zg_loss_has(loss.kind, ZG_LOSS_THRESHOLD))
                return zg_fail(error, ZG_BAD_INPUT, "loss \"%.80s\": only huber takes a parameter",
                               text);
            if (!zg_parse_double(text + length + 1, &loss.delta) || loss.delta <= 0)
                return zg_fail(error, ZG_BAD_INPUT,
                               "loss \"%.80s\": expected %s:DELTA with a number DELTA > 0", text,
                               name);
        }
        *out = loss;
        return ZG_OK;
    }
    return unknown_loss(text, error);
}

void zg_loss_format(zg_loss loss, char *text, size_t size)
{
    if (zg_loss_has(loss.kind, ZG_LOSS_THRESHOLD) && loss.delta != 1.0)
        snprintf(text, size, "%s:%.17g", rows[loss.kind].name, loss.delta);
    else
        snprintf(text, size, "%s", rows[loss.kind].name);
}
