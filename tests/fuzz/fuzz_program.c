/* Semidefinite programs of others, as SDPA and CBF files: one that was read is written, and read
 * again. */
#include "solvers/cbf_format.h"
#include "solvers/sdpa_format.h"
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>

typedef zg_status (*reader)(const char *path, zg_sdp **out, zg_error *error);
typedef zg_status (*writer)(const zg_sdp *sdp, const char *title, FILE *stream, zg_error *error);

static void check_round_trip(const zg_sdp *sdp, reader read, writer write)
{
    char *text = NULL;
    size_t size = 0;
    zg_error error = {0};
    zg_sdp *again = NULL;
    FILE *stream = open_memstream(&text, &size);
    fuzz_demand(stream && write(sdp, "fuzz", stream, &error) == ZG_OK, "a program not written");
    fclose(stream);
    zg_status status = read(fuzz_file(text, size), &again, &error);
    if (status != ZG_OK) fprintf(stderr, "%s\n", error.message);
    fuzz_demand(status == ZG_OK, "a program that was written and is refused");
    fuzz_demand(again->variables == sdp->variables && again->entry_count == sdp->entry_count,
                "another program when read again");
    zg_sdp_free(again);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    static const struct {
        reader read;
        writer write;
    } formats[] = {{zg_sdpa_read, zg_sdpa_write}, {zg_cbf_read, zg_cbf_write}};
    for (size_t i = 0; i < 2; i++) {
        zg_sdp *sdp = NULL;
        zg_error error = {0};
        zg_status status = formats[i].read(fuzz_file(input, size), &sdp, &error);
        if (status == ZG_OK) {
            (void)zg_sdp_validate(sdp, &error);
            check_round_trip(sdp, formats[i].read, formats[i].write);
            zg_sdp_free(sdp);
        } else {
            fuzz_refusal(status, &error);
        }
    }
    return 0;
}
