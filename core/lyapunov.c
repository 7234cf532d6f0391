/* Lyapunov functions: the map's file, and the certificate's numbers in double precision. */
#include "core/lyapunov.h"

#include "base/bytes.h"
#include "base/formats.h"
#include "base/linalg.h"
#include "base/number.h"
#include "base/replace.h"
#include "core/proof.h"
#include "core/proof_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_BYTES ((size_t)1 << 30)
#define SAFE 1e-9 /* relative; eigenvalues are off by about 1e-13 */

/* ---- the map --------------------------------------------------------------------------------- */

void zg_map_clear(zg_map *map)
{
    free(map->rows);
    *map = (zg_map){0};
}

/* The numbers of one line into row; *count becomes how many there are. */
static zg_status read_line(const char *path, size_t number, char *line, double *row, size_t room,
                           size_t *count, zg_error *error)
{
    *count = 0;
    for (char *field; (field = strsep(&line, ",")) != NULL; ++*count) {
        field += strspn(field, " \t");
        size_t length = strlen(field);
        while (length && strchr(" \t\r", field[length - 1]))
            field[--length] = '\0';
        if (*count == room)
            return zg_fail(error, ZG_BAD_INPUT, "%.400s:%zu: more than %zu columns", path, number,
                           room);
        if (zg_number_classify(field, row + *count) != ZG_NUMBER_FINITE)
            return zg_fail(error, ZG_BAD_INPUT,
                           "%.400s:%zu: expected a number, found \"%.80s\": the map is a table of "
                           "numbers without a header, a row for each state",
                           path, number, field);
    }
    return ZG_OK;
}

static zg_status read_lines(const char *path, char *text, zg_map *out, zg_error *error)
{
    size_t most = ZG_LYAPUNOV_STATES * (ZG_LYAPUNOV_STATES + 3) / 2, capacity = 0, number = 0;
    double *row = zg_doubles(most);
    zg_status status = row ? ZG_OK : zg_no_memory(error);
    for (char *line; status == ZG_OK && (line = strsep(&text, "\n")) != NULL;) {
        size_t count;
        number++;
        if (line[strspn(line, " \t\r")] == '\0') continue;
        status = read_line(path, number, line, row, most, &count, error);
        if (status == ZG_OK && out->states && count != out->columns)
            status = zg_fail(error, ZG_BAD_INPUT, "%.400s:%zu: expected %zu numbers, found %zu",
                             path, number, out->columns, count);
        out->columns = count;
        if (status == ZG_OK && out->states == capacity) {
            capacity = 2 * capacity + 8;
            double *more = realloc(out->rows, capacity * count * sizeof *more);
            if (!more) status = zg_no_memory(error);
            if (more) out->rows = more;
        }
        if (status == ZG_OK) memcpy(out->rows + out->states++ * count, row, count * sizeof *row);
        if (status == ZG_OK && out->states > ZG_LYAPUNOV_STATES)
            status = zg_fail(error, ZG_BAD_INPUT, "%.400s: more than %d states", path,
                             ZG_LYAPUNOV_STATES);
    }
    free(row);
    return status;
}

zg_status zg_map_read(const char *path, zg_map *out, zg_error *error)
{
    zg_bytes bytes;
    *out = (zg_map){0};
    zg_status status = zg_bytes_read(path, MOST_BYTES, &bytes, error);
    if (status != ZG_OK) return status;
    if (strlen((char *)bytes.data) != bytes.size)
        status = zg_fail(error, ZG_BAD_INPUT, "%.400s has NUL bytes: no table of numbers", path);
    if (status == ZG_OK) status = read_lines(path, (char *)bytes.data, out, error);
    zg_bytes_clear(&bytes);
    size_t d = out->states;
    if (status == ZG_OK && (d == 0 || (out->columns != d && out->columns != d + d * (d + 1) / 2)))
        status = zg_fail(error, ZG_BAD_INPUT,
                         "%.400s: %zu rows of %zu numbers are no map: expected %zu numbers (x+ = "
                         "Ax) or %zu (and the products x_i x_j, i <= j)",
                         path, d, out->columns, d, d + d * (d + 1) / 2);
    if (status != ZG_OK) zg_map_clear(out);
    return status;
}

/* ---- its numbers ----------------------------------------------------------------------------- */

typedef struct numbers {
    double *p, *pa, *n, *room, *w;           /* d x d each; w: d */
    double *curvatures;                      /* d */
    double least, largest, coupling, spread; /* nu, |P|, |A'P|, eta */
} numbers;

static bool numbers_create(size_t d, numbers *x)
{
    x->p = zg_doubles(4 * d * d + 2 * d);
    if (!x->p) return false;
    x->pa = x->p + d * d;
    x->n = x->pa + d * d;
    x->room = x->n + d * d;
    x->w = x->room + d * d;
    x->curvatures = x->w + d;
    return true;
}

static void form_matrices(const zg_network *value, const zg_map *map, numbers *x)
{
    size_t d = map->states;
    for (size_t j = 0; j < value->count; j++)
        for (size_t a = 0; a < d; a++)
            for (size_t b = 0; b < d; b++)
                x->p[a * d + b] += value->activation.a * value->alpha[j] * value->u[j * d + a] *
                                   value->u[j * d + b];
    for (size_t a = 0; a < d; a++)
        for (size_t b = 0; b < d; b++)
            for (size_t k = 0; k < d; k++)
                x->pa[a * d + b] += x->p[a * d + k] * map->rows[k * map->columns + b];
    for (size_t a = 0; a < d; a++) {
        for (size_t b = 0; b < d; b++) {
            double sum = x->p[a * d + b];
            for (size_t k = 0; k < d; k++)
                sum -= map->rows[k * map->columns + a] * x->pa[k * d + b];
            x->n[a * d + b] = sum;
        }
    }
}

/* Least and largest eigenvalue of a symmetric matrix, which is kept. */
static zg_status ends_of(size_t d, const double *matrix, numbers *x, double ends[2],
                         zg_error *error)
{
    memcpy(x->room, matrix, d * d * sizeof *matrix);
    if (!zg_all_finite(d * d, x->room) || zg_eigenvalues(d, x->room, x->w) != ZG_OK)
        return zg_fail(error, ZG_BAD_INPUT,
                       "V along this map is beyond the range of double precision");
    ends[0] = x->w[0];
    ends[1] = x->w[d - 1];
    return ZG_OK;
}

/* |H_c| of every state, and the root of the sum of their squares, from above. */
static zg_status bound_products(const zg_map *map, numbers *x, double *matrix, zg_error *error)
{
    size_t d = map->states;
    double sum = 0, ends[2];
    for (size_t c = 0; c < d; c++) {
        const double *products = map->rows + c * map->columns + d;
        for (size_t i = 0, k = 0; i < d; i++)
            for (size_t j = i; j < d; j++, k++)
                matrix[i * d + j] = matrix[j * d + i] = products[k] / (i == j ? 1 : 2);
        zg_status status = ends_of(d, matrix, x, ends, error);
        if (status != ZG_OK) return status;
        x->curvatures[c] = fmax(fabs(ends[0]), fabs(ends[1])) * (1 + SAFE);
        sum += x->curvatures[c] * x->curvatures[c];
    }
    x->spread = sqrt(sum) * (1 + SAFE);
    return ZG_OK;
}

static zg_status bound_coupling(size_t d, numbers *x, double *matrix, zg_error *error)
{
    double ends[2];
    for (size_t a = 0; a < d; a++) {
        for (size_t b = 0; b < d; b++) {
            double sum = 0;
            for (size_t k = 0; k < d; k++)
                sum += x->pa[k * d + a] * x->pa[k * d + b];
            matrix[a * d + b] = sum;
        }
    }
    zg_status status = ends_of(d, matrix, x, ends, error);
    if (status == ZG_OK) x->coupling = sqrt(fmax(ends[1], 0)) * (1 + SAFE);
    return status;
}

/* The radius, a little below the root of the equation; NAN where there is none. */
static zg_status find_radius(const zg_map *map, numbers *x, zg_lyapunov *out, zg_error *error)
{
    size_t d = map->states;
    double *matrix = zg_doubles(d * d);
    zg_status status = matrix ? ZG_OK : zg_no_memory(error);
    if (status == ZG_OK) status = bound_products(map, x, matrix, error);
    if (status == ZG_OK) status = bound_coupling(d, x, matrix, error);
    free(matrix);
    if (status != ZG_OK) return status;
    x->least = out->decrease[0] - SAFE * fmax(fabs(out->decrease[0]), fabs(out->decrease[1]));
    x->largest = out->value[1] * (1 + SAFE);
    out->radius = NAN;
    if (!(x->least > 0 && out->value[0] > 0)) return ZG_OK;
    double b = 2 * x->coupling * x->spread, c = x->largest * x->spread * x->spread;
    double rho = 2 * x->least / (b + sqrt(b * b + 4 * c * x->least)) * (1 - SAFE);
    if (rho > 1e100) rho = 1e100; /* products that are 0 */
    if (rho >= 0x1p-1000) out->radius = rho;
    return ZG_OK;
}

/* ---- the file -------------------------------------------------------------------------------- */

static zg_status check_value(const zg_network *value, const zg_map *map, zg_error *error)
{
    const zg_preprocess *p = &value->preprocess;
    const char *why = value->outputs != 1                     ? "it has several outputs"
                      : value->encoding.task != ZG_REGRESSION ? "it tells classes apart"
                      : value->architecture.kind != ZG_DENSE  ? "it is a convolution"
                      : p->bias                               ? "it has a constant input"
                      : p->mean || p->scale                   ? "its inputs are standardised"
                      : p->halfspaces > 0                     ? "its inputs are half-spaces"
                      : value->encoding.mean || value->encoding.scale ? "its target is standardised"
                      : value->activation.b != 0 || value->activation.c != 0
                          ? "its activation has a linear or a constant part"
                          : NULL;
    if (why)
        return zg_fail(error, ZG_BAD_INPUT,
                       "the network is no x'Px: %s (train it with --activation quadratic, without "
                       "--standardize and --bias)",
                       why);
    if (value->inputs != map->states)
        return zg_fail(error, ZG_BAD_INPUT, "V has %zu inputs and the map %zu states",
                       value->inputs, map->states);
    return ZG_OK;
}

static zg_status write_file(const char *path, const zg_network *value, const zg_map *map,
                            const numbers *x, const zg_lyapunov *claim, zg_error *error)
{
    char digest[ZG_PROOF_DIGEST_SIZE];
    size_t d = map->states;
    zg_replacement replacement;
    zg_status status = zg_replace_begin(&replacement, path, error);
    if (status != ZG_OK) return status;
    FILE *file = replacement.file;
    zg_proof_digest(d, map->columns, 0, map->rows, NULL, digest);
    fputs("{\"format\": \"" ZG_LYAPUNOV_FORMAT "\"", file);
    zg_put_size(file, "states", d);
    zg_put_flag(file, "quadratic", claim->quadratic);
    zg_put_word(file, "digest", digest);
    zg_put_reals(file, "activation", 3, (const double[]){value->activation.a, 0, 0});
    zg_put_reals(file, "neurons", value->count * d, value->u);
    zg_put_reals(file, "alpha", value->count, value->alpha);
    if (claim->quadratic) {
        zg_put_real(file, "radius", claim->radius);
        zg_put_real(file, "decrease", x->least);
        zg_put_real(file, "largest", x->largest);
        zg_put_real(file, "coupling", x->coupling);
        zg_put_reals(file, "curvatures", d, x->curvatures);
        zg_put_real(file, "curvature", x->spread);
    }
    fputs("}\n", file);
    return zg_replace_end(&replacement, ZG_OK, error);
}

zg_status zg_lyapunov_write(const char *path, const zg_network *value, const zg_map *map,
                            zg_lyapunov *out, zg_error *error)
{
    numbers x = {0};
    *out = (zg_lyapunov){.quadratic = map->columns > map->states, .radius = NAN};
    zg_status status = check_value(value, map, error);
    if (status == ZG_OK && !numbers_create(map->states, &x)) status = zg_no_memory(error);
    if (status == ZG_OK) {
        form_matrices(value, map, &x);
        status = ends_of(map->states, x.p, &x, out->value, error);
    }
    if (status == ZG_OK) status = ends_of(map->states, x.n, &x, out->decrease, error);
    if (status == ZG_OK && out->quadratic) status = find_radius(map, &x, out, error);
    if (status == ZG_OK && !(out->quadratic && isnan(out->radius)))
        status = write_file(path, value, map, &x, out, error);
    free(x.p);
    return status;
}
