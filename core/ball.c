/* Quadratics on balls, bounded safely. */
#include "core/ball.h"

#include "base/linalg.h"
#include "core/column_space.h"
#include "core/safe.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Twice the unit roundoff for every operation: what (1 + u)^k - 1 exceeds k u by is less. */
#define EPS DBL_EPSILON

/* A basis of the columns is worth while for forms of at most one in so many. */
#define LOW_RANK 4

/* ---- the form ------------------------------------------------------------------------------- */

void zg_ball_form_clear(zg_ball_form *form)
{
    zg_quadratic_form_clear(&form->form);
    free(form->w);
    free(form->v);
    free(form->q);
    *form = (zg_ball_form){0};
}

/* |V diag(w) V' - P|_F from above: the difference as computed, and what rounding in it comes to:
 * | |V| |w| |V'| |_F <= sum |w_k| |v_k|^2. */
static double decomposition_error(const zg_ball_form *b, double *scaled, double *product)
{
    size_t d = b->form.inputs, rank = b->rank;
    double sizes = 0, p = zg_norm(d * d, b->form.p);
    for (size_t k = 0; k < rank; k++) {
        double length = zg_norm(d, b->v + k * d);
        sizes += fabs(b->w[k]) * length * length;
        for (size_t i = 0; i < d; i++)
            scaled[k * d + i] = b->w[k] * b->v[k * d + i];
    }
    memcpy(product, b->form.p, d * d * sizeof *product);
    zg_gemm(false, true, d, d, rank, 1.0, scaled, d, b->v, d, -1.0, product, d);
    double terms = (double)d + 8;
    return (zg_norm(d * d, product) + terms * EPS * sizes + 4 * EPS * p) * (1 + terms * EPS) +
           terms * terms * DBL_MIN;
}

/* |V'V - I|_F from above, which bounds |V|_2^2 - 1. */
static double orthogonality_error(const zg_ball_form *b, double *product)
{
    size_t d = b->form.inputs, rank = b->rank;
    double terms = (double)d + 8;
    zg_gemm(true, false, rank, rank, d, 1.0, b->v, d, b->v, d, 0.0, product, rank);
    for (size_t i = 0; i < rank; i++)
        product[i * rank + i] -= 1;
    return (zg_norm(rank * rank, product) + terms * EPS * b->length * b->length) *
           (1 + terms * EPS);
}

/* |V q^ - q| from above. */
static double slope_error(const zg_ball_form *b, double *room)
{
    size_t d = b->form.inputs;
    double terms = (double)d + 8;
    memcpy(room, b->form.q, d * sizeof *room);
    zg_gemv(false, d, b->rank, 1.0, b->v, d, b->q, -1.0, room);
    return (zg_norm(d, room) + terms * EPS * b->length * zg_norm(b->rank, b->q)) *
               (1 + terms * EPS) +
           terms * DBL_MIN;
}

static zg_status form_copy(const zg_quadratic_form *form, zg_ball_form *out)
{
    size_t d = form->inputs;
    *out = (zg_ball_form){.form = *form};
    out->form.p = zg_doubles(d * d);
    out->form.q = zg_doubles(d);
    out->form.p_low = form->p_low ? zg_doubles(d * d) : NULL;
    out->form.q_low = form->q_low ? zg_doubles(d) : NULL;
    out->w = zg_doubles(d);
    out->v = zg_doubles(d * d);
    out->q = zg_doubles(d);
    if (!out->form.p || !out->form.q || !out->w || !out->v || !out->q ||
        (form->p_low && !out->form.p_low) || (form->q_low && !out->form.q_low))
        return ZG_NO_MEMORY;
    if (form->p_low) memcpy(out->form.p_low, form->p_low, d * d * sizeof *form->p_low);
    if (form->q_low) memcpy(out->form.q_low, form->q_low, d * sizeof *form->q_low);
    memcpy(out->form.p, form->p, d * d * sizeof *form->p);
    memcpy(out->form.q, form->q, d * sizeof *form->q);
    memcpy(out->v, form->p, d * d * sizeof *form->p);
    return ZG_OK;
}

/* V and w from B'P B, B a basis of the columns of P and of q; out->rank stays 0 where these are
 * many. */
static zg_status decompose_low_rank(zg_ball_form *out, double *room)
{
    size_t d = out->form.inputs, rank = 0;
    double *basis = room, *image = room + d * d;
    zg_status status = zg_column_space(d, out->form.p, out->form.q, d / LOW_RANK, basis, &rank);
    if (status != ZG_OK || rank == 0) return status;
    double *small = image + d * rank;
    zg_gemm(false, false, d, rank, d, 1.0, out->form.p, d, basis, d, 0.0, image, d);
    zg_gemm(true, false, rank, rank, d, 1.0, basis, d, image, d, 0.0, small, rank);
    if (!zg_all_finite(rank * rank, small)) return ZG_OK; /* overflow on the way */
    status = zg_eigen(rank, small, out->w);
    if (status != ZG_OK) return status;
    zg_gemm(false, false, d, rank, rank, 1.0, basis, d, small, rank, 0.0, out->v, d);
    out->rank = rank;
    return ZG_OK;
}

void zg_ball_form_renew(zg_ball_form *form, double *room)
{
    size_t d = form->form.inputs;
    zg_gemv(true, d, form->rank, 1.0, form->v, d, form->form.q, 0.0, form->q);
    form->q_error = slope_error(form, room) + form->form.q_error;
}

static void measure(zg_ball_form *out, double *room)
{
    size_t d = out->form.inputs;
    out->length = zg_norm(d * out->rank, out->v) * (1 + ((double)(d * d) + 8) * EPS);
    out->stretch = orthogonality_error(out, room);
    out->p_error = decomposition_error(out, room, room + d * d) + out->form.p_error;
    zg_ball_form_renew(out, room);
}

static zg_status decompose(zg_ball_form *out, bool low_rank)
{
    size_t d = out->form.inputs;
    double *room = zg_doubles(2 * d * d);
    if (!room) return ZG_NO_MEMORY;
    zg_status status = low_rank ? decompose_low_rank(out, room) : ZG_OK;
    if (status == ZG_OK && out->rank == 0) {
        out->rank = d;
        status = zg_eigen(d, out->v, out->w);
    }
    if (status == ZG_OK) measure(out, room);
    free(room);
    return status;
}

static zg_status create(const zg_quadratic_form *form, bool low_rank, zg_ball_form *out,
                        zg_error *error)
{
    size_t d = form->inputs;
    *out = (zg_ball_form){0};
    if (!zg_all_finite(d * d, form->p) || !zg_all_finite(d, form->q) || !isfinite(form->r))
        return zg_fail(error, ZG_FAILED,
                       "the network's quadratic form has coefficients that are "
                       "not finite");
    zg_status status = form_copy(form, out);
    if (status == ZG_OK) status = decompose(out, low_rank);
    if (status == ZG_OK) return ZG_OK;
    zg_ball_form_clear(out);
    return zg_fail(error, status, "the eigenvalues of the network's quadratic form: %s",
                   zg_status_message(status));
}

zg_status zg_ball_form_create(const zg_quadratic_form *form, zg_ball_form *out, zg_error *error)
{
    return create(form, false, out, error);
}

zg_status zg_ball_form_create_low_rank(const zg_quadratic_form *form, zg_ball_form *out,
                                       zg_error *error)
{
    return create(form, true, out, error);
}

/* ---- centres -------------------------------------------------------------------------------- */

void zg_ball_centres_clear(zg_ball_centres *centres)
{
    free(centres->half);
    *centres = (zg_ball_centres){0};
}

/* From z = V'x, in half, to value and half the gradient there. */
static void finish_centre(zg_ball_centres *c, size_t i, double drift)
{
    const zg_ball_form *b = c->form;
    size_t d = b->form.inputs, rank = b->rank;
    double *z = c->half + i * rank, value = b->form.r, size = fabs(b->form.r);
    double terms = (double)d + 8, norm = zg_norm(d, c->x + i * d) * (1 + terms * EPS);
    for (size_t k = 0; k < rank; k++) {
        double square = b->w[k] * z[k] * z[k], linear = b->q[k] * z[k];
        value += square + linear;
        size += fabs(square) + fabs(linear);
        z[k] = b->w[k] * z[k] + 0.5 * b->q[k];
    }
    c->value[i] = value;
    c->slack[i] = terms * EPS * size;
    c->norm[i] = norm + drift;
    c->moved[i] = terms * EPS * b->length * norm + (1 + b->stretch) * drift;
}

zg_status zg_ball_centres_create(const zg_ball_form *form, size_t count, const double *x,
                                 const double *drift, zg_ball_centres *out, zg_error *error)
{
    size_t d = form->form.inputs, rank = form->rank;
    *out = (zg_ball_centres){.form = form, .count = count, .x = x, .exact = !drift};
    if (count <= SIZE_MAX / sizeof(double) / (rank + 4)) out->half = zg_doubles(count * (rank + 4));
    if (!out->half) return zg_no_memory(error);
    out->value = out->half + count * rank;
    out->norm = out->value + count;
    out->slack = out->norm + count;
    out->moved = out->slack + count;
    zg_gemm(true, false, rank, count, d, 1.0, form->v, d, x, d, 0.0, out->half, rank);
    for (size_t i = 0; i < count; i++)
        finish_centre(out, i, drift ? drift[i] : 0.0);
    return ZG_OK;
}

/* ---- the multiplier ------------------------------------------------------------------------- */

/* One ball: s w_k + mu = gap_k + t with gap_k = s w_k + base >= 0, mu = base + t. */
typedef struct ball {
    const zg_ball_form *form;
    const double *half;
    int sign;
    double base;
} ball;

static ball ball_at(const zg_ball_centres *c, size_t i, int sign)
{
    size_t rank = c->form->rank;
    double lowest = sign > 0 ? c->form->w[0] : -c->form->w[rank - 1];
    return (ball){c->form, c->half + i * rank, sign, lowest < 0 ? -lowest : 0.0};
}

static double gap(const ball *b, size_t k)
{
    return (double)b->sign * b->form->w[k] + b->base;
}

/* Components of the step -h / (gap + t), without sign; one that was never there is 0. */
static double component(const ball *b, size_t k, double t)
{
    double h = b->half[k];
    return h == 0.0 ? 0.0 : h / (gap(b, k) + t);
}

/* The largest t at which some component alone is as long as the radius, or 0: the step is no
 * shorter there, so Newton's method on 1/|step| - 1/R, which is concave, rises from it to the
 * solution. */
static double first_shift(const ball *b, double radius)
{
    double t = 0.0;
    bool singular = false;
    for (size_t k = 0; k < b->form->rank; k++) {
        double g = gap(b, k), alone = fabs(b->half[k]) / radius - g;
        if (alone > t) t = alone < DBL_MAX ? alone : DBL_MAX;
        if (g == 0.0 && b->half[k] != 0.0) singular = true;
    }
    return singular && t < DBL_MIN ? DBL_MIN : t;
}

/* Sums of s^2 and s^2 / (gap + t) over the components s of the step: side by side, one division
 * each, since this is where the time of many rows goes.  Where a gap is 0 and t is, too, h is 0. */
static void powers(const ball *b, double t, double *square, double *cube)
{
    enum { LANES = 4 };
    size_t d = b->form->rank, k = 0;
    const double *w = b->form->w, *h = b->half, sign = (double)b->sign;
    double squares[LANES] = {0}, cubes[LANES] = {0};
    for (; k + LANES <= d; k += LANES)
        for (size_t l = 0; l < LANES; l++) {
            double curve = (sign * w[k + l] + b->base) + t;
            double inverse = 1.0 / (curve > DBL_MIN ? curve : DBL_MIN), s = h[k + l] * inverse;
            squares[l] += s * s;
            cubes[l] += s * s * inverse;
        }
    *square = (squares[0] + squares[1]) + (squares[2] + squares[3]);
    *cube = (cubes[0] + cubes[1]) + (cubes[2] + cubes[3]);
    for (; k < d; k++) {
        double s = component(b, k, t);
        *square += s * s;
        if (s != 0.0) *cube += s * s / (gap(b, k) + t);
    }
}

static double best_shift(const ball *b, double radius)
{
    double t = first_shift(b, radius);
    for (int step = 0; step < 60; step++) {
        double square, cube;
        powers(b, t, &square, &cube);
        double excess = sqrt(square) / radius - 1.0, next = t + excess * (square / cube);
        if (!(excess > 4 * EPS) || !(next > t) || !isfinite(next)) break;
        t = next;
    }
    return t;
}

/* ---- the safe bound ------------------------------------------------------------------------- */

/* min over |p - x*| <= R of s f(p) is at least this, for any t >= 0.  With z = V'x as computed,
 * V'p = z + e with |e| <= |V| R + moved = reach, and s f*(p) differs from s times the form of w and
 * V'q at z + e by at most p_error |p|^2 + q_error |p| + r_error.  That form is at least
 * s value - sum h_k^2 / (gap_k + t) - (base + t) reach^2.  Rounding of h and of the gaps moves it
 * by their errors times reach and reach^2, that of the sums by a unit of their sizes. */
static double bound_at(const zg_ball_centres *c, size_t i, const ball *b, double radius, double t,
                       double *slack, double *error)
{
    size_t rank = b->form->rank;
    double terms = (double)b->form->form.inputs + 8;
    double reach = (radius * (1 + 0.5 * b->form->stretch) + c->moved[i]) * (1 + 8 * EPS);
    double far = (c->norm[i] + radius) * (1 + 4 * EPS), sum = 0.0, largest = 0.0;
    double slopes = zg_norm(rank, b->half) + 0.5 * zg_norm(rank, b->form->q);
    for (size_t k = 0; k < rank; k++) {
        double g = gap(b, k);
        sum += fabs(b->half[k] * component(b, k, t));
        if (!(g <= largest)) largest = g;
    }
    double model = sum + (b->base + t) * reach * reach;
    double rounding = terms * EPS * (model + fabs(c->value[i])) + c->slack[i] +
                      4 * EPS * (2 * slopes * reach + (largest + t) * reach * reach);
    double form = (b->form->p_error * far + b->form->q_error) * far + b->form->form.r_error;
    double least = terms * DBL_MIN * (1 + far) * (1 + far);
    *slack = (rounding + form) * (1 + 8 * EPS) + least;
    /* Seen from the centre itself, `moved` is an error in slopes and curvature. */
    *error = *slack + (b->base + t) * (reach - radius) * (reach + radius) +
             2 * c->moved[i] * (slopes + (largest + b->base) * reach);
    return zg_lower_final((double)b->sign * c->value[i] - model - *slack);
}

void zg_ball_minimise(const zg_ball_centres *centres, size_t i, int sign, double radius,
                      zg_ball_minimum *out)
{
    ball b = ball_at(centres, i, sign);
    double reach = radius * (1 + 0.5 * centres->form->stretch) + centres->moved[i];
    double t = reach > 0.0 ? best_shift(&b, reach) : DBL_MAX;
    *out = (zg_ball_minimum){.mu = b.base + t, .hard = b.base > 0.0 && t <= DBL_MIN};
    out->bound = -INFINITY;
    if (reach >= 0.0 && radius >= 0.0)
        out->bound = bound_at(centres, i, &b, radius, t, &out->slack, &out->error);
}

/* What rounding does to the form is a quadratic in the step e: e'E e + 2 g'e + k, where |E| R^2,
 * |g| R and |k| are at most the error S.  With 2 |g| |e| <= |g| (|e|^2 / R + R) it lies between
 * -/+ (2 S |e|^2 / R^2 + 2 S), everywhere: so a multiplier that is 2 S / R^2 larger, and a margin
 * that is lower by what that costs and 2 S, make up for it.  Twice that leaves the matrix definite.
 * Where the multiplier is beyond doubles, its part in the margin is more than is needed. */
void zg_ball_claim(const zg_ball_minimum *minimum, double radius, double least, double *margin,
                   double *mu)
{
    double square = radius * radius, more = 4 * minimum->error / square;
    *mu = zg_up(minimum->mu + more);
    if (!(*mu <= DBL_MAX)) *mu = DBL_MAX;
    long double cost = ((long double)*mu - minimum->mu) * radius * radius;
    double lowered = (double)(cost * (1 + 8 * LDBL_EPSILON)) + 4 * minimum->error + least;
    *margin = zg_down(zg_down(minimum->bound - lowered * (1 + 4 * EPS)));
}

/* ---- the point ------------------------------------------------------------------------------ */

/* The step to the worst point in the basis of eigenvectors; in the hard case it is completed to the
 * radius by a lowest eigenvector, in the direction in which the slope, if any, falls. */
static void worst_step(const ball *b, double radius, double t, double *step)
{
    size_t d = b->form->rank, lowest = b->sign > 0 ? 0 : d - 1;
    for (size_t k = 0; k < d; k++)
        step[k] = -(double)b->sign * component(b, k, t);
    double length = zg_norm(d, step);
    if (b->base > 0.0 && length < radius * (1 - 1e-9)) {
        double own = step[lowest];
        step[lowest] = 0.0;
        double others = zg_norm(d, step) / radius;
        step[lowest] = copysign(radius * sqrt(zg_clamp(1 - others * others, 0, 1)), own);
    } else if (length > radius || b->base + t > 0.0) {
        for (size_t k = 0; length > 0.0 && k < d; k++)
            step[k] *= radius / length;
    }
}

/* Whether |point - x| <= radius, exactly: the squares are summed with more digits, and what
 * rounding can do to them is added. */
static bool inside(size_t d, const double *x, const double *point, double radius)
{
    long double sum = 0;
    for (size_t k = 0; k < d; k++) {
        long double gone = (long double)point[k] - x[k];
        sum += gone * gone;
    }
    long double unit = ((long double)d + 8) * LDBL_EPSILON;
    return sum * (1 + unit) <= (long double)radius * radius * (1 - unit);
}

void zg_ball_step(const zg_ball_centres *centres, size_t i, int sign, double radius, double *step,
                  double *work)
{
    size_t d = centres->form->form.inputs;
    ball b = ball_at(centres, i, sign);
    worst_step(&b, radius, best_shift(&b, radius), work);
    zg_gemv(false, d, centres->form->rank, 1.0, centres->form->v, d, work, 0.0, step);
}

void zg_ball_worst_point(const zg_ball_centres *centres, size_t i, int sign, double radius,
                         double *point, double *value)
{
    const zg_ball_form *form = centres->form;
    size_t d = form->form.inputs;
    const double *x = centres->x + i * d;
    double *step = zg_doubles(2 * d), shrink = 1.0;
    bool found = false;
    if (step && radius > 0.0) {
        zg_ball_step(centres, i, sign, radius, step + d, step);
        for (int attempt = 0; !found && attempt < 12; attempt++) {
            for (size_t k = 0; k < d; k++)
                point[k] = x[k] + shrink * step[d + k];
            found = inside(d, x, point, radius);
            shrink *= 1 - 1e-15 * scalbn(1.0, 2 * attempt);
        }
    }
    if (!found) memcpy(point, x, d * sizeof *point);
    *value = (double)sign * zg_quadratic_form_value(&form->form, point);
    free(step);
}

/* ---- the distance --------------------------------------------------------------------------- */

/* Whether s f > 0 everywhere, safely: with every s w_k above a floor that covers the errors, s f is
 * at least `rest` - slope R + curve R^2 at distance R. */
static bool never_changes(const zg_ball_centres *c, size_t i, const ball *b)
{
    const zg_ball_form *form = c->form;
    size_t d = form->form.inputs;
    if (form->rank < d) return false; /* constant along what V leaves out: no floor */
    double terms = (double)d + 8, floor = 32 * form->p_error, sum = 0.0;
    double slopes = zg_norm(d, b->half) + 0.5 * zg_norm(d, form->q);
    double largest = fmax(fabs(form->w[0]), fabs(form->w[d - 1]));
    for (size_t k = 0; k < d; k++) {
        double w = (double)b->sign * form->w[k];
        if (!(w > 2 * floor)) return false;
        sum += b->half[k] * (b->half[k] / (w - floor));
    }
    double norm = c->norm[i], moved = c->moved[i], rounding = 8 * EPS * slopes;
    double rest = (double)b->sign * c->value[i] - sum - c->slack[i] -
                  terms * EPS * (sum + fabs(c->value[i])) - floor * moved * moved -
                  rounding * moved - (form->p_error * norm + form->q_error) * norm -
                  form->form.r_error - terms * DBL_MIN * (1 + norm) * (1 + norm);
    double slope = 2 * form->p_error * norm + form->q_error + 2 * rounding;
    double curve = 0.4 * floor - 2 * form->p_error - 8 * EPS * largest;
    return form->stretch < 0.1 && rest > 0.0 && curve > 0.0 && slope * slope < 3.9 * rest * curve &&
           isfinite(sum);
}

/* Where the ray to the worst point at this radius crosses s f = 0 first. */
static double crossing(const zg_ball_centres *c, size_t i, const ball *b, double radius)
{
    size_t d = c->form->rank;
    double m = (double)b->sign * c->value[i], slope = 0.0, curve = 0.0;
    double *step = zg_doubles(d);
    if (!step) return INFINITY;
    worst_step(b, radius, best_shift(b, radius), step);
    double length = zg_norm(d, step);
    for (size_t k = 0; k < d; k++) {
        slope += (double)b->sign * b->half[k] * step[k];
        curve += (double)b->sign * c->form->w[k] * step[k] * step[k];
    }
    free(step);
    double root = sqrt(slope * slope - m * curve), factor = m / (root - slope);
    return factor > 0.0 ? factor * length : INFINITY; /* a NaN is no crossing */
}

/* A first radius, from s f >= m - 2 |h| R - base R^2. */
static double first_radius(const zg_ball_centres *c, size_t i, const ball *b)
{
    double m = (double)b->sign * c->value[i], h = zg_norm(c->form->rank, b->half);
    double radius = m / (h + sqrt(h * h + b->base * m));
    return isfinite(radius) && radius > 0.0 ? radius : 1.0;
}

void zg_ball_distance_to_surface(const zg_ball_centres *centres, size_t i, int sign,
                                 zg_ball_distance *out)
{
    ball b = ball_at(centres, i, sign);
    double m = (double)sign * centres->value[i], radius = first_radius(centres, i, &b), best = 0.0;
    *out = (zg_ball_distance){0.0, m > 0.0 ? INFINITY : 0.0, 0.0};
    if (!(m > 0.0)) return;
    if (never_changes(centres, i, &b)) {
        out->certified = INFINITY;
        return;
    }
    for (int step = 0; step < 80; step++) {
        zg_ball_minimum now;
        zg_ball_minimise(centres, i, sign, radius, &now);
        double next;
        if (now.bound > 0.0) {
            best = radius;
            out->mu = now.mu;
            next = sqrt(radius * radius + now.bound / now.mu);
            if (!(next < 1e3 * radius)) next = 1e3 * radius;
        } else {
            next = best + 0.5 * (radius - best);
        }
        if (fabs(next - radius) <= 1e-15 * radius || !(next > best) || !isfinite(next)) break;
        radius = next;
    }
    out->certified = best;
    out->attained = crossing(centres, i, &b, best > 0.0 ? best : radius);
}
