/*
 * The cones: that S+ = beta E + rho+ R - T and S- = beta E + rho- R + T are positive semidefinite.
 *
 * Then |sum_i v_i sigma(x_i, u)| <= beta for every unit u: with z = (u, 1), z' E z = 1, z' R z = 0
 * and z' T z is the sum, so that beta -+ the sum = z' S z >= 0.  By weak duality, p* is at least
 * the dual value.
 *
 * Matrices hold whole numbers, in units that make all entries whole; only their lower triangles are
 * used.
 */
#include "proof.h"

#include <math.h>

#define EXTRA_BITS 256 /* of the fast tier */

/* gram = sum of v x x' over the samples and the group's patches, in units of 2^-(3 unit); a border
 * is one more coordinate that is always 1.  row has room for one x. */
static void form_gram(const zv_claim *c, const double *v, size_t group, size_t order, mpz_t *gram,
                      mpz_t *row)
{
    int unit = c->session->unit;
    mpz_t factor;
    mpz_init(factor);
    for (size_t k = 0; k < order * order; k++)
        mpz_set_ui(gram[k], 0);
    for (size_t e = 0; e < c->n * c->patches; e++) {
        size_t i = e / c->patches, patch = group * c->patches + e % c->patches;
        const uint32_t *input = c->inputs + patch * c->width;
        if (v[i] == 0) continue;
        for (size_t a = 0; a < order; a++) {
            zv_scaled(row[a], a < c->width ? c->x[i * c->d + input[a]] : 1, unit);
            zv_scaled(factor, v[i], unit);
            mpz_mul(factor, factor, row[a]);
            for (size_t b = 0; b <= a; b++)
                mpz_addmul(gram[a * order + b], factor, row[b]);
        }
    }
    mpz_clear(factor);
}

/* s = patches S in units of 2^-(4 unit + 1), sign = 1 for S+ and -1 for S-, from the Gram matrix G:
 *
 *   with border     patches T = [a G, (b/2) g; (b/2) g', c g_0],  G = [G, g; g', g_0],
 *                   beta E + rho R = diag(rho, .., rho, beta - rho)
 *   without border  patches T = a G,  b = c = 0,  and beta I in the place of beta E + rho R,
 *                   as z' I z = 1, too: rho is beta. */
static void form_cone(const zv_claim *c, mpz_t *gram, size_t order, int sign, double rho, mpz_t *s)
{
    int unit = c->session->unit;
    mpz_t inner, corner, factor;
    mpz_inits(inner, corner, factor, NULL);
    zv_scaled(inner, rho, unit + 1);
    zv_scaled(corner, c->beta, unit + 1);
    mpz_sub(corner, corner, inner);
    mpz_set_ui(factor, c->patches);
    mpz_mul_2exp(factor, factor, 3 * (mp_bitcnt_t)unit);
    for (size_t a = 0; a < order; a++) {
        for (size_t b = 0; b <= a; b++) {
            mpz_ptr entry = s[a * order + b];
            if (a < c->width)
                zv_scaled(entry, -sign * c->activation[0], unit + 1);
            else if (b < c->width)
                zv_scaled(entry, -sign * c->activation[1], unit); /* b / 2 */
            else
                zv_scaled(entry, -sign * c->activation[2], unit + 1);
            mpz_mul(entry, entry, gram[a * order + b]);
            if (a == b) mpz_addmul(entry, a < c->width ? inner : corner, factor);
        }
    }
    mpz_clears(inner, corner, factor, NULL);
}

/* Whether column k has a number other than 0 below its pivot. */
static bool column_is_used(mpz_t *s, size_t order, size_t k)
{
    for (size_t i = k + 1; i < order; i++) {
        if (mpz_sgn(s[i * order + k]) != 0) return true;
    }
    return false;
}

/* LDL' in whole numbers; s is overwritten.  Returns the first index with a bad pivot, which is a
 * negative one, or a zero one whose column is not zero; order if there is none.
 *
 * exact: the fraction-free elimination (Bareiss 1968).  After step k the entry (i, j) is the minor
 * of the rows and columns eliminated so far with i and j, the pivot of LDL' is entry (k, k) over
 * the last one's, and all divisions leave nothing over: s is positive semidefinite if and only if
 * no pivot is bad.  Otherwise the entry (i, j) is what elimination leaves of it, a quotient's whole
 * part being subtracted in the place of the quotient.
 *
 * last becomes the last pivot, or 1: what the entries are minors over. */
static size_t eliminate(mpz_t *s, size_t order, bool exact, mpz_t last)
{
    mpz_t product;
    mpz_init(product);
    mpz_set_ui(last, 1);
    size_t k = 0;
    for (; k < order; k++) {
        mpz_srcptr pivot = s[k * order + k];
        bool used = column_is_used(s, order, k);
        if (mpz_sgn(pivot) < 0 || (mpz_sgn(pivot) == 0 && used)) break;
        if (!used) continue;
        for (size_t i = k + 1; i < order; i++) {
            for (size_t j = k + 1; j <= i; j++) {
                mpz_ptr entry = s[i * order + j];
                mpz_mul(product, s[i * order + k], s[j * order + k]);
                if (exact)
                    mpz_mul(entry, entry, pivot);
                else
                    mpz_fdiv_q(product, product, pivot);
                mpz_sub(entry, entry, product);
                if (exact) mpz_divexact(entry, entry, last);
            }
        }
        mpz_set(last, pivot);
    }
    mpz_clear(product);
    return k;
}

/* The fast tier: true proves that s is positive semidefinite, false says nothing; s is overwritten.
 *
 * It factors A = 2^EXTRA_BITS s - order^2 I.  Eliminating row k subtracts a_ik a_jk / d_k from
 * a_ij; its whole part is less than that by a number in [0, 1).  So, in the end, A + E = L D L',
 * where E sums these numbers: symmetric, each entry at least 0 and less than order.  If no pivot is
 * bad, D >= 0, and 2^EXTRA_BITS s = L D L' + (order^2 I - E); the last matrix is diagonally
 * dominant, as the rows of E sum to less than order^2. */
static bool is_semidefinite_fast(mpz_t *s, size_t order)
{
    mpz_t last;
    for (size_t a = 0; a < order; a++) {
        for (size_t b = 0; b <= a; b++)
            mpz_mul_2exp(s[a * order + b], s[a * order + b], EXTRA_BITS);
        mpz_sub_ui(s[a * order + a], s[a * order + a], order * order);
    }
    mpz_init(last);
    bool proven = eliminate(s, order, false, last) == order;
    mpz_clear(last);
    return proven;
}

/* About nanoseconds: order^3 / 6 products of minors with up to this many words. */
static bool is_too_large(const zv_session *s, size_t order)
{
    double words = (double)order * (s->unit + s->bits) / 16;
    return pow((double)order, 3) * pow(words, 1.6) > ZV_FACTOR_LIMIT;
}

/* Once a cone has needed the exact tier, all that follow use it at once: the tier is that of the
 * proof.  s is work space. */
static void judge_cone(const zv_claim *c, mpz_t *gram, size_t order, int sign, double rho, mpz_t *s,
                       const char *name)
{
    zv_session *session = c->session;
    if (!session->exact) {
        form_cone(c, gram, order, sign, rho, s);
        if (is_semidefinite_fast(s, order)) return;
    }
    session->exact = true;
    if (is_too_large(session, order)) {
        zv_note(session, ZV_NOT_PROVEN, "%s is too close to singular for its size", name);
        return;
    }
    mpq_t pivot; /* over what it is a minor over */
    mpq_init(pivot);
    form_cone(c, gram, order, sign, rho, s);
    size_t bad = eliminate(s, order, true, mpq_denref(pivot));
    if (bad < order) {
        mpz_set(mpq_numref(pivot), s[bad * order + bad]);
        mpq_canonicalize(pivot);
        mpq_div_2exp(pivot, pivot, 4 * (mp_bitcnt_t)session->unit + 1);
        zv_note(session, ZV_REFUTED, "%s is not positive semidefinite: pivot %zu is %.3e", name,
                bad + 1, zv_double(pivot, 1) / (double)c->patches);
    }
    mpq_clear(pivot);
}

void zv_judge_cones(const zv_claim *c, zv_number *bound)
{
    size_t order = c->width + (c->rho ? 1 : 0), count = 2 * order * order + order;
    zv_account(c->session, count, zv_digits_bytes(c->session));
    mpz_t *gram = zv_take(c->session, count, sizeof *gram);
    mpz_t *s = gram + order * order, *row = s + order * order;
    for (size_t k = 0; k < count; k++)
        mpz_init(gram[k]);
    for (size_t output = 0; output < c->outputs; output++) {
        const double *v = c->v + output * c->n;
        for (size_t group = 0; group < c->groups; group++) {
            form_gram(c, v, group, order, gram, row);
            for (size_t side = 0; side < 2; side++) {
                size_t k = 2 * (output * c->groups + group) + side;
                char name[128];
                snprintf(name, sizeof name, "cone S%c of group %zu, output %zu", side ? '-' : '+',
                         group, output);
                judge_cone(c, gram, order, side ? -1 : 1, c->rho ? c->rho[k] : c->beta, s, name);
            }
        }
        zv_add_dual_value(c, output, v, bound);
    }
    for (size_t k = 0; k < count; k++)
        mpz_clear(gram[k]);
    zv_need(c->lower, ZV_AT_MOST, bound, "the claimed lower bound exceeds the dual value");
}
