/* What a network does at the worst point of the ball around each row: safe, and where it is. */
#ifndef ZG_CORE_WORST_CASE_H
#define ZG_CORE_WORST_CASE_H

#include "core/network.h"

/* A side is a sign s and the minimum of s f over the balls.  With labels there is one, s = y_i;
 * with other targets there are two, the lower end of f (side 0, s = 1) and minus its upper end
 * (side 1, s = -1). */
typedef struct zg_worst_cases {
    size_t samples, inputs, sides;
    double *bound;    /* sides x samples: safe, at most the minimum of s f */
    double *mu;       /* sides x samples: the multiplier that proves it (core/ball.h) */
    double *error;    /* sides x samples: of the form that it is best for (core/ball.h) */
    double *attained; /* sides x samples: s f at the point; NULL without points */
    double *point;    /* sides x samples x inputs: inside the ball in exact arithmetic; or NULL */
} zg_worst_cases;

/* Of the problem's balls and output 0.  O(d^3 + n d^2). */
zg_status zg_worst_cases_create(const zg_network *network, const zg_problem *problem, bool points,
                                zg_worst_cases *out, zg_error *error);
void zg_worst_cases_clear(zg_worst_cases *cases);

int zg_worst_case_sign(const zg_problem *problem, size_t side, size_t sample);
/* The side that costs the sample more: the one on which |f - y| is larger. */
size_t zg_worst_case_side(const zg_worst_cases *cases, const zg_problem *problem, size_t sample);

/* The share of rows whose whole ball has the sign of y: exact, not an attack; NAN where the targets
 * are not -1 and 1, or no bound can be had. */
double zg_robust_accuracy(const zg_network *network, const zg_problem *problem);

/* The same over radii, of the problem's rows whatever its own radius: radius (count >= 2) goes from
 * 0 to where one row in fifty is left, or to `least` if that is larger; share: of the rows that
 * keep their label everywhere within it, proven.  ZG_UNSUPPORTED where zg_robust_accuracy is NAN,
 * and where no radius matters.  O(inputs^3 + samples inputs^2). */
zg_status zg_robust_curve(const zg_network *network, const zg_problem *problem, double least,
                          size_t count, double *radius, double *share);

/* f (samples): the end of the range of f over each ball at which the loss is largest, rounded to
 * that side.  The loss there is at least that of every point of the ball. */
zg_status zg_worst_predictions(const zg_network *network, const zg_problem *problem, double *f);

/* Copies at the worst points with the weights that the slope of the loss has there: what a network
 * implies about the dual. */
zg_status zg_worst_case_attacks(const zg_network *network, const zg_problem *problem,
                                zg_attacks *out);

#endif
