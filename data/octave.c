/* Measured series in the comments of Octave's tests ("%! U = [ 1 2"): of the package control. */
#include "base/bytes.h"
#include "base/memory.h"
#include "base/number.h"
#include "data/catalogue_read.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A matrix as it stands, row by row. */
typedef struct block {
    double *values;
    size_t capacity, count, columns;
    bool by_column; /* "(:)" behind it: one column, the matrix read column by column */
} block;

/* Past "U = [", "Y = [" or "UY = [" at the start of a test's line; NULL: no such line. */
static const char *opens(const char *line)
{
    if (strncmp(line, "%!", 2) != 0) return NULL;
    line += 2 + strspn(line + 2, " ");
    size_t name = strspn(line, "UY");
    if (name == 0 || name > 2) return NULL;
    line += name + strspn(line + name, " ");
    if (*line != '=') return NULL;
    line += 1 + strspn(line + 1, " ");
    return *line == '[' ? line + 1 : NULL;
}

/* The numbers of one line, up to its end or a bracket; false: something else, or no memory. */
static bool read_line(const char **at, block *out)
{
    size_t before = out->count;
    const char *p = *at + strspn(*at, " ");
    while (*p && *p != '\n' && *p != ']') {
        double value;
        const char *end = zg_number_scan(p, &value);
        double *values = zg_grow(out->values, &out->capacity, out->count + 1, sizeof *values);
        if (!end || !values || !isfinite(value)) return false;
        out->values = values;
        values[out->count++] = value;
        p = end + strspn(end, " ");
    }
    *at = p;
    if (out->count == before) return *p == ']';
    if (before == 0) out->columns = out->count;
    return out->count - before == out->columns;
}

/* The matrix behind p; *at is then behind its bracket. */
static bool read_block(const char *p, block *out, const char **at)
{
    while (read_line(&p, out)) {
        if (*p == ']') {
            out->by_column = strncmp(p + 1, "(:)", 3) == 0;
            *at = p + 1;
            return out->count > 0;
        }
        if (strncmp(p, "\n%!", 3) != 0) return false;
        p += 3;
    }
    return false;
}

/* Block number `wanted` (from 0) of the text. */
static bool find_block(const char *text, size_t wanted, block *out)
{
    size_t number = 0;
    for (const char *line = text; *line;) {
        const char *p = opens(line), *end = line;
        if (p) {
            block found = {0};
            bool good = read_block(p, &found, &end);
            if (good && number++ == wanted) {
                *out = found;
                return true;
            }
            free(found.values);
        }
        end += strcspn(end, "\n");
        line = end + (*end == '\n');
    }
    return false;
}

static size_t width_of(const block *b)
{
    return b->by_column ? 1 : b->columns;
}

/* Value in row i and column j of what the block stands for. */
static double value_of(const block *b, size_t i, size_t j)
{
    size_t rows = b->count / b->columns;
    return b->by_column ? b->values[i % rows * b->columns + i / rows]
                        : b->values[i * b->columns + j];
}

static zg_status fill(const zg_catalogue_entry *entry, const block *u, const block *y,
                      const char *path, zg_dataset **out, zg_error *error)
{
    size_t d = entry->inputs, k = entry->targets, skip = u == y ? d : 0;
    bool fits = u->count == entry->rows * width_of(u) && y->count == entry->rows * width_of(y) &&
                width_of(u) == d + (u == y ? k : 0) && width_of(y) == k + skip;
    if (!fits)
        return zg_fail(error, ZG_BAD_INPUT,
                       "%.400s: expected %zu rows of %zu inputs and %zu outputs", path, entry->rows,
                       d, k);
    zg_status status = zg_dataset_alloc(entry->rows, d, k, out, error);
    for (size_t i = 0; status == ZG_OK && i < entry->rows; i++) {
        for (size_t j = 0; j < d; j++)
            (*out)->x[i * d + j] = value_of(u, i, j);
        for (size_t c = 0; c < k; c++)
            (*out)->t[i * k + c] = value_of(y, i, skip + c);
    }
    return status;
}

zg_status zg_read_octave(const zg_catalogue_entry *entry, const char *directory,
                         const zg_image_options *image, zg_dataset **out, zg_error *error)
{
    (void)image;
    zg_bytes bytes = {0};
    block u = {0}, y = {0};
    char *path = zg_format("%s/%s", directory, entry->files[0]), *end;
    zg_status status = path ? zg_bytes_read(path, 0, &bytes, error) : zg_no_memory(error);
    if (status == ZG_OK) {
        const char *text = (const char *)bytes.data;
        size_t inputs = strtoul(entry->object, &end, 10);
        bool one = *end == '\0'; /* inputs and outputs in one block */
        bool found = find_block(text, inputs, &u) &&
                     (one || find_block(text, strtoul(end + 1, NULL, 10), &y));
        status = found
                     ? fill(entry, &u, one ? &u : &y, path, out, error)
                     : zg_fail(error, ZG_BAD_INPUT,
                               "%.400s: the measured series is not where it was documented", path);
    }
    free(u.values);
    free(y.values);
    zg_bytes_clear(&bytes);
    free(path);
    return status;
}
