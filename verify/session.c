/* Memory, limits and verdict of one run. */
#include "session.h"

#include "number.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct zv_block {
    struct zv_block *next;
    size_t rationals, integers; /* how many of GMP's numbers the data are */
    max_align_t data[];
} zv_block;

static void account(zv_session *s, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > s->memory_limit - s->memory_used)
        zv_stop(s, ZV_BAD_FILE, "the files ask for more than %zu MiB of memory",
                s->memory_limit >> 20);
    s->memory_used += bytes;
}

/* The new block is the first of the list. */
void *zv_take(zv_session *s, size_t count, size_t size)
{
    account(s, count, size);
    zv_block *block = calloc(1, sizeof *block + count * size);
    if (!block) zv_stop(s, ZV_BAD_FILE, "out of memory");
    block->next = s->blocks;
    s->blocks = block;
    return block->data;
}

/* The longest numbers are sums of terms a (x . u / |u|)^2 alpha: six doubles, each of unit digits
 * behind the point and bits before it, and roots, each of ZV_ROOT_BITS behind it. */
static size_t digits_bytes(const zv_session *s)
{
    return (6 * (size_t)(s->unit + s->bits) + 2 * ZV_ROOT_BITS + 100) / 8;
}

mpq_t *zv_rationals(zv_session *s, size_t count)
{
    account(s, count, 2 * digits_bytes(s));
    mpq_t *numbers = zv_take(s, count, sizeof *numbers);
    for (size_t k = 0; k < count; k++)
        mpq_init(numbers[k]);
    s->blocks->rationals = count;
    return numbers;
}

mpz_t *zv_integers(zv_session *s, size_t count)
{
    account(s, count, digits_bytes(s));
    mpz_t *numbers = zv_take(s, count, sizeof *numbers);
    for (size_t k = 0; k < count; k++)
        mpz_init(numbers[k]);
    s->blocks->integers = count;
    return numbers;
}

void zv_release(zv_session *s)
{
    while (s->blocks) {
        zv_block *block = s->blocks;
        for (size_t k = 0; k < block->rationals; k++)
            mpq_clear(((mpq_t *)block->data)[k]);
        for (size_t k = 0; k < block->integers; k++)
            mpz_clear(((mpz_t *)block->data)[k]);
        s->blocks = block->next;
        free(block);
    }
}

/* Control characters in what the message quotes become points. */
static void note(zv_session *s, zv_verdict verdict, const char *format, va_list arguments)
{
    if (verdict <= s->verdict) return;
    s->verdict = verdict;
    vsnprintf(s->message, sizeof s->message, format, arguments);
    for (char *p = s->message; *p; p++) {
        if ((*p > 0 && *p < ' ') || *p == 127) *p = '.';
    }
}

void zv_note(zv_session *s, zv_verdict verdict, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    note(s, verdict, format, arguments);
    va_end(arguments);
}

void zv_stop(zv_session *s, zv_verdict verdict, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    note(s, verdict, format, arguments);
    va_end(arguments);
    longjmp(s->escape, 1);
}

void zv_need(zv_session *s, double claimed, int side, const mpq_t bound, zv_verdict verdict,
             const char *sentence)
{
    mpq_t excess;
    mpq_init(excess);
    mpq_set_d(excess, claimed);
    mpq_sub(excess, excess, bound);
    if (mpq_sgn(excess) == -side)
        zv_note(s, verdict, "%s by %.3e", sentence, fabs(mpq_get_d(excess)));
    mpq_clear(excess);
}
