/*
 * The method "low-rank": descent on a factor, exact solves in a subspace, certificates in the full
 * space (docs/low-rank.md).
 *
 * An optimum has few neurons, so Z = Y Y' with few columns is descended on; that alone ends with a
 * network whose residual certifies to first order only.  Each round therefore solves the program
 * exactly in the subspace of the factor's columns and of the lowest eigenvectors of the dual
 * slacks, those along which the certificate is violated most.  The dual vector of that small
 * program is tried in the full one, where its bound counts; its network starts the next descent.
 * Nothing of the size of the lifted matrix's square, or of n^2, is ever formed.
 */
#include "base/linalg.h"
#include "solvers/low_rank_filled.h"
#include "solvers/low_rank_leading.h"
#include "solvers/low_rank_lengths.h"
#include "solvers/low_rank_newton.h"
#include "solvers/low_rank_search.h"
#include "solvers/solver.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_STEPS, OPTION_DIRECTIONS, OPTION_ROUNDS };

static const zg_option options[] = {
    {"steps", ZG_OPTION_INTEGER, "80", NULL, 1, 100000, "most steps of descent in a round"},
    {"directions", ZG_OPTION_INTEGER, "10", NULL, 1, 4096,
     "columns of each sign that a factor begins with, and eigenvectors of each dual slack that the "
     "first subspace takes in; the next take half as many"},
    {"rounds", ZG_OPTION_INTEGER, "100", NULL, 1, 100000, "most rounds"},
};

/* A round that does not shrink the gap to this share of what it was calls for larger subspaces and
 * longer descents, by the factors that follow.  A subspace's cost grows with the fourth power of
 * its dimension. */
#define SLOW 0.3
#define STEPS_GROWTH 1.6
#define DIRECTIONS_GROWTH 1.2
/* Longer descents than this are none: those that do not end by then are about rounding. */
#define MOST_STEPS 10000.0
/* Passes are in single precision until this gap: the noise of a sum of n terms hides what descents
 * below it are about.  Those with a curvature see to it themselves, but for losses with kinks, and
 * there also until a descent lowers F by less than this share: the bound lags behind by more. */
#define SINGLE_GAP 1e-3
#define SINGLE_FALL 1e-3
/* Added to the curvature of a factor's metric: in units of beta, and of the geometric mean of beta
 * and the residual's lambda, which is beta_max at first and beta at the end.  Too little, and what
 * the metric does not know, the curvature of the residual, rules; too much, and it is none. */
#define DAMPING 20.0
#define RESIDUAL_DAMPING 4.0
/* Descents with the curvature of a sample of rows (low_rank_curvature.h): how many rows at first
 * and at most, the share of the steps allowed that they take, and the damping in units of beta:
 * at first, at least, what a descent of few overlong steps leaves of it, and a failed one makes. */
#define FIRST_SAMPLE 1000
#define MOST_SAMPLE 4000
#define NEWTON_STEPS 0.8
/* A descent whose steps promise less than this share of F is left to a larger sample, if there is
 * one: it does the rest in a few.  After one that ends below the other, the next sample is the
 * largest: the point does not move so far any more that its curvature would soon be another. */
#define SAMPLE_PROMISE 3e-5
#define NEAR_PROMISE 3e-4
/* How many times as many columns as directions a factor begins with. */
#define FIRST_COLUMNS 2
#define FIRST_DAMPING 1.0
#define LEAST_DAMPING 0.1
#define NEXT_DAMPING 0.1
#define FAILED_DAMPING 10.0
/* A descent that lowers F by less than this share calls for twice the sample; one that lowers it by
 * less than the other, as the last of several in a row that do not bring the gap down to the share
 * given either, for a subspace, without which the search goes on otherwise. */
#define SLOW_DESCENT 0.1
#define DESCENDED 2e-3
#define NEARER 0.3
#define PATIENCE 2
/* Accuracy of a subspace's solve: a share of the tolerance, or of the gap that is left. */
#define INNER_SHARE 0.1
#define INNER_GAP 1e-3
#define INNER_MOST 1e-4
/* Widths of the envelope of a loss with kinks: of the first round, in units of its predictions,
 * and what is left of it from one to the next.  With a curvature, a width has done its work when
 * the gap is this multiple of what the envelope itself leaves; its descents have more patience.
 * Above the rough gap no dual vector is good enough to be the centre of an envelope. */
#define FIRST_WIDTH 0.3
#define NEXT_WIDTH 0.4
#define NEAR_ENVELOPE 3.0
#define ROUGH_GAP 0.5
#define NEARER_ENVELOPE 0.9
#define PATIENCE_ENVELOPE 4

static double seconds_left(const zg_search *s)
{
    if (!(s->control->seconds > 0.0)) return INFINITY;
    double left = s->control->seconds - zg_stopwatch_read(s->watch);
    return zg_team_shared(s->program.lift->team, left);
}

/* v = - the derivative of the loss that F contains. */
static void take_residual(zg_search *s, const zg_factor *factor)
{
    size_t n = s->program.lift->samples;
    zg_factor_loss(factor, 0, n, s->f, s->v);
    for (size_t i = 0; i < n; i++)
        s->v[i] = -s->v[i];
}

/* ---- a round ----------------------------------------------------------------------------------- */

static bool has_kinks(zg_loss loss)
{
    return !zg_loss_has(loss.kind, ZG_LOSS_SMOOTH);
}

/* Asked at every step of a descent. */
static bool go_on(void *context)
{
    zg_search *s = context;
    return seconds_left(s) > 0.0;
}

/* Passes the state on to the observer. */
static zg_status tell(zg_search *s)
{
    const zg_iterate iterate = {.unit = "round",
                                .number = s->round,
                                .output = s->output,
                                .objective = s->objective,
                                .dual = s->best_v,
                                .bound = -INFINITY,
                                .network = s->network};
    if (!zg_report(s->control, s->watch, &iterate))
        return zg_fail(&s->failure, ZG_STOPPED, "stopped on request after %ld rounds", s->round);
    if (!(seconds_left(s) > 0.0))
        return zg_fail(&s->failure, ZG_TIMEOUT,
                       "the low-rank method reached the time limit of %g s after %ld rounds",
                       s->control->seconds, s->round);
    return ZG_OK;
}

/* How many descents in a row need not bring the gap down. */
static long patience_of(const zg_search *s)
{
    return has_kinks(s->program.loss) ? PATIENCE_ENVELOPE : PATIENCE;
}

/* Descends with the inverted curvature; ZG_FAILED where there is none to be had. */
static zg_status move_by_curvature(zg_search *s, zg_factor *factor)
{
    zg_curvature *curvature = NULL;
    bool kinks = factor->width > 0.0,
         near = s->fall <= SINGLE_FALL || zg_search_gap(s) <= SINGLE_GAP;
    zg_status status = zg_curvature_create(factor, s->w, s->sample, s->damping * s->program.beta,
                                           s->axes[0], &curvature);
    if (status != ZG_OK) return status;
    bool larger = !zg_curvature_is_whole(curvature) && 2 * s->sample <= MOST_SAMPLE;
    zg_descent how = {.steps = (long)ceil(NEWTON_STEPS * s->steps),
                      .enough = larger ? SAMPLE_PROMISE : 0.0,
                      .store = s->store,
                      .single = s->store && !(kinks && near),
                      .go_on = go_on,
                      .context = s};
    zg_newton_end end;
    status = zg_factor_newton(factor, &how, curvature, s->w, s->f, &end);
    zg_curvature_free(curvature);
    s->value = end.value;
    double fall = (end.before - end.value) / fabs(end.before);
    bool near_end = end.promise > 0.0 && end.promise < NEAR_PROMISE * fabs(end.value);
    if (end.lost)
        s->damping *= FAILED_DAMPING;
    else if (end.overlong <= how.steps / 3)
        s->damping = fmax(NEXT_DAMPING * s->damping, LEAST_DAMPING);
    if (fall < SLOW_DESCENT && 2 * s->sample <= MOST_SAMPLE)
        s->sample = near_end ? MOST_SAMPLE : 2 * s->sample;
    s->moving = fall > DESCENDED || s->waited < patience_of(s);
    s->fall = fall;
    return status;
}

/* What the envelope of a loss with kinks leaves of the gap: v is a slope of the envelope, not of
 * the loss, by so much. */
static double envelope_share(const zg_search *s)
{
    const zg_program *p = &s->program;
    size_t n = p->lift->samples;
    return zg_loss_value(p->loss, n, s->f, p->y, p->weights) -
           zg_loss_dual(p->loss, n, s->v, p->y, p->weights) + zg_dot(n, s->v, s->f);
}

/* Without curvature (a = 0), or with one beyond double precision, descents do without a metric. */
static zg_status create_metric(zg_search *s)
{
    if (s->program.lift->activation.a == 0.0) return ZG_OK;
    zg_status status = zg_metric_create(s->program.lift, &s->metric);
    return status == ZG_NO_MEMORY ? status : ZG_OK;
}

/* Descends on the factor, in the metric of its starting point where there is one.  A descent that
 * the rounding of single precision ends goes on in double. */
static zg_status move_factor(zg_search *s, zg_factor *factor)
{
    s->moving = false;
    if (s->sample > 0) {
        zg_status moved = move_by_curvature(s, factor);
        if (moved != ZG_FAILED) return moved;
        s->damping *= FAILED_DAMPING;
        s->fall = 0.0; /* not known: the gap alone says whether descents lead on */
        s->moving = s->waited < patience_of(s);
        if (!s->metric) moved = create_metric(s);
        if (moved == ZG_NO_MEMORY) return moved;
    }
    zg_status fitted = ZG_FAILED;
    double beta = s->program.beta;
    double damping = fmax(DAMPING * beta, RESIDUAL_DAMPING * sqrt(beta * s->lambda));
    if (s->metric) fitted = zg_metric_fit(s->metric, factor, s->w, damping);
    if (fitted == ZG_NO_MEMORY) return fitted;
    zg_descent how = {.steps = (long)s->steps,
                      .metric = fitted == ZG_OK ? s->metric : NULL,
                      .store = s->store,
                      .single = s->store && zg_search_gap(s) > SINGLE_GAP,
                      .go_on = go_on,
                      .context = s};
    bool ended = false;
    zg_status status = zg_factor_descend(factor, &how, s->w, &s->value, s->f, &ended);
    if (status != ZG_OK || !how.single || !ended) return status;
    how.single = false;
    return zg_factor_descend(factor, &how, s->w, &s->value, s->f, &ended);
}

/* For the present columns, of the program that this round descends on. */
static zg_status create_factor(const zg_search *s, zg_factor **out)
{
    zg_status status = zg_factor_create(&s->program, s->columns, out);
    if (status != ZG_OK) return status;
    (*out)->width = has_kinks(s->program.loss) ? s->width : 0.0;
    if (zg_search_gap(s) < ROUGH_GAP && s->sample > 0) (*out)->center = s->best_v;
    status = zg_factor_use(*out, s->store, false);
    if (status == ZG_OK) return ZG_OK;
    zg_factor_free(*out);
    *out = NULL;
    return status;
}

static zg_status descend(zg_search *s)
{
    zg_factor *factor = NULL;
    zg_status status = create_factor(s, &factor);
    if (status != ZG_OK) return status;
    status = move_factor(s, factor);
    take_residual(s, factor);
    if (factor->width > 0.0 && s->sample > 0) s->rounded = envelope_share(s);
    bool ends = !(seconds_left(s) > 0.0);
    if (status == ZG_OK && (ends || s->sample > 0)) status = zg_search_take_factor(s, factor);
    if (status == ZG_OK) status = zg_search_certify(s, !ends);
    s->passes += factor->passes;
    zg_factor_free(factor);
    return status;
}

/* The columns of the factor and the directions of both slacks, group by group. */
static zg_status span(zg_search *s, zg_subspace **out)
{
    const zg_lift *lift = s->program.lift;
    size_t w = lift->width, most = 0, at = 0;
    for (size_t g = 0; g < lift->groups; g++) {
        size_t count = s->columns[2 * g] + s->columns[2 * g + 1] + 2 * s->directions;
        if (count > most) most = count;
    }
    double *candidates = zg_doubles(w * most);
    zg_status status = candidates ? zg_subspace_create(lift, most, out) : ZG_NO_MEMORY;
    for (size_t g = 0; status == ZG_OK && g < lift->groups; g++) {
        size_t own = w * (s->columns[2 * g] + s->columns[2 * g + 1]), more = w * s->directions;
        memcpy(candidates, s->w + at, own * sizeof *candidates);
        memcpy(candidates + own, s->lowest[2 * g], more * sizeof *candidates);
        memcpy(candidates + own + more, s->lowest[2 * g + 1], more * sizeof *candidates);
        status = zg_subspace_span(*out, g, candidates, (own + 2 * more) / w);
        at += own;
    }
    free(candidates);
    return status;
}

/* *out, the caller's: the subspace's network as one of the problem. */
static zg_status lift_network(const zg_subspace *subspace, const zg_problem *problem, size_t output,
                              const zg_network *small, zg_network **out)
{
    zg_status status = zg_network_create(problem, out, NULL);
    if (status == ZG_OK) status = zg_subspace_lift(subspace, small, output, *out);
    if (status == ZG_OK) return ZG_OK;
    zg_network_free(*out);
    *out = NULL;
    return status;
}

/* Solves in the subspace; its dual vector and its network are tried in the full program. */
static zg_status solve_inside(zg_search *s, const zg_subspace *subspace)
{
    zg_problem *small = NULL;
    zg_solution inside = {.bound = -INFINITY};
    zg_network *network = NULL;
    double left = seconds_left(s);
    double rough = fmin(INNER_GAP * zg_search_gap(s), INNER_MOST);
    zg_control control = {.tolerance = fmax(INNER_SHARE * s->control->tolerance, rough),
                          .seconds = isfinite(left) ? fmax(left, 1e-3) : 0.0,
                          .threads = s->control->threads};
    zg_status status = zg_subspace_problem(subspace, s->problem, s->output, &small, &s->failure);
    if (status != ZG_OK) return status;
    zg_error ignored = {0}; /* what it has is judged here, whatever it says */
    zg_status solved = zg_method_ipm.solve(small, s->inner, &control, &inside, &ignored);
    if (solved == ZG_NO_MEMORY) status = solved;
    if (status == ZG_OK && inside.network) {
        status = lift_network(subspace, s->problem, s->output, inside.network, &network);
        if (status == ZG_OK) status = zg_search_take_network(s, network);
        if (status == ZG_OK) status = zg_search_from_subspace(s, subspace, inside.network);
    }
    if (status == ZG_OK && inside.dual) {
        const zg_team *team = s->program.lift->team;
        bool whole = team && !small->lift->team; /* it has all of the team's samples */
        memcpy(s->v, inside.dual + (whole ? team->first : 0), s->problem->samples * sizeof *s->v);
        status = zg_search_certify(s, false);
    }
    zg_solution_clear(&inside);
    zg_problem_free(small);
    return status;
}

/* New columns for the next descent, of the lengths that suit the program. */
static zg_status renew_columns(zg_search *s)
{
    size_t kept[2]; /* with a curvature, there is one group */
    zg_factor *factor = NULL;
    zg_status status = zg_search_refresh(s, kept);
    if (status == ZG_OK) status = create_factor(s, &factor);
    if (status == ZG_OK) status = zg_factor_lengthen(factor, kept, s->w, s->f);
    if (factor) s->passes += factor->passes;
    zg_factor_free(factor);
    return status;
}

static zg_status one_round(zg_search *s)
{
    zg_subspace *subspace = NULL;
    zg_status status = descend(s);
    if (status == ZG_OK && s->moving) {
        if (zg_search_gap(s) > s->control->tolerance) status = renew_columns(s);
    } else if (status == ZG_OK && zg_search_gap(s) > s->control->tolerance &&
               seconds_left(s) > 0.0) {
        status = span(s, &subspace);
        if (status == ZG_OK) status = solve_inside(s, subspace);
    }
    zg_subspace_free(subspace);
    s->round++;
    return status;
}

/* More directions need more room, and are lost till they are found anew. */
static zg_status resize_directions(zg_search *s, size_t wanted)
{
    size_t w = s->program.lift->width;
    s->directions = wanted < w ? wanted : w;
    for (size_t k = 0; k < zg_search_cones(s); k++) {
        free(s->lowest[k]);
        s->lowest[k] = zg_doubles(w * s->directions);
        if (!s->lowest[k]) return ZG_NO_MEMORY;
    }
    return ZG_OK;
}

static zg_status grow(zg_search *s)
{
    s->steps = fmax(s->steps, fmin(STEPS_GROWTH * s->steps, MOST_STEPS));
    return resize_directions(s, (size_t)ceil(DIRECTIONS_GROWTH * (double)s->directions));
}

/* Whether the next descents are to do without a subspace, and their envelope, after a round that
 * began with the gap and the sample given.  One that calls for a larger sample is not the last that
 * can be done without. */
static void look_ahead(zg_search *s, double before, size_t sample)
{
    double gap = zg_search_gap(s), near = NEAR_ENVELOPE * s->rounded / fabs(s->objective);
    double nearer = has_kinks(s->program.loss) ? NEARER_ENVELOPE : NEARER;
    bool more_rows = s->sample > sample && sample < s->program.lift->samples;
    bool onward = s->fall > DESCENDED || gap < nearer * before || more_rows;
    if (s->moving) s->waited = onward ? 0 : s->waited + 1;
    if (s->sample == 0 || !s->moving || gap <= fmin(ROUGH_GAP, near)) s->width *= NEXT_WIDTH;
}

static zg_status run_rounds(zg_search *s, long most)
{
    zg_status status = ZG_OK;
    if (zg_row_store_create(s->program.lift, &s->store) != ZG_OK) s->store = NULL;
    double before = s->first ? INFINITY : zg_search_gap(s);
    while (status == ZG_OK && zg_search_gap(s) > s->control->tolerance && s->round < most) {
        double gap = zg_search_gap(s);
        size_t sample = s->sample;
        status = one_round(s);
        look_ahead(s, gap, sample);
        if (status == ZG_OK) status = tell(s);
        if (status == ZG_OK && s->first)
            status = resize_directions(s, s->later);
        else if (status == ZG_OK && !s->moving && !(zg_search_gap(s) < SLOW * before))
            status = grow(s);
        s->first = false;
        if (!s->moving) before = zg_search_gap(s);
        if (status == ZG_OK) status = zg_search_keep(s);
    }
    return status;
}

/* ---- beginning and end ------------------------------------------------------------------------- */

static zg_status create(zg_search *s)
{
    const zg_value *values = s->values;
    size_t n = s->problem->samples, cones = zg_search_cones(s), w = s->program.lift->width;
    s->directions = (size_t)values[OPTION_DIRECTIONS].number;
    s->later = (s->directions + 1) / 2;
    if (zg_curvature_applies(s->program.lift)) s->directions *= FIRST_COLUMNS;
    if (s->directions > w) s->directions = w;
    s->best_v = zg_doubles(n);
    s->v = zg_doubles(n);
    s->f = zg_doubles(n);
    s->rho = zg_doubles(cones);
    s->columns = calloc(cones, sizeof *s->columns);
    s->axes = calloc(s->program.lift->groups, sizeof *s->axes);
    s->lowest = calloc(cones, sizeof *s->lowest);
    if (!s->best_v || !s->v || !s->f || !s->rho || !s->columns || !s->axes || !s->lowest)
        return ZG_NO_MEMORY;
    for (size_t k = 0; k < cones; k++)
        if (!(s->lowest[k] = zg_doubles(w * s->directions))) return ZG_NO_MEMORY;
    zg_status status = zg_network_create(s->problem, &s->network, &s->failure);
    if (status == ZG_OK && !zg_curvature_applies(s->program.lift)) status = create_metric(s);
    if (status == ZG_OK) status = zg_values_create(&zg_method_ipm, &s->inner, &s->failure);
    return status;
}

static void clear(zg_search *s)
{
    for (size_t k = 0; s->lowest && k < zg_search_cones(s); k++)
        free(s->lowest[k]);
    free(s->lowest);
    zg_search_forget_axes(s);
    free(s->axes);
    free(s->columns);
    free(s->rho);
    free(s->f);
    free(s->v);
    free(s->w);
    free(s->best_v);
    zg_network_free(s->network);
    zg_metric_free(s->metric);
    zg_row_store_free(s->store);
    if (s->inner) zg_values_free(&zg_method_ipm, s->inner);
}

/* The zero network and its residual. */
static void start(zg_search *s)
{
    size_t n = s->problem->samples;
    s->objective = zg_loss_team_value(s->program.lift->team, s->program.loss, n, s->f, s->program.y,
                                      s->program.weights);
    s->bound = 0.0;
    zg_loss_gradient(s->program.loss, n, s->f, s->program.y, s->program.weights, s->v);
    for (size_t i = 0; i < n; i++)
        s->v[i] = -s->v[i];
    zg_team *team = s->program.lift->team;
    double typical = zg_team_norm(team, n, s->program.y) / sqrt((double)zg_team_total(team, n));
    s->width = FIRST_WIDTH * (typical > 0.0 ? typical : 1.0);
    s->value = s->objective;
    s->damping = FIRST_DAMPING;
    s->fall = INFINITY;
    s->first = true;
    s->sample = zg_curvature_applies(s->program.lift) ? FIRST_SAMPLE : 0;
}

static zg_status finish(zg_search *s, zg_status status, zg_solution *solution, zg_error *error)
{
    size_t n = s->problem->samples;
    if (status == ZG_NO_MEMORY) return zg_no_memory(error);
    solution->dual = zg_doubles(s->problem->outputs * n);
    if (!solution->dual) return zg_no_memory(error);
    memcpy(solution->dual + s->output * n, s->best_v, n * sizeof *s->best_v);
    solution->network = s->network;
    s->network = NULL;
    solution->iterations = s->round;
    solution->unit = "round";
    snprintf(solution->message, sizeof solution->message, "%ld passes over the data%s", s->passes,
             zg_search_gap(s) > s->control->tolerance && status == ZG_OK
                 ? "; the rounds allowed did not reach the tolerance"
                 : "");
    if (status != ZG_OK && zg_search_gap(s) > s->control->tolerance)
        return zg_fail(error, status, "%s",
                       s->failure.message[0] ? s->failure.message : zg_status_message(status));
    return ZG_OK;
}

/* Goes on from what a keeper has.  Neither its network nor its vector are believed: both are
 * measured again, and are the best so far only where they are. */
static zg_status resume(zg_search *s, bool *resumed)
{
    zg_network *network = NULL;
    zg_status status = zg_search_recall(s, &network);
    *resumed = status == ZG_OK && network;
    if (!*resumed) return status;
    s->first = false;
    status = zg_search_take_network(s, network);
    double lambda = s->lambda;
    if (status == ZG_OK) status = zg_search_certify(s, false);
    s->lambda = lambda; /* of the vector that the next descent starts from */
    return status == ZG_OK ? resize_directions(s, s->directions) : status;
}

/* ---- a search within another ------------------------------------------------------------------- */

typedef struct within {
    const zg_problem *problem; /* the whole one */
    size_t output;
    const zg_subspace *subspace;
    const zg_observer *observer; /* the caller's */
} within;

/* Tells the caller's observer what the search within has, in the terms of the whole problem. */
static bool pass_on(void *context, const zg_iterate *iterate, double seconds)
{
    const within *r = context;
    zg_iterate own = *iterate;
    zg_network *network = NULL;
    if (iterate->network &&
        lift_network(r->subspace, r->problem, r->output, iterate->network, &network) != ZG_OK)
        return true;
    own.network = network;
    own.output = r->output;
    bool go_on = r->observer->notify(r->observer->context, &own, seconds);
    zg_network_free(network);
    return go_on;
}

/* The control of a search within: what it tells is passed on, and its state is not kept. */
static zg_control control_within(within *r, zg_observer *observer, const zg_control *control)
{
    zg_control own = *control;
    *observer = (zg_observer){pass_on, r};
    own.keeper = NULL;
    if (own.observer) own.observer = observer;
    return own;
}

static zg_status begin(zg_search *s);

/* What a search within leaves to this one.  Its dual vector is measured in the whole program: the
 * next one may be worse, and none may follow. */
static zg_status take_over(zg_search *s, const within *r, const zg_search *t)
{
    size_t w = s->program.lift->width, k = r->subspace->dimension, all = 0;
    zg_network *network = NULL;
    for (size_t c = 0; c < zg_search_cones(s); c++)
        all += s->columns[c] = t->columns[c];
    zg_status status = zg_search_resize(s);
    if (status != ZG_OK) return status;
    zg_gemm(false, false, w, all, k, 1.0, r->subspace->basis[0], w, t->w, k, 0.0, s->w, w);
    s->round = t->round;
    s->passes = t->passes;
    s->damping = t->damping;
    s->sample = t->sample;
    status = lift_network(r->subspace, s->problem, s->output, t->network, &network);
    if (status == ZG_OK) status = zg_search_take_network(s, network);
    if (status != ZG_OK) return status;
    memcpy(s->v, t->best_v, s->program.lift->samples * sizeof *s->v);
    s->failure = t->failure;
    return zg_search_certify(s, false);
}

/* One round in a subspace, whose factor becomes this search's, and its network the best so far;
 * ZG_FAILED where the search within comes to nothing. */
static zg_status begin_within(zg_search *s, const zg_subspace *subspace)
{
    within r = {s->problem, s->output, subspace, s->control->observer};
    zg_observer observer;
    zg_control control = control_within(&r, &observer, s->control);
    zg_problem *small = NULL;
    zg_status status = zg_subspace_problem(subspace, s->problem, s->output, &small, &s->failure);
    if (status != ZG_OK) return status;
    zg_search t = {.problem = small,
                   .program = zg_problem_program(small, 0),
                   .least = s->least,
                   .control = &control,
                   .watch = s->watch,
                   .values = s->values,
                   .steps = s->steps};
    status = create(&t);
    if (status == ZG_OK) {
        start(&t);
        status = begin(&t);
    }
    long most = (long)s->values[OPTION_ROUNDS].number;
    if (status == ZG_OK) status = run_rounds(&t, t.round < most ? t.round + 1 : most);
    bool told = status == ZG_OK || status == ZG_TIMEOUT || status == ZG_STOPPED;
    zg_status taken = !told ? status : t.w ? take_over(s, &r, &t) : ZG_FAILED;
    clear(&t);
    zg_problem_free(small);
    return taken == ZG_OK ? status : taken;
}

/* The factor to begin with: of a search in the leading axes, or of the zero network's slacks. */
static zg_status begin(zg_search *s)
{
    zg_subspace *leading = NULL;
    bool dense = zg_curvature_applies(s->program.lift);
    zg_status status = dense ? zg_leading_axes(s->program.lift, &leading) : ZG_OK;
    if (status == ZG_OK) status = leading ? begin_within(s, leading) : ZG_FAILED;
    zg_subspace_free(leading);
    if (status != ZG_FAILED) return status;
    status = zg_search_certify(s, true);
    if (status == ZG_OK) status = zg_search_begin(s);
    zg_search_forget_axes(s); /* those of the zero network */
    return status;
}

/* ---- a search ---------------------------------------------------------------------------------- */

static zg_status search(const zg_problem *problem, size_t output, double least,
                        const zg_value *values, const zg_control *control, zg_stopwatch *watch,
                        zg_solution *solution, zg_error *error)
{
    zg_search s = {.problem = problem,
                   .output = output,
                   .program = zg_problem_program(problem, output),
                   .least = least,
                   .control = control,
                   .watch = watch,
                   .values = values,
                   .steps = values[OPTION_STEPS].number};
    zg_status status = create(&s);
    bool resumed = false;
    if (status == ZG_OK) {
        start(&s);
        status = resume(&s, &resumed);
    }
    if (status == ZG_OK && !resumed) status = begin(&s);
    if (status == ZG_OK) status = run_rounds(&s, (long)values[OPTION_ROUNDS].number);
    if (s.network && s.best_v)
        status = finish(&s, status, solution, error);
    else if (status != ZG_OK)
        status = zg_fail(error, status, "%s", zg_status_message(status));
    clear(&s);
    return status;
}

/* ---- without inputs that are always 0 ---------------------------------------------------------- */

/* Moves the reduced problem's answer over to the problem's own. */
static zg_status take_inside(const within *r, const zg_solution *inside, zg_solution *solution)
{
    size_t n = r->problem->samples;
    solution->dual = zg_doubles(r->problem->outputs * n);
    if (!solution->dual) return ZG_NO_MEMORY;
    memcpy(solution->dual + r->output * n, inside->dual, n * sizeof *inside->dual);
    solution->iterations = inside->iterations;
    solution->unit = inside->unit;
    memcpy(solution->message, inside->message, sizeof solution->message);
    return lift_network(r->subspace, r->problem, r->output, inside->network, &solution->network);
}

static zg_status search_reduced(within *r, double least, const zg_value *values,
                                const zg_control *control, zg_stopwatch *watch,
                                zg_solution *solution, zg_error *error)
{
    zg_problem *small = NULL;
    zg_status status = zg_subspace_problem(r->subspace, r->problem, r->output, &small, error);
    if (status != ZG_OK) return status;
    zg_solution inside = {.bound = -INFINITY};
    zg_observer observer;
    zg_control own = control_within(r, &observer, control);
    status = search(small, 0, least, values, &own, watch, &inside, error);
    zg_status moved = inside.network && inside.dual ? take_inside(r, &inside, solution) : ZG_OK;
    zg_solution_clear(&inside);
    zg_problem_free(small);
    return moved == ZG_OK ? status : zg_no_memory(error);
}

static zg_status solve_output(const zg_problem *problem, size_t output, const zg_value *values,
                              const zg_control *control, zg_stopwatch *watch, zg_solution *solution,
                              zg_error *error)
{
    double least = 1.0 / (double)problem->outputs;
    zg_program program = zg_problem_program(problem, output);
    zg_subspace *inputs = NULL;
    zg_status status = control->keeper ? ZG_OK : zg_filled_inputs(&program, &inputs);
    if (status != ZG_OK) return zg_no_memory(error);
    within r = {problem, output, inputs, control->observer};
    if (inputs)
        status = search_reduced(&r, least, values, control, watch, solution, error);
    else
        status = search(problem, output, least, values, control, watch, solution, error);
    zg_subspace_free(inputs);
    return status;
}

/* ---- the method -------------------------------------------------------------------------------- */

static zg_status check(const zg_problem *problem, const zg_value *values, zg_error *error)
{
    (void)values;
    if (problem->penalty.kind != ZG_PENALTY_L1)
        return zg_fail(error, ZG_UNSUPPORTED,
                       "low-rank solves the l1-penalised problem only; for weight decay use the "
                       "method \"branch-and-bound\"");
    if (zg_loss_has(problem->loss.kind, ZG_LOSS_EXACT))
        return zg_fail(error, ZG_UNSUPPORTED,
                       "low-rank needs a finite loss; for interpolation use the method \"ipm\"");
    return ZG_OK;
}

static zg_status solve(const zg_problem *problem, const zg_value *values, const zg_control *control,
                       zg_solution *solution, zg_error *error)
{
    zg_blas_set_threads(control->threads);
    return zg_solve_outputs(problem, values, control, solve_output, solution, error);
}

const zg_method zg_method_low_rank = {
    .name = "low-rank",
    .summary = "descent on a low-rank factor with exact solves in subspaces, for large inputs",
    .convex = true,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .check = check,
    .solve = solve,
};
