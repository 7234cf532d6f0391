/* Rows for a model that is there. */
#include "cli/model_rows.h"

#include "data/catalogue.h"

#include <math.h>

/* Gaps in rows to predict are filled by the means of the training rows: those of the new rows may
 * be anything, and of a single row there are none.  Models of old have them only as what inputs are
 * scaled by. */
static zg_status fill_gaps(const zg_network *network, bool fill, zg_dataset *rows, zg_error *error)
{
    size_t d = rows->inputs;
    const zg_preprocess *own = &network->preprocess;
    const double *means = own->fill ? own->fill : own->mean;
    for (size_t k = 0; k < rows->rows * d; k++) {
        char number[32];
        if (!isnan(rows->x[k])) continue;
        if (fill && means) {
            rows->x[k] = means[k % d];
            continue;
        }
        snprintf(number, sizeof number, "%zu", k % d + 1);
        return zg_fail(error, ZG_BAD_INPUT, "%.400s: row %zu: the input \"%.80s\" is missing; %s",
                       rows->name ? rows->name : "data", k / d + 1,
                       rows->input_names ? rows->input_names[k % d] : number,
                       fill ? "the model keeps no means of the training rows (train with "
                              "--missing mean or --standardize)"
                            : "--missing mean takes the training rows' mean");
    }
    return ZG_OK;
}

zg_status zg_model_rows_load(zg_inputs *inputs, const zg_network *network, bool quiet,
                             zg_error *error)
{
    zg_data_options options;
    zg_schema schema = zg_model_schema(&network->preprocess, &network->encoding);
    schema.lenient = true;
    zg_status status = zg_inputs_data_settings(inputs, &options, error);
    if (status == ZG_OK && options.missing == ZG_MISSING_DROP)
        status = zg_fail(error, ZG_BAD_INPUT,
                         "--missing drop would leave rows without a prediction: mean, or error");
    /* A model that was trained on rows with gaps takes them here, too. */
    bool fill = options.missing == ZG_MISSING_MEAN ||
                (!zg_table_options_given(&inputs->table, "missing") && network->preprocess.fill);
    options.missing = ZG_MISSING_KEEP;
    options.schema = &schema;
    if (status == ZG_OK) status = zg_catalogue_load(inputs->data, &options, &inputs->train, error);
    if (status == ZG_OK) status = fill_gaps(network, fill, inputs->train, error);
    if (!quiet) zg_print_notes(inputs->train);
    return status;
}
