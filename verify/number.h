/* What GMP's exact rationals lack: doubles, roots and logarithms with bounds on a side.
 * side = 1 asks for an upper bound, side = -1 for a lower one. */
#ifndef ZV_NUMBER_H
#define ZV_NUMBER_H

#include "session.h"

#define ZV_ROOT_BITS 256 /* behind the point, of what is rounded */

/* x, once s->unit and s->bits cover it, too.  Every double that is read goes through here. */
double zv_seen(zv_session *s, double x);
/* out = x 2^unit, which must be whole. */
void zv_scaled(mpz_t out, double x, int unit);

/* Exactly: out = a b; x *= b; sum += b; sum += a b. */
void zv_set_product(mpq_t out, double a, double b);
void zv_multiply(mpq_t x, double b);
void zv_add(mpq_t sum, double b);
void zv_add_product(mpq_t sum, const mpq_t a, double b);

/* x^(p/q) to a multiple of 2^-ZV_ROOT_BITS, exact where it is one; x >= 0 or q = 1. */
void zv_power(mpq_t out, const mpq_t x, uint32_t p, uint32_t q, int side);
/* Upper bounds of log x, x > 0, and of exp(-x), x >= 0. */
void zv_log_above(mpq_t out, const mpq_t x);
void zv_exp_minus_above(mpq_t out, const mpq_t x);

/* The double next to x on that side, x itself where it is one. */
double zv_double(const mpq_t x, int side);
/* Writes the double x in decimal, to 17 digits, rounded to that side: the text, too, is a bound. */
#define ZV_DECIMAL_SIZE 40
void zv_decimal(char out[ZV_DECIMAL_SIZE], double x, int side);

#endif
