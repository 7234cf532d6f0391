/* What the two sides of a plug-in's process say to each other. */
#ifndef ZG_SOLVERS_PLUGIN_PARTS_H
#define ZG_SOLVERS_PLUGIN_PARTS_H

#include "solvers/conic.h"

#include <stdint.h>

/* Options that every plug-in has, before its own. */
enum {
    ZG_PLUGIN_FILE,
    ZG_PLUGIN_COMPRESS,
    ZG_PLUGIN_SCALE,
    ZG_PLUGIN_LIMIT,
    ZG_PLUGIN_OWN /* the plug-in's begin here */
};

/* ---- the description -------------------------------------------------------------------------- */

#define ZG_PLUGIN_MAGIC 0x7a67504cu
#define ZG_PLUGIN_OPTIONS 48 /* at most */

/* Followed by count zg_plugin_option. */
typedef struct zg_plugin_description {
    uint32_t magic;
    uint32_t count;    /* of options */
    char trouble[400]; /* why there is none, or empty */
    char name[64], about[160];
} zg_plugin_description;

typedef struct zg_plugin_option {
    char name[64], fallback[160], help[160];
} zg_plugin_option;

/* The body of a child (zg_child_body); context is the path. */
int zg_plugin_describe_child(void *context, int channel);

/* ---- a solve ---------------------------------------------------------------------------------- */

typedef struct zg_plugin_job {
    const char *path;
    const zg_method *method;
    const zg_value *values;
    const zg_conic *conic;
    const zg_sdp *sdp; /* of the posed program */
    double tolerance, seconds;
    int threads;
} zg_plugin_job;

/* Followed by `doubles` numbers: y, X, Z of the program, or v, Z, Z' of the lift.  The host answers
 * an iterate with one byte. */
typedef struct zg_plugin_header {
    uint32_t magic;
    int32_t result;  /* 0: an iterate; 1: the result */
    int32_t outcome; /* zgp_outcome, of a result */
    int32_t lift;    /* 1: the numbers are of the lift */
    uint64_t doubles;
} zg_plugin_header;

#define ZG_PLUGIN_CONTINUE 'c'
#define ZG_PLUGIN_STOP 's'

/* Exit statuses of the child. */
enum {
    ZG_PLUGIN_DONE = 0,
    ZG_PLUGIN_CHANNEL = 100, /* the host is gone */
    ZG_PLUGIN_STORAGE = 101, /* an allocation of ours failed */
    ZG_PLUGIN_CHANGED = 102  /* it is no longer what it was when it was described */
};

/* The body of the child; context is a zg_plugin_job. */
int zg_plugin_solve_child(void *context, int channel);

/* Doubles of an answer of the lift. */
size_t zg_plugin_lift_size(const zg_program *program);

#endif
