/*
 * Lyapunov functions: certificates (docs/certificate.md, section 11) that a network V with a
 * homogeneous quadratic activation is positive and decreases along a linear or quadratic map.
 *
 * Nothing is decided here: definiteness is a question of exact arithmetic, which zerogap-verify
 * answers.  For a quadratic map x+ = Ax + h(x) the radius within which V decreases is computed, by
 *
 *   nu = lambda_min(P - A'PA) = 2 |A'P| eta rho + |P| eta^2 rho^2,   eta^2 = sum |H_c|^2,
 *
 * and everything that it takes is rounded to the safe side.
 */
#ifndef ZG_CORE_LYAPUNOV_H
#define ZG_CORE_LYAPUNOV_H

#include "core/network.h"

#define ZG_LYAPUNOV_STATES 512

/* x+_c = sum_k a_ck x_k + sum_{i <= j} b_cij x_i x_j. */
typedef struct zg_map {
    size_t states, columns; /* d; d, or d + d (d + 1) / 2 */
    double *rows;           /* states x columns: A, then the products (1,1), (1,2), .., (2,2), .. */
} zg_map;

/* Reads a CSV file of numbers without a header, a row for each state. */
zg_status zg_map_read(const char *path, zg_map *out, zg_error *error);
void zg_map_clear(zg_map *map);

typedef struct zg_lyapunov {
    bool quadratic;     /* the map has products */
    double value[2];    /* least and largest eigenvalue of P, as computed */
    double decrease[2]; /* of P - A'PA */
    double radius;      /* quadratic: claimed; NAN where there is none: N is not positive */
} zg_lyapunov;

/* Writes what zerogap-verify decides about V and the map.  V must be one output of a dense network
 * whose activation has neither b nor c, of inputs and targets as they are (no scaling, no bias), in
 * as many inputs as the map has states: ZG_BAD_INPUT otherwise.  Without a radius (quadratic) no
 * file is written. */
zg_status zg_lyapunov_write(const char *path, const zg_network *value, const zg_map *map,
                            zg_lyapunov *out, zg_error *error);

#endif
