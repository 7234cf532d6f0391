/*
 * What the points of a general conic solver are worth.
 *
 * Nothing such a solver says is believed: every point that it hands over becomes a dual vector, of
 * which the certified bound counts, and a network, of which the objective evaluated from the raw
 * data counts.  The best of each is kept, whatever became of the solver afterwards.
 */
#ifndef ZG_SOLVERS_CONIC_H
#define ZG_SOLVERS_CONIC_H

#include "core/method.h"
#include "solvers/compress.h"
#include "solvers/sdp.h"

typedef struct zg_conic {
    const zg_problem *problem;
    size_t output;
    zg_program program;          /* of that output, all samples */
    zg_compression *compression; /* or NULL */
    const zg_program *posed;     /* what the solver is given: the small program, or program */
    double *storage;             /* one allocation behind what follows */
    double *v, *best_v;          /* samples: of the last point, of the best bound */
    double *w;                   /* samples of the posed program */
    double **z, **zn;            /* groups blocks of the last point */
    double **best_z, **best_zn;  /* of the point behind the best network */
    double *f;                   /* outputs x samples: predictions */
    double bound;                /* certified by best_v; starts with v = 0 */
    zg_network *network;         /* the best one; starts with the zero network */
    double objective;            /* of its output */
    bool has_point;              /* best_z and best_zn are set */
    bool has_dimacs;
    double dimacs[6];
    bool has_claim;
    zg_claim claim; /* of the solver's last answer, as it gave it */
} zg_conic;

/* The option by which solvers' own answers are judged; every conic method has it. */
#define ZG_DIMACS_LIMIT_OPTION                                                                     \
    {                                                                                              \
        "dimacs_limit", ZG_OPTION_NUMBER, "1e-5", NULL, 1e-15, 1,                                  \
            "largest DIMACS error of the solver's own answer; beyond it the solver failed"         \
    }

/* Penalty and loss that a semidefinite program can express; the message names another method. */
zg_status zg_conic_check(const zg_problem *problem, const char *method, zg_error *error);

/* compress: reduce the rows where that applies.  The first bound is the better one of v = 0 and
 * v = -grad loss(0), so that an optimal zero network is recognised without any solver. */
zg_status zg_conic_create(const zg_problem *problem, size_t output, bool compress, zg_conic **out,
                          zg_error *error);
void zg_conic_free(zg_conic *conic);

/* Judges a point of the posed program's sdp; one with a value that is not finite is ignored. */
zg_status zg_conic_take(zg_conic *conic, const zg_sdp *sdp, const zg_sdp_point *point);

/* Takes a claim that there is no optimum, in place of an answer. */
void zg_conic_deny(zg_conic *conic, zg_says says);

/* Judges what v, z and zn hold, for methods that fill them themselves. */
zg_status zg_conic_judge(zg_conic *conic);

/* The gap between the best objective and the best bound; this output's share of the problem's
 * relative gap is met when it is at most the tolerance: the objective counts as at least 1 divided
 * by the number of outputs. */
double zg_conic_gap(const zg_conic *conic);

/* "certified gap 1.2e-05", or that there is no network to have one. */
void zg_conic_gap_text(const zg_conic *conic, char *text, size_t size);

/* Whether objective and bound agree to a share of the objective itself, however small that is: the
 * aim of a solve, stricter than the gap where the objective is below one. */
bool zg_conic_reached(const zg_conic *conic, double share);

/* Passes the last point on to the observer; false: stop. */
bool zg_conic_report(const zg_conic *conic, const zg_control *control, zg_stopwatch *watch,
                     long iteration);

/* Moves the best network and dual vector into the solution.  An interior point has full rank; the
 * network is first rebuilt from the fewest eigenvalues that keep objective and bound together: to
 * ten times their difference, or the given share of the objective if that is more, but never above
 * a hundred shares. */
zg_status zg_conic_finish(zg_conic *conic, double share, zg_solution *solution);

/* Solves every output by `solve`; then, with reduce, replaces the network by one with fewer neurons
 * (rank_reduction.h), and adds the time that takes to the method's. */
zg_status zg_conic_solve(const zg_problem *problem, const zg_value *values,
                         const zg_control *control, zg_solve_output solve, bool reduce,
                         zg_solution *solution, zg_error *error);

#endif
