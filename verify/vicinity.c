/*
 * Vicinity: how far any optimum of the squared loss can be from the certificate's network f.
 *
 * With all weights 1, F(g) >= |g - y|^2 / 2 + h(g), h convex, is 1-strongly convex in predictions g
 * on the samples, so that |f - f*|^2 <= 2 (U - L) for those of every optimum f*.  At other points,
 * f - f* is a linear function phi(x)' of the function's own coordinates,
 *
 *   phi(x) = (a x_i x_j (twice where i < j) + c [i = j], b x_i),
 *
 * (without the last d of them where the last input is 1 everywhere: its products are these), and
 * where G = sum_i phi(x_i) phi(x_i)' >= modulus I > 0 the samples determine it:
 *
 *   |f(x) - f*(x)| <= sqrt(2 (U - L)) sqrt(phi(x)' G^-1 phi(x)).
 *
 * For any z, with e = phi - G z, phi'G^-1 phi = z'phi + z'e + e'G^-1 e <= z'phi + z'e + |e|^2 /
 * modulus.  All of this is rational.
 */
#include "json.h"
#include "proof.h"

#include <math.h>

/* Whether the bound on predictions holds: nothing but the squared loss as it stands. */
bool zv_has_vicinity(const zv_claim *c)
{
    bool other = c->worst_case || c->lyapunov || c->discrepancy || c->functional || c->sums;
    if (other || c->tree || c->robust || c->loss != ZV_SQUARED) return false;
    for (size_t i = 0; c->weights && i < c->n; i++)
        if (c->weights[i] != 1) return false;
    return true;
}

zv_number *zv_vicinity(zv_session *s)
{
    const zv_number *gap = zv_sub(zv_real(s, s->upper), zv_real(s, s->lower));
    const zv_number *least = zv_max(zv_real(s, 0), gap);
    return zv_power(zv_mul(zv_real(s, 2), least), 1, 2);
}

/* ---- reading --------------------------------------------------------------------------------- */

size_t zv_feature_count(const zv_claim *c)
{
    bool linear = c->activation[1] != 0 && !c->constant;
    return c->d * (c->d + 1) / 2 + (linear ? c->d : 0);
}

/* Then b x_i is b / (2 a) times 2 a x_i, and b itself b / (a + c) times a + c. */
static bool is_constant(const zv_claim *c)
{
    const zv_number *a = zv_real(c->session, c->activation[0]);
    const zv_number *corner = zv_add(a, zv_real(c->session, c->activation[2]));
    bool constant = c->activation[0] != 0 && mpq_sgn(corner->low) != 0;
    for (size_t i = 0; i < c->n && constant; i++)
        constant = c->x[i * c->d + c->d - 1] == 1;
    for (size_t k = 0; k < c->points && constant; k++)
        constant = c->point[k * c->d + c->d - 1] == 1;
    return constant;
}

/* As the samples are preprocessed. */
static void preprocess_points(zv_claim *c, zv_json *j)
{
    for (size_t k = 0; c->mean && k < c->points * c->d; k++) {
        volatile double centred = c->point[k] - c->mean[k % c->d];
        volatile double scaled = centred / c->scale[k % c->d];
        if (!isfinite(scaled)) zv_json_expected(j, "points whose scaled inputs are finite");
        c->point[k] = zv_seen(c->session, scaled);
    }
}

void zv_read_points(zv_claim *c, zv_json *j)
{
    if (!zv_has_vicinity(c) || !c->architecture.dense || !c->has_upper || c->set != ZV_SET_SPHERE ||
        c->parted > 0)
        zv_json_expected(j, "no points but with the squared loss without weights, a dense network "
                            "of any neurons, and an upper bound");
    c->constant = zv_json_flag(j, "constant");
    c->points = zv_json_count(j, "points") / c->d;
    c->point = zv_json_reals(j, NULL, c->points * c->d);
    c->raw_point = zv_take(c->session, c->points * c->d, sizeof *c->raw_point);
    for (size_t k = 0; k < c->points * c->d; k++)
        c->raw_point[k] = c->point[k];
    preprocess_points(c, j);
    c->modulus = zv_json_real(j, "modulus");
    if (!(c->modulus > 0)) zv_json_expected(j, "a positive modulus just before");
    c->solution = zv_json_reals(j, "solutions", c->points * zv_feature_count(c));
    c->band = zv_json_reals(j, "bands", c->points);
    for (size_t k = 0; k < c->points; k++)
        if (!(c->band[k] >= 0)) zv_json_expected(j, "no negative band just before");
}

/* ---- the proof ------------------------------------------------------------------------------- */

typedef struct work {
    const zv_claim *c;
    size_t count;                /* of features */
    mpz_t *gram, *test, *room;   /* count x count: lower triangles */
    mpz_t *phi, *z, *rest, *row; /* count each; row: d */
} work;

/* phi(x) in units of 2^-(3 unit). */
static void form_features(const work *w, const double *x)
{
    const zv_claim *c = w->c;
    int unit = c->session->unit;
    size_t k = 0;
    mpz_t factor;
    mpz_init(factor);
    for (size_t i = 0; i < c->d; i++)
        zv_scaled(w->row[i], x[i], unit);
    for (size_t i = 0; i < c->d; i++) {
        for (size_t j = i; j < c->d; j++, k++) {
            zv_scaled(factor, c->activation[0], unit);
            mpz_mul(w->phi[k], w->row[i], w->row[j]);
            mpz_mul(w->phi[k], w->phi[k], factor);
            if (i < j) mpz_mul_2exp(w->phi[k], w->phi[k], 1);
            zv_scaled(factor, c->activation[2], 3 * unit);
            if (i == j) mpz_add(w->phi[k], w->phi[k], factor);
        }
    }
    for (size_t i = 0; k < w->count; i++, k++) {
        zv_scaled(factor, c->activation[1], 2 * unit);
        mpz_mul(w->phi[k], w->row[i], factor);
    }
    mpz_clear(factor);
}

/* In units of 2^-(6 unit), and whether it is at least the modulus times I. */
static void judge_gram(const work *w)
{
    const zv_claim *c = w->c;
    zv_session *s = c->session;
    size_t p = w->count;
    mpz_t modulus;
    mpq_t pivot;
    for (size_t i = 0; i < c->n; i++) {
        form_features(w, c->x + i * c->d);
        for (size_t a = 0; a < p; a++)
            for (size_t b = 0; b <= a; b++)
                mpz_addmul(w->gram[a * p + b], w->phi[a], w->phi[b]);
    }
    mpz_init(modulus);
    mpq_init(pivot);
    zv_scaled(modulus, c->modulus, 6 * s->unit);
    for (size_t a = 0; a < p; a++)
        for (size_t b = 0; b <= a; b++)
            mpz_set(w->test[a * p + b], w->gram[a * p + b]);
    for (size_t a = 0; a < p; a++)
        mpz_sub(w->test[a * p + a], w->test[a * p + a], modulus);
    if (zv_bad_pivot(s, w->test, w->room, p, pivot) != p)
        zv_note(s, ZV_NOT_PROVEN, "the features' Gram matrix is not proven to be that definite");
    mpq_clear(pivot);
    mpz_clear(modulus);
}

/* rest = phi - G z in units of 2^-(7 unit). */
static void form_rest(const work *w)
{
    size_t p = w->count;
    mp_bitcnt_t unit = (mp_bitcnt_t)w->c->session->unit;
    for (size_t a = 0; a < p; a++) {
        mpz_mul_2exp(w->rest[a], w->phi[a], 4 * unit);
        for (size_t b = 0; b < p; b++)
            mpz_submul(w->rest[a], w->gram[a > b ? a * p + b : b * p + a], w->z[b]);
    }
}

/* The sum of products, in units of 2^-bits. */
static zv_number *product(const work *w, mpz_t *a, mpz_t *b, int bits)
{
    mpz_t sum;
    mpz_init(sum);
    for (size_t k = 0; k < w->count; k++)
        mpz_addmul(sum, a[k], b[k]);
    zv_number *out = zv_whole(w->c->session, sum, bits);
    mpz_clear(sum);
    return out;
}

static void judge_point(const work *w, size_t k)
{
    const zv_claim *c = w->c;
    zv_session *s = c->session;
    int unit = s->unit;
    form_features(w, c->point + k * c->d);
    for (size_t a = 0; a < w->count; a++)
        zv_scaled(w->z[a], c->solution[k * w->count + a], unit);
    form_rest(w);
    const zv_number *first = product(w, w->z, w->phi, 4 * unit);
    const zv_number *second = product(w, w->z, w->rest, 8 * unit);
    const zv_number *last = zv_div(product(w, w->rest, w->rest, 14 * unit), zv_real(s, c->modulus));
    const zv_number *leverage = zv_add(zv_add(first, second), last);
    const zv_number *gap = zv_sub(zv_real(s, c->upper), zv_real(s, c->lower));
    const zv_number *square = zv_mul(zv_mul(zv_real(s, 2), gap), leverage);
    const zv_number *band = zv_mul(zv_real(s, c->band[k]), zv_real(s, c->band[k]));
    if (!zv_at_most(square, band))
        zv_note(s, ZV_NOT_PROVEN, "point %zu: the band is too narrow", k);
}

/* What may stop the session comes before any number has digits, which GMP keeps for itself. */
void zv_judge_points(const zv_claim *c)
{
    zv_session *s = c->session;
    if (c->constant && !is_constant(c))
        zv_stop(s, ZV_BAD_FILE,
                "the last input is not 1 in every row and point, or 1 is no part of "
                "the function");
    size_t p = zv_feature_count(c), count = 3 * p * p + 3 * p + c->d, before = s->used;
    work w = {.c = c, .count = p};
    for (int k = 0; k < 3; k++)
        zv_account(s, count, zv_digits_bytes(s));
    w.gram = zv_take(s, count, sizeof *w.gram);
    w.test = w.gram + p * p;
    w.room = w.test + p * p;
    w.phi = w.room + p * p;
    w.z = w.phi + p;
    w.rest = w.z + p;
    w.row = w.rest + p;
    for (size_t k = 0; k < count; k++)
        mpz_init(w.gram[k]);
    judge_gram(&w);
    for (size_t k = 0; k < c->points; k++, s->used = before)
        judge_point(&w, k);
    for (size_t k = 0; k < count; k++)
        mpz_clear(w.gram[k]);
}
