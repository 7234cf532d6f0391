/* Chord relaxations of the weight-decay program, in GLPK. */
#include "baselines/weight_decay/lp.h"

#include "baselines/weight_decay/descent.h"

#include <glpk.h>
#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

struct zg_decay_lp {
    const zg_decay_problem *problem;
    const zg_decay_pair *pairs; /* columns, or NULL */
    zg_decay_fault fault;
    zg_limit *limit;           /* or NULL */
    zg_decay_descent *descent; /* squared loss only */
    unsigned long environment; /* that lp and range belong to */
    glp_prob *lp;              /* NULL after a breakdown, built anew by the next solve */
    glp_prob *range;           /* a copy with the objective as a row, during range reduction */
    double offset;             /* constant of the relaxation: sum of the chords' intercepts */
    double *lower, *upper;     /* columns: what the LP has now */
    double *intercept;         /* columns */
    bool *changed;             /* columns: scratch of set_box */
    double *v, *ray, *w;       /* rows, rows, columns */
    int *index;                /* scratch for a row or column of the LP, 1-based */
    double *value;
    double objective;
    long pivots;
    bool weighted; /* costs are not those of the box */
    jmp_buf jump;
};

/* ---- GLPK's errors ------------------------------------------------------------------------- */

/* Counts the environments that GLPK has had in this thread: an environment is the thread's, and
 * freeing it frees the programs of every relaxation there is in the thread. */
static _Thread_local unsigned long environments;

/* Forgets programs that went with their environment. */
static void forget_the_freed(zg_decay_lp *lp)
{
    if (lp->environment == environments) return;
    lp->environment = environments;
    lp->lp = NULL;
    lp->range = NULL;
}

/* GLPK reports impossible states here and would abort; everything it holds in this thread is given
 * back before control returns to the caller. */
static void on_error(void *info)
{
    zg_decay_lp *lp = info;
    glp_free_env();
    environments++;
    longjmp(lp->jump, 1);
}

/* An error turns the terminal output on and prints: a library does not. */
static int print_nothing(void *info, const char *text)
{
    (void)info;
    (void)text;
    return 1;
}

typedef void (*lp_work)(zg_decay_lp *lp, void *argument);

/* Runs work with terminal output off; false when GLPK gave up. */
static bool guarded(zg_decay_lp *lp, lp_work work, void *argument)
{
    forget_the_freed(lp);
    int previous = glp_term_out(GLP_OFF);
    glp_term_hook(print_nothing, NULL);
    glp_error_hook(on_error, lp);
    if (setjmp(lp->jump) != 0) {
        forget_the_freed(lp);
        return false;
    }
    if (lp->fault.breaks && lp->fault.breaks(lp->fault.context)) glp_error("a test's error\n");
    work(lp, argument);
    glp_error_hook(NULL, NULL);
    glp_term_hook(NULL, NULL);
    glp_term_out(previous);
    return true;
}

/* ---- building ------------------------------------------------------------------------------ */

static int positive_column(size_t k)
{
    return (int)k + 1;
}

static int negative_column(const zg_decay_lp *lp, size_t k)
{
    return (int)(lp->problem->columns + k) + 1;
}

/* |r_i| = its positive part + its negative part. */
static void add_absolute_loss(zg_decay_lp *lp)
{
    const zg_decay_problem *problem = lp->problem;
    glp_add_cols(lp->lp, 2 * (int)problem->rows);
    for (size_t i = 0; i < problem->rows; i++) {
        int index[2] = {0, (int)i + 1};
        for (int sign = 1; sign >= -1; sign -= 2) {
            int column = (int)(2 * problem->columns + (sign > 0 ? 0 : problem->rows) + i) + 1;
            double entry[2] = {0.0, -sign};
            glp_set_mat_col(lp->lp, column, 1, index, entry);
            glp_set_col_bnds(lp->lp, column, GLP_LO, 0.0, 0.0); /* no upper bound: |v_i| <= 1 */
            glp_set_obj_coef(lp->lp, column, 1.0);
        }
    }
}

static void build(zg_decay_lp *lp, void *argument)
{
    (void)argument;
    const zg_decay_problem *problem = lp->problem;
    lp->lp = glp_create_prob();
    glp_add_rows(lp->lp, (int)problem->rows);
    glp_add_cols(lp->lp, 2 * (int)problem->columns);
    for (size_t i = 0; i < problem->rows; i++)
        glp_set_row_bnds(lp->lp, (int)i + 1, GLP_FX, problem->y[i], problem->y[i]);
    for (size_t k = 0; k < problem->columns; k++) {
        for (int sign = 1; sign >= -1; sign -= 2) {
            int count = 0;
            for (size_t i = 0; i < problem->rows; i++) {
                double entry = problem->phi[i * problem->columns + k];
                if (entry == 0.0) continue;
                lp->index[++count] = (int)i + 1;
                lp->value[count] = sign * entry;
            }
            int column = sign > 0 ? positive_column(k) : negative_column(lp, k);
            glp_set_mat_col(lp->lp, column, count, lp->index, lp->value);
        }
        lp->lower[k] = lp->upper[k] = NAN;
    }
    if (zg_loss_has(problem->loss, ZG_LOSS_DISTANCE)) add_absolute_loss(lp);
}

zg_status zg_decay_lp_create(const zg_decay_problem *problem, const zg_decay_pair *pairs,
                             const zg_decay_fault *fault, zg_limit *limit, zg_decay_lp **out,
                             zg_error *error)
{
    zg_decay_lp *lp = calloc(1, sizeof *lp);
    if (!lp) return zg_no_memory(error);
    size_t n = problem->columns, m = problem->rows, widest = 2 * (n + m) + m + 2;
    lp->problem = problem;
    lp->pairs = pairs;
    lp->limit = limit;
    lp->environment = environments;
    if (fault) lp->fault = *fault;
    lp->lower = calloc(n + 1, sizeof *lp->lower);
    lp->upper = calloc(n + 1, sizeof *lp->upper);
    lp->intercept = calloc(n + 1, sizeof *lp->intercept);
    lp->changed = calloc(n + 1, sizeof *lp->changed);
    lp->v = calloc(m + 1, sizeof *lp->v);
    lp->ray = calloc(m + 1, sizeof *lp->ray);
    lp->w = calloc(n + 1, sizeof *lp->w);
    lp->index = calloc(widest, sizeof *lp->index);
    lp->value = calloc(widest, sizeof *lp->value);
    if (!lp->lower || !lp->upper || !lp->intercept || !lp->changed || !lp->v || !lp->ray ||
        !lp->w || !lp->index || !lp->value) {
        zg_decay_lp_free(lp);
        return zg_no_memory(error);
    }
    if (zg_loss_has(problem->loss, ZG_LOSS_QUADRATIC)) {
        zg_status status = zg_decay_descent_create(problem, limit, &lp->descent, error);
        if (status != ZG_OK) {
            zg_decay_lp_free(lp);
            return status;
        }
    } else if (!guarded(lp, build, NULL)) {
        zg_decay_lp_free(lp);
        return zg_fail(error, ZG_FAILED, "GLPK could not build the relaxation");
    }
    *out = lp;
    return ZG_OK;
}

void zg_decay_lp_free(zg_decay_lp *lp)
{
    if (!lp) return;
    forget_the_freed(lp);
    if (lp->range) glp_delete_prob(lp->range);
    if (lp->lp) glp_delete_prob(lp->lp);
    zg_decay_descent_free(lp->descent);
    free(lp->lower);
    free(lp->upper);
    free(lp->intercept);
    free(lp->changed);
    free(lp->v);
    free(lp->ray);
    free(lp->w);
    free(lp->index);
    free(lp->value);
    free(lp);
}

/* ---- the box ------------------------------------------------------------------------------- */

static void set_interval(glp_prob *lp, int column, double lower, double upper, double cost)
{
    glp_set_col_bnds(lp, column, lower < upper ? GLP_DB : GLP_FX, lower, upper);
    glp_set_obj_coef(lp, column, cost);
}

static double penalty(const zg_decay_lp *lp, double t)
{
    return lp->problem->lambda * pow(fabs(t), lp->problem->power);
}

/* Slope of the chord from 0 to t > 0; steep but finite near 0. */
static double slope_to(const zg_decay_lp *lp, double t)
{
    return lp->problem->lambda * pow(fmax(t, 1e-12), lp->problem->power - 1.0);
}

/* One-signed interval 0 <= near < far of `column`; the other column is fixed at 0. */
static double set_chord(zg_decay_lp *lp, int column, int other, double near, double far)
{
    double slope = far > near ? (penalty(lp, far) - penalty(lp, near)) / (far - near) : 0.0;
    set_interval(lp->lp, column, near, far, slope);
    set_interval(lp->lp, other, 0.0, 0.0, 0.0);
    return penalty(lp, near) - slope * near;
}

static void set_single(zg_decay_lp *lp, size_t k, double l, double u)
{
    int p = positive_column(k), q = negative_column(lp, k);
    lp->intercept[k] = 0.0;
    if (l >= 0.0) {
        lp->intercept[k] = set_chord(lp, p, q, l, u);
    } else if (u <= 0.0) {
        lp->intercept[k] = set_chord(lp, q, p, -u, -l);
    } else {
        set_interval(lp->lp, p, 0.0, u, slope_to(lp, u));
        set_interval(lp->lp, q, 0.0, -l, slope_to(lp, -l));
    }
}

static void set_range(zg_decay_lp *lp, size_t k, double l, double u)
{
    int p = positive_column(k), q = negative_column(lp, k);
    set_interval(lp->lp, p, fmax(l, 0.0), fmax(u, 0.0), 0.0);
    set_interval(lp->lp, q, fmax(-u, 0.0), fmax(-l, 0.0), 0.0);
}

static double pair_penalty(const zg_decay_lp *lp, const zg_decay_pair *pair, double w)
{
    return penalty(lp, w) + penalty(lp, (pair->rhs - pair->alpha * w) / pair->gamma);
}

/*
 * The envelope of both penalties of a pair, in its leader's w: the lower hull of the values at the
 * ends and at the kinks 0 and c = rhs / alpha.  With three slopes s1 <= s2 <= s3 around the kinks,
 * low < high, and r = alpha / gamma it is, up to a constant and for the kink order that the sign of
 * c and r gives, a cost on the four columns p, q of leader and follower: the slope between the
 * kinks on the leader, the bends on whichever column is 0 on the other side of its kink.
 */
static void set_pair(zg_decay_lp *lp, size_t k, double l, double u)
{
    const zg_decay_pair *pair = lp->pairs + k;
    size_t f = pair->partner;
    double c = pair->rhs / pair->alpha, point[4] = {l}, value[4];
    double kink[2] = {fmin(0.0, c), fmax(0.0, c)};
    size_t count = 1;
    for (int i = 0; i < 2; i++)
        if (kink[i] > point[count - 1] && kink[i] < u) point[count++] = kink[i];
    if (u > l) point[count++] = u;
    for (size_t i = 0; i < count; i++)
        value[i] = pair_penalty(lp, pair, point[i]);
    /* Lower hull. */
    size_t top = 0;
    for (size_t i = 1; i < count; i++) {
        while (top > 0 && (value[top] - value[top - 1]) * (point[i] - point[top]) >=
                              (value[i] - value[top]) * (point[top] - point[top - 1]))
            top--;
        point[++top] = point[i];
        value[top] = value[i];
    }
    set_range(lp, k, l, u);
    set_range(lp, f, lp->lower[f], lp->upper[f]);
    /* The base slope is that of the segment on w >= 0 next to 0 (or of the only one); each kink on
     * the hull adds a bend. */
    double base = top > 0 ? (value[1] - value[0]) / (point[1] - point[0]) : 0.0;
    double intercept = value[0] - base * point[0];
    double cost[2] = {base, -base}, bend[2] = {0.0, 0.0}; /* p, q of leader; p, q of follower */
    double r = pair->alpha / pair->gamma;
    for (size_t i = 1; i < top; i++) {
        double slope = (value[i + 1] - value[i]) / (point[i + 1] - point[i]);
        double before = (value[i] - value[i - 1]) / (point[i] - point[i - 1]);
        if (point[i] == 0.0)
            cost[0] += slope - before; /* on w > 0 */
        else if (r > 0.0)
            bend[1] += (slope - before) / r; /* w > c is where the follower is negative */
        else
            bend[0] -= (slope - before) / r;
    }
    glp_set_obj_coef(lp->lp, positive_column(k), cost[0]);
    glp_set_obj_coef(lp->lp, negative_column(lp, k), cost[1]);
    glp_set_obj_coef(lp->lp, positive_column(f), bend[0]);
    glp_set_obj_coef(lp->lp, negative_column(lp, f), bend[1]);
    lp->intercept[k] = intercept;
    lp->intercept[f] = 0.0;
}

static void set_column(zg_decay_lp *lp, size_t k)
{
    zg_decay_role role = lp->pairs ? lp->pairs[k].role : ZG_DECAY_SINGLE;
    if (role == ZG_DECAY_SINGLE) set_single(lp, k, lp->lower[k], lp->upper[k]);
    if (role == ZG_DECAY_LEADER) set_pair(lp, k, lp->lower[k], lp->upper[k]);
    if (role == ZG_DECAY_FOLLOWER) {
        size_t leader = lp->pairs[k].partner;
        if (!isnan(lp->lower[leader])) set_pair(lp, leader, lp->lower[leader], lp->upper[leader]);
    }
}

static void set_box(zg_decay_lp *lp, const double *lower, const double *upper)
{
    double offset = 0.0;
    size_t columns = lp->problem->columns;
    for (size_t k = 0; k < columns; k++) {
        bool same = lower[k] == lp->lower[k] && upper[k] == lp->upper[k];
        lp->changed[k] = !same || lp->weighted;
        lp->lower[k] = lower[k];
        lp->upper[k] = upper[k];
    }
    for (size_t k = 0; k < columns; k++)
        if (lp->changed[k]) set_column(lp, k);
    for (size_t k = 0; k < columns; k++)
        offset += lp->intercept[k];
    lp->weighted = false;
    lp->offset = offset;
    glp_set_obj_coef(lp->lp, 0, offset);
}

/* ---- solving ------------------------------------------------------------------------------- */

static void read_solution(zg_decay_lp *lp, glp_prob *from)
{
    for (size_t i = 0; i < lp->problem->rows; i++)
        lp->v[i] = glp_get_row_dual(from, (int)i + 1);
    for (size_t k = 0; k < lp->problem->columns; k++)
        lp->w[k] = glp_get_col_prim(from, positive_column(k)) -
                   glp_get_col_prim(from, negative_column(lp, k));
    lp->objective = glp_get_obj_val(from);
}

/* The row of the inverse basis that belongs to the variable which cannot be made feasible. */
static bool read_ray(zg_decay_lp *lp)
{
    int m = glp_get_num_rows(lp->lp), variable = glp_get_unbnd_ray(lp->lp);
    memset(lp->ray, 0, lp->problem->rows * sizeof *lp->ray);
    if (variable == 0 || !glp_bf_exists(lp->lp)) return false;
    int position =
        variable <= m ? glp_get_row_bind(lp->lp, variable) : glp_get_col_bind(lp->lp, variable - m);
    if (position == 0) return false;
    double *x = lp->value; /* an error of GLPK's would leave an array of our own behind */
    memset(x, 0, ((size_t)m + 1) * sizeof *x);
    x[position] = 1.0;
    glp_btran(lp->lp, x);
    memcpy(lp->ray, x + 1, lp->problem->rows * sizeof *lp->ray);
    return true;
}

static zg_decay_lp_status read_status(zg_decay_lp *lp, int code)
{
    read_solution(lp, lp->lp);
    int status = glp_get_status(lp->lp);
    if (code == GLP_EOBJUL) return ZG_DECAY_LP_CUTOFF;
    if (code == 0 && status == GLP_OPT) return ZG_DECAY_LP_OPTIMAL;
    if (code == 0 && status == GLP_NOFEAS && read_ray(lp)) return ZG_DECAY_LP_INFEASIBLE;
    return ZG_DECAY_LP_DOUBTFUL;
}

/* Milliseconds for GLPK, of at most `most` seconds. */
static int milliseconds_left(const zg_decay_lp *lp, double most)
{
    double left = fmin(most, zg_limit_left(lp->limit));
    return left < 1e6 ? (int)ceil(1000.0 * left) : INT_MAX;
}

static int run_simplex(zg_decay_lp *lp, glp_prob *prob, int method, double cutoff)
{
    glp_smcp parameters;
    glp_init_smcp(&parameters);
    parameters.msg_lev = GLP_MSG_OFF;
    parameters.meth = method;
    parameters.tm_lim = milliseconds_left(lp, INFINITY);
    parameters.it_lim = 1000 + 20 * (glp_get_num_rows(prob) + glp_get_num_cols(prob));
    if (isfinite(cutoff)) parameters.obj_ul = cutoff;
    int before = glp_get_it_cnt(prob);
    int code = glp_simplex(prob, &parameters);
    if (code == GLP_EBADB || code == GLP_ESING || code == GLP_ECOND) {
        glp_std_basis(prob);
        code = glp_simplex(prob, &parameters);
    }
    lp->pivots += glp_get_it_cnt(prob) - before;
    return code;
}

typedef struct zg_solve_request {
    const double *lower, *upper;
    const double *weight; /* or NULL */
    double cutoff;
    zg_decay_lp_status status;
} solve_request;

static void set_weights(zg_decay_lp *lp, const double *weight)
{
    for (size_t k = 0; k < lp->problem->columns; k++) {
        glp_set_obj_coef(lp->lp, positive_column(k), weight[k]);
        glp_set_obj_coef(lp->lp, negative_column(lp, k), weight[k]);
    }
    lp->weighted = true;
    glp_set_obj_coef(lp->lp, 0, 0.0);
}

static void solve(zg_decay_lp *lp, void *argument)
{
    solve_request *request = argument;
    if (!lp->lp) build(lp, NULL);
    set_box(lp, request->lower, request->upper);
    if (request->weight) set_weights(lp, request->weight);
    int method = request->weight ? GLP_PRIMAL : GLP_DUALP;
    int code = run_simplex(lp, lp->lp, method, request->cutoff);
    request->status = read_status(lp, code);
}

/* The squared loss: no linear program, coordinate descent. */
static void descend(zg_decay_lp *lp, solve_request *request)
{
    lp->objective = zg_decay_descent_minimise(lp->descent, request->lower, request->upper,
                                              request->weight, lp->w, lp->v);
    request->status = ZG_DECAY_LP_OPTIMAL;
}

static zg_decay_lp_status run(zg_decay_lp *lp, solve_request *request)
{
    request->status = ZG_DECAY_LP_DOUBTFUL;
    if (zg_limit_reached(lp->limit)) {
        memset(lp->v, 0, lp->problem->rows * sizeof *lp->v);
    } else if (lp->descent) {
        descend(lp, request);
    } else if (!guarded(lp, solve, request)) {
        memset(lp->v, 0, lp->problem->rows * sizeof *lp->v);
        request->status = ZG_DECAY_LP_DOUBTFUL;
    }
    if (lp->fault.strike)
        lp->fault.strike(lp->fault.context, &request->status, lp->problem->rows, lp->v,
                         lp->problem->columns, lp->w);
    return request->status;
}

zg_decay_lp_status zg_decay_lp_solve(zg_decay_lp *lp, const double *lower, const double *upper,
                                     double cutoff)
{
    solve_request request = {.lower = lower, .upper = upper, .cutoff = cutoff};
    return run(lp, &request);
}

zg_decay_lp_status zg_decay_lp_weighted(zg_decay_lp *lp, const double *lower, const double *upper,
                                        const double *weight)
{
    solve_request request = {.lower = lower, .upper = upper, .weight = weight, .cutoff = INFINITY};
    return run(lp, &request);
}

typedef struct zg_exact_request {
    double seconds;
    zg_decay_lp_status status;
} exact_request;

/* Zero, or far from underflow and overflow. */
static bool is_moderate(double x)
{
    return x == 0.0 || (fabs(x) >= 1e-100 && fabs(x) <= 1e100);
}

/* GLPK fails on numbers that are not finite and on reduced costs that underflow as doubles, and the
 * rational numbers of that moment are lost: GMP's memory does not belong to its environment. */
static bool suits_rational_arithmetic(const zg_decay_lp *lp)
{
    const zg_decay_problem *problem = lp->problem;
    for (size_t e = 0; e < problem->rows * problem->columns; e++)
        if (!is_moderate(problem->phi[e])) return false;
    for (int j = 0; j <= glp_get_num_cols(lp->lp); j++) /* 0: the offset */
        if (!is_moderate(glp_get_obj_coef(lp->lp, j))) return false;
    return true;
}

static void solve_exactly(zg_decay_lp *lp, void *argument)
{
    exact_request *request = argument;
    if (!lp->lp || !suits_rational_arithmetic(lp)) return;
    glp_smcp parameters;
    glp_init_smcp(&parameters);
    parameters.msg_lev = GLP_MSG_OFF;
    parameters.tm_lim = milliseconds_left(lp, request->seconds);
    int code = glp_exact(lp->lp, &parameters);
    read_solution(lp, lp->lp);
    if (code == 0 && glp_get_status(lp->lp) == GLP_OPT) request->status = ZG_DECAY_LP_OPTIMAL;
}

zg_decay_lp_status zg_decay_lp_solve_exactly(zg_decay_lp *lp, double seconds)
{
    exact_request request = {seconds, ZG_DECAY_LP_DOUBTFUL};
    if (!guarded(lp, solve_exactly, &request)) request.status = ZG_DECAY_LP_DOUBTFUL;
    if (lp->fault.strike)
        lp->fault.strike(lp->fault.context, &request.status, lp->problem->rows, lp->v,
                         lp->problem->columns, lp->w);
    return request.status;
}

/* ---- range reduction ----------------------------------------------------------------------- */

static void range_begin(zg_decay_lp *lp, void *argument)
{
    const double *cutoff = argument;
    if (!lp->lp || lp->weighted) return;
    glp_prob *range = glp_create_prob();
    lp->range = range;
    glp_copy_prob(range, lp->lp, GLP_OFF);
    int columns = glp_get_num_cols(range), count = 0;
    for (int j = 1; j <= columns; j++) {
        double cost = glp_get_obj_coef(range, j);
        glp_set_obj_coef(range, j, 0.0);
        if (cost == 0.0 || glp_get_col_type(range, j) == GLP_FX) continue;
        lp->index[++count] = j;
        lp->value[count] = cost;
    }
    int row = glp_add_rows(range, 1);
    glp_set_mat_row(range, row, count, lp->index, lp->value);
    double fixed = 0.0;
    for (int j = 1; j <= columns; j++)
        if (glp_get_col_type(range, j) == GLP_FX)
            fixed += glp_get_obj_coef(lp->lp, j) * glp_get_col_lb(range, j);
    glp_set_row_bnds(range, row, GLP_UP, 0.0, *cutoff - lp->offset - fixed);
    glp_set_obj_coef(range, 0, 0.0);
}

bool zg_decay_lp_range_begin(zg_decay_lp *lp, double cutoff)
{
    return guarded(lp, range_begin, &cutoff) && lp->range;
}

typedef struct zg_range_request {
    size_t k;
    double direction;
    bool useful;
} range_request;

static void range(zg_decay_lp *lp, void *argument)
{
    range_request *request = argument;
    glp_prob *prob = lp->range;
    if (!prob) return; /* it went with its environment */
    int p = positive_column(request->k), q = negative_column(lp, request->k);
    int row = glp_get_num_rows(prob);
    glp_set_obj_coef(prob, p, request->direction);
    glp_set_obj_coef(prob, q, -request->direction);
    int code = run_simplex(lp, prob, GLP_PRIMAL, INFINITY);
    glp_set_obj_coef(prob, p, 0.0);
    glp_set_obj_coef(prob, q, 0.0);
    if (code != 0 || glp_get_status(prob) != GLP_OPT) return;
    read_solution(lp, prob);
    /* direction w_k - v'(..) + mu (objective - cutoff): in units of the program, divide by mu. */
    double mu = -glp_get_row_dual(prob, row);
    double scale = 1.0 / fmax(mu, 1e-9);
    for (size_t i = 0; i < lp->problem->rows; i++)
        lp->v[i] *= scale;
    request->useful = true;
}

bool zg_decay_lp_range(zg_decay_lp *lp, size_t k, double direction)
{
    range_request request = {k, direction, false};
    if (!lp->range || !guarded(lp, range, &request)) return false;
    if (request.useful && lp->fault.strike) {
        zg_decay_lp_status status = ZG_DECAY_LP_OPTIMAL;
        lp->fault.strike(lp->fault.context, &status, lp->problem->rows, lp->v, lp->problem->columns,
                         lp->w);
        request.useful = status == ZG_DECAY_LP_OPTIMAL;
    }
    return request.useful;
}

void zg_decay_lp_range_end(zg_decay_lp *lp)
{
    forget_the_freed(lp);
    if (lp->range) glp_delete_prob(lp->range);
    lp->range = NULL;
}

/* ---- results ------------------------------------------------------------------------------- */

const double *zg_decay_lp_multipliers(const zg_decay_lp *lp)
{
    return lp->v;
}

const double *zg_decay_lp_ray(const zg_decay_lp *lp)
{
    return lp->ray;
}

const double *zg_decay_lp_point(const zg_decay_lp *lp)
{
    return lp->w;
}

double zg_decay_lp_value(const zg_decay_lp *lp)
{
    return lp->objective;
}

long zg_decay_lp_pivots(const zg_decay_lp *lp)
{
    return lp->pivots;
}

/* ---- the basis ----------------------------------------------------------------------------- */

size_t zg_decay_lp_basis_size(const zg_decay_lp *lp)
{
    size_t m = lp->problem->rows, n = lp->problem->columns;
    if (lp->descent) return 0;
    return m + 2 * n + (zg_loss_has(lp->problem->loss, ZG_LOSS_EXACT) ? 0 : 2 * m);
}

void zg_decay_lp_basis_save(zg_decay_lp *lp, unsigned char *basis)
{
    size_t m = lp->problem->rows, size = zg_decay_lp_basis_size(lp);
    forget_the_freed(lp);
    if (!lp->lp) {
        memset(basis, 0, size);
        return;
    }
    for (size_t i = 0; i < m; i++)
        basis[i] = (unsigned char)glp_get_row_stat(lp->lp, (int)i + 1);
    for (size_t j = m; j < size; j++)
        basis[j] = (unsigned char)glp_get_col_stat(lp->lp, (int)(j - m) + 1);
}

static void load_basis(zg_decay_lp *lp, void *argument)
{
    const unsigned char *basis = argument;
    size_t m = lp->problem->rows, size = zg_decay_lp_basis_size(lp);
    if (!lp->lp || glp_get_num_rows(lp->lp) != (int)m) return;
    for (size_t i = 0; i < m; i++)
        glp_set_row_stat(lp->lp, (int)i + 1, basis[i]);
    for (size_t j = m; j < size; j++)
        glp_set_col_stat(lp->lp, (int)(j - m) + 1, basis[j]);
}

void zg_decay_lp_basis_load(zg_decay_lp *lp, unsigned char *basis)
{
    if (zg_decay_lp_basis_size(lp) > 0 && basis[0] != 0) guarded(lp, load_basis, basis);
}
