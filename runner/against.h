/*
 * Two builds of the program, or two of a solver, against each other, measurement by measurement in
 * turn (ABAB...).
 *
 * Minutes apart on a noisy machine the same program differs from itself; seconds apart it does
 * not.  Every measurement of either program is a run of its own of one case; what it logs is
 * gathered into one log per program, so that nothing else need know how it came about.
 */
#ifndef ZG_RUNNER_AGAINST_H
#define ZG_RUNNER_AGAINST_H

#include "runner/runner.h"

#define ZG_AGAINST_PLUGINS 8

typedef struct zg_against {
    const char *base;           /* path of the other program; of this one, where solvers differ */
    const char *base_log;       /* its log; options->log is that of this program */
    const char *folder;         /* for temporary files; must exist */
    const char *adapter;        /* that both sides are given, or NULL */
    const char *programs[2];    /* of its solver: the base's, this one's; or NULL */
    const char *const *plugins; /* files of methods, at most ZG_AGAINST_PLUGINS */
    size_t plugin_count;
} zg_against;

/* Runs the cases that the options select, whose no_final must be set; resume and jobs are not for
 * this.  *out is about this program. */
zg_status zg_run_against(zg_suite *const *suites, size_t count, const zg_against *against,
                         const zg_run_options *options, zg_run_result *out, zg_error *error);

#endif
