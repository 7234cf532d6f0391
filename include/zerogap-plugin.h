/*
 * zerogap-plugin.h: a method of your own for zerogap, as a shared object.
 *
 *     zerogap train --plugin ./libmine.so --data D --beta B
 *     zerogap run SUITE --plugin ./libmine.so          (or `plugins: [./libmine.so]` in the suite)
 *
 * The shared object has one function, zgp_plugin_get, which returns the plug-in's description.
 * Every solve runs in a process of its own that loads the object anew; nothing that it returns is
 * believed: bound and network are computed from it by the host, and judged.  What it prints is
 * kept, and its last line is quoted where something goes wrong.
 *
 * Conventions: symmetric matrices are stored in full, order x order; indices count from 0.  All
 * that the host hands over lives until solve returns and is not to be changed, but for the answer.
 * The plug-in's description must live as long as the object is loaded.
 *
 * The header needs nothing else of zerogap, and compiles as C99 and C++.
 */
#ifndef ZEROGAP_PLUGIN_H
#define ZEROGAP_PLUGIN_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Of this interface.  A host takes plug-ins of its own version only. */
#define ZGP_VERSION 1

/* What solve returns. */
enum zgp_outcome {
    ZGP_OPTIMAL = 0,    /* the answer is optimal: a claim that is judged */
    ZGP_UNSURE = 1,     /* there is an answer; nothing is claimed */
    ZGP_UNBOUNDED = 2,  /* the problem in X is unbounded, or that in y infeasible; no answer */
    ZGP_INFEASIBLE = 3, /* no X meets the equations, or the problem in y is unbounded; no answer */
    ZGP_FAILED = 4      /* gave up */
};

/* An option of the method: a key of suites and of --set.  Values are texts, which the plug-in
 * reads as it likes (the name has letters, digits and _). */
typedef struct zgp_option {
    const char *name;
    const char *fallback; /* default value */
    const char *help;     /* one line */
} zgp_option;

typedef struct zgp_call zgp_call;

/* The pair
 *     min  sum_k cost_k y_k   subject to   Z = sum_k y_k A_k - C >= 0,
 *     max  <C, X>             subject to   <A_k, X> = cost_k,  X >= 0,
 * whose matrices have blocks; SDPA's and CSDP's pair.  */
typedef struct zgp_entry {
    int matrix;      /* 0: C; k: A_k */
    int block;       /* from 0 */
    int row, column; /* from 0, row <= column: the upper triangle */
    double value;
} zgp_entry;

typedef struct zgp_sdp {
    size_t variables; /* y_1, .., at cost[0], .. */
    const double *cost;
    size_t blocks;
    const int *orders;     /* of the blocks; negative: diagonal, of -order entries */
    const size_t *offsets; /* of a block's values in x and z */
    size_t values;         /* of x, and of z: order x order for a block, or its diagonal */
    size_t entries;
    const zgp_entry *entry; /* ascending by matrix and block; each place once */
} zgp_sdp;

/* An answer, or an iterate; zeros in the beginning. */
typedef struct zgp_point {
    double *y; /* variables */
    double *x; /* values */
    double *z; /* values */
} zgp_point;

/* The training problem itself:
 *     min  sum_i weight_i loss(f_i, target_i) + beta sum_g <E, Z_g> + <E, Z'_g>,
 *          f = sum_g apply(g, Z_g) - apply(g, Z'_g),   Z_g, Z'_g >= 0,
 * and, where bordered, <R, Z_g> = <R, Z'_g> = 0 with R = diag(1, .., 1, -1).  E is e e' with e the
 * last unit vector where bordered, else the identity. */
typedef struct zgp_lift {
    size_t samples, groups, order;
    int bordered;
    double beta;
    const char *loss;      /* "squared", "absolute", "huber:0.5", "interpolate", .. */
    const double *targets; /* samples */
    const double *weights; /* samples, or NULL: 1 */
    const void *host;
    /* f (samples) += scale * the predictions of z (order x order) in one group. */
    void (*apply)(const struct zgp_lift *lift, size_t group, const double *z, double scale,
                  double *f);
    /* t (order x order) = the adjoint of a vector v (samples). */
    void (*adjoint)(const struct zgp_lift *lift, size_t group, const double *v, double *t);
} zgp_lift;

/* zeros in the beginning.  v is the dual vector of mathematics.md: any v gives a bound. */
typedef struct zgp_blocks {
    double *v;  /* samples */
    double *z;  /* groups x order x order: Z_g */
    double *zn; /* likewise: Z'_g */
} zgp_blocks;

struct zgp_call {
    const char *const *values; /* of the options, in their order */
    double tolerance;          /* relative gap that is asked for */
    double seconds;            /* left of the time limit when solve begins; 0: none */
    int threads;               /* BLAS threads; 0: as they are */
    void *host;
    /* Hands over the answer as it stands, as an iterate: it is judged and drawn, and costs no time
     * of the method's.  0: stop, with any outcome. */
    int (*report)(const zgp_call *call);
};

typedef struct zgp_plugin {
    int version;       /* ZGP_VERSION; first in every version */
    const char *name;  /* letters, digits, - and _; no method of the host's */
    const char *about; /* one line, with the version of the method */
    const zgp_option *options;
    size_t option_count;
    /* One of the two; the other is NULL.  Each returns a zgp_outcome. */
    int (*solve_sdp)(const zgp_call *call, const zgp_sdp *sdp, zgp_point *answer);
    int (*solve_lift)(const zgp_call *call, const zgp_lift *lift, zgp_blocks *answer);
} zgp_plugin;

/* The one function of a plug-in. */
const zgp_plugin *zgp_plugin_get(void);

#ifdef __cplusplus
}
#endif

#endif
