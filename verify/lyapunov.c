/*
 * Lyapunov functions: that V(x) = x'Px is positive, and decreases along x+ = Ax + h(x).
 *
 * V = a sum_j alpha_j (u_j'x)^2 and the map are doubles, so that everything here is a rational
 * number, and definiteness is decided: by eliminations in whole numbers, whatever the eigenvalues.
 *
 * A linear map (h = 0): P > 0 and N = P - A'PA > 0, both decided, are all there is.
 *
 * With h_c(x) = x'H_c x the claim is about 0 < |x| < radius.  As |h(x)| <= eta |x|^2 with eta^2 the
 * sum of |H_c|^2,
 *
 *   V(x+) - V(x) = -x'Nx + 2 (Ax)'P h + h'P h <= |x|^2 (-nu + 2 s eta |x| + p eta^2 |x|^2)
 *
 * wherever N >= nu I, |A'P| <= s and P <= p I: the certificate has nu > 0, s, p, eta and bounds on
 * the |H_c|, each of which is proven, and the bracket is at most 0 at the radius.
 */
#include "csv.h"
#include "json.h"
#include "number.h"
#include "proof.h"

#include <string.h>

/* ---- reading --------------------------------------------------------------------------------- */

/* The file has a row for each state: its coefficients of x_1 .. x_d and, of a quadratic map, of the
 * products x_i x_j, i <= j, in the order (1, 1), (1, 2), .., (2, 2), .. */
static void read_map(zv_claim *c, zv_json *j, char *data, size_t size)
{
    zv_session *s = c->session;
    const char *claimed = zv_json_string(j, "digest");
    c->map = zv_take(s, c->d * c->columns, sizeof *c->map);
    zv_csv csv = zv_csv_open(s, data, size, c->columns);
    size_t row = 0;
    for (; zv_csv_next(&csv); row++) {
        if (row == c->d)
            zv_csv_expected(&csv, "as many rows as the certificate has states", csv.fields[0]);
        for (size_t k = 0; k < c->columns; k++)
            c->map[row * c->columns + k] = zv_csv_number(&csv, csv.fields[k]);
    }
    if (row < c->d)
        zv_stop(s, ZV_BAD_FILE, "the map has %zu rows, and the certificate %zu states", row, c->d);
    zv_sha256_doubles(s->salted ? s->salt : NULL, c->map, c->d * c->columns, c->digest);
    if (strcmp(claimed, c->digest) != 0)
        zv_stop(s, ZV_BAD_FILE, "the map is not that of the certificate: its digest is %s",
                c->digest);
}

static double positive(zv_json *j, const char *name)
{
    double value = zv_json_real(j, name);
    if (!(value > 0)) zv_json_expected(j, "a positive number just before");
    return value;
}

static double not_negative(zv_json *j, const char *name)
{
    double value = zv_json_real(j, name);
    if (!(value >= 0)) zv_json_expected(j, "no negative number just before");
    return value;
}

void zv_read_lyapunov(zv_claim *c, zv_json *j, char *data, size_t size)
{
    c->d = zv_json_whole(j, "states", 1, 1024);
    bool quadratic = zv_json_flag(j, "quadratic");
    c->columns = c->d + (quadratic ? c->d * (c->d + 1) / 2 : 0);
    read_map(c, j, data, size);
    c->activation = zv_json_reals(j, "activation", 3);
    if (c->activation[1] != 0 || c->activation[2] != 0)
        zv_json_expected(j, "an activation without b and c just before: V is homogeneous");
    c->neurons = zv_json_count(j, "neurons") / c->d;
    c->u = zv_json_reals(j, NULL, c->neurons * c->d);
    c->alpha = zv_json_reals(j, "alpha", c->neurons);
    c->quadratic = quadratic;
    if (quadratic) {
        c->radius = positive(j, "radius");
        c->decrease = positive(j, "decrease");
        c->largest = positive(j, "largest");
        c->coupling = not_negative(j, "coupling");
        c->curvatures = zv_json_reals(j, "curvatures", c->d);
        for (size_t k = 0; k < c->d; k++)
            if (!(c->curvatures[k] >= 0)) zv_json_expected(j, "no negative curvature just before");
        c->curvature = not_negative(j, "curvature");
    }
    zv_json_end(j);
}

/* ---- matrices of whole numbers --------------------------------------------------------------- */

typedef struct work {
    const zv_claim *c;
    size_t d;
    mpz_t *p, *a, *pa, *n, *test, *room; /* d x d each, all of it */
    zv_number *sum;
} work;

/* In units of 2^-(4 unit). */
static void form_value(const work *w)
{
    const zv_claim *c = w->c;
    int unit = c->session->unit;
    mpz_t weight, u, other;
    mpz_inits(weight, u, other, NULL);
    for (size_t j = 0; j < c->neurons; j++) {
        zv_scaled(weight, c->alpha[j], unit);
        zv_scaled(u, c->activation[0], unit);
        mpz_mul(weight, weight, u);
        for (size_t a = 0; a < w->d; a++) {
            zv_scaled(u, c->u[j * w->d + a], unit);
            mpz_mul(u, u, weight);
            for (size_t b = 0; b < w->d; b++) {
                zv_scaled(other, c->u[j * w->d + b], unit);
                mpz_addmul(w->p[a * w->d + b], u, other);
            }
        }
    }
    mpz_clears(weight, u, other, NULL);
}

/* PA in units of 2^-(5 unit), N = P - A'PA in units of 2^-(6 unit). */
static void form_decrease(const work *w)
{
    size_t d = w->d;
    mp_bitcnt_t unit = (mp_bitcnt_t)w->c->session->unit;
    for (size_t a = 0; a < d; a++)
        for (size_t b = 0; b < d; b++)
            zv_scaled(w->a[a * d + b], w->c->map[a * w->c->columns + b], (int)unit);
    for (size_t a = 0; a < d; a++)
        for (size_t b = 0; b < d; b++)
            for (size_t k = 0; k < d; k++)
                mpz_addmul(w->pa[a * d + b], w->p[a * d + k], w->a[k * d + b]);
    for (size_t a = 0; a < d; a++) {
        for (size_t b = 0; b < d; b++) {
            mpz_mul_2exp(w->n[a * d + b], w->p[a * d + b], 2 * unit);
            for (size_t k = 0; k < d; k++)
                mpz_submul(w->n[a * d + b], w->a[k * d + a], w->pa[k * d + b]);
        }
    }
}

/* test = shift I + sign m, shift in units of 2^-bits as m is. */
static void shifted(const work *w, double shift, int bits, int sign, mpz_t *m)
{
    mpz_t diagonal;
    mpz_init(diagonal);
    zv_scaled(diagonal, shift, bits);
    for (size_t k = 0; k < w->d * w->d; k++) {
        mpz_set(w->test[k], m[k]);
        if (sign < 0) mpz_neg(w->test[k], w->test[k]);
        if (k % (w->d + 1) == 0) mpz_add(w->test[k], w->test[k], diagonal);
    }
    mpz_clear(diagonal);
}

static void need_semidefinite(const work *w, const char *sentence)
{
    zv_session *s = w->c->session;
    mpq_t pivot;
    mpq_init(pivot);
    size_t bad = zv_bad_pivot(s, w->test, w->room, w->d, pivot);
    mpq_clear(pivot);
    if (bad != w->d) zv_note(s, ZV_NOT_PROVEN, "%s", sentence);
}

static void decide_definite(const work *w, mpz_t *m, const char *what)
{
    zv_session *s = w->c->session;
    switch (zv_is_definite(s, m, w->room, w->d)) {
    case ZV_DEFINITE:
        return;
    case ZV_INDEFINITE:
        zv_note(s, ZV_REFUTED, "%s is not positive definite", what);
        return;
    case ZV_TOO_LARGE:
        zv_note(s, ZV_NOT_PROVEN, "%s is too large to be decided", what);
    }
}

/* ---- the ball of a quadratic map ------------------------------------------------------------- */

/* test = H_c times 2, in units of 2^-unit: products i < j have their coefficient in two entries. */
static void form_curvature(const work *w, size_t state)
{
    const double *products = w->c->map + state * w->c->columns + w->d;
    int unit = w->c->session->unit;
    for (size_t i = 0, k = 0; i < w->d; i++) {
        for (size_t j = i; j < w->d; j++, k++) {
            zv_scaled(w->a[i * w->d + j], products[k], unit);
            if (i == j) mpz_mul_2exp(w->a[i * w->d + i], w->a[i * w->d + i], 1);
            mpz_set(w->a[j * w->d + i], w->a[i * w->d + j]);
        }
    }
}

/* Every |H_c| is at most its bound, and so the root of the sum of their squares.  Uses a. */
static void judge_curvatures(const work *w)
{
    const zv_claim *c = w->c;
    zv_session *s = c->session;
    zv_number *sum = w->sum;
    for (size_t state = 0; state < w->d; state++) {
        size_t before = s->used;
        const zv_number *h = zv_real(s, c->curvatures[state]);
        zv_increase(sum, zv_mul(h, h));
        s->used = before;
        form_curvature(w, state);
        for (int sign = -1; sign <= 1; sign += 2) {
            shifted(w, c->curvatures[state], s->unit + 1, sign, w->a);
            need_semidefinite(w, "a product's matrix H exceeds its curvature");
        }
    }
    const zv_number *eta = zv_real(s, c->curvature);
    if (!zv_at_most(sum, zv_mul(eta, eta)))
        zv_note(s, ZV_NOT_PROVEN, "the curvatures' squares exceed that of the curvature");
}

/* s^2 I - (PA)'(PA), in units of 2^-(10 unit). */
static void judge_coupling(const work *w)
{
    size_t d = w->d;
    int unit = w->c->session->unit;
    mpz_t square;
    mpz_init(square);
    zv_scaled(square, w->c->coupling, unit);
    mpz_mul(square, square, square);
    mpz_mul_2exp(square, square, 8 * (mp_bitcnt_t)unit);
    for (size_t a = 0; a < d; a++) {
        for (size_t b = 0; b < d; b++) {
            mpz_ptr entry = w->test[a * d + b];
            mpz_set_ui(entry, 0);
            for (size_t k = 0; k < d; k++)
                mpz_submul(entry, w->pa[k * d + a], w->pa[k * d + b]);
            if (a == b) mpz_add(entry, entry, square);
        }
    }
    mpz_clear(square);
    need_semidefinite(w, "PA exceeds its bound");
}

static void judge_ball(const work *w)
{
    const zv_claim *c = w->c;
    zv_session *s = c->session;
    int unit = s->unit;
    shifted(w, -c->decrease, 6 * unit, 1, w->n);
    need_semidefinite(w, "P - A'PA is not as far from singular as is claimed");
    shifted(w, c->largest, 4 * unit, -1, w->p);
    need_semidefinite(w, "P exceeds its bound");
    judge_coupling(w);
    judge_curvatures(w);
    const zv_number *reach = zv_mul(zv_real(s, c->curvature), zv_real(s, c->radius));
    const zv_number *linear = zv_mul(zv_mul(zv_real(s, 2), zv_real(s, c->coupling)), reach);
    const zv_number *square = zv_mul(zv_real(s, c->largest), zv_mul(reach, reach));
    if (!zv_at_most(zv_add(linear, square), zv_real(s, c->decrease)))
        zv_note(s, ZV_NOT_PROVEN, "the products can outweigh the decrease within the radius");
}

/* What may stop the session comes before any number has digits, which GMP keeps for itself. */
void zv_judge_lyapunov(const zv_claim *c)
{
    zv_session *s = c->session;
    size_t d = c->d, count = 6 * d * d;
    work w = {.c = c, .d = d, .sum = zv_numbers(s, 1)};
    for (int k = 0; k < 2; k++) /* coupling: twice the length of others' numbers */
        zv_account(s, count, zv_digits_bytes(s));
    w.p = zv_take(s, count, sizeof *w.p);
    w.a = w.p + d * d;
    w.pa = w.a + d * d;
    w.n = w.pa + d * d;
    w.test = w.n + d * d;
    w.room = w.test + d * d;
    for (size_t k = 0; k < count; k++)
        mpz_init(w.p[k]);
    form_value(&w);
    form_decrease(&w);
    decide_definite(&w, w.p, "V");
    decide_definite(&w, w.n, "V(x) - V(Ax)");
    if (c->quadratic && s->verdict == ZV_PROVEN) judge_ball(&w);
    for (size_t k = 0; k < count; k++)
        mpz_clear(w.p[k]);
}
