/*
 * Numbers, each enclosed between two rationals of GMP.
 *
 * Doubles, and their sums, products and quotients, are exact: both ends are the same.  Roots and
 * logarithms are rounded outwards.  An inequality that holds between enclosures holds between the
 * numbers, and where enclosures overlap the answer is "not proven".
 *
 * Numbers that functions return are temporary: they last until the caller sets session->used back
 * to what it was before, which every loop over samples does.
 */
#ifndef ZV_NUMBER_H
#define ZV_NUMBER_H

#include "session.h"

#include <gmp.h>

#define ZV_ROOT_BITS 256   /* behind the point, of what is rounded */
#define ZV_TEMPORARIES 256 /* more than any expression of this program has */

typedef struct zv_number {
    zv_session *session;
    mpq_t low, high;
} zv_number;

/* x, once s->unit and s->bits cover it, too.  Every double that is read goes through here. */
double zv_seen(zv_session *s, double x);
/* out = x 2^unit, which must be whole. */
void zv_scaled(mpz_t out, double x, int unit);

/* Room for the digits of the longest number that a proof makes of what was read. */
size_t zv_digits_bytes(const zv_session *s);

/* count zeros that last, with room for the digits accounted for. */
zv_number *zv_numbers(zv_session *s, size_t count);
void zv_set(zv_number *out, const zv_number *x);
void zv_increase(zv_number *sum, const zv_number *term);

zv_number *zv_real(zv_session *s, double x);
zv_number *zv_whole(zv_session *s, const mpz_t x, int unit); /* x 2^-unit */
zv_number *zv_add(const zv_number *a, const zv_number *b);
zv_number *zv_sub(const zv_number *a, const zv_number *b);
zv_number *zv_mul(const zv_number *a, const zv_number *b);
zv_number *zv_div(const zv_number *a, const zv_number *b); /* b is not 0 */
zv_number *zv_min(const zv_number *a, const zv_number *b);
zv_number *zv_max(const zv_number *a, const zv_number *b);
zv_number *zv_abs(const zv_number *x);
zv_number *zv_round(const zv_number *x); /* to multiples of 2^-ZV_ROOT_BITS */
zv_number *zv_power(const zv_number *x, uint32_t p, uint32_t q); /* x^(p/q), x >= 0 */
zv_number *zv_log(const zv_number *x);                           /* x >= 1 */
zv_number *zv_exp_minus(const zv_number *x);                     /* exp(-x), x >= 0 */

bool zv_is_exact(const zv_number *x);
/* Whether a <= b is certain. */
bool zv_at_most(const zv_number *a, const zv_number *b);
/* Notes the sentence, and by how much, unless claimed <= bound (ZV_AT_MOST), or claimed >= bound:
 * refuted, or not proven where the bound's enclosure leaves it open. */
enum { ZV_AT_LEAST = 1, ZV_AT_MOST = -1 };
void zv_need(double claimed, int side, const zv_number *bound, const char *sentence);

/* The double next to x on that side (-1: below, 1: above), x itself where it is one. */
double zv_double(const mpq_t x, int side);
/* Writes the double x in decimal, to 17 digits, rounded to that side: the text, too, is a bound. */
#define ZV_DECIMAL_SIZE 40
void zv_decimal(char out[ZV_DECIMAL_SIZE], double x, int side);

#endif
