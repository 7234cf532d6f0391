/* Doubles, roots and logarithms, each with a bound on the side that was asked for. */
#include "number.h"

#include <fenv.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* A double other than 0 is a whole number of 53 bits times 2^(e - 53), e as frexp has it. */
double zv_seen(zv_session *s, double x)
{
    int e;
    (void)frexp(x, &e);
    if (53 - e > s->unit) s->unit = 53 - e;
    if (e > s->bits) s->bits = e;
    return x;
}

void zv_scaled(mpz_t out, double x, int unit)
{
    int e;
    mpz_set_d(out, ldexp(frexp(x, &e), 53));
    if (x == 0) return;
    if (e + unit < 53) abort(); /* x was never seen: a fault of this program */
    mpz_mul_2exp(out, out, (mp_bitcnt_t)(e + unit - 53));
}

void zv_set_product(mpq_t out, double a, double b)
{
    mpq_set_d(out, a);
    zv_multiply(out, b);
}

void zv_multiply(mpq_t x, double b)
{
    mpq_t factor;
    mpq_init(factor);
    mpq_set_d(factor, b);
    mpq_mul(x, x, factor);
    mpq_clear(factor);
}

void zv_add(mpq_t sum, double b)
{
    mpq_t term;
    mpq_init(term);
    mpq_set_d(term, b);
    mpq_add(sum, sum, term);
    mpq_clear(term);
}

void zv_add_product(mpq_t sum, const mpq_t a, double b)
{
    mpq_t product;
    mpq_init(product);
    mpq_set_d(product, b);
    mpq_mul(product, product, a);
    mpq_add(sum, sum, product);
    mpq_clear(product);
}

/* The q-th root y of the whole part of x^p 2^(q ZV_ROOT_BITS), itself cut to a whole number, is the
 * whole part of x^(p/q) 2^ZV_ROOT_BITS: whole numbers are at most a number if they are at most its
 * whole part.  (For q = 1, no root is taken, and x may be negative.) */
void zv_power(mpq_t out, const mpq_t x, uint32_t p, uint32_t q, int side)
{
    mpz_t y;
    mpz_init(y);
    mpz_pow_ui(mpq_numref(out), mpq_numref(x), p);
    mpz_pow_ui(mpq_denref(out), mpq_denref(x), p);
    mpq_mul_2exp(out, out, (mp_bitcnt_t)ZV_ROOT_BITS * q);
    bool exact = mpz_cmp_ui(mpq_denref(out), 1) == 0;
    mpz_fdiv_q(y, mpq_numref(out), mpq_denref(out));
    if (mpz_root(y, y, q) == 0) exact = false;
    if (side > 0 && !exact) mpz_add_ui(y, y, 1);
    mpq_set_z(out, y);
    mpq_div_2exp(out, out, ZV_ROOT_BITS);
    mpz_clear(y);
}

/* log z <= z - 1 for every z > 0.  With z the 2^64th root of x, rounded up, log x <= 2^64 (z - 1);
 * it is off by about (log x)^2 2^-65. */
void zv_log_above(mpq_t out, const mpq_t x)
{
    mpq_set(out, x);
    for (int k = 0; k < 64; k++)
        zv_power(out, out, 1, 2, 1);
    zv_add(out, -1);
    mpq_mul_2exp(out, out, 64);
}

/* exp(x / 2^64) >= 1 + x / 2^64, so that exp(-x) <= (1 + x / 2^64)^(-2^64): 64 squarings, each
 * rounded up. */
void zv_exp_minus_above(mpq_t out, const mpq_t x)
{
    mpq_div_2exp(out, x, 64);
    zv_add(out, 1);
    mpq_inv(out, out);
    for (int k = 0; k < 64; k++) {
        mpq_mul(out, out, out);
        zv_power(out, out, 1, 1, 1);
    }
}

/* mpq_get_d rounds towards zero; where that is on the wrong side of x, one step further. */
double zv_double(const mpq_t x, int side)
{
    mpq_t rounded;
    double value = mpq_get_d(x);
    if (!isfinite(value)) return side * (double)INFINITY;
    mpq_init(rounded);
    mpq_set_d(rounded, value);
    int order = mpq_cmp(rounded, x);
    mpq_clear(rounded);
    return order * side < 0 ? nextafter(value, side * (double)INFINITY) : value;
}

/* Conversions honour the rounding direction (C17, F.5). */
void zv_decimal(char out[ZV_DECIMAL_SIZE], double x, int side)
{
    int direction = fegetround();
    if (fesetround(side > 0 ? FE_UPWARD : FE_DOWNWARD) != 0) abort();
    snprintf(out, ZV_DECIMAL_SIZE, "%.17g", x);
    fesetround(direction);
}
