/*
 * CSDP in a child process: what the two sides say to each other.
 *
 * The library ends its process when memory runs out, keeps a static workspace, reads param.csdp
 * from the current directory and can spin for ever, so every solve has a process of its own.  The
 * child sends each iterate and waits for one byte in answer; at the end it sends the result.
 */
#ifndef ZG_SOLVERS_CSDP_H
#define ZG_SOLVERS_CSDP_H

#include "base/module.h"
#include "solvers/sdp.h"

#include <limits.h>
#include <stdint.h>

typedef struct zg_csdp_parameters {
    double accuracy;            /* axtol, atytol, objtol */
    double step_low, step_high; /* minstepfrac, maxstepfrac: shares of the way to the boundary */
    int iterations;             /* maxiter */
    int threads;                /* of BLAS; 0: leave */
    bool start_near;            /* from the identity rather than CSDP's large starting point */
} zg_csdp_parameters;

typedef struct zg_csdp_job {
    const zg_sdp *sdp; /* validated */
    zg_csdp_parameters parameters;
    char module[PATH_MAX]; /* the shared object that calls CSDP; empty: it is built in */
} zg_csdp_job;

#define ZG_CSDP_MAGIC 0x7a674353u

/* Followed by zg_sdp_point_size doubles: y, X, Z. */
typedef struct zg_csdp_header {
    uint32_t magic;
    int32_t result; /* 0: an iterate; 1: the result */
    int32_t code;   /* of easy_sdp, for the result */
    int32_t unused;
    double primal, dual; /* objectives as CSDP reports them */
} zg_csdp_header;

#define ZG_CSDP_CONTINUE 'c'
#define ZG_CSDP_STOP 's'

/* Exit statuses of the child; 205 and 206 are the library's own. */
enum {
    ZG_CSDP_DONE = 0,
    ZG_CSDP_CHANNEL = 100, /* the parent is gone */
    ZG_CSDP_STORAGE = 101, /* an allocation of ours failed */
    ZG_CSDP_FILE = 102,    /* param.csdp could not be written */
    ZG_CSDP_UNLOADED = 103 /* the module could not be loaded */
};

/* The body of the child (a zg_child_body); context is a zg_csdp_job. */
int zg_csdp_child(void *context, int channel);

/* With -Dcsdp=plugin the body is in a module, whose description is this, by the name
 * zg_module_csdp. */
typedef struct zg_csdp_module {
    zg_module module;
    int (*child)(void *context, int channel);
} zg_csdp_module;

extern const zg_csdp_module zg_module_csdp;

#endif
