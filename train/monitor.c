/* The monitor: turns a method's iterates into certified progress. */
#include "train/monitor.h"

#include "base/linalg.h"
#include "core/decomposition.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* An iterate is treated, whatever the interval, when the method's time has grown by a quarter since
 * the last: the first seconds and the first milliseconds of a run get as many points. */
#define TIME_GROWTH 1.25
/* Relative rounding of an objective summed here; its exact value is computed once, at the end. */
#define ROUNDING 1e-12

struct zg_monitor {
    const zg_problem *problem;
    double target, interval;
    zg_listener listener;
    void *context;
    double *objective;                   /* outputs: best of a real network */
    double *bound;                       /* outputs: best certified */
    double *dual;                        /* outputs x samples: behind bound */
    double *trial;                       /* outputs x samples: scratch for predictions */
    zg_attacks attacks;                  /* behind bound, in a robust problem */
    double whole_objective, whole_bound; /* of iterates that speak for all outputs at once */
    double spent;                        /* seconds in here */
    double last;                         /* monotonic time of the last iterate that was treated */
    double last_seconds;                 /* of the method, at that iterate */
    size_t taken;                        /* iterates that were treated */
    bool reached;
};

/* The zero network and v = 0. */
static void start_values(zg_monitor *m)
{
    const zg_problem *p = m->problem;
    for (size_t c = 0; c < p->outputs; c++)
        m->objective[c] = zg_loss_team_value(p->lift->team, p->loss, p->samples, m->trial,
                                             p->y + c * p->samples, p->weights);
}

zg_status zg_monitor_create(const zg_problem *problem, double target, double interval,
                            zg_listener listener, void *context, zg_monitor **out, zg_error *error)
{
    zg_monitor *m = calloc(1, sizeof *m);
    if (!m) return zg_no_memory(error);
    size_t total = problem->outputs * problem->samples;
    *m = (zg_monitor){.problem = problem,
                      .target = target,
                      .interval = interval,
                      .listener = listener,
                      .context = context,
                      .objective = zg_doubles(problem->outputs),
                      .bound = zg_doubles(problem->outputs),
                      .dual = zg_doubles(total),
                      .trial = zg_doubles(total),
                      .whole_objective = INFINITY,
                      .whole_bound = 0.0,
                      .last = -INFINITY};
    if (!m->objective || !m->bound || !m->dual || !m->trial) {
        zg_monitor_free(m);
        return zg_no_memory(error);
    }
    start_values(m);
    *out = m;
    return ZG_OK;
}

void zg_monitor_free(zg_monitor *monitor)
{
    if (!monitor) return;
    free(monitor->objective);
    free(monitor->bound);
    free(monitor->dual);
    zg_attacks_clear(&monitor->attacks);
    free(monitor->trial);
    free(monitor);
}

/* The better of a value that may be NAN, unknown, and one that is not. */
static double smaller(double value, double best)
{
    return value < best ? value : best;
}

/* ---- upper bounds ---------------------------------------------------------------------------- */

static void take_network(zg_monitor *m, const zg_network *network, size_t output)
{
    const zg_problem *p = m->problem;
    if (p->penalty.kind != ZG_PENALTY_L1) { /* shared neurons: not a sum over outputs */
        double objective;
        if (zg_network_objective(network, p, &objective, NULL, NULL) == ZG_OK)
            m->whole_objective = smaller(objective, m->whole_objective);
        return;
    }
    if (zg_problem_predictions(p, network, m->trial)) return;
    for (size_t c = 0; c < p->outputs; c++) {
        if (output != ZG_ALL_OUTPUTS && output != c) continue;
        double objective = zg_network_output_objective(network, p, c, m->trial);
        if (objective < m->objective[c]) m->objective[c] = objective;
    }
}

static void take_blocks(zg_monitor *m, const zg_iterate *iterate)
{
    zg_network *network = NULL;
    if (zg_network_create(m->problem, &network, NULL)) return;
    if (zg_network_add_blocks(network, m->problem->lift, iterate->output, iterate->z, iterate->zn,
                              1e-12) == ZG_OK)
        take_network(m, network, iterate->output);
    zg_network_free(network);
}

/* ---- lower bounds ---------------------------------------------------------------------------- */

static void take_dual(zg_monitor *m, size_t c, const double *v)
{
    zg_program program = zg_problem_program(m->problem, c);
    zg_bound bound;
    size_t n = m->problem->samples;
    if (zg_program_bound(&program, v, &bound, NULL) || !(bound.value > m->bound[c])) return;
    m->bound[c] = bound.value;
    memcpy(m->dual + c * n, v, n * sizeof *v);
}

static void take_attacks(zg_monitor *m, const zg_attacks *attacks)
{
    zg_attacks copy = {0};
    zg_attack_bound bound;
    bool better = zg_attacks_copy(attacks, &copy) == ZG_OK &&
                  zg_attacks_bound(m->problem, &copy, &bound) == ZG_OK && bound.value > m->bound[0];
    if (better) {
        m->bound[0] = bound.value;
        zg_attacks_clear(&m->attacks);
        m->attacks = copy;
    } else {
        zg_attacks_clear(&copy);
    }
}

static void take(zg_monitor *m, const zg_iterate *iterate)
{
    const zg_problem *p = m->problem;
    bool all = iterate->output == ZG_ALL_OUTPUTS;
    if (iterate->network)
        take_network(m, iterate->network, iterate->output);
    else if (iterate->z && !all)
        take_blocks(m, iterate);
    else if (all || p->outputs == 1)
        m->whole_objective = smaller(iterate->objective, m->whole_objective);
    else
        m->objective[iterate->output] = smaller(iterate->objective, m->objective[iterate->output]);
    if (iterate->dual && p->robust == 0.0 && p->penalty.kind == ZG_PENALTY_L1)
        for (size_t c = 0; c < p->outputs; c++)
            if (all || c == iterate->output)
                take_dual(m, c, iterate->dual + (all ? c * p->samples : 0));
    if (iterate->attacks && p->robust > 0.0) take_attacks(m, iterate->attacks);
    if ((all || p->outputs == 1) && iterate->bound > m->whole_bound)
        m->whole_bound = iterate->bound;
}

/* ---- the observer ---------------------------------------------------------------------------- */

static zg_progress progress_of(zg_monitor *m, const zg_iterate *iterate, double seconds)
{
    zg_progress progress = {.unit = iterate->unit, .number = iterate->number, .seconds = seconds};
    for (size_t c = 0; c < m->problem->outputs; c++) {
        progress.objective += m->objective[c];
        progress.bound += m->bound[c];
    }
    progress.objective = smaller(m->whole_objective, progress.objective);
    if (m->whole_bound > progress.bound) progress.bound = m->whole_bound;
    zg_certificate so_far = {.objective = progress.objective,
                             .bound = progress.bound,
                             .rounding = ROUNDING * fmax(1.0, fabs(progress.objective))};
    zg_assessment assessment;
    zg_decision decision = zg_certificate_judge(&so_far, m->target, &assessment);
    progress.gap = assessment.gap;
    m->reached = m->target > 0.0 && decision == ZG_DECISION_CERTIFIED;
    return progress;
}

static bool notify(void *context, const zg_iterate *iterate, double seconds)
{
    zg_monitor *m = context;
    double now = zg_monotonic();
    if (now - m->last < m->interval && seconds < TIME_GROWTH * m->last_seconds) return !m->reached;
    take(m, iterate);
    zg_progress progress = progress_of(m, iterate, seconds);
    m->last = zg_monotonic();
    m->last_seconds = seconds;
    m->spent += m->last - now;
    progress.certification_seconds = m->spent;
    m->taken++;
    bool go_on = !m->listener || m->listener(m->context, &progress);
    return go_on && !m->reached;
}

zg_observer zg_monitor_observer(zg_monitor *monitor)
{
    return (zg_observer){notify, monitor};
}

const double *zg_monitor_dual(const zg_monitor *monitor)
{
    return monitor->dual;
}

const zg_attacks *zg_monitor_attacks(const zg_monitor *monitor)
{
    return &monitor->attacks;
}

double zg_monitor_bound(const zg_monitor *monitor)
{
    double sum = 0.0;
    for (size_t c = 0; c < monitor->problem->outputs; c++)
        sum += monitor->bound[c];
    return fmax(sum, monitor->whole_bound);
}

size_t zg_monitor_iterates(const zg_monitor *monitor)
{
    return monitor->taken;
}

double zg_monitor_certification_seconds(const zg_monitor *monitor)
{
    return monitor->spent;
}
