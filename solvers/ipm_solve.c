/* Predictor-corrector iteration (see ipm_solve.h). */
#include "solvers/ipm_solve.h"

#include "base/linalg.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* By zg_space_kind, found by trial.  Part of the way to the boundary: the woodbury form loses
 * digits near it.  Most repetitions of the corrector: a solve costs a tenth of a factorisation
 * among the samples, a third among the sums, about as much in the woodbury form. */
static const double to_boundary[] = {
    [ZG_SPACE_SAMPLES] = 0.995, [ZG_SPACE_WOODBURY] = 0.98, [ZG_SPACE_SUMS] = 0.995};
static const int corrections[] = {
    [ZG_SPACE_SAMPLES] = 3, [ZG_SPACE_WOODBURY] = 0, [ZG_SPACE_SUMS] = 1};
/* A step to the boundary beyond which the corrector is not repeated. */
#define LONG_STEP 0.995
/* The start, found by trial: complementarity as a part of the loss of the zero network, or of the
 * number of samples in its place; how far towards the boundary a loss of labels begins; beta as a
 * part of the size of T; largest multiplier of a box. */
static const double start_gap[] = {
    [ZG_SPACE_SAMPLES] = 0.3, [ZG_SPACE_WOODBURY] = 0.1, [ZG_SPACE_SUMS] = 0.1};
static const double start_share[] = {
    [ZG_SPACE_SAMPLES] = 0.9, [ZG_SPACE_WOODBURY] = 0.5, [ZG_SPACE_SUMS] = 0.5};
#define START_GAP_EXACT 0.1
#define START_BETA 1e-5
#define START_BOX 30.0
/* Most refinements of the corrector: many in the woodbury form, whose factored matrix has a
 * floor. */
static const int refinements_of[] = {
    [ZG_SPACE_SAMPLES] = 2, [ZG_SPACE_WOODBURY] = 20, [ZG_SPACE_SUMS] = 2};

/* Iterations without a visibly smaller gap after which there is an end: programs with boxes and a
 * tiny beta start slowly.  A step below the least one counts as several, and so does an iterate
 * whose complementarity has grown so many times: it diverges, whatever its bounds do. */
#define PATIENCE 24
#define LEAST_STEP 1e-6
#define DIVERGED 1e6
#define STUCK_COUNTS 10

/* ---- life cycle ------------------------------------------------------------------------------ */

#define VECTORS 16

static zg_status allocate(zg_ipm *ipm)
{
    size_t n = ipm->space->unknowns, m = ipm->space->order, block = m * m, k = ipm->cones;
    size_t q = zg_space_multipliers(ipm->space);
    ipm->cone = calloc(k, sizeof *ipm->cone);
    ipm->cone_storage = zg_doubles(k * zg_cone_storage(m));
    size_t kept = 4 * n + q + 2 * k * block;
    ipm->storage = zg_doubles(VECTORS * n + 5 * q + block + k * block + kept);
    zg_status status = zg_cone_scratch_create(m, &ipm->scratch);
    if (!ipm->cone || !ipm->cone_storage || !ipm->storage || status != ZG_OK) return ZG_NO_MEMORY;
    for (size_t c = 0; c < k; c++) {
        zg_cone_place(&ipm->cone[c], m, ipm->cone_storage + c * zg_cone_storage(m));
        ipm->cone[c].sign = c % 2 ? 1.0 : -1.0;
    }
    /* The direction comes last and in one piece, so that one copy keeps it. */
    double **vectors[VECTORS] = {&ipm->x,      &ipm->fit,        &ipm->f,      &ipm->residual,
                                 &ipm->right,  &ipm->diagonal,   &ipm->work,   &ipm->p_low,
                                 &ipm->p_high, &ipm->target_low, &ipm->best_x, &ipm->target_high,
                                 &ipm->dx,     &ipm->dfit,       &ipm->dp_low, &ipm->dp_high};
    double *next = ipm->storage;
    for (size_t v = 0; v < VECTORS; v++, next += n)
        *vectors[v] = next;
    ipm->drho = next;
    ipm->traces = next + q;
    ipm->right_rho = next + 2 * q;
    ipm->best_rho = next + 3 * q;
    ipm->rho = next + 4 * q;
    ipm->t = next + 5 * q;
    ipm->best_blocks = ipm->t + block;
    ipm->kept = ipm->best_blocks + k * block;
    return ZG_OK;
}

zg_status zg_ipm_create(const zg_space *space, zg_ipm **out)
{
    zg_ipm *ipm = calloc(1, sizeof *ipm);
    if (!ipm) return ZG_NO_MEMORY;
    ipm->space = space;
    ipm->cones = 2 * space->groups;
    zg_status status = allocate(ipm);
    if (status == ZG_OK) status = zg_schur_create(space, ipm->cone, &ipm->scratch, &ipm->schur);
    if (status != ZG_OK) {
        zg_ipm_free(ipm);
        return status;
    }
    *out = ipm;
    return ZG_OK;
}

void zg_ipm_free(zg_ipm *ipm)
{
    if (!ipm) return;
    zg_schur_free(ipm->schur);
    zg_cone_scratch_clear(&ipm->scratch);
    free(ipm->cone);
    free(ipm->cone_storage);
    free(ipm->storage);
    free(ipm);
}

/* ---- the box --------------------------------------------------------------------------------- */

static bool boxed(const zg_ipm *ipm)
{
    return ipm->space->kind != ZG_SPACE_SUMS;
}

static bool bounded_below(const zg_ipm *ipm, size_t i)
{
    return boxed(ipm) && isfinite(ipm->space->low[i]);
}

static bool bounded_above(const zg_ipm *ipm, size_t i)
{
    return boxed(ipm) && isfinite(ipm->space->high[i]);
}

static double slack_below(const zg_ipm *ipm, size_t i)
{
    return ipm->x[i] - ipm->space->low[i];
}

static double slack_above(const zg_ipm *ipm, size_t i)
{
    return ipm->space->high[i] - ipm->x[i];
}

/* sum of slack * multiplier after a step of length alpha. */
static double box_complementarity(const zg_ipm *ipm, double alpha)
{
    double sum = 0.0;
    for (size_t i = 0; i < ipm->space->unknowns; i++) {
        if (bounded_below(ipm, i))
            sum += (slack_below(ipm, i) + alpha * ipm->dx[i]) *
                   (ipm->p_low[i] + alpha * ipm->dp_low[i]);
        if (bounded_above(ipm, i))
            sum += (slack_above(ipm, i) - alpha * ipm->dx[i]) *
                   (ipm->p_high[i] + alpha * ipm->dp_high[i]);
    }
    return sum;
}

static double ratio(double value, double change, double limit)
{
    return change < 0.0 ? fmin(limit, -value / change) : limit;
}

static double box_step(const zg_ipm *ipm)
{
    double step = INFINITY;
    for (size_t i = 0; i < ipm->space->unknowns; i++) {
        if (bounded_below(ipm, i)) {
            step = ratio(slack_below(ipm, i), ipm->dx[i], step);
            step = ratio(ipm->p_low[i], ipm->dp_low[i], step);
        }
        if (bounded_above(ipm, i)) {
            step = ratio(slack_above(ipm, i), -ipm->dx[i], step);
            step = ratio(ipm->p_high[i], ipm->dp_high[i], step);
        }
    }
    return step;
}

static void start_box(zg_ipm *ipm, double mu)
{
    for (size_t i = 0; i < ipm->space->unknowns; i++) {
        ipm->p_low[i] = ipm->p_high[i] = 0.0;
        if (bounded_below(ipm, i)) ipm->p_low[i] = fmin(mu / slack_below(ipm, i), START_BOX);
        if (bounded_above(ipm, i)) ipm->p_high[i] = fmin(mu / slack_above(ipm, i), START_BOX);
    }
}

static double degree_of(const zg_ipm *ipm)
{
    double degree = (double)(ipm->cones * ipm->space->order);
    for (size_t i = 0; i < ipm->space->unknowns; i++)
        degree += (double)bounded_below(ipm, i) + (double)bounded_above(ipm, i);
    return degree;
}

/* ---- starting -------------------------------------------------------------------------------- */

/* Frobenius norm of T_g(x) as seen from the analytic centre of the cones at beta = 1, whose slack
 * is diag(d, .., d, 1) / (d + 1), or I when unbordered; and the plain norm.  Largest over
 * groups. */
static double centred_norm(zg_ipm *ipm, const double *x, double *plain)
{
    const zg_space *space = ipm->space;
    size_t m = space->order;
    double largest = 0.0;
    *plain = 0.0;
    for (size_t g = 0; g < space->groups; g++) {
        zg_space_adjoint(space, g, x, ipm->t);
        *plain = fmax(*plain, zg_norm(m * m, ipm->t));
        if (space->bordered) {
            double side = sqrt((double)m / (double)(m - 1)), corner = sqrt((double)m);
            for (size_t j = 0; j < m; j++)
                for (size_t i = 0; i < m; i++)
                    ipm->t[j * m + i] *= (i + 1 < m ? side : corner) * (j + 1 < m ? side : corner);
        }
        largest = fmax(largest, zg_norm(m * m, ipm->t));
    }
    return largest;
}

/* x, the shift of beta, and fit for sums, such that the centre of the cones is interior. */
static void start_dual(zg_ipm *ipm)
{
    const zg_space *space = ipm->space;
    size_t n = space->unknowns;
    double plain, ignored;
    zg_space_ascent(space, ipm->work);
    double seen = centred_norm(ipm, ipm->work, &plain);
    ipm->shift = 0.0;
    if (!zg_loss_has(space->loss.kind, ZG_LOSS_EXACT))
        ipm->shift = fmax(0.0, START_BETA * plain - space->beta);
    double beta = space->beta + ipm->shift;
    memset(ipm->x, 0, n * sizeof *ipm->x);
    if (space->kind == ZG_SPACE_SUMS) {
        /* v is the residual of least squares: T(v) is zero up to rounding. */
        zg_gemv(false, n, n, 1.0, space->gram->inverse, n, space->moments, 0.0, ipm->fit);
        zg_space_place(space, ipm->fit, ipm->x);
        double rounding = centred_norm(ipm, ipm->x, &ignored);
        ipm->shift += fmax(0.0, 4.0 * rounding - beta);
    } else if (zg_loss_has(space->loss.kind, ZG_LOSS_LABELLED)) {
        double multiple = fmin(1.0, start_share[space->kind] * beta / fmax(seen, 1e-300));
        for (size_t i = 0; i < n; i++)
            ipm->x[i] = multiple * ipm->work[i];
    }
}

void zg_ipm_start(zg_ipm *ipm)
{
    const zg_space *space = ipm->space;
    size_t m = space->order, n = space->unknowns;
    start_dual(ipm);
    ipm->upper = INFINITY;
    ipm->lower = -INFINITY;
    ipm->degree = degree_of(ipm);
    memset(ipm->f, 0, n * sizeof *ipm->f);
    bool constrained = zg_loss_has(space->loss.kind, ZG_LOSS_EXACT) ||
                       zg_loss_exact_row(n, space->weights) != SIZE_MAX;
    double loss = constrained ? (double)n : zg_space_loss(space, ipm->f);
    double gap = constrained ? START_GAP_EXACT : start_gap[space->kind];
    double mu = gap * loss / ipm->degree, beta = space->beta + ipm->shift;
    double size = fmax(mu * (double)m / beta, 1e-3); /* of Z: the sum of R-trace parts */
    for (size_t k = 0; k < ipm->cones; k++) {
        zg_cone *cone = &ipm->cone[k];
        double side = space->bordered ? size / (double)(m - 1) : size / (double)m;
        memset(cone->z, 0, m * m * sizeof *cone->z);
        for (size_t j = 0; j < m; j++)
            cone->z[j * m + j] = space->bordered && j + 1 == m ? size : side;
    }
    for (size_t q = 0; q < zg_space_multipliers(space); q++)
        ipm->rho[q] = space->bordered ? beta * (double)(m - 1) / (double)m : 0.0;
    start_box(ipm, size * beta / (double)m);
}

/* ---- warm starts --------------------------------------------------------------------------- */

/* The part of the old dual point that is kept: the rest is the centre of the cones. */
#define WARM_SHARE 0.9
/* Complementarity of a warm start as a part of its upper bound. */
#define WARM_GAP 0.1

zg_status zg_ipm_answer_create(const zg_ipm *ipm, zg_ipm_answer *out)
{
    size_t n = ipm->space->unknowns, block = ipm->space->order * ipm->space->order;
    size_t q = zg_space_multipliers(ipm->space);
    *out = (zg_ipm_answer){.beta = ipm->space->beta,
                           .storage = zg_doubles(n + q + ipm->cones * block)};
    if (!out->storage) return ZG_NO_MEMORY;
    out->x = out->storage;
    out->rho = out->x + n;
    out->blocks = out->rho + q;
    memcpy(out->x, ipm->best_x, n * sizeof *out->x);
    memcpy(out->rho, ipm->best_rho, q * sizeof *out->rho);
    memcpy(out->blocks, ipm->best_blocks, ipm->cones * block * sizeof *out->blocks);
    return ZG_OK;
}

void zg_ipm_answer_clear(zg_ipm_answer *answer)
{
    free(answer->storage);
    *answer = (zg_ipm_answer){0};
}

/* x = share * old x + (1 - share) * cold x, both feasible; S is mixed in the same way. */
static void mix_dual(zg_ipm *ipm, const zg_ipm_answer *answer, double share)
{
    const zg_space *space = ipm->space;
    bool sums = space->kind == ZG_SPACE_SUMS;
    double *to = sums ? ipm->fit : ipm->x;
    for (size_t i = 0; i < space->unknowns; i++)
        to[i] = share * answer->x[i] + (1.0 - share) * to[i];
    if (sums) zg_space_place(space, ipm->fit, ipm->x);
    /* Above the new beta the old point is feasible with a shift, which shrinks with the steps. */
    ipm->shift = fmax(ipm->shift, share * answer->beta + (1.0 - share) * space->beta - space->beta);
    double rest = space->beta + ipm->shift - share * answer->beta;
    double m = (double)space->order;
    for (size_t q = 0; q < zg_space_multipliers(space); q++)
        ipm->rho[q] = share * answer->rho[q] + (space->bordered ? rest * (m - 1.0) / m : 0.0);
}

void zg_ipm_warm_start(zg_ipm *ipm, const zg_ipm_answer *answer)
{
    const zg_space *space = ipm->space;
    size_t m = space->order, block = m * m;
    zg_ipm_start(ipm);
    mix_dual(ipm, answer, WARM_SHARE);
    for (size_t k = 0; k < ipm->cones; k++)
        memcpy(ipm->cone[k].z, answer->blocks + k * block, block * sizeof(double));
    zg_ipm_measure(ipm);
    double mu = WARM_GAP * (isfinite(ipm->upper) ? ipm->upper : 1.0) / ipm->degree;
    double size = mu * (double)m / space->beta;
    for (size_t k = 0; k < ipm->cones; k++)
        for (size_t j = 0; j < m; j++) {
            bool corner = space->bordered && j + 1 == m;
            double sides = (double)(space->bordered ? m - 1 : m);
            ipm->cone[k].z[j * m + j] += corner ? size : size / sides;
        }
    start_box(ipm, mu);
}

/* ---- measuring ------------------------------------------------------------------------------- */

static void compute_slacks(zg_ipm *ipm)
{
    const zg_space *space = ipm->space;
    size_t m = space->order;
    for (size_t g = 0; g < space->groups; g++) {
        zg_space_adjoint(space, g, ipm->x, ipm->t);
        for (size_t k = 2 * g; k < 2 * g + 2; k++) {
            zg_cone *cone = &ipm->cone[k];
            for (size_t e = 0; e < m * m; e++)
                cone->s[e] = cone->sign * ipm->t[e];
            zg_cone_add_e(m, space->bordered, space->beta + ipm->shift, cone->s);
            zg_space_add_multiples(space, ipm->rho + zg_space_multiplier(space, k), cone->s);
        }
    }
}

/* f = A(sum of the pair's blocks of `field`, signs -, +) times scale, added. */
static void add_predictions(zg_ipm *ipm, size_t group, const double *positive,
                            const double *negative, double scale, double *f)
{
    size_t block = ipm->space->order * ipm->space->order;
    for (size_t e = 0; e < block; e++)
        ipm->t[e] = positive[e] - negative[e];
    zg_space_apply(ipm->space, group, ipm->t, scale, f);
}

static double penalty_of(const zg_space *space, const double *z)
{
    size_t m = space->order;
    double sum = 0.0;
    for (size_t k = space->bordered ? m - 1 : 0; k < m; k++)
        sum += z[k * m + k];
    return sum;
}

static void keep_best(zg_ipm *ipm, double penalty)
{
    const zg_space *space = ipm->space;
    size_t n = space->unknowns, block = space->order * space->order;
    double multiple = zg_space_best_multiple(space, ipm->f, penalty), s;
    for (size_t i = 0; i < n; i++)
        ipm->work[i] = multiple * ipm->f[i];
    double upper = zg_space_loss(space, ipm->work) + multiple * penalty;
    /* While nothing interpolates yet, the newest blocks are the best ones. */
    if (upper < ipm->upper || isinf(ipm->upper)) {
        ipm->upper = isnan(upper) ? INFINITY : upper;
        for (size_t k = 0; k < ipm->cones; k++)
            for (size_t e = 0; e < block; e++)
                ipm->best_blocks[k * block + e] = multiple * ipm->cone[k].z[e];
    }
    double limit = space->beta / (space->beta + ipm->shift);
    double lower = zg_space_dual(space, ipm->x, ipm->fit, limit, ipm->work, &s);
    if (lower > ipm->lower) {
        ipm->lower = lower;
        memcpy(ipm->best_x, space->kind == ZG_SPACE_SUMS ? ipm->fit : ipm->x,
               n * sizeof *ipm->best_x);
        memcpy(ipm->best_rho, ipm->rho, zg_space_multipliers(space) * sizeof *ipm->best_rho);
    }
}

void zg_ipm_measure(zg_ipm *ipm)
{
    const zg_space *space = ipm->space;
    size_t n = space->unknowns, m = space->order;
    double penalty = 0.0, cones = 0.0;
    compute_slacks(ipm);
    memset(ipm->f, 0, n * sizeof *ipm->f);
    for (size_t g = 0; g < space->groups; g++)
        add_predictions(ipm, g, ipm->cone[2 * g].z, ipm->cone[2 * g + 1].z, 1.0, ipm->f);
    memset(ipm->traces, 0, zg_space_multipliers(space) * sizeof *ipm->traces);
    for (size_t k = 0; k < ipm->cones; k++) {
        const zg_cone *cone = &ipm->cone[k];
        penalty += space->beta * penalty_of(space, cone->z);
        cones += zg_inner(m, cone->z, cone->s);
        zg_space_traces(space, cone->z, ipm->traces + zg_space_multiplier(space, k));
    }
    keep_best(ipm, penalty);
    zg_space_slope(space, ipm->x, ipm->fit, ipm->residual);
    for (size_t i = 0; i < n; i++)
        ipm->residual[i] = ipm->p_low[i] - ipm->p_high[i] - ipm->residual[i] - ipm->f[i];
    ipm->complementarity = cones + box_complementarity(ipm, 0.0);
    ipm->mu = ipm->complementarity / ipm->degree;
}

/* ---- progress -------------------------------------------------------------------------------- */

/* Whether there is visible progress: a smaller gap, or, where beta is small beside many boxes and
 * the gap is all of the upper bound for long, a higher lower bound or a smaller shift. */
static bool advanced(zg_patience *p, const zg_ipm *ipm, double gap)
{
    bool closer = gap < 0.9 * p->best_gap, nearer = ipm->shift < 0.9 * p->best_shift;
    bool higher =
        ipm->lower > 0.0 && ipm->lower > p->best_lower * (p->best_lower > 0.0 ? 1.1 : 1.0);
    if (closer) p->best_gap = gap;
    if (higher) p->best_lower = ipm->lower;
    if (nearer) p->best_shift = ipm->shift;
    return closer || higher || nearer;
}

zg_patience zg_patience_begin(void)
{
    return (zg_patience){.best_gap = INFINITY,
                         .best_lower = -INFINITY,
                         .best_shift = INFINITY,
                         .least_mu = INFINITY};
}

bool zg_patience_left(zg_patience *patience, const zg_ipm *ipm, double gap)
{
    bool diverged = ipm->mu > DIVERGED * patience->least_mu;
    bool stuck = diverged || (patience->measured++ > 0 && ipm->step < LEAST_STEP);
    patience->least_mu = fmin(patience->least_mu, ipm->mu);
    if (advanced(patience, ipm, gap) && !diverged)
        patience->waited = 0;
    else
        patience->waited += stuck ? STUCK_COUNTS : 1;
    return patience->waited <= PATIENCE;
}

/* ---- one direction --------------------------------------------------------------------------- */

/* right and right_rho from the residuals and the targets of cones and box. */
static void right_sides(zg_ipm *ipm)
{
    const zg_space *space = ipm->space;
    size_t m = space->order, n = space->unknowns;
    memcpy(ipm->right, ipm->residual, n * sizeof *ipm->right);
    memcpy(ipm->right_rho, ipm->traces, zg_space_multipliers(space) * sizeof *ipm->right_rho);
    for (size_t k = 0; k < ipm->cones; k++) {
        zg_cone *cone = &ipm->cone[k];
        double *image = ipm->scratch.a;
        zg_cone_unscale(cone, cone->target, image, &ipm->scratch);
        if (ipm->shift > 0.0) { /* the shift wants to vanish: dS contains -shift E */
            memset(ipm->t, 0, m * m * sizeof *ipm->t);
            zg_cone_add_e(m, space->bordered, ipm->shift, ipm->t);
            zg_cone_sandwich(cone, ipm->t, ipm->scratch.c, &ipm->scratch);
            zg_axpy(m * m, 1.0, ipm->scratch.c, image);
        }
        zg_space_traces(space, image, ipm->right_rho + zg_space_multiplier(space, k));
        zg_space_apply(space, k / 2, image, cone->sign, ipm->right);
    }
    for (size_t i = 0; i < n; i++) {
        if (bounded_below(ipm, i)) ipm->right[i] += ipm->target_low[i] / slack_below(ipm, i);
        if (bounded_above(ipm, i)) ipm->right[i] -= ipm->target_high[i] / slack_above(ipm, i);
    }
}

static void direction(zg_ipm *ipm, int refinements)
{
    const zg_space *space = ipm->space;
    size_t m = space->order, n = space->unknowns;
    right_sides(ipm);
    zg_schur_solve(ipm->schur, ipm->right, ipm->right_rho, refinements, ipm->dx, ipm->drho,
                   ipm->dfit);
    for (size_t g = 0; g < space->groups; g++) {
        zg_space_adjoint(space, g, ipm->dx, ipm->t);
        for (size_t k = 2 * g; k < 2 * g + 2; k++) {
            zg_cone *cone = &ipm->cone[k];
            double *change = ipm->scratch.a;
            for (size_t e = 0; e < m * m; e++)
                change[e] = cone->sign * ipm->t[e];
            zg_space_add_multiples(space, ipm->drho + zg_space_multiplier(space, k), change);
            zg_cone_add_e(m, space->bordered, -ipm->shift, change);
            zg_cone_direction(cone, change, &ipm->scratch);
        }
    }
    for (size_t i = 0; i < n; i++) {
        ipm->dp_low[i] = ipm->dp_high[i] = 0.0;
        if (bounded_below(ipm, i))
            ipm->dp_low[i] =
                (ipm->target_low[i] - ipm->p_low[i] * ipm->dx[i]) / slack_below(ipm, i);
        if (bounded_above(ipm, i))
            ipm->dp_high[i] =
                (ipm->target_high[i] + ipm->p_high[i] * ipm->dx[i]) / slack_above(ipm, i);
    }
}

static double largest_step(zg_ipm *ipm)
{
    double step = box_step(ipm);
    for (size_t k = 0; k < ipm->cones; k++)
        step = fmin(step, zg_cone_step(&ipm->cone[k], &ipm->scratch));
    return step;
}

/* ---- one iteration --------------------------------------------------------------------------- */

static void predict(zg_ipm *ipm)
{
    for (size_t k = 0; k < ipm->cones; k++)
        zg_cone_predict(&ipm->cone[k], ipm->space->order);
    for (size_t i = 0; i < ipm->space->unknowns; i++) {
        if (bounded_below(ipm, i)) ipm->target_low[i] = -ipm->p_low[i] * slack_below(ipm, i);
        if (bounded_above(ipm, i)) ipm->target_high[i] = -ipm->p_high[i] * slack_above(ipm, i);
    }
    direction(ipm, 0);
}

/* Mehrotra's centring from what the predictor would achieve. */
static double centring(zg_ipm *ipm)
{
    double step = fmin(1.0, largest_step(ipm)), after = box_complementarity(ipm, step);
    for (size_t k = 0; k < ipm->cones; k++)
        after += zg_cone_complementarity(&ipm->cone[k], ipm->space->order, step);
    double part = fmax(0.0, fmin(1.0, after / ipm->complementarity));
    return fmax(1e-6, part * part * part);
}

static void correct(zg_ipm *ipm, double sigma_mu)
{
    for (size_t k = 0; k < ipm->cones; k++)
        zg_cone_correct(&ipm->cone[k], sigma_mu, &ipm->scratch);
    for (size_t i = 0; i < ipm->space->unknowns; i++) {
        if (bounded_below(ipm, i))
            ipm->target_low[i] =
                sigma_mu - ipm->p_low[i] * slack_below(ipm, i) - ipm->dp_low[i] * ipm->dx[i];
        if (bounded_above(ipm, i))
            ipm->target_high[i] =
                sigma_mu - ipm->p_high[i] * slack_above(ipm, i) + ipm->dp_high[i] * ipm->dx[i];
    }
    direction(ipm, refinements_of[ipm->space->kind]);
}

/* Copies the direction to ipm->kept, or back. */
static void copy_direction(zg_ipm *ipm, bool back)
{
    size_t block = ipm->space->order * ipm->space->order;
    size_t flat = 4 * ipm->space->unknowns + zg_space_multipliers(ipm->space);
    double *kept = ipm->kept;
    memcpy(back ? ipm->dx : kept, back ? kept : ipm->dx, flat * sizeof *kept);
    kept += flat;
    for (size_t k = 0; k < ipm->cones; k++, kept += 2 * block) {
        double *own = ipm->cone[k].dz; /* ds follows it */
        memcpy(back ? own : kept, back ? kept : own, 2 * block * sizeof *kept);
    }
}

/* Repeats the corrector from the corrected direction while that makes the step longer; returns the
 * step to the boundary. */
static double correct_again(zg_ipm *ipm, double sigma_mu)
{
    double step = largest_step(ipm);
    for (int k = 0; k < corrections[ipm->space->kind] && step < LONG_STEP; k++) {
        copy_direction(ipm, false);
        correct(ipm, sigma_mu);
        double longer = largest_step(ipm);
        if (!(longer > step)) {
            copy_direction(ipm, true);
            break;
        }
        step = longer;
    }
    return step;
}

static void advance(zg_ipm *ipm, double step)
{
    size_t n = ipm->space->unknowns;
    for (size_t k = 0; k < ipm->cones; k++)
        zg_cone_advance(&ipm->cone[k], step, &ipm->scratch);
    zg_axpy(zg_space_multipliers(ipm->space), step, ipm->drho, ipm->rho);
    ipm->shift *= 1.0 - step;
    if (ipm->shift < 1e-15 * ipm->space->beta) ipm->shift = 0.0;
    for (size_t i = 0; i < n; i++) {
        ipm->p_low[i] += step * ipm->dp_low[i];
        ipm->p_high[i] += step * ipm->dp_high[i];
    }
    if (ipm->space->kind == ZG_SPACE_SUMS) {
        zg_axpy(n, -step, ipm->dfit, ipm->fit);
        zg_space_place(ipm->space, ipm->fit, ipm->x);
    } else {
        zg_axpy(n, step, ipm->dx, ipm->x);
    }
}

static void diagonal_of(zg_ipm *ipm)
{
    if (ipm->space->kind == ZG_SPACE_SUMS) return;
    zg_space_curvature(ipm->space, ipm->x, ipm->diagonal);
    for (size_t i = 0; i < ipm->space->unknowns; i++) {
        if (bounded_below(ipm, i)) ipm->diagonal[i] += ipm->p_low[i] / slack_below(ipm, i);
        if (bounded_above(ipm, i)) ipm->diagonal[i] += ipm->p_high[i] / slack_above(ipm, i);
    }
}

zg_status zg_ipm_step(zg_ipm *ipm)
{
    for (size_t k = 0; k < ipm->cones; k++)
        if (zg_cone_scale(&ipm->cone[k], &ipm->scratch) != ZG_OK) return ZG_FAILED;
    diagonal_of(ipm);
    if (zg_schur_factor(ipm->schur, ipm->diagonal) != ZG_OK) return ZG_FAILED;
    predict(ipm);
    ipm->sigma = centring(ipm);
    correct(ipm, ipm->sigma * ipm->mu);
    ipm->step = fmin(1.0, to_boundary[ipm->space->kind] * correct_again(ipm, ipm->sigma * ipm->mu));
    if (!(ipm->step > 0.0)) return ZG_FAILED;
    advance(ipm, ipm->step);
    return ZG_OK;
}
