/* The set of admissible neurons: names, levels, membership. */
#include "core/neuron_set.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Distance of a weight from the level that it stands for, as a part of the step. */
#define LEVEL_TOLERANCE 1e-9

static const char *const names[] = {
    [ZG_SET_SPHERE] = ZG_DEFAULT_NEURON_SET,
    [ZG_SET_BINARY] = "binary",
    [ZG_SET_TERNARY] = "ternary",
    [ZG_SET_BITS] = "bits",
    [ZG_SET_BILINEAR] = "bilinear",
};

zg_status zg_neuron_set_parse(const char *text, zg_neuron_set *out, zg_error *error)
{
    size_t count = sizeof names / sizeof *names, length = strcspn(text, ":"), bits = 0;
    for (size_t k = 0; k < count; k++) {
        if (strlen(names[k]) != length || strncmp(names[k], text, length) != 0) continue;
        bool needs = k == ZG_SET_BITS, given = text[length] == ':';
        if (needs != given || (given && (!zg_parse_size(text + length + 1, &bits) || bits < 1 ||
                                         bits > ZG_LARGEST_BITS)))
            return zg_fail(error, ZG_BAD_INPUT,
                           "neuron set \"%.80s\": expected sphere, binary, ternary, bilinear or "
                           "bits:K with K from 1 to %d",
                           text, ZG_LARGEST_BITS);
        *out = (zg_neuron_set){(zg_neuron_set_kind)k, (unsigned)bits};
        if (bits == 1) *out = (zg_neuron_set){ZG_SET_BINARY, 0}; /* the same two levels */
        return ZG_OK;
    }
    return zg_fail_unknown(error, "neuron set", text, names, count);
}

void zg_neuron_set_format(zg_neuron_set set, char text[ZG_NEURON_SET_SIZE])
{
    if (set.kind == ZG_SET_BITS)
        snprintf(text, ZG_NEURON_SET_SIZE, "%s:%u", names[set.kind], set.bits);
    else
        snprintf(text, ZG_NEURON_SET_SIZE, "%s", names[set.kind]);
}

bool zg_neuron_set_equal(zg_neuron_set a, zg_neuron_set b)
{
    return a.kind == b.kind && (a.kind != ZG_SET_BITS || a.bits == b.bits);
}

bool zg_neuron_set_finite(zg_neuron_set set)
{
    return set.kind != ZG_SET_SPHERE;
}

zg_levels zg_neuron_set_levels(zg_neuron_set set)
{
    if (set.kind == ZG_SET_TERNARY) return (zg_levels){3, -1, 1};
    int count = set.kind == ZG_SET_BITS ? 1 << set.bits : 2;
    return (zg_levels){count, 1 - count, 2};
}

size_t zg_neuron_set_width(zg_neuron_set set, size_t width)
{
    return set.kind == ZG_SET_BILINEAR ? 2 * width : width;
}

/* Whether all of u / unit are levels; they are written down. */
static bool are_levels(zg_levels set, size_t width, const double *u, double unit, int *levels)
{
    bool any = false;
    for (size_t k = 0; k < width; k++) {
        double place = (u[k] / unit - set.first) / set.step, nearest = rint(place);
        if (!(nearest >= 0 && nearest < set.count) || !(fabs(place - nearest) <= LEVEL_TOLERANCE))
            return false;
        levels[k] = set.first + set.step * (int)nearest;
        any = any || levels[k] != 0;
    }
    return any;
}

bool zg_neuron_set_find(zg_neuron_set set, size_t width, const double *u, int *levels)
{
    zg_levels all = zg_neuron_set_levels(set);
    double largest = 0.0;
    for (size_t k = 0; k < width; k++) {
        if (!isfinite(u[k])) return false;
        largest = fmax(largest, fabs(u[k]));
    }
    int last = all.first + all.step * (all.count - 1), least = all.count % 2 ? all.step : 1;
    for (int level = least; level <= last && largest > 0.0; level += all.step)
        if (are_levels(all, width, u, largest / level, levels)) return true;
    return false;
}

void zg_neuron_set_place(size_t width, const int *levels, double *u)
{
    double square = 0.0;
    for (size_t k = 0; k < width; k++)
        square += (double)levels[k] * levels[k];
    for (size_t k = 0; k < width; k++)
        u[k] = levels[k] / sqrt(square);
}
