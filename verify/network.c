/* The upper bound: the objective of the certificate's network. */
#include "proof.h"

zv_number *zv_inverse_length(const zv_claim *c, size_t neuron)
{
    zv_session *s = c->session;
    const double *u = c->u + neuron * c->u_width;
    zv_number *square = zv_real(s, 0);
    for (size_t k = 0; k < c->width; k++) {
        size_t before = s->used;
        zv_increase(square, zv_mul(zv_real(s, u[k]), zv_real(s, u[k])));
        s->used = before;
    }
    bool whole = c->set != ZV_SET_SPHERE; /* levels, of any length */
    if (!whole && (!zv_at_most(zv_real(s, 0.5), square) || !zv_at_most(square, zv_real(s, 2))))
        zv_stop(s, ZV_BAD_FILE, "neuron %zu is not of about unit length", neuron);
    return zv_power(zv_div(zv_real(s, 1), square), 1, 2);
}

/* t = patch . u, in units of 2^-(2 unit). */
static void multiply(const zv_claim *c, const double *row, const uint32_t *patch, const double *u,
                     mpz_t t)
{
    int unit = c->session->unit;
    mpz_t x, y;
    mpz_inits(x, y, NULL);
    mpz_set_ui(t, 0);
    for (size_t k = 0; k < c->width; k++) {
        zv_scaled(x, row[patch[k]], unit);
        zv_scaled(y, u[k], unit);
        mpz_addmul(t, x, y);
    }
    mpz_clears(x, y, NULL);
}

/* sum = the sum over the group's patches of t = patch . u, in units of 2^-(2 unit), and squares =
 * that of t^2, or of t with the other half's, in units of 2^-(4 unit). */
static void sum_patches(const zv_claim *c, const double *row, size_t neuron, mpz_t sum,
                        mpz_t squares)
{
    const double *u = c->u + neuron * c->u_width;
    const uint32_t *patch = c->inputs + c->group[neuron] * c->patches * c->width;
    bool pair = c->set == ZV_SET_BILINEAR;
    mpz_t t, other;
    mpz_inits(t, other, NULL);
    mpz_set_ui(sum, 0);
    mpz_set_ui(squares, 0);
    for (size_t p = 0; p < c->patches; p++, patch += c->width) {
        multiply(c, row, patch, u, t);
        if (pair) multiply(c, row, patch, u + c->width, other);
        mpz_add(sum, sum, t);
        mpz_addmul(squares, t, pair ? other : t);
    }
    mpz_clears(t, other, NULL);
}

/* The mean over the group's P patches of a s^2 + b s + c, with s = t / |u|, is
 *
 *   a / (P |u|^2) sum t^2  +  b / (P |u|) sum t  +  c;
 *
 * of a pair, whose halves have the same length, a / (P |u|^2) sum t t'. */
void zv_respond(const zv_claim *c, size_t neuron, zv_number *response)
{
    zv_session *s = c->session;
    int unit = s->unit;
    size_t before = s->used;
    const zv_number *r = zv_inverse_length(c, neuron);
    const zv_number *share = zv_div(r, zv_real(s, (double)c->patches));
    const zv_number *linear = zv_mul(zv_real(s, c->activation[1]), share);
    const zv_number *quadratic = zv_mul(zv_real(s, c->activation[0]), zv_mul(r, share));
    mpz_t sum, squares;
    mpz_inits(sum, squares, NULL);
    for (size_t i = 0; i < c->n; i++) {
        size_t loop = s->used;
        sum_patches(c, c->x + i * c->d, neuron, sum, squares);
        zv_set(&response[i], zv_real(s, c->activation[2]));
        zv_increase(&response[i], zv_mul(quadratic, zv_whole(s, squares, 4 * unit)));
        zv_increase(&response[i], zv_mul(linear, zv_whole(s, sum, 2 * unit)));
        s->used = loop;
    }
    mpz_clears(sum, squares, NULL);
    s->used = before;
}

void zv_judge_network(const zv_claim *c, zv_number *objective)
{
    zv_session *s = c->session;
    size_t n = c->n, count = n * c->outputs, before = s->used;
    zv_number *f = zv_numbers(s, count), *response = zv_numbers(s, n);
    for (size_t j = 0; j < c->neurons; j++) {
        zv_respond(c, j, response);
        for (size_t o = 0; o < c->outputs; o++, s->used = before) {
            const zv_number *alpha = zv_real(s, c->alpha[j * c->outputs + o]);
            zv_increase(objective, zv_penalty(c, alpha));
            for (size_t i = 0; i < n; i++) {
                size_t loop = s->used;
                zv_increase(&f[o * n + i], zv_mul(alpha, &response[i]));
                s->used = loop;
            }
        }
    }
    for (size_t e = 0; e < count; e++, s->used = before)
        zv_increase(objective, zv_loss_of(c, e, &f[e]));
    zv_need(c->upper, ZV_AT_LEAST, objective,
            "the network's objective exceeds the claimed upper bound");
}
