/*
 * The method "exchange": robust problems by ordinary programs over attacked copies.
 *
 * Start with the rows.  Each round solves the program over the present copies, several of a row
 * under one loss; the network's exact worst cases are an upper bound on the robust optimum, the
 * multipliers of the copies a lower one, and the worst points become copies.  Both bounds hold at
 * every round, so it can stop anywhere.  Copies of no weight go.  Worst points are also those
 * half-way between the present network and the best one, which is steadier (W. Ben-Ameur, J. Neto,
 * "Acceleration of cutting-plane and column generation algorithms", Networks 49, 2007).
 *
 * Where worst points have not settled after some rounds, a row that costs something gets all points
 * of its ball at once: one matrix inequality (robust_ipm.h) in the place of its copies.  The other
 * rows keep theirs, so a program with many idle rows stays small.  Balls are of dense networks; for
 * other architectures, whose copies' features are all that is asked for, there are only points.
 *
 * Of many rows with labels only some are in the program: those that a network was seen to pay for.
 * The others can only raise the optimum, so the lower bound holds without them; the upper one is of
 * all rows, always.
 */
#include "base/linalg.h"
#include "solvers/robust_best.h"
#include "solvers/solver.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_ROUNDS, OPTION_ITERATIONS, OPTION_POINTS, OPTION_ROWS };

static const zg_option options[] = {
    {"rounds", ZG_OPTION_INTEGER, "60", NULL, 1, 10000, "most rounds"},
    {"iterations", ZG_OPTION_INTEGER, "100", NULL, 1, 10000,
     "most interior-point iterations of one round"},
    {"points", ZG_OPTION_INTEGER, "6", NULL, 0, 10000,
     "rounds of single points, after which rows that cost something get whole balls (dense "
     "networks only)"},
    {"rows", ZG_OPTION_INTEGER, "2000", NULL, 1, 1e9,
     "rows with labels up to which all are in the program; of more, those that cost something"},
};

/* Copies of less weight than this, relative to a sample's loss, are dropped; and so often in a row
 * a round may bring no smaller gap. */
#define LEAST_WEIGHT 1e-7
#define PATIENCE 12
/* A round is solved to this share of the gap that is left; one with whole balls, whose program is
 * nearly the problem itself, to this share of the tolerance. */
#define ROUND_SHARE 5e-2
#define WHOLE_SHARE 2e-3
/* Rows whose copies weigh this share of what they can get whole balls, and those whose worst point
 * costs something. */
#define WHOLE_WEIGHT 1e-2
/* Of many rows, those whose worst margin is beyond this are left out. */
#define IDLE_MARGIN 1.25
/* What the matrices of balls may take. */
#define MOST_BYTES 2e9

typedef struct run {
    const zg_problem *problem;
    const zg_value *values;
    const zg_control *control;
    zg_stopwatch watch;
    zg_robust_best best;
    zg_attacks copies; /* v: a sign for each, what side of the loss it is for */
    bool *whole;       /* samples: its whole ball is in the program, no copies */
    size_t balls;      /* how many those are */
    long iterations, rounds;
} run;

/* Whether a sample that costs nothing at its worst has no multiplier either. */
static bool can_be_idle(const zg_problem *problem)
{
    zg_loss_kind kind = problem->loss.kind;
    return zg_loss_has(kind, ZG_LOSS_LABELLED) && !zg_loss_has(kind, ZG_LOSS_ENTROPY);
}

/* Whether rows may be left out of the program. */
static bool is_large(const run *r)
{
    return can_be_idle(r->problem) && (double)r->problem->samples > r->values[OPTION_ROWS].number;
}

/* The rows themselves, on every side that their loss has; of many, some. */
static zg_status start(run *r)
{
    const zg_problem *p = r->problem;
    double *still = zg_doubles(p->inputs);
    bool labels = zg_loss_has(p->loss.kind, ZG_LOSS_LABELLED);
    zg_status status = still ? ZG_OK : ZG_NO_MEMORY;
    size_t most = (size_t)r->values[OPTION_ROWS].number;
    size_t stride = is_large(r) ? (p->samples + most - 1) / most : 1;
    for (size_t side = 0; side < (labels ? 1 : 2); side++)
        for (size_t i = 0; status == ZG_OK && i < p->samples; i += stride)
            status = zg_attacks_add(p, &r->copies, i, still, zg_worst_case_sign(p, side, i));
    free(still);
    return status;
}

/* Solves the program over the present copies; *ipm is at its last point. */
static zg_status solve_round(run *r, zg_robust_ipm **ipm, zg_error *error)
{
    zg_status status = zg_robust_ipm_create(r->problem, &r->copies, r->whole, ipm, error);
    double gap = zg_robust_best_gap(&r->best), aim = ROUND_SHARE * fmin(gap, 1.0);
    aim = fmax(aim, 0.02 * r->control->tolerance);
    if (r->balls) aim = WHOLE_SHARE * r->control->tolerance;
    long most = (long)r->values[OPTION_ITERATIONS].number;
    for (long k = 0; status == ZG_OK && k < most; k++) {
        zg_robust_ipm_allow(*ipm, zg_robust_best_left(&r->best, r->control));
        if (zg_robust_ipm_step(*ipm) != ZG_OK) break;
        r->iterations++;
        double objective = zg_robust_ipm_objective(*ipm), size = fmax(1.0, fabs(objective));
        double left =
            zg_robust_ipm_complementarity(*ipm) + fabs(objective) * zg_robust_ipm_infeasible(*ipm);
        if (left <= aim * size) break;
        /* The multipliers of balls come apart into copies whose bound is worse than what the point
         * claims, and rounding may spoil later points: each is judged from where it may do. */
        if (r->balls && left <= 0.5 * r->control->tolerance * size) {
            status = zg_robust_best_take(&r->best, *ipm);
            if (status != ZG_OK || zg_robust_best_gap(&r->best) <= r->control->tolerance) break;
        }
        if (!(zg_robust_best_left(&r->best, r->control) > 0.0)) break;
    }
    return status;
}

/* Keeps the copies that matter: those with weight, and of each row itself, unless it has a ball, or
 * is one of many and idle. */
static void drop_idle(run *r, const zg_worst_cases *cases)
{
    zg_attacks *c = &r->copies;
    const zg_attacks *weights = &r->best.trial;
    size_t kept = 0, d = r->problem->inputs;
    for (size_t k = 0; k < c->count; k++) {
        size_t i = c->owner[k];
        double own = r->problem->weights ? r->problem->weights[i] : 1.0;
        bool near = !is_large(r) || !(cases->bound[i] > IDLE_MARGIN);
        bool row = near && memcmp(c->x + k * d, r->problem->x + i * d, d * sizeof(double)) == 0;
        if (r->whole[i] || (!row && !(fabs(weights->v[k]) >= LEAST_WEIGHT * own))) continue;
        memmove(c->x + kept * d, c->x + k * d, d * sizeof(double));
        c->owner[kept] = i;
        c->v[kept++] = c->v[k];
    }
    c->count = kept;
}

/* Gives whole balls to the rows that the optimum hangs on; cases: of the present network. */
static void choose_whole(run *r, const zg_worst_cases *cases)
{
    const zg_problem *p = r->problem;
    const zg_attacks *weights = &r->best.trial;
    bool wanted = p->architecture.kind == ZG_DENSE && r->rounds >= r->values[OPTION_POINTS].number;
    if (!wanted) return;
    for (size_t k = 0; k < r->copies.count; k++) {
        size_t i = r->copies.owner[k];
        double own = p->weights ? p->weights[i] : 1.0;
        if (fabs(weights->v[k]) >= WHOLE_WEIGHT * own) r->whole[i] = true;
    }
    r->balls = 0;
    for (size_t i = 0; i < p->samples; i++) {
        if (!can_be_idle(p) || !(cases->bound[i] > 1.0)) r->whole[i] = true;
        r->balls += r->whole[i];
    }
    if (zg_robust_ipm_bytes(p, r->balls) <= MOST_BYTES) return;
    memset(r->whole, 0, p->samples * sizeof *r->whole);
    r->balls = 0;
}

/* Adds the worst points of the network, where they are worse than all copies are allowed to be. */
static zg_status add_worst(run *r, const zg_worst_cases *cases)
{
    const zg_problem *p = r->problem;
    size_t n = p->samples, d = p->inputs;
    double *shift = zg_doubles(d);
    zg_status status = shift ? ZG_OK : ZG_NO_MEMORY;
    for (size_t k = 0; k < cases->sides * n && status == ZG_OK; k++) {
        size_t i = k % n;
        int sign = zg_worst_case_sign(p, k / n, i);
        bool labels = cases->sides == 1;
        /* A sample that costs nothing at its worst needs no copy. */
        bool idle = r->whole[i] || (can_be_idle(p) && cases->bound[k] > 1.0);
        bool other = !labels && zg_worst_case_side(cases, p, i) != k / n &&
                     fabs(cases->bound[k] - sign * p->y[i]) <
                         0.5 * fabs(cases->bound[(k + n) % (2 * n)] + sign * p->y[i]);
        if (idle || other) continue;
        for (size_t j = 0; j < d; j++)
            shift[j] = cases->point[k * d + j] - p->x[i * d + j];
        status = zg_attacks_add(p, &r->copies, i, shift, sign);
    }
    free(shift);
    return status;
}

static zg_status limits(run *r, zg_robust_ipm *ipm, zg_error *error)
{
    if (!zg_robust_best_report(&r->best, ipm, r->control, &r->watch, r->rounds))
        return zg_fail(error, ZG_STOPPED, "stopped on request after %ld rounds", r->rounds);
    if (!(zg_robust_best_left(&r->best, r->control) > 0.0))
        return zg_fail(error, ZG_TIMEOUT,
                       "exchange reached the time limit of %g s after %ld rounds",
                       r->control->seconds, r->rounds);
    return ZG_OK;
}

static zg_status one_round(run *r, zg_error *error)
{
    zg_robust_ipm *ipm = NULL;
    zg_worst_cases cases = {0}, between = {0};
    zg_status status = solve_round(r, &ipm, error);
    if (status == ZG_OK) status = zg_robust_best_take(&r->best, ipm);
    bool late = !(zg_robust_best_left(&r->best, r->control) > 0.0);
    if (status == ZG_OK && !late) status = zg_robust_best_take_network(&r->best, ipm, 1.0, &cases);
    if (status == ZG_OK && !late)
        status = zg_robust_best_take_network(&r->best, ipm, 0.5, &between);
    r->rounds++;
    if (status != ZG_OK)
        status = zg_fail(error, status, "%s", zg_status_message(status));
    else
        status = limits(r, ipm, error);
    if (status == ZG_OK && zg_robust_best_gap(&r->best) > r->control->tolerance) {
        status = zg_robust_ipm_attacks(ipm, 0.0, &r->best.trial); /* unclipped weights */
        choose_whole(r, &cases);
        drop_idle(r, &cases);
        if (status == ZG_OK) status = add_worst(r, &cases);
        if (status == ZG_OK) status = add_worst(r, &between);
    }
    zg_worst_cases_clear(&cases);
    zg_worst_cases_clear(&between);
    zg_robust_ipm_free(ipm);
    return status;
}

static zg_status iterate(run *r, zg_error *error)
{
    double smallest = INFINITY;
    zg_status status = start(r);
    if (status != ZG_OK) return zg_no_memory(error);
    for (int waited = 0; waited < PATIENCE && r->rounds < (long)r->values[OPTION_ROUNDS].number;) {
        status = one_round(r, error);
        double gap = zg_robust_best_gap(&r->best);
        if (status != ZG_OK || gap <= r->control->tolerance) break;
        waited = gap < 0.9 * smallest ? 0 : waited + 1;
        smallest = fmin(smallest, gap);
    }
    return status;
}

static zg_status solve(const zg_problem *problem, const zg_value *values, const zg_control *control,
                       zg_solution *solution, zg_error *error)
{
    run r = {.problem = problem, .values = values, .control = control, .watch = {.started = -1.0}};
    zg_blas_set_threads(control->threads);
    zg_stopwatch_start(&r.watch);
    r.whole = calloc(problem->samples, sizeof *r.whole);
    zg_status status =
        r.whole ? zg_robust_best_create(problem, &r.best, error) : zg_no_memory(error);
    if (status == ZG_OK && zg_robust_best_gap(&r.best) > control->tolerance)
        status = iterate(&r, error);
    double share = status == ZG_TIMEOUT ? -1.0 : 0.01 * control->tolerance;
    zg_status done = r.best.network ? zg_robust_best_finish(&r.best, share, solution) : status;
    zg_stopwatch_pause(&r.watch);
    solution->iterations = r.rounds;
    solution->unit = "round";
    snprintf(solution->message, sizeof solution->message,
             "%ld rounds, %ld interior-point iterations, %zu copies and %zu balls in the last",
             r.rounds, r.iterations, r.copies.count, r.balls);
    zg_solution_charge(solution, &r.watch);
    zg_attacks_clear(&r.copies);
    free(r.whole);
    zg_robust_best_clear(&r.best);
    return status ? status : done;
}

static zg_status check(const zg_problem *problem, const zg_value *values, zg_error *error)
{
    (void)values;
    if (problem->robust > 0.0) return ZG_OK;
    return zg_fail(error, ZG_UNSUPPORTED,
                   "exchange is for robust problems: give a radius, or use the method \"ipm\"");
}

const zg_method zg_method_exchange = {
    .name = "exchange",
    .summary = "robust training: programs over attacked copies, in rounds, with both bounds valid",
    .convex = true,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .check = check,
    .solve = solve,
    .robust = true,
};
