/* Memory whose final size is not known in advance. */
#include "base/memory.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define FIRST_CAPACITY 16

void *zg_grow(void *array, size_t *capacity, size_t needed, size_t size)
{
    if (array && needed <= *capacity) return array;
    size_t wanted = *capacity ? *capacity : FIRST_CAPACITY;
    while (wanted < needed) {
        if (wanted > SIZE_MAX / 2) return NULL;
        wanted *= 2;
    }
    size_t bytes;
    if (__builtin_mul_overflow(wanted, size, &bytes) || bytes > SIZE_MAX / 2) return NULL;
    void *moved = realloc(array, bytes ? bytes : 1);
    if (moved) *capacity = wanted;
    return moved;
}

char *zg_format(const char *format, ...)
{
    char *text;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    return length < 0 ? NULL : text;
}
