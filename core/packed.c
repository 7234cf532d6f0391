/* Packed bits of few-bit networks (see packed.h). */
#include "core/packed.h"

#include "base/formats.h"
#include "base/replace.h"
#include "core/network_levels.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Bits of one weight's code, which counts its levels from the lowest. */
static unsigned code_bits(zg_levels levels)
{
    unsigned bits = 1;
    while (1 << bits < levels.count)
        bits++;
    return bits;
}

/* One line of JSON, which says all that the bits behind it need. */
static void put_header(FILE *file, const zg_network *network, const zg_network_levels *found)
{
    char set[ZG_NEURON_SET_SIZE];
    zg_levels levels = zg_neuron_set_levels(network->neuron_set);
    zg_activation act = network->activation;
    zg_neuron_set_format(network->neuron_set, set);
    fprintf(file,
            "{\"format\": \"" ZG_BITS_FORMAT "\", \"neuron_set\": \"%s\", \"neurons\": %zu, "
            "\"weights\": %zu, \"outputs\": %zu, \"bits\": %u, \"lowest\": %d, \"step\": %d, "
            "\"activation\": [%.17g, %.17g, %.17g], \"groups\": [",
            set, found->count, found->width, network->outputs, code_bits(levels), levels.first,
            levels.step, act.a, act.b, act.c);
    for (size_t j = 0; j < found->count; j++)
        fprintf(file, "%s%zu", j ? ", " : "", found->group[j]);
    fputs("]}\n", file);
}

/* Codes from the lowest bit of the first byte on; a neuron begins with a byte. */
static void put_weights(FILE *file, zg_levels set, size_t width, const int *levels)
{
    unsigned bits = code_bits(set), filled = 0, byte = 0;
    for (size_t k = 0; k < width; k++) {
        unsigned code = (unsigned)((levels[k] - set.first) / set.step);
        for (unsigned b = 0; b < bits; b++) {
            byte |= (code >> b & 1u) << filled;
            if (++filled < 8) continue;
            fputc((int)byte, file);
            filled = byte = 0;
        }
    }
    if (filled) fputc((int)byte, file);
}

/* As IEEE 754 binary64, least significant byte first. */
static void put_double(FILE *file, double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    for (int b = 0; b < 8; b++)
        fputc((int)(bits >> 8 * b & 0xff), file);
}

zg_status zg_packed_write(const char *path, const zg_network *network, zg_error *error)
{
    zg_network_levels found;
    zg_replacement replacement;
    if (!zg_neuron_set_finite(network->neuron_set))
        return zg_fail(error, ZG_UNSUPPORTED,
                       "packed bits are for neuron sets of few bits; train with --neuron-set");
    zg_status status = zg_network_levels_find(network, network->neuron_set, &found, error);
    if (status != ZG_OK) return status;
    status = zg_replace_begin(&replacement, path, error);
    if (status == ZG_OK) {
        zg_levels set = zg_neuron_set_levels(network->neuron_set);
        put_header(replacement.file, network, &found);
        for (size_t j = 0; j < found.count; j++)
            put_weights(replacement.file, set, found.width, found.levels + j * found.width);
        for (size_t k = 0; k < found.count * network->outputs; k++)
            put_double(replacement.file, found.alpha[k]);
        status = zg_replace_end(&replacement, ZG_OK, error);
    }
    zg_network_levels_clear(&found);
    return status;
}
