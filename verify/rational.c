/* What GMP's exact rationals lack: formulas, rounding to one side, roots, logarithms, doubles. */
#include "verify.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define ROUND_BITS 512
#define ROOT_BITS 192

void zg_formula(mpq_t out, const char *steps, ...)
{
    mpq_t stack[4];
    int top = -1;
    va_list arguments;
    mpq_inits(stack[0], stack[1], stack[2], stack[3], NULL);
    va_start(arguments, steps);
    for (; *steps; steps++) {
        if (*steps == 'x') mpq_set(stack[++top], va_arg(arguments, mpq_srcptr));
        if (*steps == 'd') mpq_set_d(stack[++top], va_arg(arguments, double));
        if (*steps == '|') mpq_abs(stack[top], stack[top]);
        if (!strchr("+-*/", *steps)) continue;
        mpq_ptr a = stack[--top];
        (*steps == '+'   ? mpq_add
         : *steps == '-' ? mpq_sub
         : *steps == '*' ? mpq_mul
                         : mpq_div)(a, a, stack[top + 1]);
    }
    va_end(arguments);
    mpq_swap(out, stack[0]);
    mpq_clears(stack[0], stack[1], stack[2], stack[3], NULL);
}

/* x = m 2^(result), m an integer of at most 53 bits. */
static long split(double x, int64_t *m)
{
    int e;
    *m = (int64_t)ldexp(frexp(x, &e), 53);
    return e - 53;
}

long zg_exponent(const double *x, size_t count)
{
    long least = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t m;
        long e = split(x[i], &m);
        if (m && e < least) least = e;
    }
    return least;
}

void zg_integer(mpz_t out, double x, long exponent)
{
    int64_t m;
    long e = split(x, &m);
    mpz_set_si(out, m);
    if (m) mpz_mul_2exp(out, out, (mp_bitcnt_t)(e - exponent));
}

/* out = floor (side < 0) or ceiling of x 2^bits; whether that is exact. */
static bool scale(mpz_t out, const mpq_t x, mp_bitcnt_t bits, int side)
{
    mpz_t rest;
    mpz_init(rest);
    mpz_mul_2exp(out, mpq_numref(x), bits);
    (side < 0 ? mpz_fdiv_qr : mpz_cdiv_qr)(out, rest, out, mpq_denref(x));
    bool exact = mpz_sgn(rest) == 0;
    mpz_clear(rest);
    return exact;
}

void zg_round(mpq_t x, int side)
{
    scale(mpq_numref(x), x, ROUND_BITS, side);
    mpz_set_ui(mpq_denref(x), 1);
    mpq_div_2exp(x, x, ROUND_BITS);
}

/* y = floor((x^p0 2^(p1 bits))^(1/p1)) is the floor of the wanted root times 2^bits. */
void zg_power(mpq_t out, const mpq_t x, const uint32_t p[2], int side)
{
    mpz_t y;
    mpz_init(y);
    mpz_pow_ui(mpq_numref(out), mpq_numref(x), p[0]);
    mpz_pow_ui(mpq_denref(out), mpq_denref(x), p[0]);
    bool exact = scale(y, out, (mp_bitcnt_t)ROOT_BITS * p[1], -1);
    exact = mpz_root(y, y, p[1]) != 0 && exact;
    if (side > 0 && !exact) mpz_add_ui(y, y, 1);
    mpq_set_z(out, y);
    mpq_div_2exp(out, out, ROOT_BITS);
    mpz_clear(y);
}

/* ---- logarithms ----------------------------------------------------------------------------- */

#define LOG_BITS 192
#define LOG_TERMS 61
#define LOG_ERROR 1024

/* 2 artanh(num / den) in units of 2^-192, for 0 <= num / den <= 1/3, off by less than LOG_ERROR
 * units: z, z^2 and each power are rounded down, and as they are at most 1/3 no power is off by
 * more than 2 units, no term by more than 3; 61 of them doubled make 366.  The tail is below 3^-123
 * < 2^-194. */
static void artanh_twice(mpz_t out, const mpz_t num, const mpz_t den)
{
    mpz_t power, square, term;
    mpz_inits(power, square, term, NULL);
    mpz_mul_2exp(power, num, LOG_BITS);
    mpz_fdiv_q(power, power, den);
    mpz_mul(square, power, power);
    mpz_fdiv_q_2exp(square, square, LOG_BITS);
    mpz_set_ui(out, 0);
    for (unsigned k = 0; k < LOG_TERMS; k++) {
        mpz_fdiv_q_ui(term, power, 2 * k + 1);
        mpz_addmul_ui(out, term, 2);
        mpz_mul(power, power, square);
        mpz_fdiv_q_2exp(power, power, LOG_BITS);
    }
    mpz_clears(power, square, term, NULL);
}

/* log x, x > 0: with x = m 2^k and 1 <= m <= 2 it is k log 2 + 2 artanh((m - 1) / (m + 1)), where
 * log 2 = 2 artanh(1/3); each off by less than LOG_ERROR, which is then taken to the side. */
static void log_bound(mpq_t out, const mpq_t x, int side)
{
    mpz_t num, den, sum;
    mpz_inits(num, den, sum, NULL);
    long k = (long)mpz_sizeinbase(mpq_numref(x), 2) - (long)mpz_sizeinbase(mpq_denref(x), 2);
    mpz_mul_2exp(num, mpq_numref(x), k < 0 ? (mp_bitcnt_t)-k : 0);
    mpz_mul_2exp(den, mpq_denref(x), k > 0 ? (mp_bitcnt_t)k : 0);
    if (mpz_cmp(num, den) < 0) { /* 1/2 < m < 1 */
        mpz_mul_2exp(num, num, 1);
        k--;
    }
    mpz_sub(num, num, den); /* m = 1 + num / den */
    mpz_mul_2exp(den, den, 1);
    mpz_add(den, den, num);
    artanh_twice(sum, num, den);
    mpz_set_ui(num, 1);
    mpz_set_ui(den, 3);
    artanh_twice(mpq_numref(out), num, den);
    mpz_mul_si(mpq_numref(out), mpq_numref(out), k);
    mpz_add(mpq_numref(out), mpq_numref(out), sum);
    mpz_set_si(sum, side * (labs(k) + 1) * LOG_ERROR);
    mpz_add(mpq_numref(out), mpq_numref(out), sum);
    mpz_set_ui(mpq_denref(out), 1);
    mpq_div_2exp(out, out, LOG_BITS);
    mpz_clears(num, den, sum, NULL);
}

/* -t log t is at least -t times an upper bound of log t, and at least 0. */
void zg_entropy(mpq_t out, const mpq_t t)
{
    mpq_t part, l;
    mpq_inits(part, l, NULL);
    mpq_set(part, t);
    mpq_set_ui(out, 0, 1);
    for (int k = 0; k < 2; k++) {
        if (mpq_sgn(part) > 0) log_bound(l, part, 1);
        if (mpq_sgn(part) > 0 && mpq_sgn(l) < 0) zg_formula(out, "xxx*-", out, part, l);
        zg_formula(part, "dx-", 1.0, part);
    }
    mpq_clears(part, l, NULL);
}

/* log(1 + exp(-t)) = max(-t, 0) + log(1 + exp(-|t|)).  exp is not trusted: the logarithm of its
 * value shows whether that is an upper bound, and 1 always is. */
void zg_softplus(mpq_t out, const mpq_t t)
{
    mpq_t e, l;
    mpq_inits(e, l, NULL);
    double guess = fmax(exp(-fabs(mpq_get_d(t))) * (1 + 0x1p-45), 0x1p-400);
    mpq_set_d(e, guess);
    log_bound(l, e, -1);
    zg_formula(l, "xx|+", l, t);
    zg_formula(e, "dd+", 1.0, mpq_sgn(l) >= 0 ? guess : 1.0);
    log_bound(l, e, 1);
    zg_formula(out, mpq_sgn(t) < 0 ? "xx-" : "x", l, t);
    mpq_clears(e, l, NULL);
}

/* mpq_get_d rounds towards zero; where that is on the wrong side of x, one step further. */
double zg_double(const mpq_t x, int side)
{
    mpq_t off;
    double value = mpq_get_d(x);
    if (!isfinite(value)) return side * (double)INFINITY;
    mpq_init(off);
    zg_formula(off, "dx-", value, x);
    int order = mpq_sgn(off);
    mpq_clear(off);
    return order * side < 0 ? nextafter(value, side * (double)INFINITY) : value;
}
