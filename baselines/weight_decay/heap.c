/* Binary heap of open nodes. */
#include "baselines/weight_decay/heap.h"

#include "base/memory.h"
#include "core/safe.h"

#include <stdlib.h>

zg_status zg_heap_push(zg_heap *heap, double bound, void *node)
{
    zg_heap_entry *bigger =
        zg_grow(heap->entries, &heap->capacity, heap->count + 1, sizeof *bigger);
    if (!bigger) return ZG_NO_MEMORY;
    heap->entries = bigger;
    zg_heap_entry *entries = heap->entries, entry = {zg_lower(bound), node};
    size_t at = heap->count++;
    while (at > 0 && entries[(at - 1) / 2].bound > entry.bound) {
        entries[at] = entries[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    entries[at] = entry;
    return ZG_OK;
}

void *zg_heap_pop(zg_heap *heap, size_t depth_first)
{
    zg_heap_entry *entries = heap->entries, last = entries[--heap->count];
    if (heap->count == 0 || heap->count > depth_first) return last.node; /* a leaf of the heap */
    void *top = entries[0].node;
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= heap->count) break;
        if (child + 1 < heap->count && entries[child + 1].bound < entries[child].bound) child++;
        if (entries[child].bound >= last.bound) break;
        entries[at] = entries[child];
        at = child;
    }
    entries[at] = last;
    return top;
}

double zg_heap_bound(const zg_heap *heap)
{
    return heap->count > 0 ? heap->entries[0].bound : INFINITY;
}

void zg_heap_clear(zg_heap *heap, void (*release)(void *node))
{
    for (size_t i = 0; i < heap->count; i++)
        release(heap->entries[i].node);
    free(heap->entries);
    *heap = (zg_heap){0};
}
