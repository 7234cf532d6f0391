/* All half-space patterns of rows in up to three dimensions (see halfspaces.h). */
#include "data/halfspaces.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_ENTRIES 33554432.0 /* of all patterns: 256 MiB as inputs */
#define MOST_TERMS 24           /* of the expansion of a determinant of order three */
#define SURE 1e-14              /* beyond this part of its terms a computed sign is right */

/* ---- exact signs ----------------------------------------------------------------------------- */

/* A number as the exact sum of doubles that do not overlap, in ascending order. */
typedef struct expansion {
    size_t count;
    double term[MOST_TERMS];
} expansion;

static void add_term(expansion *e, double value)
{
    size_t kept = 0;
    for (size_t k = 0; k < e->count; k++) {
        double sum = value + e->term[k], part = sum - value;
        double rest = (value - (sum - part)) + (e->term[k] - part);
        if (rest != 0) e->term[kept++] = rest;
        value = sum;
    }
    if (value != 0) e->term[kept++] = value;
    e->count = kept;
}

static void add_product(expansion *e, double a, double b)
{
    double product = a * b;
    add_term(e, fma(a, b, -product));
    add_term(e, product);
}

static void add_triple(expansion *e, double a, double b, double c)
{
    double product = a * b, rest = fma(a, b, -product);
    add_product(e, rest, c);
    add_product(e, product, c);
}

static int sign_of(const expansion *e)
{
    if (e->count == 0) return 0;
    return e->term[e->count - 1] > 0 ? 1 : -1;
}

/* u: high parts, then low parts. */
static int dot_sign(size_t d, const double *u, const double *x)
{
    double sum = 0, size = 0;
    for (size_t k = 0; k < d; k++) {
        sum += u[k] * x[k];
        size += fabs(u[k] * x[k]);
    }
    if (fabs(sum) > SURE * size) return sum > 0 ? 1 : -1;
    expansion e = {0};
    for (size_t k = 0; k < 2 * d; k++)
        add_product(&e, u[k], x[k % d]);
    return sign_of(&e);
}

static double estimate(const expansion *e)
{
    double sum = 0;
    for (size_t k = 0; k < e->count; k++)
        sum += e->term[k];
    return sum;
}

/* To 106 bits or so. */
static void collapse(expansion *e, double *high, double *low)
{
    *high = estimate(e);
    add_term(e, -*high);
    *low = estimate(e);
}

/* Of a_0 b_1 - a_1 b_0, of the two coordinates c. */
static int sign2(const double *a, const double *b, const size_t c[2])
{
    double p = a[c[0]] * b[c[1]], q = a[c[1]] * b[c[0]];
    if (fabs(p - q) > SURE * (fabs(p) + fabs(q))) return p > q ? 1 : -1;
    expansion e = {0};
    add_product(&e, a[c[0]], b[c[1]]);
    add_product(&e, -a[c[1]], b[c[0]]);
    return sign_of(&e);
}

/* Of the determinant with rows a, b, c. */
static int sign3(const double *a, const double *b, const double *c)
{
    double sum = 0, size = 0;
    for (size_t k = 0; k < 3; k++) {
        size_t l = (k + 1) % 3, m = (k + 2) % 3;
        sum += (a[l] * b[m] - a[m] * b[l]) * c[k];
        size += (fabs(a[l] * b[m]) + fabs(a[m] * b[l])) * fabs(c[k]);
    }
    if (fabs(sum) > SURE * size) return sum > 0 ? 1 : -1;
    expansion e = {0};
    for (size_t k = 0; k < 3; k++) {
        size_t l = (k + 1) % 3, m = (k + 2) % 3;
        add_triple(&e, a[l], b[m], c[k]);
        add_triple(&e, -a[m], b[l], c[k]);
    }
    return sign_of(&e);
}

double zg_halfspace_of(size_t d, const double *u, const double *x)
{
    for (size_t k = 0; k < d; k++)
        if (!isfinite(x[k])) return NAN;
    return dot_sign(d, u, x) >= 0 ? 1 : 0;
}

/* ---- the walk over rays ---------------------------------------------------------------------- */

typedef struct finder {
    size_t n, d;
    const double *x;
    char *pattern;                           /* n: at hand */
    double ray[2 * ZG_HALFSPACE_DIMENSIONS]; /* d high parts, then as many low parts */
    size_t count, room_found, room_rays;     /* patterns found, again and again */
    char *found;                             /* count x n */
    double *rays;                            /* count x 2 d */
    bool failed;                             /* no memory */
} finder;

static const double *row_of(const finder *f, size_t i)
{
    return f->x + i * f->d;
}

static void keep(finder *f)
{
    if (f->failed) return;
    char *found = zg_grow(f->found, &f->room_found, f->count + 1, f->n);
    if (found) f->found = found;
    double *rays = zg_grow(f->rays, &f->room_rays, f->count + 1, 2 * f->d * sizeof *rays);
    if (rays) f->rays = rays;
    f->failed = !found || !rays;
    if (f->failed) return;
    memcpy(f->found + f->count * f->n, f->pattern, f->n);
    memcpy(f->rays + f->count * 2 * f->d, f->ray, 2 * f->d * sizeof *f->rays);
    f->count++;
}

static void set_all(finder *f, size_t count, const size_t *rows)
{
    for (size_t k = 0; k < count; k++)
        f->pattern[rows[k]] = 1;
}

/* Rows of rank one at most, told apart by one coordinate: on w = 0, and to both sides. */
static void part_line(finder *f, size_t count, const size_t *rows, size_t c, bool free)
{
    for (int side = 1; side >= -1; side -= 2) {
        if (free) f->ray[c] = side;
        for (size_t k = 0; k < count; k++)
            f->pattern[rows[k]] = side * row_of(f, rows[k])[c] >= 0;
        keep(f);
    }
    if (free) return;
    set_all(f, count, rows);
    keep(f);
}

/* Rows of rank two at most, told apart by two coordinates.  free: the ray is still to be chosen,
 * among w that are not 0; otherwise w = 0 is one more choice.  zero has room for count. */
static void part_plane(finder *f, size_t count, const size_t *rows, const size_t c[2], bool free,
                       size_t *zero)
{
    for (size_t i = 0; i < count; i++) {
        const double *x = row_of(f, rows[i]);
        if (x[c[0]] == 0 && x[c[1]] == 0) continue;
        for (int side = -1; side <= 1; side += 2) {
            size_t zeros = 0;
            for (size_t k = 0; k < count; k++) {
                int sign = side * sign2(x, row_of(f, rows[k]), c);
                f->pattern[rows[k]] = sign >= 0;
                if (sign == 0) zero[zeros++] = rows[k];
            }
            if (free) {
                f->ray[c[0]] = -side * x[c[1]];
                f->ray[c[1]] = side * x[c[0]];
            }
            part_line(f, zeros, zero, x[c[0]] != 0 ? c[0] : c[1], false);
        }
    }
    if (free) return;
    set_all(f, count, rows);
    keep(f);
}

/* The two coordinates by which the plane of a and b can be told, false where they are parallel. */
static bool plane_of(size_t d, const double *a, const double *b, size_t c[2])
{
    for (size_t k = 0; k < d; k++)
        for (size_t l = k + 1; l < d; l++) {
            c[0] = k;
            c[1] = l;
            if (sign2(a, b, c) != 0) return true;
        }
    return false;
}

static void cross(const double *a, const double *b, int side, double out[6])
{
    for (size_t k = 0; k < 3; k++) {
        size_t l = (k + 1) % 3, m = (k + 2) % 3;
        expansion e = {0};
        add_product(&e, side * a[l], b[m]);
        add_product(&e, side * -a[m], b[l]);
        collapse(&e, &out[k], &out[k + 3]);
    }
}

/* The two rays that are orthogonal to rows i and j, which are not parallel. */
static void part_pair(finder *f, size_t i, size_t j, const size_t c[2], size_t *room)
{
    const double *a = row_of(f, i), *b = row_of(f, j);
    for (int side = -1; side <= 1; side += 2) {
        size_t zeros = 0;
        for (size_t k = 0; k < f->n; k++) {
            int sign = side * sign3(a, b, row_of(f, k));
            f->pattern[k] = sign >= 0;
            if (sign == 0) room[zeros++] = k;
        }
        cross(a, b, side, f->ray);
        part_plane(f, zeros, room, c, false, room + f->n);
    }
}

static void part_space(finder *f, size_t *room)
{
    size_t c[2];
    for (size_t i = 0; i < f->n; i++)
        for (size_t j = i + 1; j < f->n; j++)
            if (plane_of(3, row_of(f, i), row_of(f, j), c)) part_pair(f, i, j, c, room);
}

/* ---- which dimensions there are -------------------------------------------------------------- */

typedef struct span {
    size_t rank;
    size_t c[2];   /* coordinates by which rows of rank one or two can be told */
    size_t row[2]; /* rows that span these */
} span;

static span find_span(const finder *f)
{
    span s = {0};
    for (size_t i = 0; i < f->n && s.rank == 0; i++)
        for (size_t k = 0; k < f->d && s.rank == 0; k++)
            if (row_of(f, i)[k] != 0) s = (span){1, {k, 0}, {i, 0}};
    for (size_t j = 0; s.rank == 1 && j < f->n; j++) {
        size_t c[2];
        if (!plane_of(f->d, row_of(f, s.row[0]), row_of(f, j), c)) continue;
        s = (span){2, {c[0], c[1]}, {s.row[0], j}};
    }
    for (size_t k = 0; s.rank == 2 && f->d == 3 && k < f->n; k++)
        if (sign3(row_of(f, s.row[0]), row_of(f, s.row[1]), row_of(f, k)) != 0) s.rank = 3;
    return s;
}

/* Where rows do not span the space, some u across all of them has the pattern of ones. */
static void keep_ones(finder *f, const span *s)
{
    memset(f->pattern, 1, f->n);
    memset(f->ray, 0, sizeof f->ray);
    if (s->rank == 0) {
        f->ray[0] = 1;
    } else if (s->rank == 2) {
        cross(row_of(f, s->row[0]), row_of(f, s->row[1]), 1, f->ray);
    } else {
        const double *x = row_of(f, s->row[0]);
        size_t other = (s->c[0] + 1) % f->d;
        f->ray[s->c[0]] = -x[other];
        f->ray[other] = x[s->c[0]];
    }
    keep(f);
}

static void find_all(finder *f, size_t *room)
{
    span s = find_span(f);
    for (size_t i = 0; i < f->n; i++)
        room[i] = i;
    if (s.rank == 1) part_line(f, f->n, room, s.c[0], true);
    if (s.rank == 2) part_plane(f, f->n, room, s.c, true, room + f->n);
    if (s.rank == 3) part_space(f, room);
    if (s.rank < f->d) keep_ones(f, &s);
}

/* ---- from patterns to directions ------------------------------------------------------------- */

typedef struct place { /* of a pattern that was found */
    const char *pattern;
    const double *ray;
    size_t n;
} place;

static int compare_places(const void *a, const void *b)
{
    const place *p = a, *q = b;
    return memcmp(p->pattern, q->pattern, p->n);
}

static bool has_pattern(const finder *f, const double *u, const char *pattern)
{
    for (size_t i = 0; i < f->n; i++)
        if ((dot_sign(f->d, u, row_of(f, i)) >= 0) != pattern[i]) return false;
    return true;
}

/* By a power of two, so that the largest weight is near 1: no sign changes. */
static void rescale(size_t d, double *u)
{
    double most = 0;
    int exponent;
    for (size_t k = 0; k < d; k++)
        most = fmax(most, fabs(u[k]));
    frexp(most, &exponent);
    for (size_t k = 0; k < 2 * d; k++)
        u[k] = ldexp(u[k], -exponent);
}

/* sum += u 2^-exponent, of that of its length. */
static void add_ray(size_t d, const double *u, double *sum)
{
    double scaled[2 * ZG_HALFSPACE_DIMENSIONS];
    memcpy(scaled, u, 2 * d * sizeof *u);
    rescale(d, scaled);
    for (size_t k = 0; k < d; k++) {
        expansion e = {0};
        add_term(&e, sum[k + d]);
        add_term(&e, sum[k]);
        add_term(&e, scaled[k + d]);
        add_term(&e, scaled[k]);
        collapse(&e, &sum[k], &sum[k + d]);
    }
}

/* The sum of the rays of a face is inside it, as long as its digits suffice. */
static bool find_direction(const finder *f, size_t count, const place *at, double *u)
{
    size_t width = 2 * f->d;
    memset(u, 0, width * sizeof *u);
    for (size_t j = 0; j < count; j++)
        add_ray(f->d, at[j].ray, u);
    for (size_t j = 0; j <= count; j++) {
        if (j > 0) memcpy(u, at[j - 1].ray, width * sizeof *u);
        if (!has_pattern(f, u, at->pattern)) continue;
        rescale(f->d, u);
        return true;
    }
    return false;
}

static zg_status choose(const finder *f, place *places, size_t *count, double **directions,
                        zg_error *error)
{
    size_t found = 0, width = 2 * f->d;
    for (size_t k = 0; k < f->count; k++)
        places[k] = (place){f->found + k * f->n, f->rays + k * width, f->n};
    qsort(places, f->count, sizeof *places, compare_places);
    double *u = calloc(f->count * width, sizeof *u);
    if (!u) return zg_no_memory(error);
    for (size_t first = 0, next; first < f->count; first = next, found++) {
        for (next = first + 1; next < f->count; next++)
            if (compare_places(&places[first], &places[next]) != 0) break;
        if (find_direction(f, next - first, places + first, u + found * width)) continue;
        free(u);
        return zg_fail(error, ZG_UNSUPPORTED,
                       "half-spaces: some rows lie in one hyperplane, or all but, that pairs of "
                       "doubles do not have; round the inputs to fewer digits");
    }
    *count = found;
    *directions = u;
    return ZG_OK;
}

/* ---- all together ---------------------------------------------------------------------------- */

static zg_status check_rows(size_t n, size_t d, const double *x, zg_error *error)
{
    if (d < 1 || d > ZG_HALFSPACE_DIMENSIONS)
        return zg_fail(error, ZG_UNSUPPORTED,
                       "half-spaces are enumerated in up to %d dimensions, the constant input of a "
                       "bias being one; found %zu inputs",
                       ZG_HALFSPACE_DIMENSIONS, d);
    double rows = (double)n, most = d == 1 ? 3 : d == 2 ? 2 * rows + 1 : rows * rows + 2;
    if (rows * most > MOST_ENTRIES)
        return zg_fail(error, ZG_UNSUPPORTED,
                       "half-spaces: %zu rows in %zu dimensions are parted in about %.3g ways, "
                       "which is too much; fewer rows are possible",
                       n, d, most);
    for (size_t k = 0; k < n * d; k++)
        if (!(x[k] == 0 || (fabs(x[k]) >= ZG_HALFSPACE_LEAST && fabs(x[k]) <= ZG_HALFSPACE_MOST)))
            return zg_fail(error, ZG_UNSUPPORTED,
                           "half-spaces: row %zu, input %zu is %g: expected 0 or a size from %g to "
                           "%g",
                           k / d + 1, k % d + 1, x[k], ZG_HALFSPACE_LEAST, ZG_HALFSPACE_MOST);
    return ZG_OK;
}

zg_status zg_halfspaces_create(size_t n, size_t d, const double *x, size_t *count,
                               double **directions, zg_error *error)
{
    zg_status status = check_rows(n, d, x, error);
    if (status != ZG_OK) return status;
    finder f = {.n = n, .d = d, .x = x, .pattern = malloc(n + 1)};
    size_t *room = calloc(2 * n + 1, sizeof *room);
    f.failed = !f.pattern || !room;
    if (!f.failed) find_all(&f, room);
    place *places = f.failed ? NULL : calloc(f.count, sizeof *places);
    status = places ? choose(&f, places, count, directions, error) : zg_no_memory(error);
    free(places);
    free(room);
    free(f.pattern);
    free(f.found);
    free(f.rays);
    return status;
}

zg_status zg_halfspaces_match(size_t n, size_t d, const double *x, size_t count,
                              const double *directions, bool *same, zg_error *error)
{
    size_t all;
    double *own;
    zg_status status = zg_halfspaces_create(n, d, x, &all, &own, error);
    *same = false;
    if (status != ZG_OK) return status;
    *same = all == count;
    for (size_t k = 0; *same && k < n * count; k++) {
        const double *row = x + k / count * d;
        size_t j = k % count * 2 * d;
        *same = (dot_sign(d, own + j, row) >= 0) == (dot_sign(d, directions + j, row) >= 0);
    }
    free(own);
    return ZG_OK;
}
