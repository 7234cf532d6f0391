/*
 * Bounds in balls with more digits, for where the terms of f cancel.
 *
 * What core/ball.h subtracts for rounding is some 1e-14 of the terms, which is much of a bound that
 * is small against them.  Here, for any step e and any mu with s P + mu I > 0,
 *
 *   min over |p - x| <= R of s f(p)  >=  s f(x + e) + mu (|e|^2 - R^2) - |r|^2 / (mu + lambda)
 *
 * where r = s (P x + q / 2) + (s P + mu I) e and lambda <= the least eigenvalue of s P: the form is
 * convex after mu is added, and r is half its slope at e.  With e from doubles r is so small that
 * its square hardly counts; everything else is evaluated in double-double arithmetic (base/
 * double_double.h), whose errors are subtracted.  In the hard case mu is all but -lambda, so lambda
 * is needed to as many digits: it is proven by a factorisation.
 */
#ifndef ZG_CORE_BALL_REFINE_H
#define ZG_CORE_BALL_REFINE_H

#include "base/double_double.h"
#include "core/ball.h"

/* Lower bounds on the least eigenvalues of P and of -P as given, P = p + p_low; -infinity where
 * none could be proven. */
typedef struct zg_ball_digits {
    zg_dd least[2];
} zg_ball_digits;

/* O(inputs^3), with some twenty flops for each of a Cholesky factorisation, a few times. */
zg_status zg_ball_digits_create(const zg_ball_form *form, zg_ball_digits *out);

/* Raises out->bound, found by zg_ball_minimise for the same arguments, where more digits allow it;
 * mu is then the one of the new bound.  Centres without drift only; O(inputs^2) a few times.  The
 * bound is for the form as far as `fine` errors go (quadratic_form.h). */
void zg_ball_refine(const zg_ball_centres *centres, const zg_ball_digits *digits, size_t i,
                    int sign, double radius, zg_ball_minimum *out);

#endif
