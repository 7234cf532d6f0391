/* What is said on a command line and in suites: architectures, losses, activations, numbers,
 * settings of data. */
#include "base/number.h"
#include "core/model_settings.h"
#include "data/settings.h"
#include "tests/fuzz/fuzz.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void try_model(const char *text, size_t inputs)
{
    for (int setting = 0; setting < ZG_MODEL_SETTINGS; setting++) {
        zg_model_options model = {0};
        zg_penalty penalty = {0};
        zg_error error = {0};
        zg_status status = zg_model_setting_apply((zg_model_setting)setting, text, inputs, &model,
                                                  &penalty, &error);
        if (status != ZG_OK) fuzz_refusal(status, &error);
    }
}

static void try_data(const char *text)
{
    for (size_t i = 0; i < ZG_DATA_SETTINGS; i++) {
        zg_data_options options = {0};
        zg_error error = {0};
        zg_status status = zg_data_setting_apply(i, text, &options, &error);
        if (status != ZG_OK) fuzz_refusal(status, &error);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    char *text = (char *)fuzz_copy(input, size);
    double value;
    const char *end = zg_number_scan(text, &value);
    fuzz_demand(!end || (end > text && end <= text + strlen(text)), "a number that ends elsewhere");
    fuzz_demand(!end || !isnan(value) || strpbrk(text, "nN"), "a NaN that nobody wrote");
    try_model(text, 12);
    try_data(text);
    free(text);
    return 0;
}
