/* Branch and bound over arcs of directions, for two inputs. */
#include "baselines/weight_decay/arcs_parts.h"

#include "base/linalg.h"
#include "core/safe.h"

#include <stdlib.h>
#include <string.h>

#define WIDEST 1e150        /* weights beyond are in no box: what they cost bounds them */
#define DEPTH_FIRST 1000000 /* open nodes from which node selection is depth first */

/* ---- open boxes ---------------------------------------------------------------------------- */

static zg_status push(zg_arcs *a, const zg_arc_box *b)
{
    zg_arc_box *own = malloc(sizeof *own);
    if (!own) return ZG_NO_MEMORY;
    *own = *b;
    zg_status status = zg_heap_push(&a->open, own->bound, own);
    if (status != ZG_OK) free(own);
    return status;
}

static zg_arc_box pop(zg_arcs *a)
{
    zg_arc_box *top = zg_heap_pop(&a->open, DEPTH_FIRST), b = *top;
    free(top);
    return b;
}

/* ---- the loop ------------------------------------------------------------------------------ */

static double dual_bound(const zg_arcs *a)
{
    return zg_lower_min(a->pruned_bound, zg_heap_bound(&a->open));
}

static void notify(zg_arcs *a, bool always)
{
    double now = zg_monotonic();
    if (!a->options->notify || (!always && now - a->last_notice < 0.1)) return;
    a->last_notice = now;
    zg_decay_progress progress = {.nodes = a->result->nodes,
                                  .bound = zg_lower_min(dual_bound(a), zg_arcs_cutoff(a)),
                                  .objective = a->result->objective};
    if (!a->options->notify(a->options->context, &progress)) a->limit.stopped = true;
}

/* Whether the middle of an interval is inside it, and the interval not a point for this purpose. */
static bool can_halve(double low, double high, double least)
{
    double middle = 0.5 * low + 0.5 * high;
    return high - low > least && middle > low && middle < high;
}

/* The branching variable: the angle (0) or a weight (1, 2), whichever contributes most to the gap
 * of the relaxation among those that can be split; -1 when none can. */
static int choose_branching(const zg_arcs *a, const zg_arc_box *b, const zg_arc_bound *bound)
{
    double gap[3] = {0.0, 0.0, 0.0}, reach = 0.0;
    bool can[3] = {can_halve(b->angle[0], b->angle[1], 1e-14)};
    for (int j = 0; j < 2; j++) {
        double l = b->low[j], u = b->high[j], w = bound->w[j], half = 0.5 * l + 0.5 * u;
        reach += fmax(fabs(l), fabs(u));
        can[1 + j] = can_halve(l, u, 1e-14 * a->radius);
        if (!(u > l)) continue;
        zg_envelope shape = zg_envelope_of(a, l, u);
        gap[1 + j] = zg_arcs_penalty(a, w) - zg_envelope_at(&shape, w);
        /* The middle of the interval counts as well: multipliers move. */
        gap[1 + j] += 0.2 * (zg_arcs_penalty(a, half) - zg_envelope_at(&shape, half));
    }
    gap[0] = 0.5 * reach * (bound->swing[1] - bound->swing[0]);
    int best = -1;
    for (int i = 0; i < 3; i++)
        if (can[i] && (best < 0 || gap[i] > gap[best])) best = i;
    return best;
}

static zg_status split(zg_arcs *a, const zg_arc_box *b, int which)
{
    zg_arc_box child[2] = {*b, *b};
    if (which == 0) {
        child[0].angle[1] = child[1].angle[0] = 0.5 * (b->angle[0] + b->angle[1]);
    } else {
        int j = which - 1;
        double l = b->low[j], u = b->high[j];
        double at = zg_decay_branching_point(&a->penalty, l, u);
        if (l < 0.0 && u > 0.0 && fabs(at) < 0.1 * (u - l)) at = 0.0;
        child[0].high[j] = child[1].low[j] = at;
    }
    for (int side = 0; side < 2; side++) {
        zg_arc_bound own;
        zg_arcs_bound(a, child + side, &own);
        child[side].bound = zg_lower_better(b->bound, own.value);
        if (child[side].bound >= zg_arcs_cutoff(a)) {
            a->pruned_bound = zg_lower_min(a->pruned_bound, child[side].bound);
            continue;
        }
        zg_arcs_tighten(a, child + side, &own);
        a->pruned_bound = zg_lower_min(a->pruned_bound,
                                       zg_arcs_cutoff(a)); /* what was cut off is at least that */
        zg_status status = push(a, child + side);
        if (status != ZG_OK) return status;
    }
    return ZG_OK;
}

/* The least eigenvalue of the Gram matrix in the coordinates of the Frobenius norm (sqrt 2 z_12),
 * rounded down; 0 where nothing above is proven.  Scaled by the trace: LAPACK sees ordinary numbers
 * only. */
static long double least_eigenvalue(const zg_arcs *a)
{
    double gram[9], values[3];
    long double trace = a->gram[0][0] + 0.5L * a->gram[1][1] + a->gram[2][2];
    if (!(trace > 0.0L) || !isfinite(trace)) return 0.0L;
    for (int e = 0; e < 3; e++)
        for (int f = 0; f < 3; f++)
            gram[3 * e + f] = (double)(a->gram[e][f] / trace) * (e == 1 ? sqrt(0.5) : 1.0) *
                              (f == 1 ? sqrt(0.5) : 1.0);
    if (zg_eigenvalues(3, gram, values) != ZG_OK || !(values[0] > 1e-10)) return 0.0L;
    return (values[0] - 1e-10L) * trace;
}

/* |w_j| in a point at least as good as the incumbent: lambda |w_j|^p <= objective, and |w_j| is at
 * most the norm of Z, with |F z| <= |y| + |F z - y| <= |y| + sqrt(2 objective).  Where neither
 * keeps the box within WIDEST, what is outside costs at least the penalty there. */
static double root_radius(zg_arcs *a)
{
    double objective = a->result->objective, power = a->penalty.power;
    double ratio = objective / a->penalty.lambda * (1.0 + 1e-12);
    double radius = zg_upper(pow(ratio, 1.0 / power) * (1.0 + 1e-12));
    long double floor = least_eigenvalue(a);
    if (floor > 0.0L) {
        long double reach = sqrtl(2.0L * a->half) + sqrtl(2.0L * objective);
        radius = zg_upper_better(radius, (double)(reach / sqrtl(floor) * (1.0L + 1e-9L)));
    }
    a->result->outside = objective;
    if (radius > WIDEST) {
        radius = WIDEST;
        a->result->outside = zg_decay_penalty_below(&a->penalty, radius);
    }
    return fmax(radius, DBL_MIN);
}

/* Bounds, prunes or branches on one box. */
static zg_status process_box(zg_arcs *a, const zg_arc_box *b)
{
    a->result->nodes++;
    if (b->bound >= zg_arcs_cutoff(a)) {
        a->pruned_bound = zg_lower_min(a->pruned_bound, b->bound);
        return ZG_OK;
    }
    zg_arc_bound bound;
    zg_arcs_bound(a, b, &bound);
    if (a->result->nodes % 256 == 0) {
        double middle = 0.5 * (b->angle[0] + b->angle[1]);
        zg_arcs_polish(a, middle, bound.w, b->angle[1] - b->angle[0], 1e-9);
    }
    int which = choose_branching(a, b, &bound);
    if (which >= 0) return split(a, b, which);
    a->pruned_bound = zg_lower_min(a->pruned_bound, b->bound);
    return ZG_OK;
}

static zg_status run(zg_arcs *a)
{
    a->radius = root_radius(a);
    zg_arc_box root = {.angle = {0.0, nextafter((double)ZG_QUARTER, 2.0)},
                       .low = {-a->radius, -a->radius},
                       .high = {a->radius, a->radius}};
    zg_status status = push(a, &root);
    notify(a, true);
    while (status == ZG_OK && a->open.count > 0 && !zg_limit_reached(&a->limit)) {
        zg_arc_box b = pop(a);
        status = process_box(a, &b);
        notify(a, false);
    }
    return status;
}

/* ---- life ---------------------------------------------------------------------------------- */

static zg_status check(const zg_problem *problem, zg_error *error)
{
    zg_activation s = problem->activation;
    bool fits = problem->inputs == 2 && problem->outputs == 1 && problem->patches.identity &&
                !problem->weights && s.b == 0.0 && s.c == 0.0 && s.a != 0.0 &&
                zg_loss_has(problem->loss.kind, ZG_LOSS_QUADRATIC) &&
                problem->penalty.kind == ZG_PENALTY_POWER &&
                problem->samples <= ZG_ARCS_SAMPLE_LIMIT;
    if (fits) return ZG_OK;
    return zg_fail(error, ZG_UNSUPPORTED,
                   "the continuous problem is solved for two inputs, one output, the activation "
                   "a t^2, squared loss, a power penalty and at most %d samples",
                   ZG_ARCS_SAMPLE_LIMIT);
}

static void gather(zg_arcs *a)
{
    const zg_problem *problem = a->problem;
    for (size_t i = 0; i < problem->samples; i++) {
        long double x1 = problem->x[2 * i], x2 = problem->x[2 * i + 1], y = problem->y[i];
        long double factor = problem->activation.a;
        long double f[3] = {factor * x1 * x1, 2.0L * factor * x1 * x2, factor * x2 * x2};
        for (int e = 0; e < 3; e++) {
            a->moment[e] += f[e] * y;
            for (int g = 0; g < 3; g++)
                a->gram[e][g] += f[e] * f[g];
        }
        a->half += 0.5L * y * y;
    }
}

static zg_status build_network(const zg_arcs *a, zg_network **out, zg_error *error)
{
    double u[2][2] = {{cos(a->angle), sin(a->angle)}, {-sin(a->angle), cos(a->angle)}};
    zg_status status = zg_network_create(a->problem, out, error);
    for (int j = 0; status == ZG_OK && j < 2; j++)
        if (a->w[j] != 0.0) status = zg_network_add(*out, 0, u[j], 0, a->w[j]);
    return status;
}

/* The outside of the root box: where the box is what the incumbent implies, it costs more than the
 * incumbent does; where it had to be cut off, as much as its penalty. */
static void conclude(const zg_arcs *a)
{
    zg_arcs_result *result = a->result;
    double objective = result->objective, cutoff = zg_arcs_cutoff(a);
    double proven = zg_lower_min(dual_bound(a), result->outside);
    result->bound = zg_lower_better(0.0, zg_lower_min(proven, cutoff));
    bool within = objective - result->bound <= a->options->tolerance * fmax(1.0, fabs(objective));
    result->complete = a->open.count == 0 && within;
}

zg_status zg_arcs_solve(const zg_problem *problem, const zg_decay_options *options,
                        zg_arcs_result *result, zg_error *error)
{
    zg_decay_options local = options ? *options : (zg_decay_options){0};
    if (!(local.tolerance > 0.0)) local.tolerance = 1e-6;
    *result = (zg_arcs_result){.objective = INFINITY, .bound = 0.0};
    zg_status status = check(problem, error);
    if (status != ZG_OK) return status;
    zg_arcs a = {.problem = problem,
                 .options = &local,
                 .result = result,
                 .penalty = {.lambda = problem->beta, .power = problem->penalty.power},
                 .pruned_bound = INFINITY,
                 .started = zg_monotonic(),
                 .limit = zg_limit_start(local.seconds, local.clock)};
    gather(&a);
    zg_arcs_search(&a);
    if (!isfinite(result->objective))
        return zg_fail(error, ZG_BAD_INPUT,
                       "the sum of the squared targets overflows; scale them (--standardize)");
    status = run(&a);
    if (status == ZG_NO_MEMORY) zg_no_memory(error);
    conclude(&a);
    if (status == ZG_OK) status = build_network(&a, &result->network, error);
    if (status == ZG_OK) status = zg_decay_search_end(&a.limit, a.open.count, error);
    result->seconds = zg_monotonic() - a.started;
    zg_heap_clear(&a.open, free);
    return status;
}
