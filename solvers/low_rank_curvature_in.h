/*
 * The inverted curvature of the factored program (see low_rank_curvature.h), in the precision of
 * the file that includes this: it defines the type real, cholesky(), cholesky_solve(), the name
 * CREATE, and what low_rank_sample_in.h asks for.  There is no include guard for that reason.
 */
#include "solvers/low_rank_curvature.h"
#include "solvers/low_rank_sample_in.h"

#include "base/blas.h"

#include <float.h>
#include <math.h>

/* Curvature below this share of the largest is none. */
#define STRAIGHT 1e-9
/* Columns of K that are worked on at once. */
#define PANEL 256
/* Of samples up to so many rows the products by which K is made anew are kept: two matrices more,
 * for a third of the time at this order and 601 inputs. */
#define KEPT_ROWS 2000
#define HALVINGS 60

typedef struct curvature {
    zg_curvature base;           /* first: a pointer to it is a pointer to the whole */
    size_t width, columns, rows; /* columns: of both signs */
    size_t first[3];             /* where a sign's columns begin, and their end */
    sample x;                    /* the sampled rows */
    real *axes;                  /* width x width: V */
    real *inverse[2];            /* width: 1 / D of a sign in the coordinates V */
    real *spread[2];             /* width x width: D^-1 of a sign */
    real *turned;                /* width x rows: the sampled rows in the coordinates V; NULL once
                                  * X D^-1 X' is known or not needed any more */
    real *w;                     /* width x columns: W */
    real *response;              /* columns x rows: r */
    real *through[2];            /* rows: c t of a sign */
    double t[2];
    size_t *index;     /* rows: which samples they are */
    double share;      /* of the curved samples that they are */
    real *products[2]; /* rows x rows: X D^-1 X' of a sign, lower; NULL where they are not kept */
    real *k;           /* rows x rows: K's Cholesky factor, lower */
    real *a, *b, *z;   /* scratch: width x columns twice, rows */
} curvature;

static void solve(const zg_curvature *base, const double *gradient, double *step);
static zg_status move(zg_curvature *base, const zg_factor *factor, const double *w,
                      const double *projections, const double *f);

static void release(zg_curvature *base)
{
    curvature *c = (curvature *)base;
    real *all[] = {c->axes,       c->inverse[0], c->inverse[1],  c->spread[0],
                   c->spread[1],  c->turned,     c->w,           c->response,
                   c->through[0], c->through[1], c->products[0], c->products[1],
                   c->k,          c->a,          c->b,           c->z};
    sample_free(&c->x);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]);
    free(c->index);
    free(c);
}

static curvature *allocate(const zg_factor *factor, size_t rows)
{
    size_t d = factor->program->lift->width, m = factor->columns[0] + factor->columns[1];
    curvature *c = calloc(1, sizeof *c);
    if (!c) return NULL;
    *c = (curvature){.base = {release, solve, rows <= KEPT_ROWS ? move : NULL},
                     .width = d,
                     .columns = m,
                     .rows = rows,
                     .first = {0, factor->columns[0], m},
                     .axes = reals(d * d),
                     .inverse = {reals(d), reals(d)},
                     .spread = {reals(d * d), reals(d * d)},
                     .turned = reals(d * rows),
                     .w = reals(d * m),
                     .response = reals(m * rows),
                     .through = {reals(rows), reals(rows)},
                     .index = calloc(rows, sizeof *c->index),
                     .k = reals(rows * rows),
                     .a = reals(d * m),
                     .b = reals(d * m),
                     .z = reals(rows)};
    bool complete = c->axes && c->inverse[0] && c->inverse[1] && c->spread[0] && c->spread[1] &&
                    c->turned && c->w && c->response && c->through[0] && c->through[1] &&
                    c->index && c->k && c->a && c->b && c->z;
    for (int k = 0; k < 2 && c->base.move; k++)
        complete = complete && (c->products[k] = reals(rows * rows));
    if (complete) return c;
    release(&c->base);
    return NULL;
}

static void to_reals(size_t count, const double *from, real *to)
{
    for (size_t i = 0; i < count; i++)
        to[i] = (real)from[i];
}

/* ---- the sample -------------------------------------------------------------------------------- */

/* Indices of at most *rows samples, evenly spaced among those with curvature; *rows becomes their
 * number, *share the part of the curved ones that they are. */
static void choose(size_t n, const double *h, size_t *rows, size_t *index, double *share)
{
    double most = 0.0;
    size_t curved = 0, seen = 0, taken = 0;
    for (size_t i = 0; i < n; i++)
        most = fmax(most, h[i]);
    for (size_t i = 0; i < n; i++)
        curved += h[i] > STRAIGHT * most;
    size_t count = curved < *rows ? curved : *rows;
    for (size_t i = 0; i < n && taken < count; i++)
        if (h[i] > STRAIGHT * most && seen++ * count / curved == taken) index[taken++] = i;
    *rows = taken;
    *share = curved ? (double)taken / (double)curved : 1.0;
}

/* ---- D ----------------------------------------------------------------------------------------- */

/* The least rho > the eigenvalues g e at which sum h^2 / (rho - g e)^2 <= 1: the multiplier of v's
 * slack.  top is the largest g e. */
static double multiplier(size_t d, const double *e, double g, const double *h, double top)
{
    double low = DBL_MIN, high = zg_norm(d, h);
    if (!(high > low)) return top;
    for (int k = 0; k < HALVINGS; k++) {
        double middle = sqrt(low) * sqrt(high), sum = 0.0;
        for (size_t i = 0; i < d; i++) {
            double ratio = h[i] / (top + middle - g * e[i]);
            sum += ratio * ratio;
        }
        if (sum > 1.0)
            low = middle;
        else
            high = middle;
    }
    return top + high;
}

/* D^-1 of a sign, in the coordinates of the data. */
static void spread_inverse(curvature *c, int sign, real *scaled)
{
    size_t d = c->width;
    for (size_t j = 0; j < d; j++)
        for (size_t i = 0; i < d; i++)
            scaled[j * d + i] = c->axes[j * d + i] * c->inverse[sign][j];
    gemm(false, true, d, d, d, 1, scaled, d, c->axes, d, 0, c->spread[sign], d);
}

/* V, and 1 / D of both signs. */
static zg_status take_axes(curvature *c, const zg_program *program, const zg_axes *axes,
                           double damping)
{
    size_t d = c->width;
    const double *e = axes->values;
    real *scaled = reals(d * d);
    if (!scaled) return ZG_NO_MEMORY;
    to_reals(d * d, axes->axes, c->axes);
    for (int k = 0; k < 2; k++) {
        double g = k ? -1.0 : 1.0, top = k ? -e[0] : e[d - 1];
        double rho = multiplier(d, e, g, axes->border, top);
        if (!axes->bordered) rho = fmax(rho, program->beta);
        for (size_t i = 0; i < d; i++)
            c->inverse[k][i] = (real)(1.0 / (2.0 * (rho - g * e[i]) + damping));
        spread_inverse(c, k, scaled);
    }
    free(scaled);
    return ZG_OK;
}

/* The same for v = - the factor's slopes, where the axes are not known. */
static zg_status find_axes(curvature *c, const zg_factor *factor, double damping)
{
    const zg_lift *lift = factor->program->lift;
    double *v = zg_doubles(lift->samples);
    zg_axes *axes = NULL;
    if (!v) return ZG_NO_MEMORY;
    for (size_t i = 0; i < lift->samples; i++)
        v[i] = -factor->slope[i];
    zg_status status = zg_axes_of(lift, v, &axes);
    if (status == ZG_OK) status = take_axes(c, factor->program, axes, damping);
    zg_axes_free(axes);
    free(v);
    return status;
}

/* ---- J ----------------------------------------------------------------------------------------- */

/* The sampled rows, as they are and in the coordinates V. */
static zg_status find_rows(curvature *c, const zg_factor *factor)
{
    size_t d = c->width;
    const zg_row_store *store = factor->products->store;
    double *x = zg_doubles(d * c->rows);
    real *rows = reals(d * c->rows);
    zg_status status = x && rows ? ZG_OK : ZG_NO_MEMORY;
    for (size_t i = 0; status == ZG_OK && i < c->rows; i++)
        memcpy(x + i * d, factor->program->lift->rows[0] + c->index[i] * d, d * sizeof *x);
    if (status == ZG_OK) {
        to_reals(d * c->rows, x, rows);
        gemm(true, false, d, c->rows, d, 1, c->axes, d, rows, d, 0, c->turned, d);
        /* dense products have threads of their own, and sparse ones of so few rows none */
        bool sparse = store && store->sparse && zg_blas_threads() <= 1;
        status = sample_create(d, c->rows, c->columns, sparse, x, &c->x);
    }
    free(x);
    free(rows);
    return status;
}

/* Their rows of r and what goes through t, from all samples' projections, and W. */
static void find_responses(curvature *c, const zg_factor *factor, const double *w,
                           const double *projections)
{
    zg_activation act = factor->program->lift->activation;
    size_t d = c->width, m = c->columns;
    for (int k = 0; k < 2; k++)
        c->t[k] = zg_norm(d * (c->first[k + 1] - c->first[k]), w + d * c->first[k]);
    for (size_t i = 0; i < c->rows; i++) {
        const double *p = projections + c->index[i] * m;
        real *r = c->response + i * m;
        for (int k = 0; k < 2; k++) {
            double g = k ? -1.0 : 1.0;
            size_t first = c->first[k];
            for (size_t j = first; j < c->first[k + 1]; j++)
                r[j] = (real)(2.0 * act.a * g * p[j]);
            r[first] += (real)(act.b * g * c->t[k]);
            c->through[k][i] = (real)(g * (act.b * p[first] + 2.0 * act.c * c->t[k]));
        }
    }
    to_reals(d * m, w, c->w);
}

/* ---- K ----------------------------------------------------------------------------------------- */

/* Of X D^-1 X' of one sign, below the diagonal and on it, count columns from j on; leading: of to.
 * scaled (width x rows) is X D^-1. */
static void multiply_rows(const curvature *c, const real *scaled, size_t j, size_t count, real *to,
                          size_t leading)
{
    size_t d = c->width;
    gemm(true, false, c->rows - j, count, d, 1, scaled + j * d, d, c->turned + j * d, d, 0, to,
         leading);
}

static size_t panel(const curvature *c, size_t j)
{
    return c->rows - j < PANEL ? c->rows - j : PANEL;
}

/* scaled = X D^-1 of one sign. */
static void scale_rows(const curvature *c, int sign, real *scaled)
{
    for (size_t i = 0; i < c->rows * c->width; i++)
        scaled[i] = c->turned[i] * c->inverse[sign][i % c->width];
}

static zg_status keep_products(curvature *c)
{
    size_t n = c->rows;
    if (!c->base.move) return ZG_OK;
    real *scaled = reals(c->width * n);
    if (!scaled) return ZG_NO_MEMORY;
    for (int k = 0; k < 2; k++) {
        scale_rows(c, k, scaled);
        for (size_t j = 0; j < n; j += PANEL)
            multiply_rows(c, scaled, j, panel(c, j), c->products[k] + j * n + j, n);
    }
    free(scaled);
    return ZG_OK;
}

/* z (rows) = J y, y (width x columns). */
static void apply(const curvature *c, const real *y, real *z)
{
    size_t d = c->width, n = c->rows;
    sample_respond(&c->x, y, c->response, z);
    for (int k = 0; k < 2; k++) {
        double along = 0.0;
        for (size_t i = d * c->first[k]; i < d * c->first[k + 1]; i++)
            along += (double)c->w[i] * (double)y[i];
        if (c->t[k] > 0.0) along /= c->t[k];
        for (size_t i = 0; i < n; i++)
            z[i] += (real)(along * (double)c->through[k][i]);
    }
}

/* to = D^-1 from, of the columns of one sign. */
static void divide(const curvature *c, int sign, const real *from, real *to)
{
    size_t d = c->width, first = d * c->first[sign], own = c->first[sign + 1] - c->first[sign];
    gemm(false, false, d, own, d, 1, c->spread[sign], d, from + first, d, 0, to + first, d);
}

/* What goes through t of one sign: J's rows are x r' + (s / t) W there.  With z = J D^-1 W / t,
 * K has z s' + s z' - square s s' on top of its products. */
typedef struct through {
    const real *s;
    real *z;
    real square;
} through;

/* z (rows, zeros): where to put it; left at 0 where the sign's columns have no length. */
static through find_through(curvature *c, int sign, real *z)
{
    size_t d = c->width, from = d * c->first[sign], to = d * c->first[sign + 1];
    double t = c->t[sign], square = 0.0;
    if (!(t > 0.0)) return (through){z, z, 0};
    memset(c->a, 0, d * c->columns * sizeof *c->a);
    divide(c, sign, c->w, c->a);
    for (size_t i = from; i < to; i++) {
        c->a[i] /= (real)t;
        square += (double)c->a[i] * (double)c->w[i] / t;
    }
    apply(c, c->a, z);
    return (through){c->through[sign], z, (real)square};
}

/* A column of K from its diagonal on += the part of one sign: j is which, xx and rr are its columns
 * of X D^-1 X' and R R'. */
static void add_column(real *k, size_t count, const real *xx, const real *rr, const through *t,
                       size_t j)
{
    const real *z = t->z + j, *s = t->s + j;
    real across = s[0], along = z[0] - t->square * s[0];
    for (size_t i = 0; i < count; i++)
        k[i] += xx[i] * rr[i] + z[i] * across + s[i] * along;
}

/* K's lower triangle += (X D^-1 X') o (R R') of one sign, and what goes through t. */
static zg_status add_products(curvature *c, int sign)
{
    size_t m = c->columns, n = c->rows, at = c->first[sign], own = c->first[sign + 1] - at;
    const real *r = c->response + at, *kept = c->products[sign];
    real *scaled = kept ? NULL : reals(c->width * n), *xx = kept ? NULL : reals(n * PANEL),
         *rr = reals(n * PANEL), *z = reals(n);
    zg_status status = rr && z && (kept || (scaled && xx)) ? ZG_OK : ZG_NO_MEMORY;
    through t = {0};
    if (status == ZG_OK) t = find_through(c, sign, z);
    if (status == ZG_OK && !kept) scale_rows(c, sign, scaled);
    for (size_t j = 0; status == ZG_OK && j < n; j += PANEL) {
        size_t count = panel(c, j), below = n - j, leading = kept ? n : below;
        const real *from = kept ? kept + j * n + j : xx;
        if (!kept) multiply_rows(c, scaled, j, count, xx, below);
        gemm(true, false, below, count, own, 1, r + j * m, m, r + j * m, m, 0, rr, below);
        for (size_t q = 0; q < count; q++)
            add_column(c->k + (j + q) * (n + 1), below - q, from + q * (leading + 1),
                       rr + q * (below + 1), &t, j + q);
    }
    free(scaled);
    free(xx);
    free(rr);
    free(z);
    return status;
}

/* K at w, inverted; h (samples): the loss's curvature.  Rows that have lost theirs since they were
 * chosen keep what is left of it. */
static zg_status factorise(curvature *c, const double *h)
{
    size_t n = c->rows;
    double least = 0.0;
    for (size_t i = 0; i < n; i++)
        least = fmax(least, STRAIGHT * h[c->index[i]]);
    if (!(least > 0.0)) return ZG_FAILED;
    memset(c->k, 0, n * n * sizeof *c->k);
    zg_status status = ZG_OK;
    for (int k = 0; status == ZG_OK && k < 2; k++)
        status = add_products(c, k);
    if (status != ZG_OK) return status;
    for (size_t i = 0; i < n; i++)
        c->k[i * (n + 1)] += (real)(c->share / fmax(h[c->index[i]], least));
    return cholesky(n, c->k);
}

static zg_status move(zg_curvature *base, const zg_factor *factor, const double *w,
                      const double *projections, const double *f)
{
    curvature *c = (curvature *)base;
    double *h = zg_doubles(factor->program->lift->samples);
    zg_status status = h ? zg_factor_curvature(factor, f, h) : ZG_NO_MEMORY;
    if (status == ZG_OK) {
        find_responses(c, factor, w, projections);
        status = factorise(c, h);
    }
    free(h);
    return status;
}

/* The sample, of at most rows rows, and all that depends on it. */
static zg_status create(const zg_factor *factor, const double *w, size_t rows, double damping,
                        const zg_axes *axes, const double *h, curvature **out)
{
    size_t n = factor->program->lift->samples, *index = calloc(n, sizeof *index);
    double share;
    if (!index) return ZG_NO_MEMORY;
    choose(n, h, &rows, index, &share);
    curvature *c = rows > 0 ? allocate(factor, rows) : NULL;
    zg_status status = c ? ZG_OK : rows > 0 ? ZG_NO_MEMORY : ZG_FAILED;
    if (c) {
        c->share = share;
        c->base.whole = share == 1.0;
        memcpy(c->index, index, rows * sizeof *index);
        if (axes)
            status = take_axes(c, factor->program, axes, damping);
        else
            status = find_axes(c, factor, damping);
    }
    free(index);
    if (status == ZG_OK) status = find_rows(c, factor);
    if (status == ZG_OK) status = keep_products(c);
    if (status == ZG_OK) {
        find_responses(c, factor, w, factor->projections);
        status = factorise(c, h);
        free(c->turned);
        c->turned = NULL;
    }
    *out = c;
    return status;
}

zg_status CREATE(zg_factor *factor, const double *w, size_t rows, double damping,
                 const zg_axes *axes, zg_curvature **out)
{
    size_t n = factor->program->lift->samples;
    double *f = zg_doubles(2 * n), *h = f ? f + n : NULL;
    curvature *c = NULL;
    *out = NULL;
    if (!f) return ZG_NO_MEMORY;
    double value = zg_factor_value(factor, w, NULL, f);
    zg_status status = isfinite(value) ? zg_factor_curvature(factor, f, h) : ZG_FAILED;
    if (status == ZG_OK) status = create(factor, w, rows, damping, axes, h, &c);
    free(f);
    if (status == ZG_OK)
        *out = &c->base;
    else if (c)
        release(&c->base);
    return status;
}

/* ---- H^-1 -------------------------------------------------------------------------------------- */

/* y (width x columns) = J' z; z (rows). */
static void apply_transpose(const curvature *c, const real *z, real *y)
{
    size_t d = c->width, n = c->rows;
    sample_add_up(&c->x, z, c->response, y);
    for (int k = 0; k < 2; k++) {
        double along = 0.0;
        for (size_t i = 0; i < n; i++)
            along += (double)z[i] * (double)c->through[k][i];
        if (c->t[k] > 0.0) along /= c->t[k];
        for (size_t i = d * c->first[k]; i < d * c->first[k + 1]; i++)
            y[i] += (real)(along * (double)c->w[i]);
    }
}

static void solve(const zg_curvature *base, const double *gradient, double *step)
{
    const curvature *c = (const curvature *)base;
    size_t d = c->width, m = c->columns;
    double size = zg_norm(d * m, gradient);
    if (!(size > 0.0) || !isfinite(size)) {
        memset(step, 0, d * m * sizeof *step);
        return;
    }
    for (size_t i = 0; i < d * m; i++)
        c->b[i] = (real)(gradient[i] / size);
    for (int k = 0; k < 2; k++)
        divide(c, k, c->b, c->a);
    apply(c, c->a, c->z);
    cholesky_solve(c->rows, c->k, 1, c->z);
    apply_transpose(c, c->z, c->a);
    for (size_t i = 0; i < d * m; i++)
        c->a[i] = c->b[i] - c->a[i];
    for (int k = 0; k < 2; k++)
        divide(c, k, c->a, c->b);
    for (size_t i = 0; i < d * m; i++)
        step[i] = size * (double)c->b[i];
}
