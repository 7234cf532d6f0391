/* Model files: a network that was read can be evaluated, written, and read again as the same. */
#include "base/arena.h"
#include "core/network.h"
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LARGEST ((size_t)1 << 16) /* inputs or outputs that are evaluated */

static void check_values(const zg_network *network)
{
    zg_error error = {0};
    if (network->inputs > LARGEST || network->outputs > LARGEST) return;
    double *x = calloc(network->inputs + 1, sizeof *x);
    double *f = calloc(network->outputs, sizeof *f);
    fuzz_demand(x && f, "no memory");
    zg_status status = zg_network_predict(network, 1, x, f, &error);
    if (status != ZG_OK) fuzz_refusal(status, &error);
    free(x);
    free(f);
}

static bool same(const zg_network *a, const zg_network *b)
{
    return a->inputs == b->inputs && a->outputs == b->outputs && a->count == b->count &&
           memcmp(a->u, b->u, a->count * a->patches.width * sizeof *a->u) == 0 &&
           memcmp(a->alpha, b->alpha, a->count * a->outputs * sizeof *a->alpha) == 0;
}

static void check_round_trip(const zg_network *network)
{
    char path[64];
    zg_error error = {0};
    zg_network *again = NULL;
    snprintf(path, sizeof path, "/dev/shm/zerogap-fuzz-%d", (int)getpid());
    zg_status status = zg_network_save(network, path, &error);
    if (status == ZG_OK) {
        status = zg_network_load(path, &again, &error);
        if (status != ZG_OK) fprintf(stderr, "%s\n", error.message);
        fuzz_demand(status == ZG_OK, "a model that was written and is refused");
        fuzz_demand(network->count == 0 || same(network, again), "another model when read again");
        zg_network_free(again);
    } else {
        fuzz_refusal(status, &error);
    }
    unlink(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    zg_network *network = NULL;
    zg_error error = {0};
    zg_status status = zg_network_load(fuzz_file(input, size), &network, &error);
    if (status != ZG_OK) {
        fuzz_refusal(status, &error);
        return 0;
    }
    check_values(network);
    check_round_trip(network);
    zg_network_free(network);
    return 0;
}
