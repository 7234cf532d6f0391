/*
 * Positive semidefiniteness of symmetric matrices of whole numbers, of which only the lower
 * triangle is used.
 */
#include "proof.h"

#include <math.h>

#define EXTRA_BITS 256 /* of the fast tier */

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

static void copy(mpz_t *to, mpz_t *from, size_t order)
{
    for (size_t a = 0; a < order; a++)
        for (size_t b = 0; b <= a; b++)
            mpz_set(to[a * order + b], from[a * order + b]);
}

/* Once a matrix has needed the exact tier, all that follow use it at once: the tier is that of the
 * proof. */
size_t zv_bad_pivot(zv_session *session, mpz_t *s, mpz_t *work, size_t order, mpq_t pivot)
{
    if (!session->exact) {
        copy(work, s, order);
        if (is_semidefinite_fast(work, order)) return order;
    }
    session->exact = true;
    if (is_too_large(session, order)) return ZV_UNDECIDED;
    copy(work, s, order);
    size_t bad = eliminate(work, order, true, mpq_denref(pivot));
    if (bad < order) mpz_set(mpq_numref(pivot), work[bad * order + bad]);
    mpq_canonicalize(pivot);
    return bad;
}

/* What the fast tier proves is definiteness, as its last matrix is strictly dominant.  The exact
 * elimination of a semidefinite matrix leaves its pivots, over positive numbers, on the diagonal.
 */
zv_definiteness zv_is_definite(zv_session *session, mpz_t *s, mpz_t *work, size_t order)
{
    if (!session->exact) {
        copy(work, s, order);
        if (is_semidefinite_fast(work, order)) return ZV_DEFINITE;
    }
    session->exact = true;
    if (is_too_large(session, order)) return ZV_TOO_LARGE;
    mpz_t last;
    mpz_init(last);
    copy(work, s, order);
    bool definite = eliminate(work, order, true, last) == order;
    for (size_t k = 0; k < order && definite; k++)
        definite = mpz_sgn(work[k * order + k]) > 0;
    mpz_clear(last);
    return definite ? ZV_DEFINITE : ZV_INDEFINITE;
}
