/*
 * The cubic twin of a quadratic-activation network.
 *
 * With sigma(t) = a t^2 the penalty beta sum |alpha_j| over unit neurons has the same optimum as
 *     (beta / kappa_3) sum_j |alpha_j|^3 + |u_j|^3,   kappa_3 = 3 * 2^(-2/3),
 * over neurons of any length: scaling u by t and alpha by 1 / t^2 leaves the predictions, and
 * t = 2^(1/9) |alpha|^(1/3) makes the cubic penalty least, kappa_3 |alpha| (Bartan and Pilanci,
 * section on quadratic activation).
 */
#ifndef ZG_CORE_CUBIC_H
#define ZG_CORE_CUBIC_H

#include "core/network.h"

#define ZG_KAPPA3 1.8898815748423097

/* Whether the twin exists: b = c = 0 and one output. */
bool zg_cubic_exists(const zg_network *network);

/* The twin's objective on the problem: its neurons are written out with their lengths, predictions
 * and penalty are computed from those.  ZG_UNSUPPORTED when there is none. */
zg_status zg_cubic_objective(const zg_network *network, const zg_problem *problem,
                             double *objective);

#endif
