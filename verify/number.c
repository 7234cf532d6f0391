/* Arithmetic of enclosures. */
#include "number.h"

#include <fenv.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- doubles --------------------------------------------------------------------------------- */

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

/* The longest numbers are sums of terms a (x . u / |u|)^2 alpha w: seven doubles, each of unit
 * digits behind the point and bits before it, and roots, each of ZV_ROOT_BITS behind it. */
size_t zv_digits_bytes(const zv_session *s)
{
    return (7 * (size_t)(s->unit + s->bits) + 2 * ZV_ROOT_BITS + 100) / 8;
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

/* ---- exact operations ------------------------------------------------------------------------ */

static zv_number *temporary(zv_session *s)
{
    if (s->used == ZV_TEMPORARIES) abort(); /* a fault of this program */
    return &s->temporary[s->used++];
}

void zv_set(zv_number *out, const zv_number *x)
{
    mpq_set(out->low, x->low);
    mpq_set(out->high, x->high);
}

bool zv_is_exact(const zv_number *x)
{
    return mpq_equal(x->low, x->high) != 0;
}

zv_number *zv_real(zv_session *s, double x)
{
    zv_number *out = temporary(s);
    mpq_set_d(out->low, x);
    mpq_set(out->high, out->low);
    return out;
}

zv_number *zv_whole(zv_session *s, const mpz_t x, int unit)
{
    zv_number *out = temporary(s);
    mpq_set_z(out->low, x);
    mpq_div_2exp(out->low, out->low, (mp_bitcnt_t)unit);
    mpq_set(out->high, out->low);
    return out;
}

void zv_increase(zv_number *sum, const zv_number *term)
{
    mpq_add(sum->low, sum->low, term->low);
    mpq_add(sum->high, sum->high, term->high);
}

zv_number *zv_add(const zv_number *a, const zv_number *b)
{
    zv_number *out = temporary(a->session);
    zv_set(out, a);
    zv_increase(out, b);
    return out;
}

zv_number *zv_sub(const zv_number *a, const zv_number *b)
{
    zv_number *out = temporary(a->session);
    mpq_sub(out->low, a->low, b->high);
    mpq_sub(out->high, a->high, b->low);
    return out;
}

/* A product is least and greatest at ends of its factors. */
zv_number *zv_mul(const zv_number *a, const zv_number *b)
{
    zv_number *out = temporary(a->session), *product = temporary(a->session);
    mpq_srcptr of_a[] = {a->low, a->high}, of_b[] = {b->low, b->high};
    int ends_a = zv_is_exact(a) ? 1 : 2, ends_b = zv_is_exact(b) ? 1 : 2;
    for (int i = 0; i < ends_a; i++) {
        for (int k = 0; k < ends_b; k++) {
            bool first = i + k == 0;
            mpq_mul(product->low, of_a[i], of_b[k]);
            if (first || mpq_cmp(product->low, out->low) < 0) mpq_set(out->low, product->low);
            if (first || mpq_cmp(product->low, out->high) > 0) mpq_set(out->high, product->low);
        }
    }
    return out;
}

zv_number *zv_div(const zv_number *a, const zv_number *b)
{
    zv_number *inverse = temporary(a->session);
    if (mpq_sgn(b->low) * mpq_sgn(b->high) <= 0) abort(); /* a fault of this program */
    mpq_inv(inverse->low, b->high);
    mpq_inv(inverse->high, b->low);
    return zv_mul(a, inverse);
}

zv_number *zv_min(const zv_number *a, const zv_number *b)
{
    zv_number *out = temporary(a->session);
    mpq_set(out->low, mpq_cmp(a->low, b->low) < 0 ? a->low : b->low);
    mpq_set(out->high, mpq_cmp(a->high, b->high) < 0 ? a->high : b->high);
    return out;
}

zv_number *zv_max(const zv_number *a, const zv_number *b)
{
    zv_number *out = temporary(a->session);
    mpq_set(out->low, mpq_cmp(a->low, b->low) > 0 ? a->low : b->low);
    mpq_set(out->high, mpq_cmp(a->high, b->high) > 0 ? a->high : b->high);
    return out;
}

zv_number *zv_abs(const zv_number *x)
{
    zv_number *zero = zv_real(x->session, 0);
    return zv_max(zero, zv_max(x, zv_sub(zero, x)));
}

/* ---- rounded operations ---------------------------------------------------------------------- */

/* out = x^(p/q) to a multiple of 2^-ZV_ROOT_BITS on that side, exact where it is one; x >= 0 or
 * q = 1.  The q-th root y of the whole part of x^p 2^(q ZV_ROOT_BITS), itself cut to a whole
 * number, is the whole part of x^(p/q) 2^ZV_ROOT_BITS: whole numbers are at most a number if they
 * are at most its whole part. */
static void round_power(mpq_t out, const mpq_t x, uint32_t p, uint32_t q, int side)
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

zv_number *zv_power(const zv_number *x, uint32_t p, uint32_t q)
{
    zv_number *out = temporary(x->session);
    round_power(out->low, x->low, p, q, -1);
    round_power(out->high, x->high, p, q, 1);
    return out;
}

zv_number *zv_round(const zv_number *x)
{
    return zv_power(x, 1, 1);
}

/* 1 - 1/z <= log z <= z - 1 for every z > 0; with z the 2^64th root of x, 2^64 times that encloses
 * log x, up to about (log x)^2 2^-64. */
zv_number *zv_log(const zv_number *x)
{
    zv_session *s = x->session;
    zv_number *out = temporary(s), *one = zv_real(s, 1), *z = zv_power(x, 1, 2);
    for (int k = 1; k < 64; k++) {
        size_t before = s->used;
        zv_set(z, zv_power(z, 1, 2));
        s->used = before;
    }
    mpq_set(out->low, zv_sub(one, zv_div(one, z))->low);
    mpq_set(out->high, zv_sub(z, one)->high);
    return zv_mul(out, zv_real(s, 0x1p64));
}

/* 1 - t <= exp(-t) <= 1 / (1 + t) for t = x / 2^64 >= 0; 64 squarings make exp(-x) of it. */
zv_number *zv_exp_minus(const zv_number *x)
{
    zv_session *s = x->session;
    zv_number *out = temporary(s), *one = zv_real(s, 1), *t = zv_mul(x, zv_real(s, 0x1p-64));
    mpq_set(out->low, zv_max(zv_real(s, 0), zv_sub(one, t))->low);
    mpq_set(out->high, zv_div(one, zv_add(one, t))->high);
    for (int k = 0; k < 64; k++) {
        size_t before = s->used;
        zv_set(out, zv_round(zv_mul(out, out)));
        s->used = before;
    }
    return out;
}

/* ---- inequalities ---------------------------------------------------------------------------- */

bool zv_at_most(const zv_number *a, const zv_number *b)
{
    return mpq_cmp(a->high, b->low) <= 0;
}

void zv_need(double claimed, int side, const zv_number *bound, const char *sentence)
{
    zv_session *s = bound->session;
    size_t before = s->used;
    const zv_number *claim = zv_real(s, claimed);
    const zv_number *excess = side == ZV_AT_MOST ? zv_sub(claim, bound) : zv_sub(bound, claim);
    if (mpq_sgn(excess->low) > 0)
        zv_note(s, ZV_REFUTED, "%s by %.3e", sentence, mpq_get_d(excess->low));
    else if (mpq_sgn(excess->high) > 0)
        zv_note(s, ZV_NOT_PROVEN, "%s by %.3e", sentence, mpq_get_d(excess->high));
    s->used = before;
}
