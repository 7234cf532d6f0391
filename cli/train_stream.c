/* Training on rows that are read once, in bounded memory. */
#include "cli/train_stream.h"

#include "base/number.h"
#include "solvers/stream_train.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

static void print_json(const zg_sums_result *r, const char *model, bool optimal)
{
    json_t *root = json_pack(
        "{s:s, s:s, s:f, s:f, s:f, s:f, s:b, s:I, s:I, s:I, s:f, s:f}", "command", "train",
        "method", "stream", "objective", r->objective, "bound", r->bound, "gap", r->gap,
        "attainable_gap", r->attainable, "certified", (int)optimal, "rows", (json_int_t)r->rows,
        "neurons", (json_int_t)zg_network_neurons(r->network), "iterations",
        (json_int_t)r->iterations, "read_seconds", r->read_seconds, "seconds", r->seconds);
    if (!root) return;
    if (model) json_object_set_new(root, "model", json_string(model));
    json_dumpf(root, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(17));
    putchar('\n');
    json_decref(root);
}

static void print_text(const zg_sums_result *r, const char *model, double tolerance, bool optimal)
{
    char bound[ZG_NUMBER_SIZE];
    printf("%-12s %.10g\n", "objective", r->objective);
    zg_number_bound(r->bound, 10, -1, bound);
    printf("%-12s %s  certified from the sums: no network of any width does better\n", "bound",
           bound);
    printf("%-12s %.2e  %s (tolerance %.0e; these sums can show %.0e)\n", "gap", r->gap,
           optimal ? "globally optimal" : "NOT proven optimal", tolerance, r->attainable);
    printf("%-12s %zu\n", "neurons", zg_network_neurons(r->network));
    printf("%-12s %zu, read once in %.3f s\n", "rows", r->rows, r->read_seconds);
    printf("%-12s %.3f s, %ld iterations\n", "time", r->seconds, r->iterations);
    if (model) printf("%-12s %s\n", "model", model);
}

static zg_status train(zg_inputs *in, const zg_control *control, zg_sums_result *result,
                       zg_error *error)
{
    zg_data_options data;
    if (in->split || in->weights_column)
        return zg_fail(error, ZG_UNSUPPORTED,
                       "--stream takes every row alike: no --split, no "
                       "--weights");
    if (in->architecture)
        return zg_fail(error, ZG_UNSUPPORTED, "--stream trains dense networks only");
    zg_status status = zg_inputs_parse_model(in, true, error);
    if (status == ZG_OK) status = zg_inputs_data_settings(in, &data, error);
    if (status) return status;
    bool standard = strcmp(in->data, "-") == 0;
    FILE *stream = standard ? stdin : fopen(in->data, "r");
    if (!stream)
        return zg_fail(error, ZG_BAD_INPUT, "%s: cannot read: %s", in->data, strerror(errno));
    status = zg_stream_train(stream, standard ? "standard input" : in->data, &data, &in->model,
                             control, result, error);
    if (!standard) fclose(stream);
    return status;
}

int zg_cli_train_stream(zg_inputs *inputs, const zg_control *control, const char *model, bool json)
{
    zg_sums_result result = {0};
    zg_error error = {0};
    zg_status status = train(inputs, control, &result, &error);
    if (status == ZG_OK && model) status = zg_network_save(result.network, model, &error);
    bool optimal = status == ZG_OK && result.gap <= control->tolerance;
    if (status)
        zg_cli_fail("train", &error);
    else if (json)
        print_json(&result, model, optimal);
    else
        print_text(&result, model, control->tolerance, optimal);
    zg_network_free(result.network);
    if (status) return zg_cli_exit_status(status);
    return optimal ? ZG_EXIT_FINE : ZG_EXIT_FAILED;
}
