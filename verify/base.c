/* Memory and verdict of the session; what GMP's exact rationals lack: formulas, roots, doubles. */
#include "verify.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BITS 256 /* behind the point, of what is rounded */

typedef struct block {
    struct block *next;
    size_t rationals; /* how many of them the data are */
    max_align_t data[];
} block;

void *zg_take(zg_session *s, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > s->limit - s->used)
        zg_stop(s, ZG_BAD_FILE, "the files ask for more than %zu MiB of memory", s->limit >> 20);
    block *b = calloc(1, sizeof *b + bytes);
    if (!b) zg_stop(s, ZG_BAD_FILE, "out of memory");
    b->next = s->blocks;
    s->blocks = b;
    s->used += bytes;
    return b->data;
}

mpq_t *zg_rationals(zg_session *s, size_t count)
{
    /* The longest are sums of a (x . u / |u|)^2 alpha: so many bits above and below the bar. */
    size_t bits = 6 * (size_t)(s->unit + s->most) + 2 * BITS + 100;
    mpq_t *x = zg_take(s, count, sizeof *x + bits / 4);
    for (block *b = s->blocks; b->rationals < count; b->rationals++)
        mpq_init(x[b->rationals]);
    return x;
}

void zg_release(zg_session *s)
{
    for (block *b = s->blocks, *next; b; b = next) {
        next = b->next;
        for (size_t k = 0; k < b->rationals; k++)
            mpq_clear(((mpq_t *)b->data)[k]);
        free(b);
    }
    s->blocks = NULL;
}

void zg_note(zg_session *s, zg_verdict verdict, const char *format, ...)
{
    va_list arguments;
    if (verdict <= s->verdict) return;
    s->verdict = verdict;
    va_start(arguments, format);
    vsnprintf(s->message, sizeof s->message, format, arguments);
    va_end(arguments);
    for (char *p = s->message; *p; p++)
        *p = *p > 0 && *p < ' ' ? '.' : *p; /* what is quoted may be anything */
}

void zg_compare(zg_session *s, int side, double claimed, const mpq_t bound, zg_verdict verdict,
                const char *sentence)
{
    mpq_t excess;
    mpq_init(excess);
    zg_formula(excess, "dx-", claimed, bound);
    if (mpq_sgn(excess) * side < 0)
        zg_note(s, verdict, "%s by %.3e", sentence, fabs(mpq_get_d(excess)));
    mpq_clear(excess);
}

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

/* A double other than 0 is a whole number of 53 bits times 2^(e - 53), e as frexp has it. */
double zg_seen(zg_session *s, double x)
{
    int e;
    (void)frexp(x, &e);
    if (53 - e > s->unit) s->unit = 53 - e;
    if (e > s->most) s->most = e;
    return x;
}

void zg_integer(mpz_t out, double x, int unit)
{
    int e;
    mpz_set_d(out, ldexp(frexp(x, &e), 53));
    if (x != 0) mpz_mul_2exp(out, out, (mp_bitcnt_t)((long)e + unit - 53));
}

/* y = floor((x^p0 2^(p1 bits))^(1/p1)) is the floor of the wanted root times 2^bits. */
void zg_power(mpq_t out, const mpq_t x, const uint32_t p[2], int side)
{
    mpz_t y;
    mpz_init(y);
    mpz_pow_ui(mpq_numref(out), mpq_numref(x), p[0]);
    mpz_pow_ui(mpq_denref(out), mpq_denref(x), p[0]);
    mpq_mul_2exp(out, out, (mp_bitcnt_t)BITS * p[1]);
    mpz_fdiv_q(y, mpq_numref(out), mpq_denref(out));
    bool exact = mpz_cmp_ui(mpq_denref(out), 1) == 0;
    exact = mpz_root(y, y, p[1]) != 0 && exact;
    if (side > 0 && !exact) mpz_add_ui(y, y, 1);
    mpq_set_z(out, y);
    mpq_div_2exp(out, out, BITS);
    mpz_clear(y);
}

/* mpq_get_d rounds towards zero; where that is on the wrong side of x, one step further. */
double zg_double(const mpq_t x, int side)
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
