/*
 * How effort grows with size: straight lines through logarithms.
 *
 * Scaling: per method and family of problems that differ in one of n, d, outputs or patches only,
 * log time against log size; the slope is the exponent.  Hardness: per tree-search method and
 * family, log effort against size (exponential) and against log size (polynomial); the smaller
 * squared error says which describes the figures better.
 */
#ifndef ZG_REPORTS_GROWTH_H
#define ZG_REPORTS_GROWTH_H

#include "reports/statistics.h"
#include "reports/study.h"

typedef struct zg_growth {
    char *family;         /* the problems, for people */
    size_t method;        /* of the study */
    const char *variable; /* "n", "d", "outputs", "patches", "numbers" */
    const char *effort;   /* "seconds" or "nodes" */
    size_t count;         /* points: medians of the cases of one size */
    double *size, *value; /* ascending sizes */
    size_t failed;        /* cases that did not finish, left out of the fit */
    zg_line power;        /* log value = intercept + slope log size */
    zg_line exponential;  /* log value = intercept + slope size; only where tree is set */
    bool tree;            /* effort of a tree search */
} zg_growth;

typedef struct zg_growths {
    zg_growth *items;
    size_t count;
} zg_growths;

/* Families with at least three sizes. */
zg_status zg_growths_create(const zg_study *study, zg_growths *out, zg_error *error);
void zg_growths_clear(zg_growths *growths);

#endif
