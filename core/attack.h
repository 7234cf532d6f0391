/*
 * Attacked copies: rows moved inside the balls around them, which prove lower bounds on robust
 * optima.
 *
 * The robust problem of radius r charges every sample for the worst point of its ball,
 *   p*(r) = min over networks  sum_i w_i max over |d_i| <= r of loss(f(x_i + d_i), y_i) + penalty.
 * Its dual is that of the plain problem over copies of the rows, several of one row under one loss:
 * with S_i = sum of the v_k of sample i and T_i = sum of the |v_k|, any copies inside the balls and
 * any v with lambda(v) <= beta give  p*(r) >= sum_i D_i,
 *   labels      D_i as ever at v_i = S_i, every y_i v_k >= 0
 *   otherwise   y_i S_i - loss's conjugate at T_i: T_i^2 / (2 w_i) where it is curved, and T_i
 *               within the bound where it has one.
 * D. Kuelbs, S. Lall, M. Pilanci, "Adversarial training of two-layer polynomial and ReLU activation
 * networks via convex optimization", arXiv:2405.14033; docs/robust.md has the derivation.
 */
#ifndef ZG_CORE_ATTACK_H
#define ZG_CORE_ATTACK_H

#include "core/problem.h"

typedef struct zg_attacks {
    size_t count, capacity, inputs;
    double *x;     /* count x inputs: the copies, preprocessed like the rows */
    size_t *owner; /* count: the sample that each is a copy of */
    double *v;     /* count: dual weights */
} zg_attacks;

void zg_attacks_clear(zg_attacks *attacks);
/* Forgets all copies, but keeps the memory. */
void zg_attacks_empty(zg_attacks *attacks);
zg_status zg_attacks_copy(const zg_attacks *from, zg_attacks *out);
/* Adds a copy of the problem's row `owner` at row + shift, pulled inwards until it is inside the
 * ball beyond doubt, with weight v.  One of no effect (v = 0, not finite) is left out. */
zg_status zg_attacks_add(const zg_problem *problem, zg_attacks *attacks, size_t owner,
                         const double *shift, double v);

/* Whether |copy - row| <= radius, for the exact numbers, rounding accounted for. */
bool zg_attack_is_inside(size_t inputs, const double *row, const double *copy, double radius);

typedef struct zg_attack_bound {
    double value;  /* certified: <= p*(r) */
    double lambda; /* safe upper bound on lambda(v) */
    double scale;  /* s: the certified dual vector is s v */
} zg_attack_bound;

/* v is clipped into the loss's domain first, sample by sample, in place: what remains is what the
 * bound is about.  ZG_BAD_INPUT where a copy is outside its ball, or is no copy of this problem. */
zg_status zg_attacks_bound(const zg_problem *problem, zg_attacks *attacks, zg_attack_bound *out);

/* The lift of the copies, for one output; the caller's, and the copies must outlive it. */
zg_status zg_attacks_lift(const zg_problem *problem, const zg_attacks *attacks, zg_lift **out);
/* A safe lower bound on the dual value of s v, as clipped above; -infinity where s < 0. */
double zg_attacks_dual_below(const zg_problem *problem, const zg_attacks *attacks, double s);

#endif
