/* Memory, limits and verdict of one run. */
#include "session.h"

#include "number.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct zv_block {
    struct zv_block *next;
    size_t numbers; /* how many of them the data are */
    max_align_t data[];
} zv_block;

void zv_account(zv_session *s, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > s->memory_limit - s->memory_used)
        zv_stop(s, ZV_BAD_FILE, "the files ask for more than %zu MiB of memory",
                s->memory_limit >> 20);
    s->memory_used += bytes;
}

void *zv_take(zv_session *s, size_t count, size_t size)
{
    zv_account(s, count, size);
    zv_block *block = calloc(1, sizeof *block + count * size);
    if (!block) zv_stop(s, ZV_BAD_FILE, "out of memory");
    block->next = s->blocks;
    s->blocks = block;
    return block->data;
}

zv_number *zv_numbers(zv_session *s, size_t count)
{
    zv_account(s, count, 4 * zv_digits_bytes(s));
    zv_number *numbers = zv_take(s, count, sizeof *numbers);
    for (size_t k = 0; k < count; k++) {
        numbers[k].session = s;
        mpq_inits(numbers[k].low, numbers[k].high, NULL);
    }
    s->blocks->numbers = count;
    return numbers;
}

void zv_release(zv_session *s)
{
    while (s->blocks) {
        zv_block *block = s->blocks;
        zv_number *numbers = (zv_number *)block->data;
        for (size_t k = 0; k < block->numbers; k++)
            mpq_clears(numbers[k].low, numbers[k].high, NULL);
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
