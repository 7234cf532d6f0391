/*
 * The set of admissible neurons, all of length 1: the sphere, or finitely many with whole-number
 * weights and one scale a neuron.
 *
 *   sphere     every unit u
 *   binary     u = l / |l|, l in {-1, 1}^f
 *   ternary    l in {-1, 0, 1}^f, not 0
 *   bits:K     l in {-(2^K - 1), .., -3, -1, 1, 3, .., 2^K - 1}^f: 2^K levels a weight
 *   bilinear   pairs (u, v) of binary neurons, with the response a (x'u) (x'v)
 *
 * A pair whose weights agree in k of f places is two neurons of the quadratic activation with
 * ternary weights on complementary places,
 *   a (x'u)(x'v) = k/f a (x'p)^2 - (f - k)/f a (x'm)^2,   p ~ (u + v) / 2, m ~ (u - v) / 2,
 * whose output weights' absolute values add up to those of the pair: so networks, predictions and
 * penalties need not know of pairs.  (B. Bartan, M. Pilanci, arXiv:2105.01420, train them.)
 */
#ifndef ZG_CORE_NEURON_SET_H
#define ZG_CORE_NEURON_SET_H

#include "base/status.h"

#define ZG_DEFAULT_NEURON_SET "sphere"
#define ZG_LARGEST_BITS 8

bool zg_neuron_set_equal(zg_neuron_set a, zg_neuron_set b);
/* Whether it has finitely many neurons. */
bool zg_neuron_set_finite(zg_neuron_set set);
/* Writes the text that zg_neuron_set_parse reads back. */
#define ZG_NEURON_SET_SIZE 24
void zg_neuron_set_format(zg_neuron_set set, char text[ZG_NEURON_SET_SIZE]);

/* The levels of a weight, ascending: their number, the first, and the step from one to the next. */
typedef struct zg_levels {
    int count, first, step;
} zg_levels;
/* Of a finite set; a pair's are those of each half. */
zg_levels zg_neuron_set_levels(zg_neuron_set set);
/* Whole numbers that a neuron of this width is: width, or twice that for pairs. */
size_t zg_neuron_set_width(zg_neuron_set set, size_t width);

/* The whole numbers l with u = l / |l| in the set (not for pairs), the smallest ones; false where
 * there are none within rounding. */
bool zg_neuron_set_find(zg_neuron_set set, size_t width, const double *u, int *levels);
/* u = l / |l|; weights of equal size stay equal to the last digit. */
void zg_neuron_set_place(size_t width, const int *levels, double *u);

#endif
