/* An arena: many small allocations with one lifetime, freed together; for parsed documents. */
#ifndef ZG_BASE_ARENA_H
#define ZG_BASE_ARENA_H

#include <stddef.h>

/* Empty when zero-initialised. */
typedef struct zg_arena {
    struct zg_arena_chunk *chunk; /* the newest, which links to the older ones */
} zg_arena;

/* size zeroed bytes, aligned for any type; NULL when there is no memory. */
void *zg_arena_alloc(zg_arena *arena, size_t size);
/* count zeroed elements, overflow-checked. */
void *zg_arena_array(zg_arena *arena, size_t count, size_t size);
/* A copy of length bytes with a zero byte after them. */
char *zg_arena_copy(zg_arena *arena, const char *text, size_t length);
char *zg_arena_printf(zg_arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void zg_arena_clear(zg_arena *arena);

#endif
