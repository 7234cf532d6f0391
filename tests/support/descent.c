/* Descent by L-BFGS (see descent.h). */
#include "tests/support/descent.h"

#include "base/linalg.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MEMORY = 20, TRIALS = 60 };

typedef struct history {
    size_t n, count; /* pairs so far; pair k is in the place k % MEMORY */
    double *moved, *bent, inverse[MEMORY];
} history;

/* direction = - (approximate inverse of the second derivatives) gradient. */
static void choose_direction(const history *h, const double *gradient, double *direction)
{
    size_t n = h->n, used = h->count < MEMORY ? h->count : MEMORY;
    double share[MEMORY];
    for (size_t i = 0; i < n; i++)
        direction[i] = -gradient[i];
    for (size_t k = h->count; k-- > h->count - used;) {
        size_t at = k % MEMORY;
        share[at] = h->inverse[at] * zg_dot(n, h->moved + at * n, direction);
        zg_axpy(n, -share[at], h->bent + at * n, direction);
    }
    if (used > 0) {
        size_t at = (h->count - 1) % MEMORY;
        const double *bent = h->bent + at * n;
        double scale = 1.0 / (h->inverse[at] * zg_dot(n, bent, bent));
        for (size_t i = 0; i < n; i++)
            direction[i] *= scale;
    }
    for (size_t k = h->count - used; k < h->count; k++) {
        size_t at = k % MEMORY;
        double other = h->inverse[at] * zg_dot(n, h->bent + at * n, direction);
        zg_axpy(n, share[at] - other, h->moved + at * n, direction);
    }
}

static void remember(history *h, const double *from, const double *to, const double *before,
                     const double *after)
{
    size_t n = h->n, at = h->count % MEMORY;
    double curvature = 0.0;
    for (size_t i = 0; i < n; i++)
        curvature += (to[i] - from[i]) * (after[i] - before[i]);
    if (!(curvature > 0.0)) return;
    for (size_t i = 0; i < n; i++) {
        h->moved[at * n + i] = to[i] - from[i];
        h->bent[at * n + i] = after[i] - before[i];
    }
    h->inverse[at] = 1.0 / curvature;
    h->count++;
}

double test_descend(test_function function, void *context, size_t n, double *x, size_t steps)
{
    history h = {.n = n, .moved = zg_doubles(MEMORY * n), .bent = zg_doubles(MEMORY * n)};
    double *room = zg_doubles(4 * n), *direction = room, *gradient = room + n;
    double *trial = room + 2 * n, *slope = room + 3 * n;
    double value = function(context, n, x, gradient);
    for (size_t step = 0; step < steps; step++) {
        choose_direction(&h, gradient, direction);
        double along = zg_dot(n, gradient, direction), low = 0.0, high = INFINITY, length = 1.0;
        double there = value;
        if (!(along < 0.0)) break;
        if (step == 0) length = fmin(1.0, 1.0 / zg_norm(n, gradient));
        for (int k = 0; k < TRIALS; k++) {
            for (size_t i = 0; i < n; i++)
                trial[i] = x[i] + length * direction[i];
            there = function(context, n, trial, slope);
            if (!(there <= value + 1e-4 * length * along))
                high = length;
            else if (zg_dot(n, slope, direction) < 0.9 * along)
                low = length;
            else
                break;
            length = isinf(high) ? 2.0 * low : 0.5 * (low + high);
        }
        if (!(there < value)) break;
        remember(&h, x, trial, gradient, slope);
        memcpy(x, trial, n * sizeof *x);
        memcpy(gradient, slope, n * sizeof *gradient);
        value = there;
    }
    free(h.moved);
    free(h.bent);
    free(room);
    return value;
}
