/*
 * Worst cases: that a network's outputs keep their margins at every point of balls round the rows.
 *
 * By the S-procedure, s f(x + e) >= w for all |e| <= R, where f(x) = x'Px + q'x + r, if some mu >=
 * 0 makes
 *
 *   [ s P + mu I,  s h ; s h',  s f(x) - w - mu R^2 ],   h = P x + q / 2,
 *
 * positive semidefinite: with z = (e, 1) its form is s f(x + e) - w - mu (R^2 - |e|^2) >= 0. Inputs
 * that are fixed have no row and no column.
 *
 * Everything is a multiple of 2^-bits or of a product of doubles.  P, q and r are those of the
 * directions t u with t <= 1 / |u| < t + 2^-ROOT_BITS, all times the number of patches, and rounded
 * down to 2^-bits; `slack` bounds what that changes of f within the ball.
 */
#include "proof.h"

#include <math.h>

#define FORM_BITS 256 /* and more where inputs are long */

/* One output, times the patches of a group, in units of 2^-bits. */
typedef struct form {
    mpz_t *p, *q, r; /* d x d, all of it; d */
} form;

typedef struct work {
    const zv_claim *c;
    form *forms; /* one an output, and room for a difference behind them */
    size_t free_count;
    size_t *free;                      /* the inputs that are not fixed */
    mpz_t *x, *slope, *matrix, *other; /* d; d; (free_count + 1)^2, twice */
    int reach, bits; /* inputs and radius are below 2^reach; bits of the forms behind the point:
                      * what they are off by must not show, times squares of inputs */
} work;

static int find_reach(const zv_claim *c)
{
    int most = 0, exponent;
    frexp(c->radius, &exponent);
    for (size_t k = 0; k <= c->n * c->d; k++) {
        if (exponent > most) most = exponent;
        if (k < c->n * c->d) frexp(c->x[k], &exponent);
    }
    return most;
}

static mpz_t *whole_numbers(zv_session *s, size_t count)
{
    zv_account(s, count, zv_digits_bytes(s));
    mpz_t *out = zv_take(s, count, sizeof *out);
    for (size_t k = 0; k < count; k++)
        mpz_init(out[k]);
    return out;
}

static void clear(mpz_t *numbers, size_t count)
{
    for (size_t k = 0; k < count; k++)
        mpz_clear(numbers[k]);
}

/* From units of 2^-from to units of 2^-to, rounded down. */
static void change_unit(mpz_t x, int from, int to)
{
    if (from > to)
        mpz_fdiv_q_2exp(x, x, (mp_bitcnt_t)(from - to));
    else
        mpz_mul_2exp(x, x, (mp_bitcnt_t)(to - from));
}

/* ---- the forms ------------------------------------------------------------------------------- */

/* Adds neuron j to the form of each output; w has a direction's length. */
static void add_neuron(const zv_claim *c, size_t j, form *forms, mpz_t *w)
{
    zv_session *s = c->session;
    int unit = s->unit, root = ZV_ROOT_BITS;
    size_t before = s->used;
    const zv_number *inverse = zv_inverse_length(c, j);
    mpz_t t, a, b, term;
    mpz_inits(t, a, b, term, NULL);
    mpz_mul_2exp(t, mpq_numref(inverse->low), (mp_bitcnt_t)root);
    mpz_fdiv_q(t, t, mpq_denref(inverse->low));
    for (size_t k = 0; k < c->width; k++) {
        zv_scaled(w[k], c->u[j * c->width + k], unit);
        mpz_mul(w[k], w[k], t); /* in units of 2^-(unit + root) */
    }
    for (size_t o = 0; o < c->outputs; o++) {
        const uint32_t *patch = c->inputs + c->group[j] * c->patches * c->width;
        zv_scaled(term, c->alpha[j * c->outputs + o], unit);
        if (mpz_sgn(term) == 0) continue;
        zv_scaled(a, c->activation[0], unit);
        mpz_mul(a, a, term);
        zv_scaled(b, c->activation[1], unit);
        mpz_mul(b, b, term);
        for (size_t p = 0; p < c->patches; p++, patch += c->width) {
            for (size_t k = 0; k < c->width; k++) {
                mpz_addmul(forms[o].q[patch[k]], b, w[k]);
                mpz_mul(t, a, w[k]);
                for (size_t l = 0; l < c->width; l++)
                    mpz_addmul(forms[o].p[patch[k] * c->d + patch[l]], t, w[l]);
            }
        }
        zv_scaled(b, c->activation[2], unit);
        mpz_mul(term, term, b);
        mpz_mul_ui(term, term, c->patches);
        mpz_add(forms[o].r, forms[o].r, term);
    }
    mpz_clears(t, a, b, term, NULL);
    s->used = before;
}

static void create_forms(work *w)
{
    const zv_claim *c = w->c;
    size_t d = c->d;
    int unit = c->session->unit;
    for (size_t j = 0; j < c->neurons; j++)
        add_neuron(c, j, w->forms, w->x); /* which is not needed yet */
    for (size_t o = 0; o < c->outputs; o++) {
        for (size_t k = 0; k < d * d; k++)
            change_unit(w->forms[o].p[k], 4 * unit + 2 * ZV_ROOT_BITS, w->bits);
        for (size_t k = 0; k < d; k++)
            change_unit(w->forms[o].q[k], 3 * unit + ZV_ROOT_BITS, w->bits);
        change_unit(w->forms[o].r, 2 * unit, w->bits);
    }
}

/* What may stop the session comes before any number has digits, which GMP keeps for itself. */
static void create(work *w, const zv_claim *c)
{
    zv_session *s = c->session;
    size_t d = c->d, before = s->used;
    *w = (work){.c = c, .free = zv_take(s, d, sizeof *w->free), .reach = find_reach(c)};
    w->bits = FORM_BITS + 2 * w->reach;
    uint8_t *fixed = zv_take(s, d, sizeof *fixed);
    for (size_t k = 0; k < c->fixed_count; k++)
        fixed[c->fixed[k]] = 1;
    for (size_t k = 0; k < d; k++)
        if (!fixed[k]) w->free[w->free_count++] = k;
    for (size_t j = 0; j < c->neurons; j++, s->used = before)
        zv_inverse_length(c, j);
    size_t order = w->free_count + 1;
    w->forms = zv_take(s, c->outputs + 1, sizeof *w->forms);
    for (size_t o = 0; o <= c->outputs; o++) {
        w->forms[o].p = whole_numbers(s, d * d);
        w->forms[o].q = whole_numbers(s, d);
        mpz_init(w->forms[o].r);
    }
    w->x = whole_numbers(s, 2 * d + 2 * order * order);
    w->slope = w->x + d;
    w->matrix = w->slope + d;
    w->other = w->matrix + order * order;
    create_forms(w);
}

static void destroy(work *w)
{
    size_t d = w->c->d, order = w->free_count + 1;
    for (size_t o = 0; o <= w->c->outputs; o++) {
        clear(w->forms[o].p, d * d);
        clear(w->forms[o].q, d);
        mpz_clear(w->forms[o].r);
    }
    clear(w->x, 2 * d + 2 * order * order);
}

/* ---- one statement --------------------------------------------------------------------------- */

/* Bounds |f - its rounded form|, both times the patches, for one output within the ball of row i.
 * Let X >= |x| + R.  A neuron's t u is off by less than 1.5 2^-ROOT_BITS, as |u|^2 < 2, so its
 * response u p by that times X, and the square of it by 3 2^-ROOT_BITS X^2.  Rounding down moves
 * the entries of P, q and r by less than 2^-bits each; those of no neurons are 0. */
static zv_number *form_slack(const work *w, size_t output, const zv_number *reach)
{
    const zv_claim *c = w->c;
    zv_session *s = c->session;
    zv_number *weight = zv_real(s, 0);
    for (size_t j = 0; j < c->neurons; j++) {
        size_t before = s->used;
        zv_increase(weight, zv_abs(zv_real(s, c->alpha[j * c->outputs + output])));
        s->used = before;
    }
    const zv_number *a = zv_mul(zv_real(s, 3), zv_abs(zv_real(s, c->activation[0])));
    const zv_number *b = zv_mul(zv_real(s, 2), zv_abs(zv_real(s, c->activation[1])));
    const zv_number *square = zv_mul(reach, reach);
    const zv_number *neurons = zv_mul(weight, zv_add(zv_mul(a, square), zv_mul(b, reach)));
    const zv_number *terms = zv_add(square, zv_add(reach, zv_real(s, 1)));
    const zv_number *share = zv_real(s, ldexp(1, -w->reach)); /* twice: its square underflows */
    const zv_number *entries = zv_mul(zv_mul(terms, share), share);
    const zv_number *rounded = zv_real(s, c->neurons > 0 ? (double)c->d : 0);
    zv_number *sum =
        zv_add(zv_mul(zv_real(s, (double)c->patches), neurons), zv_mul(rounded, entries));
    return zv_mul(sum, zv_real(s, 0x1p-256));
}

/* X = 1 + |x| + R: the 1 is for the root's rounding. */
static zv_number *reach_of(const zv_claim *c, size_t i)
{
    zv_session *s = c->session;
    zv_number *square = zv_real(s, 0);
    for (size_t k = 0; k < c->d; k++) {
        size_t before = s->used;
        const zv_number *x = zv_real(s, c->x[i * c->d + k]);
        zv_increase(square, zv_mul(x, x));
        s->used = before;
    }
    return zv_add(zv_power(square, 1, 2), zv_add(zv_real(s, 1), zv_real(s, c->radius)));
}

/* out = a - b, of the forms of two outputs. */
static void subtract(const form *a, const form *b, size_t d, form *out)
{
    for (size_t k = 0; k < d * d; k++)
        mpz_sub(out->p[k], a->p[k], b->p[k]);
    for (size_t k = 0; k < d; k++)
        mpz_sub(out->q[k], a->q[k], b->q[k]);
    mpz_sub(out->r, a->r, b->r);
}

/* slope = 2 (P x + q / 2) in units of 2^-(bits + unit), value = 2 f(x) in units of
 * 2^-(bits + 2 unit). */
static void evaluate(const work *w, const form *f, size_t i, mpz_t value)
{
    const zv_claim *c = w->c;
    int unit = c->session->unit;
    mpz_t q;
    mpz_init(q);
    mpz_mul_2exp(value, f->r, 2 * (mp_bitcnt_t)unit + 1);
    for (size_t k = 0; k < c->d; k++)
        zv_scaled(w->x[k], c->x[i * c->d + k], unit);
    for (size_t k = 0; k < c->d; k++) {
        mpz_set_ui(w->slope[k], 0);
        for (size_t l = 0; l < c->d; l++)
            mpz_addmul(w->slope[k], f->p[k * c->d + l], w->x[l]);
        mpz_mul_2exp(w->slope[k], w->slope[k], 1);
        mpz_mul_2exp(q, f->q[k], (mp_bitcnt_t)unit);
        mpz_add(w->slope[k], w->slope[k], q);
        mpz_add(q, q, w->slope[k]); /* 2 (P x + q) */
        mpz_addmul(value, q, w->x[k]);
    }
    mpz_clear(q);
}

/* The matrix, times the patches, in units of 2^-(bits + 3 unit + 1). */
static void form_matrix(const work *w, const form *f, int sign, double mu, const mpz_t corner)
{
    const zv_claim *c = w->c;
    int unit = c->session->unit;
    size_t order = w->free_count + 1;
    mpz_t shift;
    mpz_init(shift);
    zv_scaled(shift, mu, unit);
    mpz_mul_ui(shift, shift, c->patches);
    change_unit(shift, unit, w->bits + 3 * unit + 1);
    for (size_t a = 0; a < order; a++) {
        for (size_t b = 0; b <= a; b++) {
            mpz_ptr entry = w->matrix[a * order + b];
            if (a < w->free_count)
                mpz_mul_2exp(entry, f->p[w->free[a] * c->d + w->free[b]],
                             3 * (mp_bitcnt_t)unit + 1);
            else if (b < w->free_count)
                mpz_mul_2exp(entry, w->slope[w->free[b]], 2 * (mp_bitcnt_t)unit);
            else
                mpz_set(entry, corner);
            if (sign < 0 && b < w->free_count) mpz_neg(entry, entry);
            if (a == b && a < w->free_count) mpz_add(entry, entry, shift);
        }
    }
    mpz_clear(shift);
}

/* out = patches x / 2^-bits, rounded down. */
static void scaled_down(mpz_t out, const zv_claim *c, const zv_number *x, int bits)
{
    mpz_mul_2exp(out, mpq_numref(x->low), (mp_bitcnt_t)bits);
    mpz_mul_ui(out, out, c->patches);
    mpz_fdiv_q(out, out, mpq_denref(x->low));
}

/* s f >= margin in the ball of row i; name says of what. */
static void judge_statement(const work *w, const form *f, size_t i, int sign, double margin,
                            double mu, const zv_number *slack, const char *name)
{
    const zv_claim *c = w->c;
    zv_session *s = c->session;
    int bits = w->bits + 3 * s->unit + 1;
    const zv_number *share = zv_div(slack, zv_real(s, (double)c->patches));
    const zv_number *square = zv_mul(zv_real(s, c->radius), zv_real(s, c->radius));
    const zv_number *claimed = zv_real(s, margin);
    mpz_t value, part;
    mpz_inits(value, part, NULL);
    evaluate(w, f, i, value);
    if (sign < 0) mpz_neg(value, value);
    change_unit(value, w->bits + 2 * s->unit + 1, bits);
    /* At the row itself, for a margin that is false. */
    scaled_down(part, c, zv_sub(share, claimed), bits);
    mpz_add(part, part, value);
    if (mpz_sgn(part) < 0)
        zv_note(s, ZV_REFUTED, "%s: the margin exceeds the output at the row itself", name);
    const zv_number *below = zv_add(zv_add(claimed, share), zv_mul(zv_real(s, mu), square));
    scaled_down(part, c, zv_sub(zv_real(s, 0), below), bits);
    mpz_add(value, value, part);
    form_matrix(w, f, sign, mu, value);
    mpq_t pivot;
    mpq_init(pivot);
    if (zv_bad_pivot(s, w->matrix, w->other, w->free_count + 1, pivot) != w->free_count + 1)
        zv_note(s, ZV_NOT_PROVEN, "%s: the multiplier does not prove the margin", name);
    mpq_clear(pivot);
    mpz_clears(value, part, NULL);
}

/* ---- all of them ----------------------------------------------------------------------------- */

/* The class of a row: where its encoded target is largest. */
static size_t class_of(const zv_claim *c, size_t i)
{
    size_t best = 0;
    for (size_t o = 1; o < c->outputs; o++)
        if (c->y[o * c->n + i] > c->y[best * c->n + i]) best = o;
    return best;
}

/* Statement k of row i: its form, sign and slack. */
static const form *statement(const work *w, size_t i, size_t k, int *sign, const zv_number **slack)
{
    const zv_claim *c = w->c;
    const zv_number *reach = reach_of(c, i);
    form *room = &w->forms[c->outputs];
    bool ends = c->robust ? !zv_takes_labels(c->loss) : c->task == ZV_REGRESSION;
    if (c->task == ZV_MULTICLASS) {
        size_t own = class_of(c, i), rival = k + (k >= own);
        subtract(&w->forms[own], &w->forms[rival], c->d, room);
        *sign = 1;
        *slack = zv_add(form_slack(w, own, reach), form_slack(w, rival, reach));
        return room;
    }
    size_t output = ends ? k / 2 : 0;
    *sign = ends ? (k % 2 ? -1 : 1) : c->y[i] > 0 ? 1 : -1;
    *slack = form_slack(w, output, reach);
    return &w->forms[output];
}

void zv_judge_margins(const zv_claim *c)
{
    zv_session *s = c->session;
    work w;
    create(&w, c);
    for (size_t e = 0; e < c->n * c->statements; e++) {
        size_t before = s->used, i = e / c->statements, k = e % c->statements;
        const zv_number *slack;
        char name[96];
        int sign;
        const form *f = statement(&w, i, k, &sign, &slack);
        snprintf(name, sizeof name, "sample %zu, statement %zu", i, k);
        judge_statement(&w, f, i, sign, c->margin[e], c->mu[e], slack, name);
        s->used = before;
    }
    destroy(&w);
}
