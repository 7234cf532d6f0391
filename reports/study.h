/*
 * What a log is about: its problems (data and model), its methods (with their options, seeds apart)
 * and, per problem, the best certified bound that any case found.
 */
#ifndef ZG_REPORTS_STUDY_H
#define ZG_REPORTS_STUDY_H

#include "log/log.h"
#include "reports/text.h"

typedef struct zg_study_group {
    char *identity; /* canonical JSON of what makes it */
    char *label;    /* for people; unique within the study */
    size_t cases;
} zg_study_group;

typedef struct zg_study {
    const zg_log *log;
    zg_study_group *problems, *methods; /* in order of first appearance */
    size_t problem_count, method_count;
    size_t *problem_of, *method_of; /* per case of the log */
    double *best_bound;             /* per problem: certified lower bound on p*, or NAN */
    double *best_objective;         /* per problem, of any network that was found, or NAN */
    double tolerance;               /* relative certified gap aimed at */
    double limit;                   /* seconds a case may take, or NAN */
    bool *elsewhere;                /* per case: timed on another kind of machine than most */
    size_t elsewhere_count;         /* how many of them ended */
    size_t not_started;             /* cases that the run announced and the log does not hold */
} zg_study;

zg_status zg_study_create(const zg_log *log, zg_study *out, zg_error *error);
void zg_study_clear(zg_study *study);

/* The case's data, model or method parameter ("data", "n") as a number, texts parsed; NAN when it
 * is absent. */
double zg_study_number(const zg_log_case *row, const char *part, const char *name);

/* Calls visit for every leaf of a parameter object, nested names joined by dots, sorted; arrays are
 * leaves.  Values are compact JSON, texts bare.  False when memory ran out. */
typedef void (*zg_leaf_visitor)(void *context, const char *name, const char *value);
bool zg_study_leaves(const json_t *object, zg_leaf_visitor visit, void *context);

/* With more threads per processor than this that run or want to, the machine counts as
 * busy. */
#define ZG_STUDY_BUSY 1.2
/* The machine's load during the case per processor, where that exceeds the limit above; else 0. */
double zg_study_overload(const zg_study *study, const zg_log_case *row);
size_t zg_study_busy_cases(const zg_study *study);

/* Whether some method certified the problem's optimum to the tolerance of the run. */
bool zg_study_known(const zg_study *study, size_t problem);
/* How far the case's objective is above the best certified bound of any method on its problem,
 * relative as gaps are (base/gap.h) and at least 0; NAN where it did not run or there is no bound.
 * It is at most the case's own gap. */
double zg_study_distance(const zg_study *study, size_t i);

/* Seconds until the case's own certified gap was at most `gap`; INFINITY when it never was. */
double zg_study_time_to_gap(const zg_log_case *row, double gap);
/* Seconds until the case's objective was within `share` of the bound (relative as the gap is);
 * INFINITY when it never was. */
double zg_study_time_to_bound(const zg_log_case *row, double bound, double share);

#endif
