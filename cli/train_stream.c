/* Training on rows that are read once, in bounded memory. */
#include "cli/train_stream.h"

#include "base/number.h"
#include "cli/json.h"
#include "cli/summary.h"
#include "solvers/stream_train.h"

#include <errno.h>
#include <math.h>
#include <string.h>

static void print_json(const zg_sums_result *r, const char *model, const zg_assessment *found)
{
    json_t *root =
        json_pack("{s:s, s:s, s:s, s:b, s:I, s:I, s:I, s:I}", "command", "train", "method",
                  "stream", "verdict", zg_decision_name(found->decision), "certified",
                  found->decision == ZG_DECISION_CERTIFIED, "rows", (json_int_t)r->rows, "passes",
                  (json_int_t)r->passes, "neurons", (json_int_t)zg_network_neurons(r->network),
                  "iterations", (json_int_t)r->iterations);
    zg_cli_json_number(root, "objective", r->objective);
    zg_cli_json_number(root, "bound", r->bound);
    zg_cli_json_number(root, "gap", found->gap);
    zg_cli_json_number(root, "attainable_gap", r->attainable);
    zg_cli_json_number(root, "read_seconds", r->read_seconds);
    zg_cli_json_number(root, "seconds", r->seconds);
    if (model) zg_cli_json_text(root, "model", model);
    if (found->cause[0]) zg_cli_json_text(root, "reason", found->message);
    zg_cli_print_json(root, stdout);
}

static void print_text(const zg_sums_result *r, const char *model, double tolerance,
                       const zg_assessment *found)
{
    char bound[ZG_NUMBER_SIZE];
    bool optimal = found->decision == ZG_DECISION_CERTIFIED;
    zg_certificate certificate = {.gap = found->gap};
    char remark[160];
    printf("%-12s %.10g\n", "objective", r->objective);
    zg_number_bound(r->bound, 10, -1, bound);
    printf("%-12s %s  certified from the sums: no network of any width %s\n", "bound", bound,
           optimal ? "does better" : "gets below it");
    snprintf(remark, sizeof remark, "%s (tolerance %.0e; these sums can show %.0e)",
             optimal ? "globally optimal" : "NOT proven optimal", tolerance, r->attainable);
    zg_print_gap(&certificate, remark, stdout);
    zg_print_verdict(found, stdout);
    printf("%-12s %zu\n", "neurons", zg_network_neurons(r->network));
    if (r->passes == 1)
        printf("%-12s %zu, read once in %.3f s\n", "rows", r->rows, r->read_seconds);
    else
        printf("%-12s %zu, read %ld times in %.3f s\n", "rows", r->rows, r->passes,
               r->read_seconds);
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
    if (in->series)
        return zg_fail(error, ZG_UNSUPPORTED,
                       "--stream takes the rows as they are, and a series makes others of them: no "
                       "--series");
    if (in->architecture)
        return zg_fail(error, ZG_UNSUPPORTED, "--stream trains dense networks only");
    if (in->rows)
        return zg_fail(error, ZG_UNSUPPORTED,
                       "--stream keeps sums of values at points: not with --rows");
    if (in->robust)
        return zg_fail(error, ZG_UNSUPPORTED,
                       "--stream keeps sums over the rows, and worst cases need the rows: no "
                       "--robust");
    if (in->standardize_target || in->bias || in->halfspaces || in->class_weights)
        return zg_fail(error, ZG_UNSUPPORTED,
                       "--stream sums the rows as they are: no --standardize-target, --bias, "
                       "--halfspaces or "
                       "--class-weights");
    if (in->validation_share || in->test_data)
        return zg_fail(error, ZG_UNSUPPORTED,
                       "--stream takes every row alike: no --validation, no --test");
    zg_status status = zg_inputs_parse_model(in, true, error);
    if (status == ZG_OK) status = zg_inputs_data_settings(in, &data, error);
    if (status) return status;
    if (data.one_hot)
        return zg_fail(error, ZG_UNSUPPORTED,
                       "--one-hot needs all the words first: read the rows from a file, without "
                       "--stream");
    if (in->model.task == ZG_TASK_AUTO) in->model.task = ZG_REGRESSION; /* words are refused */
    bool standard = strcmp(in->data, "-") == 0;
    FILE *stream = standard ? stdin : fopen(in->data, "r");
    if (!stream)
        return zg_fail(error, ZG_BAD_INPUT, "%s: cannot read: %s", in->data, strerror(errno));
    status = zg_stream_train(stream, standard ? "standard input" : in->data, &data, &in->model,
                             control, result, error);
    if (!standard) fclose(stream);
    return status;
}

/* Asks the gate.  The objective of the sums is already rounded up: nothing is left to add. */
static void judge(zg_sums_result *r, double tolerance, zg_assessment *out)
{
    zg_evidence evidence = {.end = ZG_METHOD_FINISHED,
                            .claims_optimum = true,
                            .feasible = true,
                            .objective = r->objective,
                            .bound = r->bound,
                            .own_bound = -INFINITY,
                            .tolerance = tolerance};
    if (zg_judge(&evidence, out) != ZG_DECISION_WRONG) return;
    r->network->training.bound = r->network->training.gap = NAN;
}

int zg_cli_train_stream(zg_inputs *inputs, const zg_control *control, const char *model, bool json)
{
    zg_sums_result result = {0};
    zg_error error = {0};
    zg_assessment found;
    zg_status status = train(inputs, control, &result, &error);
    if (status == ZG_OK) judge(&result, control->tolerance, &found);
    if (status == ZG_OK && !isfinite(result.objective))
        status = zg_fail(&error, ZG_FAILED, "%s", found.message);
    if (status == ZG_OK && model) status = zg_network_save(result.network, model, &error);
    if (status)
        zg_cli_fail("train", &error);
    else if (json)
        print_json(&result, model, &found);
    else
        print_text(&result, model, control->tolerance, &found);
    zg_network_free(result.network);
    return status ? zg_cli_exit_status(status) : zg_decision_exit(found.decision);
}
