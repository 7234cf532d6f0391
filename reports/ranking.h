/*
 * Methods against each other: the times of every method on every problem that all of them tried,
 * their performance profiles, the check whether the ranking depends on a third method, and shifted
 * geometric means with failures charged.
 */
#ifndef ZG_REPORTS_RANKING_H
#define ZG_REPORTS_RANKING_H

#include "reports/study.h"

#define ZG_PROFILE_LIMIT 64.0 /* scores are areas under the profile for ratios up to this */
#define ZG_MEAN_SHIFT 0.1     /* seconds */

typedef enum zg_goal {
    ZG_GOAL_CERTIFICATE, /* the method's own certified gap within the tolerance */
    ZG_GOAL_PERCENT      /* an objective within 1 % of the problem's best certified bound */
} zg_goal;

/* The order of two methods that turns round when a third leaves: N. Gould and J. Scott, "A note on
 * performance profiles for benchmarking software", ACM TOMS 43 (2016). */
typedef struct zg_reversal {
    size_t better, worse,
        without; /* columns: better leads with all methods, not without this one */
} zg_reversal;

typedef struct zg_ranking {
    size_t problems, methods;
    size_t *problem, *method; /* which of the study's */
    double *times;            /* problems x methods; INFINITY: failed */
    double *ratios;           /* to the best on the problem; INFINITY: failed */
    double *score;            /* per method: area under its profile, 0 to 1 */
    size_t *solved;           /* per method */
    double *mean;             /* per method: shifted geometric mean with failures charged */
    double charge;            /* seconds that a failure costs */
    bool limit_known;         /* the charge is the run's time limit, else the longest time seen */
    zg_reversal *reversals;
    size_t reversal_count;
} zg_ranking;

/* Seeds of one method count as one: the median, a failure where half of them fail.  Methods that
 * tried few problems are left out, then problems that not all others tried, so that the table of
 * methods and problems is as full as can be. */
zg_status zg_ranking_create(const zg_study *study, zg_goal goal, zg_ranking *out, zg_error *error);
void zg_ranking_clear(zg_ranking *ranking);

#endif
