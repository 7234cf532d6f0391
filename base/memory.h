/* Memory whose final size is not known in advance. */
#ifndef ZG_BASE_MEMORY_H
#define ZG_BASE_MEMORY_H

#include <stddef.h>

/* The array (NULL at first, *capacity 0), moved where that is necessary, with room for at least
 * `needed` elements of `size` bytes: at least twice what it had, so that n additions cost O(n).
 * NULL when memory ran out or the size overflows: the array and *capacity are then as before. */
void *zg_grow(void *array, size_t *capacity, size_t needed, size_t size);

/* A new text like printf's, the caller's to free; NULL when memory ran out. */
__attribute__((format(printf, 1, 2))) char *zg_format(const char *format, ...);

#endif
