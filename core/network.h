/* Networks: neurons, evaluation from raw data, the training objective, model files. */
#ifndef ZG_CORE_NETWORK_H
#define ZG_CORE_NETWORK_H

#include "core/attack.h"
#include "core/problem.h"

struct zg_network {
    zg_activation activation;
    zg_architecture architecture;
    zg_neuron_set neuron_set; /* whose neurons they are; pairs as two (neuron_set.h) */
    zg_patches patches;       /* derived from architecture and inputs */
    size_t inputs, outputs;
    zg_preprocess preprocess;
    zg_encoding encoding;
    size_t count, capacity; /* neurons */
    size_t *group;          /* count */
    double *u;              /* count x patches.width, row-major, unit norm */
    double *alpha;          /* count x outputs, row-major */
    /* How it was trained; what a foreign model may lack is NAN, NULL or empty. */
    struct {
        zg_loss loss;
        zg_penalty penalty;
        double beta, objective, bound, gap;
        double robust;    /* radius of the balls that it was trained against; 0: none */
        zg_row_kind rows; /* what its rows said of it */
        char solver[64];
        size_t samples;     /* n, when dual is present */
        double *dual;       /* outputs x samples: the vector v behind bound, or NULL */
        zg_attacks attacks; /* the copies behind the bound of a robust problem, if any */
    } training;
};

/* An empty (zero) network of a problem's shape, preprocessing and encoding. */
zg_status zg_network_create(const zg_problem *problem, zg_network **out, zg_error *error);
zg_status zg_network_copy(const zg_network *network, zg_network **out, zg_error *error);
/* Appends a neuron: u (width) is normalised to unit norm by the caller; alpha for one output. */
zg_status zg_network_add(zg_network *network, size_t group, const double *u, size_t output,
                         double alpha);
/* Whether the norm of u (width) is 1 but for rounding. */
bool zg_is_unit_neuron(size_t width, const double *u);
/* Brings a u whose norm is within ZG_UNIT_TOLERANCE of 1 to norm 1: a neuron that is 1e-9 too long
 * responds 1e-9 more strongly than the penalty pays for.  One that has it to rounding stays. */
#define ZG_UNIT_TOLERANCE 1e-9
void zg_unit_neuron(size_t width, double *u);
void zg_network_clear_neurons(zg_network *network);

/* f (outputs x n) of already preprocessed inputs x (n x inputs): direct evaluation of
 * sum_j alpha_j mean_p sigma(patch . u_j), sharing no code with the lift. */
zg_status zg_network_evaluate(const zg_network *network, size_t n, const double *x, double *f);

/* f (outputs x samples): what the loss of the problem is taken of, the predictions on its rows or,
 * in a robust problem, those at the worst points of their balls, rounded to the worse side: every
 * objective of a network is made of these. */
zg_status zg_problem_predictions(const zg_problem *problem, const zg_network *network, double *f);

/* loss + penalty of the network on a problem, from the problem's raw numbers; parts may be NULL. */
zg_status zg_network_objective(const zg_network *network, const zg_problem *problem,
                               double *objective, double *loss, double *penalty);

/* By how much zg_network_objective can be off, from rounding in it alone: a bound on the running
 * error (Higham, section 3.3) of every prediction, carried through the convex loss.  With
 * interpolation the network may also miss the targets by a tolerance, and the penalty undercut that
 * of exact networks: dual (outputs x samples, feasible; NULL: none) says by how much,
 * |v'(f - y)|, since penalty >= v'f. */
zg_status zg_network_objective_error(const zg_network *network, const zg_problem *problem,
                                     const double *dual, double *error);

/* The part of the l1 objective that belongs to one output, from f (outputs x samples), the
 * network's predictions on the problem's rows: beta sum_j |alpha_j| + loss.  Where a row is to be
 * met exactly, of the multiple of the network that meets it, whose predictions f becomes. */
double zg_network_output_objective(const zg_network *network, const zg_problem *problem,
                                   size_t output, double *f);

/* Whether shape, activation and architecture fit the problem, and all neurons are of its set; the
 * message says what differs. */
zg_status zg_network_check(const zg_network *network, const zg_problem *problem, zg_error *error);

#endif
