/* The parts of the branch and bound over arcs (arcs.h): its state, incumbents, bounds of boxes. */
#ifndef ZG_BASELINES_WEIGHT_DECAY_ARCS_PARTS_H
#define ZG_BASELINES_WEIGHT_DECAY_ARCS_PARTS_H

#include "baselines/limit.h"
#include "baselines/weight_decay/arcs.h"
#include "baselines/weight_decay/bound.h"
#include "baselines/weight_decay/heap.h"

#define ZG_QUARTER 1.5707963267948966192313L /* pi/2, and a little for its rounding below */

typedef struct zg_arc_box {
    double bound;
    double angle[2];        /* radians, within [0, pi/2] */
    double low[2], high[2]; /* of the two weights */
} zg_arc_box;

typedef struct zg_arcs {
    const zg_problem *problem;
    const zg_decay_options *options;
    zg_arcs_result *result;
    zg_decay_problem penalty; /* lambda and power of it */
    long double gram[3][3], moment[3],
        half;           /* F'F, F'y, y'y/2 for columns a x1^2, 2a x1 x2, a x2^2 */
    double angle, w[2]; /* the incumbent */
    zg_heap open;       /* of boxes */
    double radius;      /* of the root box, in both weights */
    double pruned_bound, started, last_notice;
    zg_limit limit;
} zg_arcs;

/* The envelope of lambda |w|^p over [low, high]: one chord, or a V through 0. */
typedef struct zg_envelope {
    double low, high;
    double left, right; /* slopes below and above 0; equal for a chord */
    double base;        /* value at 0 of the line right of 0 */
} zg_envelope;

typedef struct zg_arc_bound {
    double value;
    double constant; /* safe y'y/2 - z'Gz/2; value = constant + least term */
    double middle;   /* s_1 = middle + swing(theta), s_2 = middle - swing(theta) */
    double swing[2]; /* range over the arc */
    double error;    /* of middle and swing together */
    double w[2];     /* the relaxation's point */
} zg_arc_bound;

/* ---- the problem at an angle ---- */

/* lambda |w|^p. */
double zg_arcs_penalty(const zg_arcs *a, double w);
/* uu' of both directions at an angle, as (z11, z12, z22). */
void zg_arcs_directions(double angle, long double g[2][3]);
/* The quadratic w'Aw/2 - r'w of the two weights at an angle. */
void zg_arcs_quadratic(const zg_arcs *a, double angle, double matrix[2][2], double r[2]);

/* ---- incumbents ---- */

/* Local searches for better weights from an angle and two weights (the angle moves by steps that
 * shrink from `step` to `least`), and from a grid of angles; what is better becomes the incumbent.
 */
void zg_arcs_polish(zg_arcs *a, double angle, const double from[2], double step, double least);
void zg_arcs_search(zg_arcs *a);

/* ---- bounds ---- */

zg_envelope zg_envelope_of(const zg_arcs *a, double low, double high);
double zg_envelope_at(const zg_envelope *e, double w);

/* A safe lower bound on the objective in the box, with what range reduction needs of it. */
void zg_arcs_bound(const zg_arcs *a, const zg_arc_box *b, zg_arc_bound *out);
/* Boxes with a bound above this cannot improve the incumbent by what the tolerance asks for. */
double zg_arcs_cutoff(const zg_arcs *a);
/* Range reduction of both weights: what lies above the cutoff is taken off their ends. */
void zg_arcs_tighten(const zg_arcs *a, zg_arc_box *b, const zg_arc_bound *bound);

#endif
