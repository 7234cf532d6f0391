/*
 * Quadratics on boxes |p_j - x_j| <= R, bounded safely.  The exact minimum is NP-hard in general.
 *
 * With P = s P*, half gradient h and value c at the centre, each bound below holds for the exact
 * form, rounding accounted for:
 *   shor    c + min over e of 2 h'e + e'(P + Diag mu) e - R^2 sum mu, for any mu >= 0 that makes
 *           P + Diag mu positive semidefinite: one multiplier a coordinate, found by a barrier
 *           method (at most ZG_BOX_SHOR inputs)
 *   faces   the minimum itself: of the 3^d faces of the box, those on which s f is convex have
 * their stationary point tried; where P is all but singular on a face, a smaller face is as good
 *           but for the slack that is subtracted (at most ZG_BOX_FACES inputs)
 *   linear  c - 2 R |h|_1 - R^2 d max(0, -lowest eigenvalue of s P)
 *   ball    that of the ball of radius R sqrt d, which holds the box
 */
#ifndef ZG_CORE_BOX_H
#define ZG_CORE_BOX_H

#include "core/margins.h"

#define ZG_BOX_FACES 8
#define ZG_BOX_SHOR 64

typedef struct zg_box_minimum {
    double bound;     /* safe: <= s f(p) in the box */
    double attained;  /* s f at some point of it, about */
    double slack;     /* what rounding of the form and of its value at the centre took */
    const char *name; /* of the bound: as above; "exact" where bound and attained agree to 1e-9 */
} zg_box_minimum;

/* centres->form is the form; radius >= 0, finite. */
zg_status zg_box_minimise(const zg_ball_centres *centres, size_t i, int sign, double radius,
                          zg_box_minimum *out);

#endif
