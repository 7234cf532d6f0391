/* The best network and the best attacked copies that a robust method has seen, both judged. */
#ifndef ZG_SOLVERS_ROBUST_BEST_H
#define ZG_SOLVERS_ROBUST_BEST_H

#include "core/method.h"
#include "core/worst_case.h"
#include "solvers/robust_ipm.h"

typedef struct zg_robust_best {
    const zg_problem *problem;
    zg_network *network; /* starts with the zero network */
    double objective;    /* certified: its worst case */
    zg_attacks attacks;
    double bound;     /* certified by them; starts with those at the zero network */
    double **z, **zn; /* groups blocks: of the last point, then of the best network */
    double *storage;
    bool has_point;
    zg_attacks trial;        /* of the last point */
    double started, judging; /* zg_monotonic at creation; seconds that judging a point will take */
} zg_robust_best;

zg_status zg_robust_best_create(const zg_problem *problem, zg_robust_best *out, zg_error *error);
void zg_robust_best_clear(zg_robust_best *best);

/* Judges the present point: its blocks as a network and its multipliers as copies. */
zg_status zg_robust_best_take(zg_robust_best *best, zg_robust_ipm *ipm);
/* The same for the network alone, with all its worst cases (the caller's to clear): of the present
 * point, or of the one that is this share of the way to it from the best network's. */
zg_status zg_robust_best_take_network(zg_robust_best *best, zg_robust_ipm *ipm, double share,
                                      zg_worst_cases *cases);
double zg_robust_best_gap(const zg_robust_best *best);

/* Something that costs as much as judging took so many seconds.  A machine that was busy for a
 * while does not hold the limit back for ever: what was longer before fades. */
void zg_robust_best_measured(zg_robust_best *best, double seconds);
/* Seconds of the limit that are left for iterations, by the wall clock: less what judging the last
 * point and certifying it will take; INFINITY where there is no limit. */
double zg_robust_best_left(const zg_robust_best *best, const zg_control *control);
/* Passes the present point on, with ipm NULL that of the beginning; false: stop. */
bool zg_robust_best_report(zg_robust_best *best, zg_robust_ipm *ipm, const zg_control *control,
                           zg_stopwatch *watch, long iteration);

/* Moves network and copies into the solution; the network is first rebuilt from the fewest
 * eigenvalues that keep it within ten times its gap, or the share of the objective; with a negative
 * share it is left as it is. */
zg_status zg_robust_best_finish(zg_robust_best *best, double share, zg_solution *solution);

#endif
