/*
 * A method as a plug-in: the alternating direction method for semidefinite programs.
 *
 *     cc -O2 -shared -fPIC admm.c -o libadmm.so -llapacke -lm
 *     zerogap train --plugin ./libadmm.so --data D --beta 1
 *
 * Z. Wen, D. Goldfarb, W. Yin, "Alternating direction augmented Lagrangian methods for semidefinite
 * programming", Math. Program. Comput. 2 (2010): per iteration one eigenvalue decomposition for
 * every block and one solve with A A', factorised once.  It is short, not fast: for small programs.
 */
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zerogap-plugin.h>

static const zgp_option options[] = {
    {"iterations", "20000", "most iterations"},
    {"accuracy", "1e-9", "relative residuals and gap at which it ends"},
};

typedef struct state {
    const zgp_sdp *sdp;
    size_t m, n;  /* variables; values of x and z */
    double *a;    /* m x n: the matrices A_k, symmetric ones in full */
    double *c;    /* n */
    double *gram; /* m x m: the Cholesky factor of A A' */
    double *v;    /* n: what is split into Z and X */
    double *right, *eigen, *work;
    double penalty;
} state;

static double dot(size_t n, const double *a, const double *b)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

static double size_of(size_t n, const double *a)
{
    return sqrt(dot(n, a, a));
}

static void free_state(state *s)
{
    free(s->a);
}

/* One allocation, and the matrices in it. */
static int make_state(const zgp_sdp *sdp, state *s)
{
    size_t m = sdp->variables, n = sdp->values, largest = 1;
    for (size_t b = 0; b < sdp->blocks; b++)
        if (sdp->orders[b] > 0 && (size_t)sdp->orders[b] > largest)
            largest = (size_t)sdp->orders[b];
    *s = (state){.sdp = sdp, .m = m, .n = n, .penalty = 1};
    s->a = calloc(m * n + 2 * n + m * m + m + largest + largest * largest, sizeof *s->a);
    if (!s->a) return 0;
    s->c = s->a + m * n;
    s->v = s->c + n;
    s->gram = s->v + n;
    s->right = s->gram + m * m;
    s->eigen = s->right + m;
    s->work = s->eigen + largest;
    for (size_t e = 0; e < sdp->entries; e++) {
        const zgp_entry *entry = &sdp->entry[e];
        double *matrix = entry->matrix ? s->a + (size_t)(entry->matrix - 1) * n : s->c;
        int order = sdp->orders[entry->block];
        size_t i = (size_t)entry->row, j = (size_t)entry->column;
        double *block = matrix + sdp->offsets[entry->block];
        if (order < 0) {
            block[i] = entry->value;
        } else {
            block[i * (size_t)order + j] = entry->value;
            block[j * (size_t)order + i] = entry->value;
        }
    }
    for (size_t k = 0; k < m; k++)
        for (size_t l = 0; l <= k; l++)
            s->gram[k * m + l] = dot(n, s->a + k * n, s->a + l * n);
    return LAPACKE_dpotrf(LAPACK_ROW_MAJOR, 'L', (lapack_int)m, s->gram, (lapack_int)m) == 0;
}

/* y = (A A')^-1 (A(C + Z) + penalty (A(X) - a)): exact minimisation over y. */
static void update_y(state *s, zgp_point *p)
{
    size_t n = s->n;
    for (size_t k = 0; k < s->m; k++) {
        const double *a = s->a + k * n;
        s->right[k] =
            dot(n, a, s->c) + dot(n, a, p->z) + s->penalty * (dot(n, a, p->x) - s->sdp->cost[k]);
    }
    LAPACKE_dpotrs(LAPACK_ROW_MAJOR, 'L', (lapack_int)s->m, 1, s->gram, (lapack_int)s->m, s->right,
                   1);
    memcpy(p->y, s->right, s->m * sizeof *p->y);
}

/* The positive and the negative part of one block of v. */
static void split(state *s, size_t block, double *z, double *x)
{
    int order = s->sdp->orders[block];
    const double *v = s->v + s->sdp->offsets[block];
    size_t n = order > 0 ? (size_t)order : (size_t)-order;
    if (order < 0) {
        for (size_t i = 0; i < n; i++) {
            z[i] = v[i] > 0 ? v[i] : 0;
            x[i] = (z[i] - v[i]) / s->penalty;
        }
        return;
    }
    memcpy(s->work, v, n * n * sizeof *v);
    LAPACKE_dsyevd(LAPACK_ROW_MAJOR, 'V', 'U', order, s->work, order, s->eigen);
    memset(z, 0, n * n * sizeof *z);
    for (size_t k = 0; k < n; k++)
        for (size_t i = 0; s->eigen[k] > 0 && i < n; i++)
            for (size_t j = 0; j < n; j++)
                z[i * n + j] += s->eigen[k] * s->work[i * n + k] * s->work[j * n + k];
    for (size_t i = 0; i < n * n; i++)
        x[i] = (z[i] - v[i]) / s->penalty;
}

/* V = A'y - C - penalty X; Z is its positive part, X what is missing to that. */
static void update_cones(state *s, zgp_point *p)
{
    for (size_t i = 0; i < s->n; i++)
        s->v[i] = -s->c[i] - s->penalty * p->x[i];
    for (size_t k = 0; k < s->m; k++)
        for (size_t i = 0; i < s->n; i++)
            s->v[i] += p->y[k] * s->a[k * s->n + i];
    for (size_t b = 0; b < s->sdp->blocks; b++)
        split(s, b, p->z + s->sdp->offsets[b], p->x + s->sdp->offsets[b]);
}

/* The largest relative error, and a penalty that keeps the two residuals alike. */
static double measure(state *s, const zgp_point *p, int adapt)
{
    size_t n = s->n, m = s->m;
    double primal = dot(n, s->c, p->x), dual = dot(m, s->sdp->cost, p->y);
    for (size_t i = 0; i < n; i++)
        s->v[i] = -s->c[i] - p->z[i];
    for (size_t k = 0; k < m; k++) {
        for (size_t i = 0; i < n; i++)
            s->v[i] += p->y[k] * s->a[k * n + i];
        s->right[k] = dot(n, s->a + k * n, p->x) - s->sdp->cost[k];
    }
    double equations = size_of(m, s->right) / (1 + size_of(m, s->sdp->cost));
    double slack = size_of(n, s->v) / (1 + size_of(n, s->c));
    double gap = fabs(dual - primal) / (1 + fabs(primal) + fabs(dual));
    if (adapt && equations > 5 * slack) s->penalty *= 1.5;
    if (adapt && slack > 5 * equations) s->penalty /= 1.5;
    return fmax(gap, fmax(equations, slack));
}

static int solve(const zgp_call *call, const zgp_sdp *sdp, zgp_point *point)
{
    state s;
    long most = atol(call->values[0]);
    double accuracy = atof(call->values[1]), error = INFINITY;
    if (!make_state(sdp, &s)) {
        free_state(&s);
        return ZGP_FAILED;
    }
    for (long k = 1; k <= most && error > accuracy; k++) {
        update_y(&s, point);
        update_cones(&s, point);
        if (k % 20 == 0) error = measure(&s, point, k % 100 == 0);
        if (k % 200 == 0 && !call->report(call)) break;
    }
    free_state(&s);
    return error <= accuracy ? ZGP_OPTIMAL : ZGP_UNSURE;
}

const zgp_plugin *zgp_plugin_get(void)
{
    static const zgp_plugin plugin = {.version = ZGP_VERSION,
                                      .name = "admm",
                                      .about = "ADMM 1.0, alternating directions, an example",
                                      .options = options,
                                      .option_count = sizeof options / sizeof *options,
                                      .solve_sdp = solve};
    return &plugin;
}
