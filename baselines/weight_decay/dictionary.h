/*
 * Finite sets of unit neurons, over which weight decay is solved exactly: the axes, directions on
 * the sphere, the data's own directions, the neurons of a given network.
 */
#ifndef ZG_BASELINES_WEIGHT_DECAY_DICTIONARY_H
#define ZG_BASELINES_WEIGHT_DECAY_DICTIONARY_H

#include "core/network.h"

typedef struct zg_dictionary {
    size_t count, width;
    double *u; /* count x width, row-major, unit norm; free with zg_dictionary_clear */
} zg_dictionary;

void zg_dictionary_clear(zg_dictionary *dictionary);

/* The width axis neurons. */
zg_status zg_dictionary_axes(size_t width, zg_dictionary *out, zg_error *error);
/* Independent uniform directions. */
zg_status zg_dictionary_random(size_t count, size_t width, uint32_t seed, zg_dictionary *out,
                               zg_error *error);
/* width 2: count directions at equal angles of the half circle (even: sigma(t) = sigma(-t)) or of
 * the circle; ZG_UNSUPPORTED for other widths. */
zg_status zg_dictionary_grid(size_t count, size_t width, bool even, zg_dictionary *out,
                             zg_error *error);
/* Spherical k-means of the rows x (n x width, row-major), up to sign when even (Dhillon and Modha
 * 2001); rows that are 0 do not count.  Fewer than count directions come back when the rows have
 * fewer. */
zg_status zg_dictionary_kmeans(size_t count, size_t n, size_t width, const double *x, bool even,
                               uint32_t seed, zg_dictionary *out, zg_error *error);
/* The distinct neurons of group 0 of a network, whose width must be `width`. */
zg_status zg_dictionary_network(const zg_network *network, size_t width, zg_dictionary *out,
                                zg_error *error);

/* phi (n x count, row-major): sigma(x_i . u_k). */
void zg_dictionary_responses(const zg_dictionary *dictionary, zg_activation activation, size_t n,
                             const double *x, double *phi);

#endif
