/* Checkpoints of a branch and bound.  The input is what stands between the first line, which names
 * the problem, and the last one, which has the digest of all before it: a fuzzer would find
 * neither.  It is also read as it is. */
#include "baselines/weight_decay/checkpoint.h"
#include "tests/fuzz/fuzz.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COLUMNS 3

static const zg_decay_problem *the_problem(void)
{
    static const double phi[] = {1, 2, 3, 4, 5, 6}, y[] = {1, 2};
    static const zg_decay_problem problem = {.rows = 2,
                                             .columns = COLUMNS,
                                             .phi = phi,
                                             .y = y,
                                             .loss = ZG_LOSS_SQUARED,
                                             .lambda = 1,
                                             .power = 0.5};
    return &problem;
}

/* The first line of every checkpoint of the problem. */
static const char *first_line(void)
{
    static char line[64];
    if (line[0]) return line;
    char path[64];
    double w[COLUMNS] = {0};
    zg_decay_state state = {.w = w, .radius = 1};
    zg_heap heap = {0};
    zg_error error;
    snprintf(path, sizeof path, "/dev/shm/zerogap-fuzz-%d", (int)getpid());
    fuzz_demand(zg_decay_checkpoint_write(path, the_problem(), &state, &heap, &error) == ZG_OK,
                "a checkpoint that is not written");
    FILE *file = fopen(path, "re");
    fuzz_demand(file && fgets(line, sizeof line, file), "a checkpoint without a line");
    fclose(file);
    unlink(path);
    return line;
}

static void check_state(const zg_decay_state *state, const zg_heap *heap)
{
    fuzz_demand(isfinite(state->objective) && state->objective >= 0, "an objective that is none");
    fuzz_demand(state->pruned_bound >= 0, "a bound that is none");
    fuzz_demand(isfinite(state->radius) && state->radius > 0, "a radius that is none");
    for (size_t i = 0; i < heap->count; i++) {
        const zg_decay_node *node = heap->entries[i].node;
        fuzz_demand(isfinite(node->bound) && node->bound >= 0, "a node without a bound");
        for (size_t k = 0; k < COLUMNS; k++)
            fuzz_demand(isfinite(node->lower[k]) && node->lower[k] <= node->upper[k], "no box");
    }
}

static void try_file(const void *content, size_t size)
{
    double w[COLUMNS];
    zg_decay_state state = {.w = w};
    zg_heap heap = {0};
    zg_error error = {0};
    zg_status status =
        zg_decay_checkpoint_read(fuzz_file(content, size), the_problem(), 4, &state, &heap, &error);
    if (status == ZG_OK)
        check_state(&state, &heap);
    else
        fuzz_refusal(status, &error);
    zg_heap_clear(&heap, zg_decay_node_free);
}

/* FNV-1a, as the last line has it. */
static uint64_t digest(const char *bytes, size_t size)
{
    uint64_t sum = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < size; i++)
        sum = (sum ^ (unsigned char)bytes[i]) * UINT64_C(1099511628211);
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    const char *first = first_line();
    size_t head = strlen(first), body = head + size;
    char *text = malloc(body + 64);
    fuzz_demand(text != NULL, "no memory");
    memcpy(text, first, head);
    memcpy(text + head, input, size);
    int tail = snprintf(text + body, 64, "end %016llx\n", (unsigned long long)digest(text, body));
    try_file(text, body + (size_t)tail);
    free(text);
    try_file(input, size);
    return 0;
}
