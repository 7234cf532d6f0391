/*
 * Rows that are linear functionals of the network: sums of coefficients times values, slopes and
 * Laplacians at points.
 *
 * With x~ = (x, 1), e~ = (e_k, 0) a term's part of the Gram matrix G (cone.c) is
 *
 *   value      x~ x~'
 *   Laplacian  2 diag(1, .., 1, 0)
 *   slope k    x~ e~' + e~ x~', in whose border stands e_k alone
 *
 * since [a G, (b/2) g; ., c g_0] is then the matrix of f, tr 2 a P and df/dx_k: (b/2) x u + (b/2) u
 * x is b x'u, whose slope is b u_k, and the Gram form counts a border once.
 */
#include "proof.h"

/* gram += factor times the term's part, lower triangle; factor in units of 2^-(2 unit), the whole
 * in units of 2^-(4 unit). */
static void add_term(const zv_claim *c, uint32_t kind, const double *x, size_t order,
                     const mpz_t factor, mpz_t *gram, mpz_t *row)
{
    int unit = c->session->unit;
    size_t slope = kind >= 2 ? kind - 2 : 0;
    mpz_t part;
    mpz_init(part);
    for (size_t a = 0; a < order; a++)
        zv_scaled(row[a], a < c->width ? x[a] : 1, unit);
    for (size_t a = 0; a < order; a++)
        for (size_t b = 0; b <= a; b++) {
            if (kind == 0) {
                mpz_mul(part, row[a], row[b]);
            } else if (kind == 1) {
                mpz_set_ui(part, a == b && a < c->width ? 2 : 0);
                mpz_mul_2exp(part, part, 2 * (mp_bitcnt_t)unit);
            } else {
                mpz_set_ui(part, 0);
                if (a == slope) mpz_add(part, part, row[b]);
                if (b == slope) mpz_add(part, part, row[a]);
                mpz_mul_2exp(part, part, (mp_bitcnt_t)unit);
            }
            mpz_addmul(gram[a * order + b], factor, part);
        }
    mpz_clear(part);
}

void zv_form_functional_gram(const zv_claim *c, const double *v, size_t order, mpz_t *gram,
                             mpz_t *row)
{
    int unit = c->session->unit;
    mpz_t factor, dual;
    mpz_inits(factor, dual, NULL);
    for (size_t k = 0; k < order * order; k++)
        mpz_set_ui(gram[k], 0);
    for (size_t i = 0, k = 0; i < c->n; i++)
        for (uint32_t left = c->row_terms[i]; left > 0; left--, k++) {
            zv_scaled(factor, c->coefficient[k], unit);
            zv_scaled(dual, v[i], unit);
            mpz_mul(factor, factor, dual);
            if (mpz_sgn(factor) != 0)
                add_term(c, c->term_kind[k], c->x + c->term_point[k] * c->d, order, factor, gram,
                         row);
        }
    mpz_clears(factor, dual, NULL);
}

/* Of the direction t u, t = 1 / |u|: with s = x'u, a t^2 s^2 + b t s + c, or (2 a t s + b) t u_k,
 * or 2 a. */
void zv_respond_functionals(const zv_claim *c, size_t neuron, zv_number *response)
{
    zv_session *s = c->session;
    size_t outer = s->used;
    const double *u = c->u + neuron * c->u_width;
    const zv_number *t = zv_inverse_length(c, neuron);
    const zv_number *a = zv_real(s, c->activation[0]), *b = zv_real(s, c->activation[1]);
    const zv_number *end = zv_real(s, c->activation[2]), *two = zv_mul(zv_real(s, 2), a);
    for (size_t i = 0, k = 0; i < c->n; i++) {
        size_t row = s->used;
        zv_set(&response[i], zv_real(s, 0));
        for (uint32_t left = c->row_terms[i]; left > 0; left--, k++) {
            size_t term = s->used;
            const double *x = c->x + c->term_point[k] * c->d;
            zv_number *product = zv_real(s, 0), *part = (zv_number *)two;
            for (size_t j = 0; j < c->d && c->term_kind[k] != 1; j++) {
                size_t inner = s->used;
                zv_increase(product, zv_mul(zv_real(s, x[j]), zv_real(s, u[j])));
                s->used = inner;
            }
            product = zv_mul(product, t);
            if (c->term_kind[k] == 0)
                part = zv_add(zv_mul(zv_add(zv_mul(a, product), b), product), end);
            else if (c->term_kind[k] >= 2)
                part = zv_mul(zv_add(zv_mul(two, product), b),
                              zv_mul(t, zv_real(s, u[c->term_kind[k] - 2])));
            zv_increase(&response[i], zv_mul(zv_real(s, c->coefficient[k]), part));
            s->used = term;
        }
        s->used = row;
    }
    s->used = outer;
}

/* The claimed network is the one times y / f of the row that is met exactly. */
void zv_judge_functional_network(const zv_claim *c, zv_number *objective)
{
    zv_session *s = c->session;
    size_t n = c->n, before = s->used;
    zv_number *f = zv_numbers(s, 2 * n + 2), *response = f + n, *factor = response + n;
    zv_number *penalty = factor + 1;
    for (size_t j = 0; j < c->neurons; j++, s->used = before) {
        const zv_number *alpha = zv_real(s, c->alpha[j]);
        zv_respond_functionals(c, j, response);
        zv_increase(penalty, zv_penalty(c, alpha));
        for (size_t i = 0; i < n; i++) {
            size_t loop = s->used;
            zv_increase(&f[i], zv_mul(alpha, &response[i]));
            s->used = loop;
        }
    }
    zv_set(factor, zv_real(s, 1));
    if (c->has_exact) {
        const zv_number *at = &f[c->exact];
        if (mpq_sgn(at->low) <= 0 && mpq_sgn(at->high) >= 0)
            zv_stop(s, ZV_NOT_PROVEN, "the network may be 0 in the row that is to be met exactly");
        zv_set(factor, zv_div(zv_real(s, c->y[c->exact]), at));
    }
    zv_increase(objective, zv_mul(zv_abs(factor), penalty));
    s->used = before;
    for (size_t i = 0; i < n; i++, s->used = before)
        if (!c->has_exact || i != c->exact)
            zv_increase(objective, zv_loss_of(c, i, zv_mul(&f[i], factor)));
    zv_need(c->upper, ZV_AT_LEAST, objective,
            "the network's objective exceeds the claimed upper bound");
}
