/*
 * Half-spaces: all patterns (1{x_i'u >= 0})_i that a direction u, not 0, makes of the rows x_i of
 * up to three columns, in whole numbers.
 *
 * Hyperplanes x_i'u = 0 cut the space into faces, on each of which the pattern is constant.  Where
 * the rows span the space, a face reaches a ray r that is orthogonal to all but one dimension of
 * rows: u is r with something small, w, added that only rows orthogonal to r can tell, and these
 * span one dimension less.  So the patterns are those of all such rays, filled up by the patterns
 * of the rows across, w = 0 included.  Where the rows span less, some u is orthogonal to all of
 * them, and w = 0 counts from the outset.
 */
#include "proof.h"

#include <stdlib.h>
#include <string.h>

#define MOST 3

typedef struct pattern {
    const char *digits;
    size_t n;
} pattern;

typedef struct walk {
    zv_session *session;
    size_t n;
    char *now;           /* n: the pattern at hand */
    char *found, *spare; /* room x n each */
    pattern *list;       /* room */
    size_t count, room;
    bool full;              /* there is no memory for all */
    mpz_t *level[MOST + 1]; /* of each dimension: n x MOST coordinates of rows */
    size_t *rows[MOST + 1]; /* likewise n rows that are told in so many dimensions */
    mpz_t ray[MOST + 1][MOST], other[MOST], dot;
} walk;

/* ---- the patterns that were found ------------------------------------------------------------ */

static int compare(const void *a, const void *b)
{
    const pattern *p = a, *q = b;
    return memcmp(p->digits, q->digits, p->n);
}

/* Sorted, each once. */
static void tidy(walk *w)
{
    size_t n = w->n, kept = 0;
    for (size_t k = 0; k < w->count; k++)
        w->list[k] = (pattern){w->found + k * n, n};
    if (w->count > 0) qsort(w->list, w->count, sizeof *w->list, compare);
    for (size_t k = 0; k < w->count; k++) {
        if (k > 0 && compare(&w->list[k - 1], &w->list[k]) == 0) continue;
        memcpy(w->spare + kept++ * n, w->list[k].digits, n);
    }
    char *before = w->found;
    w->found = w->spare;
    w->spare = before;
    w->count = kept;
}

static void keep(walk *w)
{
    if (w->count == w->room) tidy(w);
    if (2 * w->count >= w->room) {
        size_t room = 2 * w->room + 64, left = w->session->memory_limit - w->session->memory_used;
        w->full = w->full || room > left / (2 * w->n + sizeof *w->list);
        if (w->full) return; /* and stop where no numbers of GMP are held */
        char *found = zv_take(w->session, room, w->n);
        if (w->count > 0) memcpy(found, w->found, w->count * w->n);
        w->found = found;
        w->spare = zv_take(w->session, room, w->n);
        w->list = zv_take(w->session, room, sizeof *w->list);
        w->room = room;
    }
    memcpy(w->found + w->count++ * w->n, w->now, w->n);
}

/* ---- the walk -------------------------------------------------------------------------------- */

static mpz_t *row_of(const walk *w, size_t k, size_t row)
{
    return w->level[k] + row * MOST;
}

static int dot(walk *w, size_t k, mpz_t *a, mpz_t *b)
{
    mpz_set_ui(w->dot, 0);
    for (size_t c = 0; c < k; c++)
        mpz_addmul(w->dot, a[c], b[c]);
    return mpz_sgn(w->dot);
}

static void cross(mpz_t *a, mpz_t *b, mpz_t *out)
{
    for (size_t c = 0; c < 3; c++) {
        mpz_mul(out[c], a[(c + 1) % 3], b[(c + 2) % 3]);
        mpz_submul(out[c], a[(c + 2) % 3], b[(c + 1) % 3]);
    }
}

static void part(walk *w, size_t k, size_t count, bool zero);

/* Both sides of the ray, which is orthogonal to the row x among count rows in k dimensions; false
 * where it is 0. */
static bool part_ray(walk *w, size_t k, size_t count, mpz_t *x)
{
    mpz_t *ray = w->ray[k];
    if (dot(w, k, ray, ray) == 0) return false;
    if (k == 3) cross(ray, x, w->other);
    for (int side = -1; side <= 1; side += 2) {
        size_t across = 0;
        for (size_t j = 0; j < count; j++) {
            size_t row = w->rows[k][j];
            mpz_t *at = row_of(w, k, row), *in = row_of(w, k - 1, row);
            int sign = side * dot(w, k, ray, at);
            w->now[row] = sign >= 0;
            if (sign != 0) continue;
            w->rows[k - 1][across++] = row;
            dot(w, k, x, at);
            mpz_set(in[0], w->dot);
            if (k == 3) dot(w, k, w->other, at);
            if (k == 3) mpz_set(in[1], w->dot);
        }
        part(w, k - 1, across, true);
    }
    return true;
}

static void part_line(walk *w, size_t count)
{
    for (int side = -1; side <= 1; side += 2) {
        for (size_t j = 0; j < count; j++)
            w->now[w->rows[1][j]] = side * mpz_sgn(*row_of(w, 1, w->rows[1][j])) >= 0;
        keep(w);
    }
}

static void part_plane(walk *w, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        mpz_t *x = row_of(w, 2, w->rows[2][i]);
        mpz_neg(w->ray[2][0], x[1]);
        mpz_set(w->ray[2][1], x[0]);
        part_ray(w, 2, count, x);
    }
}

/* false: all rows are in one line. */
static bool part_space(walk *w, size_t count)
{
    bool any = false;
    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count; j++) {
            mpz_t *x = row_of(w, 3, w->rows[3][i]);
            cross(x, row_of(w, 3, w->rows[3][j]), w->ray[3]);
            any |= part_ray(w, 3, count, x);
        }
    return any;
}

/* All patterns of w->rows[k], the other rows' digits staying as they are; zero: of w = 0, too. */
static void part(walk *w, size_t k, size_t count, bool zero)
{
    if (k == 1) part_line(w, count);
    if (k == 2) part_plane(w, count);
    if (k == 3 && !part_space(w, count)) {
        /* rows of one line are told by their product with the longest, or any that is not 0 */
        size_t first = 0;
        while (first + 1 < count && dot(w, 3, row_of(w, 3, first), row_of(w, 3, first)) == 0)
            first++;
        for (size_t j = 0; j < count; j++) {
            w->rows[1][j] = w->rows[3][j];
            dot(w, 3, row_of(w, 3, first), row_of(w, 3, j));
            mpz_set(*row_of(w, 1, j), w->dot);
        }
        part_line(w, count);
        zero = true;
    }
    if (!zero) return;
    for (size_t j = 0; j < count; j++)
        w->now[w->rows[k][j]] = 1;
    keep(w);
}

/* Whether some u is orthogonal to all rows. */
static bool have_kernel(walk *w, size_t d)
{
    bool span = false;
    for (size_t i = 0; i < w->n && !span; i++) {
        mpz_t *a = row_of(w, d, i);
        if (d == 1) span = mpz_sgn(a[0]) != 0;
        for (size_t j = i + 1; d > 1 && j < w->n && !span; j++) {
            mpz_t *b = row_of(w, d, j), *r = w->ray[d];
            if (d == 2) {
                mpz_mul(r[0], a[0], b[1]);
                mpz_submul(r[0], a[1], b[0]);
                span = mpz_sgn(r[0]) != 0;
                continue;
            }
            cross(a, b, r);
            for (size_t l = j + 1; l < w->n && !span; l++)
                span = dot(w, 3, r, row_of(w, d, l)) != 0;
        }
    }
    return !span;
}

/* ---- from rows to patterns ------------------------------------------------------------------- */

/* Every number that is not 0 has digits of its own. */
static void begin(walk *w, size_t d, const double *x)
{
    zv_session *s = w->session;
    for (size_t k = 0; k <= d; k++) {
        zv_account(s, w->n * MOST, zv_digits_bytes(s));
        w->level[k] = zv_take(s, w->n * MOST, sizeof **w->level);
        w->rows[k] = zv_take(s, w->n, sizeof **w->rows);
        for (size_t c = 0; c < w->n * MOST; c++)
            mpz_init(w->level[k][c]);
    }
    for (size_t k = 0; k <= MOST; k++)
        for (size_t c = 0; c < MOST; c++)
            mpz_init(w->ray[k][c]);
    for (size_t c = 0; c < MOST; c++)
        mpz_init(w->other[c]);
    mpz_init(w->dot);
    for (size_t i = 0; i < w->n; i++) {
        w->rows[d][i] = i;
        for (size_t c = 0; c < d; c++)
            zv_scaled(row_of(w, d, i)[c], x[i * d + c], s->unit);
    }
}

static void end(walk *w, size_t d)
{
    for (size_t k = 0; k <= d; k++)
        for (size_t c = 0; c < w->n * MOST; c++)
            mpz_clear(w->level[k][c]);
    for (size_t k = 0; k <= MOST; k++)
        for (size_t c = 0; c < MOST; c++)
            mpz_clear(w->ray[k][c]);
    for (size_t c = 0; c < MOST; c++)
        mpz_clear(w->other[c]);
    mpz_clear(w->dot);
}

double *zv_halfspaces(zv_session *s, size_t n, size_t d, const double *x, size_t *count)
{
    double rows = (double)n, work = d == 3 ? 10 * rows * rows * rows * rows : 10 * rows * rows;
    if (s->work_limit > 0 && work > s->work_limit)
        zv_stop(s, ZV_BAD_FILE, "the half-spaces of %zu rows take too long to find", n);
    walk w = {.session = s, .n = n, .now = zv_take(s, n, 1)};
    begin(&w, d, x);
    part(&w, d, n, have_kernel(&w, d));
    tidy(&w);
    end(&w, d);
    if (w.full) zv_stop(s, ZV_BAD_FILE, "there is no memory for the half-spaces of %zu rows", n);
    double *out = zv_take(s, n * w.count, sizeof *out);
    for (size_t k = 0; k < w.count; k++)
        for (size_t i = 0; i < n; i++)
            out[i * w.count + k] = w.found[k * n + i] ? zv_seen(s, 1) : 0;
    *count = w.count;
    return out;
}
