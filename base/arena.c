/* An arena: many small allocations with one lifetime, freed together; for parsed documents. */
#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_SIZE ((size_t)16 * 1024)
#define ALIGNMENT _Alignof(max_align_t)

struct zg_arena_chunk {
    struct zg_arena_chunk *next;
    size_t used, size;
    max_align_t memory[]; /* size bytes */
};

static struct zg_arena_chunk *add_chunk(zg_arena *arena, size_t size)
{
    struct zg_arena_chunk *chunk = calloc(1, sizeof *chunk + size);
    if (!chunk) return NULL;
    chunk->size = size;
    chunk->next = arena->chunk;
    arena->chunk = chunk;
    return chunk;
}

void *zg_arena_alloc(zg_arena *arena, size_t size)
{
    if (size > SIZE_MAX / 2) return NULL;
    size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    struct zg_arena_chunk *chunk = arena->chunk;
    if (!chunk || chunk->size - chunk->used < size)
        chunk = add_chunk(arena, size > CHUNK_SIZE ? size : CHUNK_SIZE);
    if (!chunk) return NULL;
    void *memory = (char *)chunk->memory + chunk->used;
    chunk->used += size;
    return memory;
}

void *zg_arena_array(zg_arena *arena, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / 2 / size) return NULL;
    return zg_arena_alloc(arena, count * size);
}

char *zg_arena_copy(zg_arena *arena, const char *text, size_t length)
{
    char *copy = length < SIZE_MAX ? zg_arena_alloc(arena, length + 1) : NULL;
    if (copy && length > 0) memcpy(copy, text, length);
    return copy;
}

char *zg_arena_printf(zg_arena *arena, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *text = length < 0 ? NULL : zg_arena_alloc(arena, (size_t)length + 1);
    if (text) vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

void zg_arena_clear(zg_arena *arena)
{
    struct zg_arena_chunk *chunk = arena->chunk;
    while (chunk) {
        struct zg_arena_chunk *next = chunk->next;
        free(chunk);
        chunk = next;
    }
    arena->chunk = NULL;
}
