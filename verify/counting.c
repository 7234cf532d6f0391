/*
 * The count: that |sum_i v_i sigma(x_i, u)| <= beta for every u of a finite set of neurons, by
 * going through all of them.
 *
 * With u = l / |l|, l whole numbers, N = |l|^2 and the Gram matrix [G, g; g', g_0] of the cones
 * (cone.c), P times the sum is
 *
 *   (a l'G l) / N  +  (b g'l) / sqrt N  +  c g_0.
 *
 * Coefficients become whole numbers of 64 bits, each off by at most one unit, and sqrt N one in
 * units of 2^-ROOT_UNIT; the inequality, times N, is then decided in 128 bits, with all that
 * rounding can have done to it on the wrong side.  Consecutive l differ in one weight (reflected
 * mixed-radix Gray code without loops: Knuth, The Art of Computer Programming 7.2.1.1, algorithm
 * H), so that a neuron costs an addition per weight.
 *
 * Pairs (u, w) of binary neurons respond with a (x'u)(x'w): w best has the signs of G u, so that
 * the largest response to u is sum_k |(a G l)_k| / width.
 */
#include "proof.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SUM_BITS 61  /* sums of coefficients stay below 2^SUM_BITS */
#define ALL_BITS 71  /* and their products with N below 2^ALL_BITS */
#define ROOT_UNIT 54 /* sqrt N 2^ROOT_UNIT has less than 64 bits for N < 2^18 */

#ifdef __SIZEOF_INT128__
__extension__ typedef __int128 wide;
#else
typedef int64_t wide; /* zv_can_count() is false */
#endif

typedef struct count {
    const zv_claim *claim;
    size_t width, free; /* weights that move: in pairs the last one is 1 */
    int64_t *row;       /* width x width: coefficients of l_i l_j (pairs: a G), times the step */
    int64_t *square;    /* width: of l_j^2 */
    int64_t *line;      /* width: of l_j */
    int64_t *slope;     /* width: sum over i != j of the coefficients times l_i (pairs: a G l) */
    int64_t quad_error, line_error; /* of the two parts of a value */
    int64_t limit[2];               /* P beta -+ c g_0, rounded down */
    int64_t value, linear, norm;    /* at the present l */
    int64_t *level, *digit, *direction;
    size_t *focus;
    int64_t *root; /* by N, rounded down */
} count;

/* GMP takes whole numbers as long. */
bool zv_can_count(void)
{
    return sizeof(wide) >= 16 && sizeof(long) >= sizeof(int64_t);
}

/* The levels of a weight are -highest, .., highest, step apart. */
int64_t zv_highest_level(const zv_claim *c)
{
    return c->set == ZV_SET_BITS ? (INT64_C(1) << c->bits) - 1 : 1;
}

static int64_t step_of(const zv_claim *c)
{
    return c->set == ZV_SET_TERNARY ? 1 : 2;
}

double zv_count_size(const zv_claim *c)
{
    double levels = 2.0 * (double)zv_highest_level(c) / (double)step_of(c) + 1.0;
    return pow(levels, (double)c->width - (c->set == ZV_SET_BILINEAR ? 1 : 0));
}

/* ---- coefficients ---------------------------------------------------------------------------- */

/* x 2^shift, rounded down; what does not fit is a fault of this program. */
static int64_t rounded(const mpz_t x, long shift)
{
    mpz_t y;
    mpz_init(y);
    if (shift >= 0)
        mpz_mul_2exp(y, x, (mp_bitcnt_t)shift);
    else
        mpz_fdiv_q_2exp(y, x, (mp_bitcnt_t)-shift);
    if (!mpz_fits_slong_p(y)) abort();
    int64_t value = mpz_get_si(y);
    mpz_clear(y);
    return value;
}

/* gram, lower triangle: each entry times its coefficient of the activation, and twice that off the
 * diagonal of G but for pairs; in units of 2^-(4 unit). */
static void activate(const zv_claim *c, mpz_t *gram, size_t order)
{
    mpz_t factor;
    mpz_init(factor);
    for (size_t i = 0; i < order; i++)
        for (size_t j = 0; j <= i; j++) {
            bool twice = i < c->width && j < i && c->set != ZV_SET_BILINEAR;
            double a = c->activation[i < c->width ? 0 : j < c->width ? 1 : 2];
            zv_scaled(factor, a, c->session->unit);
            mpz_mul(gram[i * order + j], gram[i * order + j], factor);
            if (twice) mpz_mul_2exp(gram[i * order + j], gram[i * order + j], 1);
        }
    mpz_clear(factor);
}

/* The shift by which all sums of coefficients times levels fit. */
static long shift_for(const count *k, mpz_t *form, size_t order)
{
    size_t w = k->width;
    unsigned long high = (unsigned long)zv_highest_level(k->claim);
    long norm_bits = 0, bits = SUM_BITS;
    mpz_t sum, size;
    mpz_init_set_ui(sum, 1);
    mpz_init(size);
    for (size_t i = 0; i < order; i++)
        for (size_t j = 0; j <= i && j < w; j++) {
            mpz_abs(size, form[i * order + j]);
            mpz_addmul_ui(sum, size, 2 * high * (i < w ? high : 1)); /* pairs: both triangles */
        }
    while ((w * high * high) >> norm_bits)
        norm_bits++;
    if (bits > ALL_BITS - norm_bits) bits = ALL_BITS - norm_bits;
    long shift = bits - (long)mpz_sizeinbase(sum, 2);
    mpz_clears(sum, size, NULL);
    return shift;
}

/* P beta times `times` -+ corner, rounded down; clamped to what no sum of coefficients reaches. */
static int64_t limit_of(const zv_claim *c, mpz_srcptr corner, int sign, unsigned long times,
                        long shift)
{
    const long most = (long)(INT64_C(1) << SUM_BITS);
    mpz_t limit;
    mpz_init(limit);
    zv_scaled(limit, c->beta, 4 * c->session->unit);
    mpz_mul_ui(limit, limit, c->patches);
    mpz_mul_ui(limit, limit, times);
    if (corner && sign > 0) mpz_sub(limit, limit, corner);
    if (corner && sign < 0) mpz_add(limit, limit, corner);
    if (shift >= 0)
        mpz_mul_2exp(limit, limit, (mp_bitcnt_t)shift);
    else
        mpz_fdiv_q_2exp(limit, limit, (mp_bitcnt_t)-shift);
    int64_t value = mpz_cmp_si(limit, most) > 0    ? most
                    : mpz_cmp_si(limit, -most) < 0 ? -most
                                                   : mpz_get_si(limit);
    mpz_clear(limit);
    return value;
}

static void round_form(count *k, mpz_t *form, size_t order)
{
    const zv_claim *c = k->claim;
    size_t w = k->width, high = (size_t)zv_highest_level(c);
    bool pairs = c->set == ZV_SET_BILINEAR;
    long shift = shift_for(k, form, order);
    for (size_t i = 0; i < w; i++) {
        for (size_t j = 0; j <= i; j++)
            k->row[i * w + j] = k->row[j * w + i] =
                step_of(c) * rounded(form[i * order + j], shift);
        k->square[i] = rounded(form[i * order + i], shift);
        k->line[i] = order > w ? rounded(form[w * order + i], shift) : 0;
    }
    k->quad_error = (int64_t)(w * w * high * high);
    k->line_error = order > w ? (int64_t)(w * high) : 0;
    for (int side = 0; side < 2; side++)
        k->limit[side] = limit_of(c, order > w ? form[order * order - 1] : NULL, side ? -1 : 1,
                                  pairs ? w : 1, shift);
}

/* ---- the walk -------------------------------------------------------------------------------- */

static void fill_roots(count *k, size_t most)
{
    mpz_t square;
    mpz_init(square);
    for (size_t n = 0; n <= most; n++) {
        mpz_set_ui(square, n);
        mpz_mul_2exp(square, square, 2 * ROOT_UNIT);
        mpz_sqrt(square, square);
        k->root[n] = mpz_get_si(square);
    }
    mpz_clear(square);
}

/* All weights at their lowest level (pairs: the last is 1), and what belongs to it. */
static void start(count *k)
{
    const zv_claim *c = k->claim;
    size_t w = k->width;
    int64_t step = step_of(c);
    k->value = k->linear = k->norm = 0;
    for (size_t j = 0; j < w; j++) {
        k->level[j] = j < k->free ? -zv_highest_level(c) : 1;
        k->digit[j] = 0;
        k->direction[j] = 1;
    }
    for (size_t j = 0; j <= w; j++)
        k->focus[j] = j;
    for (size_t j = 0; j < w; j++) {
        k->slope[j] = 0;
        for (size_t i = 0; i < w; i++)
            if (i != j || c->set == ZV_SET_BILINEAR)
                k->slope[j] += k->row[i * w + j] / step * k->level[i];
        for (size_t i = 0; i < j; i++)
            k->value += k->row[i * w + j] / step * k->level[i] * k->level[j];
        k->value += k->square[j] * k->level[j] * k->level[j];
        k->linear += k->line[j] * k->level[j];
        k->norm += k->level[j] * k->level[j];
    }
}

/* Weight j goes one level in its direction. */
static void move(count *k, size_t j)
{
    size_t w = k->width;
    int64_t step = step_of(k->claim) * k->direction[j], before = k->level[j];
    const int64_t *row = k->row + j * w;
    int64_t own = k->slope[j];
    k->level[j] += step;
    if (k->direction[j] > 0)
        for (size_t i = 0; i < w; i++)
            k->slope[i] += row[i];
    else
        for (size_t i = 0; i < w; i++)
            k->slope[i] -= row[i];
    if (k->claim->set == ZV_SET_BILINEAR) return;
    k->slope[j] = own;
    int64_t square = k->level[j] * k->level[j] - before * before;
    k->value += step * own + k->square[j] * square;
    k->linear += k->line[j] * step;
    k->norm += square;
}

/* Goes to the next neuron; false where all have been seen.  At an end of its levels a weight turns,
 * and the next one's turn comes. */
static bool advance(count *k, int64_t levels)
{
    size_t j = k->focus[0];
    k->focus[0] = 0;
    if (j >= k->free) return false;
    move(k, j);
    k->digit[j] += k->direction[j];
    if (k->digit[j] != 0 && k->digit[j] != levels - 1) return true;
    k->direction[j] = -k->direction[j];
    k->focus[j] = k->focus[j + 1];
    k->focus[j + 1] = j + 1;
    return true;
}

/* ZV_PROVEN, ZV_REFUTED or, in between, ZV_NOT_PROVEN for the present neuron. */
static zv_verdict judge_pair(const count *k)
{
    wide sum = 0;
    for (size_t i = 0; i < k->width; i++)
        sum += k->slope[i] < 0 ? -k->slope[i] : k->slope[i];
    if (sum + k->quad_error <= k->limit[0]) return ZV_PROVEN;
    return sum - k->quad_error > k->limit[0] + 1 ? ZV_REFUTED : ZV_NOT_PROVEN;
}

static zv_verdict judge_neuron(const count *k)
{
    if (k->norm == 0) return ZV_PROVEN; /* no neuron */
    const wide unit = (wide)1 << ROOT_UNIT;
    int64_t root = k->root[k->norm], size = k->linear < 0 ? -k->linear : k->linear;
    wide left = k->value * unit + (wide)k->linear * root;
    wide error = k->quad_error * unit + size + (wide)k->line_error * (root + 1);
    wide right[2] = {(wide)k->limit[0] * k->norm * unit, (wide)k->limit[1] * k->norm * unit};
    if (left + error <= right[0] && error - left <= right[1]) return ZV_PROVEN;
    wide more = k->norm * unit; /* limits were rounded down */
    bool above = left - error > right[0] + more || -left - error > right[1] + more;
    return above ? ZV_REFUTED : ZV_NOT_PROVEN;
}

static void note_neuron(const count *k, zv_verdict verdict, size_t group, size_t output)
{
    char text[200] = "";
    size_t used = 0;
    for (size_t j = 0; j < k->width && used < sizeof text - 12; j++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%d", j ? "," : "",
                                 (int)k->level[j]);
    zv_note(k->claim->session, verdict,
            "the response of neuron %s of group %zu to the dual vector of output %zu %s beta", text,
            group, output,
            verdict == ZV_REFUTED ? "exceeds" : "is too close to be told from one above");
}

static void judge_all(count *k, size_t group, size_t output)
{
    bool pairs = k->claim->set == ZV_SET_BILINEAR;
    int64_t levels = 2 * zv_highest_level(k->claim) / step_of(k->claim) + 1;
    zv_verdict worst = ZV_PROVEN;
    start(k);
    do {
        zv_verdict verdict = pairs ? judge_pair(k) : judge_neuron(k);
        if (verdict > worst) {
            note_neuron(k, verdict, group, output);
            worst = verdict;
        }
    } while (worst < ZV_REFUTED && advance(k, levels));
}

/* ---- all together ---------------------------------------------------------------------------- */

static void count_create(const zv_claim *c, count *k)
{
    size_t w = c->width, norms = w * (size_t)(zv_highest_level(c) * zv_highest_level(c)) + 1;
    *k = (count){.claim = c, .width = w, .free = w - (c->set == ZV_SET_BILINEAR ? 1 : 0)};
    k->row = zv_take(c->session, w * w + 6 * w, sizeof *k->row);
    k->square = k->row + w * w;
    k->line = k->square + w;
    k->slope = k->line + w;
    k->level = k->slope + w;
    k->digit = k->level + w;
    k->direction = k->digit + w;
    k->focus = zv_take(c->session, w + 1, sizeof *k->focus);
    k->root = zv_take(c->session, norms, sizeof *k->root);
    fill_roots(k, norms - 1);
}

void zv_judge_count(const zv_claim *c, zv_number *bound)
{
    bool border = c->activation[1] != 0 || c->activation[2] != 0;
    size_t order = c->width + (border ? 1 : 0), entries = order * order + order;
    count k;
    count_create(c, &k);
    zv_account(c->session, entries, zv_digits_bytes(c->session));
    mpz_t *gram = zv_take(c->session, entries, sizeof *gram), *row = gram + order * order;
    for (size_t e = 0; e < entries; e++)
        mpz_init(gram[e]);
    for (size_t output = 0; output < c->outputs; output++) {
        const double *v = c->v + output * c->n;
        for (size_t group = 0; group < c->groups; group++) {
            zv_form_gram(c, v, group, order, gram, row);
            activate(c, gram, order);
            round_form(&k, gram, order);
            judge_all(&k, group, output);
        }
        zv_add_dual_value(c, output, v, bound);
    }
    for (size_t e = 0; e < entries; e++)
        mpz_clear(gram[e]);
    zv_need(c->lower, ZV_AT_MOST, bound, "the claimed lower bound exceeds the dual value");
}
