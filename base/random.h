/* NumPy's legacy generator (RandomState): MT19937, 53-bit doubles, polar Gaussians; the same
 * seed gives the same stream as numpy.random.RandomState(seed). */
#ifndef ZG_BASE_RANDOM_H
#define ZG_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

typedef struct zg_random {
    uint32_t state[624];
    int position;
    int has_spare;
    double spare; /* the second Gaussian of the last pair */
} zg_random;

void zg_random_seed(zg_random *random, uint32_t seed);
uint32_t zg_random_bits(zg_random *random);
/* Uniform on [0, 1): random_sample(). */
double zg_random_uniform(zg_random *random);
/* Standard normal: standard_normal(). */
double zg_random_normal(zg_random *random);
/* Uniform integer in [0, highest], by masked rejection. */
size_t zg_random_below_or_equal(zg_random *random, size_t highest);
/* order[0..n) = permutation(n). */
void zg_random_permutation(zg_random *random, size_t n, size_t *order);

#endif
