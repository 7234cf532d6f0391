/* Checkpoint files of a branch and bound. */
#include "baselines/weight_decay/checkpoint.h"

#include "base/formats.h"
#include "base/replace.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define END "end" /* of the file, with the digest of all lines before it */

/* ---- digests ------------------------------------------------------------------------------- */

#define DIGEST_START UINT64_C(14695981039346656037)

static void digest_bytes(uint64_t *digest, size_t count, const char *bytes)
{
    for (size_t i = 0; i < count; i++)
        *digest = (*digest ^ (unsigned char)bytes[i]) * UINT64_C(1099511628211); /* FNV-1a */
}

static void digest_word(uint64_t *digest, uint64_t word)
{
    for (int byte = 0; byte < 8; byte++)
        *digest = (*digest ^ (word >> 8 * byte & 255)) * UINT64_C(1099511628211); /* FNV-1a */
}

static void digest_numbers(uint64_t *digest, size_t count, const double *values)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t word;
        memcpy(&word, values + i, sizeof word);
        digest_word(digest, word);
    }
}

/* Tells problems apart (by accident, not by malice). */
static uint64_t digest_of(const zg_decay_problem *problem)
{
    uint64_t digest = DIGEST_START;
    size_t m = problem->rows, n = problem->columns;
    digest_word(&digest, m);
    digest_word(&digest, n);
    digest_word(&digest, (uint64_t)problem->loss);
    digest_numbers(&digest, 1, &problem->lambda);
    digest_numbers(&digest, 1, &problem->power);
    digest_numbers(&digest, m * n, problem->phi);
    digest_numbers(&digest, m, problem->y);
    if (problem->lower) digest_numbers(&digest, n, problem->lower);
    if (problem->upper) digest_numbers(&digest, n, problem->upper);
    return digest;
}

static void write_numbers(FILE *file, const char *word, size_t count, const double *values)
{
    fputs(word, file);
    for (size_t i = 0; i < count; i++)
        fprintf(file, " %a", values[i]);
    fputc('\n', file);
}

static void write_all(FILE *file, const zg_decay_problem *problem, const zg_decay_state *state,
                      const zg_heap *heap)
{
    size_t n = problem->columns;
    fprintf(file, ZG_CHECKPOINT_FORMAT " %016llx\n", (unsigned long long)digest_of(problem));
    double numbers[4] = {state->objective, state->pruned_bound, state->radius, state->seconds};
    write_numbers(file, "state", 4, numbers);
    fprintf(file, "count %ld %zu\n", state->nodes, heap->count);
    write_numbers(file, "w", n, state->w);
    for (size_t i = 0; i < heap->count; i++) {
        const zg_decay_node *node = heap->entries[i].node;
        fprintf(file, "box %zu %d %a\n", node->depth, node->ranged ? 1 : 0, node->bound);
        write_numbers(file, "lower", n, node->lower);
        write_numbers(file, "upper", n, node->upper);
    }
}

/* All lines in memory, the last one with the digest of those before it; NULL: no memory. */
static char *checkpoint_text(const zg_decay_problem *problem, const zg_decay_state *state,
                             const zg_heap *heap)
{
    char *text = NULL;
    size_t size = 0;
    uint64_t digest = DIGEST_START;
    FILE *memory = open_memstream(&text, &size);
    if (!memory) return NULL;
    write_all(memory, problem, state, heap);
    bool written = fflush(memory) == 0;
    if (written) digest_bytes(&digest, size, text);
    fprintf(memory, END " %016llx\n", (unsigned long long)digest);
    written = !ferror(memory) && written;
    if (fclose(memory) == 0 && written) return text;
    free(text);
    return NULL;
}

zg_status zg_decay_checkpoint_write(const char *path, const zg_decay_problem *problem,
                                    const zg_decay_state *state, const zg_heap *heap,
                                    zg_error *error)
{
    zg_replacement replacement;
    char *text = checkpoint_text(problem, state, heap);
    if (!text) return zg_no_memory(error);
    zg_status status = zg_replace_begin(&replacement, path, error);
    if (status == ZG_OK) {
        (void)fputs(text, replacement.file);
        status = zg_replace_end(&replacement, ZG_OK, error);
    }
    free(text);
    return status;
}

typedef struct zg_reader {
    FILE *file;
    char *line;
    size_t room, number;
    const char *path;
    zg_error *error;
} reader;

static zg_status malformed(const reader *r, const char *expected)
{
    return zg_fail(r->error, ZG_BAD_INPUT, "%s:%zu:1: expected %s, found something else", r->path,
                   r->number, expected);
}

/* The next line, without its first word, which must be `word`. */
static char *read_line(reader *r, const char *word)
{
    ssize_t length = getline(&r->line, &r->room, r->file);
    size_t head = strlen(word);
    r->number++;
    if (length <= 0 || r->line[length - 1] != '\n' || strncmp(r->line, word, head) != 0)
        return NULL;
    r->line[length - 1] = '\0';
    if (r->line[head] != ' ' && r->line[head] != '\0') return NULL;
    return r->line + head;
}

static bool read_number(char **at, double *out)
{
    char *end;
    *out = strtod(*at, &end);
    bool good = end != *at && !isnan(*out);
    *at = end;
    return good;
}

static zg_status read_numbers(reader *r, const char *word, size_t count, double *values)
{
    char *at = read_line(r, word);
    for (size_t i = 0; at && i < count; i++)
        if (!read_number(&at, values + i)) at = NULL;
    if (!at || *at != '\0') return malformed(r, word);
    return ZG_OK;
}

/* Objectives and bounds are finite and not negative. */
static bool is_size(double x)
{
    return x >= 0.0 && isfinite(x);
}

static zg_status read_box(reader *r, size_t columns, size_t basis_size, zg_heap *heap,
                          double *lower, double *upper)
{
    double numbers[3];
    zg_status status = read_numbers(r, "box", 3, numbers);
    if (status == ZG_OK) status = read_numbers(r, "lower", columns, lower);
    if (status == ZG_OK) status = read_numbers(r, "upper", columns, upper);
    if (status != ZG_OK) return status;
    for (size_t k = 0; k < columns; k++)
        if (!(lower[k] <= upper[k] && isfinite(lower[k]) && isfinite(upper[k])))
            return malformed(r, "lower <= upper");
    if (!is_size(numbers[2])) return malformed(r, "a box's bound, finite and not negative");
    zg_decay_node *node = zg_decay_node_create(columns, basis_size, lower, upper);
    if (!node) return zg_no_memory(r->error);
    node->depth = numbers[0] >= 0.0 && numbers[0] < 1e9 ? (size_t)numbers[0] : 0;
    node->ranged = numbers[1] != 0.0;
    node->bound = numbers[2];
    return zg_decay_node_open(node, heap) == ZG_OK ? ZG_OK : zg_no_memory(r->error);
}

static zg_status read_all(reader *r, const zg_decay_problem *problem, size_t basis_size,
                          zg_decay_state *state, zg_heap *heap, double *scratch)
{
    size_t n = problem->columns;
    char digest[24];
    snprintf(digest, sizeof digest, " %016llx", (unsigned long long)digest_of(problem));
    char *rest = read_line(r, ZG_CHECKPOINT_FORMAT);
    if (!rest) return malformed(r, "\"" ZG_CHECKPOINT_FORMAT "\"");
    if (strcmp(rest, digest) != 0) return malformed(r, "the checkpoint of this very problem");
    double numbers[4], counts[2];
    zg_status status = read_numbers(r, "state", 4, numbers);
    if (status == ZG_OK) status = read_numbers(r, "count", 2, counts);
    if (status == ZG_OK) status = read_numbers(r, "w", n, state->w);
    if (status != ZG_OK) return status;
    /* pruned_bound is infinite as long as nothing was pruned. */
    bool sound = is_size(numbers[0]) && numbers[1] >= 0.0 && is_size(numbers[2]) &&
                 numbers[2] > 0.0 && is_size(numbers[3]) && is_size(counts[0]);
    if (!sound) return malformed(r, "objective, bound, radius, seconds and nodes of a search");
    state->objective = numbers[0];
    state->pruned_bound = numbers[1];
    state->radius = numbers[2];
    state->seconds = numbers[3];
    state->nodes = (long)fmin(counts[0], 1e15);
    for (double i = 0; i < counts[1] && status == ZG_OK; i++)
        status = read_box(r, n, basis_size, heap, scratch, scratch + n);
    if (status == ZG_OK && !read_line(r, END)) status = malformed(r, "\"" END "\"");
    return status;
}

/* Reads all lines for their digest and goes back to the first: a file that is cut, or changed
 * anywhere, has another. */
static zg_status check_digest(reader *r)
{
    uint64_t digest = DIGEST_START;
    ssize_t length;
    bool whole = false;
    for (r->number = 1; (length = getline(&r->line, &r->room, r->file)) > 0; r->number++) {
        char expected[32];
        snprintf(expected, sizeof expected, END " %016llx\n", (unsigned long long)digest);
        whole = strcmp(r->line, expected) == 0;
        digest_bytes(&digest, (size_t)length, r->line);
    }
    if (!whole) return malformed(r, "\"" END "\" and the digest of the lines before");
    rewind(r->file);
    r->number = 0;
    return ZG_OK;
}

zg_status zg_decay_checkpoint_read(const char *path, const zg_decay_problem *problem,
                                   size_t basis_size, zg_decay_state *state, zg_heap *heap,
                                   zg_error *error)
{
    reader r = {.file = fopen(path, "re"), .path = path, .error = error};
    if (!r.file) {
        if (errno == ENOENT) return zg_fail(error, ZG_MISSING, "there is no checkpoint %s", path);
        return zg_fail(error, ZG_IO, "cannot read checkpoint %s: %s", path, strerror(errno));
    }
    double *scratch = calloc(2 * problem->columns + 1, sizeof *scratch);
    zg_status status = scratch ? check_digest(&r) : zg_no_memory(error);
    if (status == ZG_OK) status = read_all(&r, problem, basis_size, state, heap, scratch);
    if (status != ZG_OK) zg_heap_clear(heap, zg_decay_node_free);
    free(scratch);
    free(r.line);
    fclose(r.file);
    return status;
}
