/*
 * How effort grows with size: per method and family of problems that differ in one size only, time
 * and steps (iterations, nodes) against size, fitted twice on logarithms of the effort: as a power
 * of the size and as an exponential of it.  Both models have two parameters, so that the one with
 * the smaller squared error is also the one that Akaike's criterion prefers.
 *
 * Data on which a tree search ran are a contrast: all methods that ran on them belong together, and
 * all their sizes count as one, because such data grow in all of them at once.
 */
#ifndef ZG_REPORTS_GROWTH_H
#define ZG_REPORTS_GROWTH_H

#include "reports/statistics.h"
#include "reports/study.h"

/* The sizes that families are looked for in; of a contrast's sizes the first stands for all. */
#define ZG_SIZE_COUNT 6
extern const char *const zg_sizes[ZG_SIZE_COUNT];

typedef struct zg_growth {
    char *family;         /* the problems, for people */
    size_t method;        /* of the study */
    const char *variable; /* one of zg_sizes */
    const char *effort;   /* "seconds", "iterations" or "nodes" */
    size_t count;         /* points: medians of the cases of one size */
    double *size, *value; /* ascending sizes */
    size_t failed;        /* cases that did not finish, left out of the fit */
    zg_line power;        /* log value = intercept + slope log size */
    zg_line exponential;  /* log value = intercept + slope size */
    bool contrast;        /* a tree search ran on these data */
} zg_growth;

typedef struct zg_growths {
    zg_growth *items;
    size_t count;
} zg_growths;

/* Families with at least three sizes. */
zg_status zg_growths_create(const zg_study *study, zg_growths *out, zg_error *error);
void zg_growths_clear(zg_growths *growths);

/* Akaike's criterion of the power law less that of the exponential, in nats of likelihood ratio
 * doubled: above 0 the exponential describes the figures better.  Infinite where a fit is exact. */
double zg_growth_evidence(const zg_growth *growth);

#endif
