/*
 * The state of a low-rank search for one output, and its points: factors made of networks and of
 * the lowest eigenvectors of the dual slacks.  Internal to the method "low-rank".
 */
#ifndef ZG_SOLVERS_LOW_RANK_SEARCH_H
#define ZG_SOLVERS_LOW_RANK_SEARCH_H

#include "core/method.h"
#include "solvers/low_rank_axes.h"
#include "solvers/low_rank_factor.h"
#include "solvers/low_rank_metric.h"
#include "solvers/low_rank_subspace.h"

#include <math.h>

typedef struct zg_search {
    const zg_problem *problem;
    size_t output;
    zg_program program;
    double least; /* objective that a relative gap is of, at least */
    const zg_control *control;
    zg_stopwatch *watch;
    const zg_value *values; /* of the options */
    zg_value *inner;        /* option values of the subspace's method */
    /* The best of both sides. */
    zg_network *network;
    double objective;
    double *best_v;
    double bound;
    /* The present point. */
    size_t *columns;          /* cones */
    double *w;                /* the factor's variables */
    double *f, *v;            /* samples */
    double *rho;              /* cones: multipliers of v */
    double lambda;            /* of v */
    zg_axes **axes;           /* groups: of the slacks of v; NULL where they are not known */
    double **lowest;          /* cones: width x directions of the dual slack, column-major */
    size_t directions, later; /* at present, and after the first round */
    double steps, width;
    /* Descents with the program's curvature: its damping in units of beta, the rows it is made
     * from, F where the last one ended, by what share it fell, and whether the search goes on
     * without a subspace. */
    double damping, value, fall;
    size_t sample;
    bool moving, first;  /* first: no round of this search is done yet */
    long waited;         /* descents in a row that have not brought the gap down */
    double rounded;      /* what the envelope of a loss with kinks leaves of the gap by itself */
    zg_metric *metric;   /* or NULL */
    zg_row_store *store; /* rows for passes, or NULL: the lift's own, in double precision */
    long round, passes;
    zg_status status; /* why the search ends before its aim, or ZG_OK */
    zg_error failure;
} zg_search;

static inline size_t zg_search_cones(const zg_search *s)
{
    return 2 * s->program.lift->groups;
}

/* Relative, as the tolerance is. */
static inline double zg_search_gap(const zg_search *s)
{
    return (s->objective - s->bound) / fmax(s->least, fabs(s->objective));
}

/* Eigenvalues below this share of the largest are left out of a factor. */
#define ZG_RANK_CUTOFF 1e-10

/* The factor to begin with: the directions found at the zero network, at the length that lowers F
 * most. */
zg_status zg_search_begin(zg_search *search);

/* Tries search->v in the program and keeps it where its bound is the best; with directions, also
 * finds its slacks' axes and the directions in which they are lowest, unless the search has come to
 * its end. */
zg_status zg_search_certify(zg_search *search, bool directions);
void zg_search_forget_axes(zg_search *search);
/* Takes the network over where it is the best; frees it otherwise. */
zg_status zg_search_take_network(zg_search *search, zg_network *network);
/* The same with the network of the factor at search->w. */
zg_status zg_search_take_factor(zg_search *search, const zg_factor *factor);

/* Room for the variables of the present columns. */
zg_status zg_search_resize(zg_search *search);

/* Hands the state between two rounds to the control's keeper, where there is one; and takes it back
 * from there: *network, the caller's, is the best one of then, search->v its vector, and the rest
 * of the search is as it was.  *network is NULL, and nothing has changed, where there is no state
 * that fits. */
zg_status zg_search_keep(const zg_search *search);
zg_status zg_search_recall(zg_search *search, zg_network **network);

/* Turns the columns of the present factor so that the short ones can be left out, and adds a few
 * along the lowest eigenvectors of the slacks; the smaller the relative gap, the less of either.
 * kept (cones): how many of the columns are not new. */
zg_status zg_search_refresh(zg_search *search, size_t *kept);

/* The factor of a network of the subspace's program, with a few columns more along the lowest
 * eigenvectors of the slacks. */
zg_status zg_search_from_subspace(zg_search *search, const zg_subspace *subspace,
                                  const zg_network *small);

#endif
