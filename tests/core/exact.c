/* Reference values by MPFR (see exact.h). */
#include "tests/core/exact.h"

#include <math.h>

/* out += a b */
static void add_product(mpfr_t out, const mpfr_t a, double b)
{
    mpfr_t t;
    mpfr_init2(t, EXACT_BITS);
    mpfr_mul_d(t, a, b, MPFR_RNDN);
    mpfr_add(out, out, t, MPFR_RNDN);
    mpfr_clear(t);
}

/* out = x'y */
static void dot(mpfr_t out, size_t n, const double *x, const double *y)
{
    mpfr_t t;
    mpfr_init2(t, EXACT_BITS);
    mpfr_set_zero(out, 1);
    for (size_t i = 0; i < n; i++) {
        mpfr_set_d(t, x[i], MPFR_RNDN);
        add_product(out, t, y[i]);
    }
    mpfr_clear(t);
}

static void norm(mpfr_t out, size_t n, const double *x)
{
    dot(out, n, x, x);
    mpfr_sqrt(out, out, MPFR_RNDN);
}

void exact_quadratic(mpfr_t out, size_t m, const double *q, const double *g, const double *u,
                     int sign)
{
    mpfr_t length, t;
    mpfr_inits2(EXACT_BITS, length, t, (mpfr_ptr)0);
    norm(length, m, u);
    mpfr_set_zero(out, 1);
    for (size_t j = 0; j < m; j++) {
        dot(t, m, q + j * m, u);
        add_product(out, t, u[j]);
    }
    mpfr_div(out, out, length, MPFR_RNDN);
    dot(t, m, g, u);
    mpfr_mul_2ui(t, t, 1, MPFR_RNDN);
    mpfr_add(out, out, t, MPFR_RNDN);
    mpfr_div(out, out, length, MPFR_RNDN);
    if (sign < 0) mpfr_neg(out, out, MPFR_RNDN);
    mpfr_clears(length, t, (mpfr_ptr)0);
}

/* t becomes sigma(t). */
static void respond(mpfr_t t, zg_activation s)
{
    mpfr_t square;
    mpfr_init2(square, EXACT_BITS);
    mpfr_sqr(square, t, MPFR_RNDN);
    mpfr_mul_d(square, square, s.a, MPFR_RNDN);
    mpfr_mul_d(t, t, s.b, MPFR_RNDN);
    mpfr_add(t, t, square, MPFR_RNDN);
    mpfr_add_d(t, t, s.c, MPFR_RNDN);
    mpfr_clear(square);
}

void exact_response(mpfr_t out, const zg_lift *lift, size_t group, const double *v, const double *u)
{
    mpfr_t length, t;
    mpfr_inits2(EXACT_BITS, length, t, (mpfr_ptr)0);
    norm(length, lift->width, u);
    mpfr_set_zero(out, 1);
    for (size_t r = 0; r < lift->samples * lift->patches; r++) {
        dot(t, lift->width, lift->rows[group] + r * lift->width, u);
        mpfr_div(t, t, length, MPFR_RNDN);
        respond(t, lift->activation);
        add_product(out, t, v[r / lift->patches]);
    }
    mpfr_div_ui(out, out, lift->patches, MPFR_RNDN);
    mpfr_clears(length, t, (mpfr_ptr)0);
}

/* entry (j, k) of sum_i v_i M_ig */
static void adjoint_entry(mpfr_t out, const zg_lift *lift, size_t group, const double *v, size_t j,
                          size_t k)
{
    size_t w = lift->width;
    zg_activation s = lift->activation;
    mpfr_t t;
    mpfr_init2(t, EXACT_BITS);
    mpfr_set_zero(out, 1);
    for (size_t r = 0; r < lift->samples * lift->patches; r++) {
        const double *x = lift->rows[group] + r * w;
        mpfr_set_d(t, j < w && k < w ? s.a : j < w || k < w ? s.b : s.c, MPFR_RNDN);
        if (j < w) mpfr_mul_d(t, t, x[j], MPFR_RNDN);
        if (k < w) mpfr_mul_d(t, t, x[k], MPFR_RNDN);
        if ((j < w) != (k < w)) mpfr_div_2ui(t, t, 1, MPFR_RNDN);
        add_product(out, t, v[r / lift->patches]);
    }
    mpfr_div_ui(out, out, lift->patches, MPFR_RNDN);
    mpfr_clear(t);
}

void exact_adjoint_distance(mpfr_t out, const zg_lift *lift, size_t group, const double *v,
                            const double *t)
{
    size_t m = lift->order;
    mpfr_t entry;
    mpfr_init2(entry, EXACT_BITS);
    mpfr_set_zero(out, 1);
    for (size_t j = 0; j < m; j++)
        for (size_t k = 0; k < m; k++) {
            adjoint_entry(entry, lift, group, v, j, k);
            mpfr_sub_d(entry, entry, t[j * m + k], MPFR_RNDN);
            mpfr_sqr(entry, entry, MPFR_RNDN);
            mpfr_add(out, out, entry, MPFR_RNDN);
        }
    mpfr_clear(entry);
}

/* t becomes -t log t - (1 - t) log(1 - t). */
static void entropy(mpfr_t t)
{
    mpfr_t rest, part;
    mpfr_inits2(EXACT_BITS, rest, part, (mpfr_ptr)0);
    mpfr_ui_sub(rest, 1, t, MPFR_RNDN);
    if (!mpfr_zero_p(t)) {
        mpfr_log(part, t, MPFR_RNDN);
        mpfr_mul(t, t, part, MPFR_RNDN);
    }
    if (!mpfr_zero_p(rest)) {
        mpfr_log(part, rest, MPFR_RNDN);
        mpfr_mul(part, rest, part, MPFR_RNDN);
        mpfr_add(t, t, part, MPFR_RNDN);
    }
    mpfr_neg(t, t, MPFR_RNDN);
    mpfr_clears(rest, part, (mpfr_ptr)0);
}

/* One coordinate of D at t = s v; t becomes the value. */
static bool dual_term(mpfr_t t, zg_loss loss, double y, double weight)
{
    mpfr_t square;
    mpfr_init2(square, EXACT_BITS);
    bool labels = loss.kind == ZG_LOSS_HINGE || loss.kind == ZG_LOSS_SQUARED_HINGE ||
                  loss.kind == ZG_LOSS_LOGISTIC;
    double bound = loss.kind == ZG_LOSS_HUBER ? loss.delta : 1.0;
    mpfr_set_d(square, weight, MPFR_RNDN);
    mpfr_mul_d(square, square, bound, MPFR_RNDN);
    bool bounded = loss.kind != ZG_LOSS_SQUARED && loss.kind != ZG_LOSS_FISHER &&
                   loss.kind != ZG_LOSS_SQUARED_HINGE && loss.kind != ZG_LOSS_INTERPOLATE;
    bool fine = !bounded || mpfr_cmpabs(t, square) <= 0;
    if (labels && mpfr_sgn(t) * (y > 0 ? 1 : -1) < 0) fine = false;
    if (fine && loss.kind == ZG_LOSS_LOGISTIC) {
        mpfr_mul_d(t, t, y, MPFR_RNDN);
        mpfr_div_d(t, t, weight, MPFR_RNDN);
        entropy(t);
        mpfr_mul_d(t, t, weight, MPFR_RNDN);
    } else if (fine) {
        mpfr_sqr(square, t, MPFR_RNDN);
        mpfr_div_d(square, square, weight, MPFR_RNDN);
        mpfr_div_2ui(square, square, 1, MPFR_RNDN);
        mpfr_mul_d(t, t, y, MPFR_RNDN);
        if (loss.kind == ZG_LOSS_SQUARED || loss.kind == ZG_LOSS_FISHER ||
            loss.kind == ZG_LOSS_HUBER || loss.kind == ZG_LOSS_SQUARED_HINGE)
            mpfr_sub(t, t, square, MPFR_RNDN);
    }
    mpfr_clear(square);
    return fine;
}

bool exact_dual(mpfr_t out, zg_loss loss, size_t n, double s, const double *v, const double *y,
                const double *weights)
{
    mpfr_t t;
    mpfr_init2(t, EXACT_BITS);
    mpfr_set_zero(out, 1);
    bool fine = true;
    for (size_t i = 0; fine && i < n; i++) {
        mpfr_set_d(t, s, MPFR_RNDN);
        mpfr_mul_d(t, t, v[i], MPFR_RNDN);
        fine = dual_term(t, loss, y[i], weights ? weights[i] : 1.0);
        mpfr_add(out, out, t, MPFR_RNDN);
    }
    mpfr_clear(t);
    return fine;
}

void exact_loss(mpfr_t out, zg_loss loss, const mpfr_t f, double y, double weight)
{
    mpfr_t r;
    mpfr_init2(r, EXACT_BITS);
    mpfr_sub_d(r, f, y, MPFR_RNDN);
    mpfr_abs(r, r, MPFR_RNDN);
    mpfr_mul_d(out, f, -y, MPFR_RNDN); /* -y f, and 1 - y f where it counts */
    if (loss.kind == ZG_LOSS_LOGISTIC && mpfr_cmp_ui(out, 4000) > 0) {
        /* log(1 + e^t) is t to 5,000 bits, where e^t may overflow even here. */
    } else if (loss.kind == ZG_LOSS_LOGISTIC) {
        mpfr_exp(out, out, MPFR_RNDN);
        mpfr_log1p(out, out, MPFR_RNDN);
    } else if (loss.kind == ZG_LOSS_HINGE || loss.kind == ZG_LOSS_SQUARED_HINGE) {
        mpfr_add_ui(out, out, 1, MPFR_RNDN);
        if (mpfr_sgn(out) < 0) mpfr_set_zero(out, 1);
        if (loss.kind == ZG_LOSS_SQUARED_HINGE) mpfr_sqr(out, out, MPFR_RNDN);
        if (loss.kind == ZG_LOSS_SQUARED_HINGE) mpfr_div_2ui(out, out, 1, MPFR_RNDN);
    } else if (loss.kind == ZG_LOSS_ABSOLUTE) {
        mpfr_set(out, r, MPFR_RNDN);
    } else if (loss.kind == ZG_LOSS_HUBER && mpfr_cmp_d(r, loss.delta) > 0) {
        mpfr_set_d(out, -0.5, MPFR_RNDN); /* delta (r - delta / 2) */
        mpfr_mul_d(out, out, loss.delta, MPFR_RNDN);
        mpfr_add(out, out, r, MPFR_RNDN);
        mpfr_mul_d(out, out, loss.delta, MPFR_RNDN);
    } else {
        mpfr_sqr(out, r, MPFR_RNDN);
        mpfr_div_2ui(out, out, 1, MPFR_RNDN);
    }
    if (loss.kind == ZG_LOSS_INTERPOLATE) mpfr_set_zero(out, 1);
    mpfr_mul_d(out, out, weight, MPFR_RNDN);
    mpfr_clear(r);
}
