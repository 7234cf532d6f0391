/*
 * Quadratics on too many sign vectors to count: branch and bound, with the semidefinite relaxation
 * as bound (core/cube.h) and enumeration of what is left once few weights are free.
 *
 * A node fixes the signs of some weights; what is left is a quadratic of the others, of smaller
 * order.  It is given up where its relaxation says that it holds nothing larger than what is known.
 */
#ifndef ZG_CORE_SET_SEARCH_H
#define ZG_CORE_SET_SEARCH_H

#include "core/set_enumeration.h"

/* Widths up to which the search is worth while, for binary neurons. */
#define ZG_SEARCH_WIDTH 44

bool zg_set_searchable(zg_neuron_set set, size_t width);

/* How far a search goes, and what became of it. */
typedef struct zg_search {
    size_t most_nodes; /* relaxations solved at most, of both signs together */
    double enough; /* responses up to here need not be told apart: <= 0 for the largest itself */
    size_t nodes;  /* that were solved */
    bool complete; /* the larger value is that of the set, up to about 1e-10 of it, or at
                    * most enough */
} zg_search;

/* Safe upper bounds on the maxima of the response and of its negative, whether or not the search
 * was complete; where the two differ, only the larger is the best bound on its own maximum.  best
 * (or NULL) is offered the neurons found.  ZG_UNSUPPORTED for other sets and widths, ZG_FAILED
 * where an entry is not finite. */
zg_status zg_set_search(zg_neuron_set set, const zg_set_form *form, zg_search *search,
                        double value[2], zg_candidates *best);

#endif
