/* NumPy's legacy generator: M. Matsumoto and T. Nishimura's MT19937 (1998), Knuth's seeding,
 * 53-bit doubles from two draws, Marsaglia's polar Gaussians with the second one kept. */
#include "base/random.h"

#include <math.h>

enum { STATE = 624, SHIFT = 397 };

void zg_random_seed(zg_random *random, uint32_t seed)
{
    random->state[0] = seed;
    for (uint32_t i = 1; i < STATE; i++) {
        uint32_t last = random->state[i - 1];
        random->state[i] = 1812433253U * (last ^ (last >> 30)) + i;
    }
    random->position = STATE;
    random->has_spare = 0;
    random->spare = 0.0;
}

static uint32_t twist(uint32_t high, uint32_t low, uint32_t other)
{
    uint32_t mixed = (high & 0x80000000U) | (low & 0x7fffffffU);
    return other ^ (mixed >> 1) ^ ((low & 1U) ? 0x9908b0dfU : 0U);
}

static void refill(zg_random *random)
{
    uint32_t *s = random->state;
    for (int i = 0; i < STATE; i++)
        s[i] = twist(s[i], s[(i + 1) % STATE], s[(i + SHIFT) % STATE]);
    random->position = 0;
}

uint32_t zg_random_bits(zg_random *random)
{
    if (random->position == STATE) refill(random);
    uint32_t bits = random->state[random->position++];
    bits ^= bits >> 11;
    bits ^= (bits << 7) & 0x9d2c5680U;
    bits ^= (bits << 15) & 0xefc60000U;
    return bits ^ (bits >> 18);
}

double zg_random_uniform(zg_random *random)
{
    uint32_t high = zg_random_bits(random) >> 5, low = zg_random_bits(random) >> 6;
    return ((double)high * 67108864.0 + (double)low) / 9007199254740992.0;
}

double zg_random_normal(zg_random *random)
{
    if (random->has_spare) {
        random->has_spare = 0;
        return random->spare;
    }
    double x, y, square;
    do {
        x = 2.0 * zg_random_uniform(random) - 1.0;
        y = 2.0 * zg_random_uniform(random) - 1.0;
        square = x * x + y * y;
    } while (square >= 1.0 || square == 0.0);
    double factor = sqrt(-2.0 * log(square) / square);
    random->spare = factor * x;
    random->has_spare = 1;
    return factor * y;
}

size_t zg_random_below_or_equal(zg_random *random, size_t highest)
{
    if (highest == 0) return 0;
    uint64_t mask = highest;
    for (unsigned shift = 1; shift < 64; shift *= 2)
        mask |= mask >> shift;
    uint64_t value;
    do {
        value = zg_random_bits(random);
        if (highest > 0xffffffffU) value = (value << 32) | zg_random_bits(random);
        value &= mask;
    } while (value > highest);
    return (size_t)value;
}

void zg_random_permutation(zg_random *random, size_t n, size_t *order)
{
    for (size_t i = 0; i < n; i++)
        order[i] = i;
    for (size_t i = n; i-- > 1;) {
        size_t j = zg_random_below_or_equal(random, i);
        size_t kept = order[i];
        order[i] = order[j];
        order[j] = kept;
    }
}
