/* Predictions as lines, CSV or JSON, and how good they are. */
#include "cli/prediction.h"

#include "base/number.h"
#include "cli/json.h"
#include "data/csv.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- CSV ----------------------------------------------------------------------------------- */

static void write_number(FILE *out, double value)
{
    char text[ZG_NUMBER_SIZE];
    fwrite(text, 1, zg_number_format(value, text), out);
}

static void write_label(const zg_encoding *encoding, size_t k, FILE *out)
{
    if (encoding->texts)
        zg_csv_write_text(out, encoding->texts[k]);
    else
        write_number(out, encoding->values[k]);
}

/* "PREFIX LABEL", as a field. */
static void write_label_name(const zg_encoding *encoding, const char *prefix, size_t k, FILE *out)
{
    char number[ZG_NUMBER_SIZE] = "", *name = NULL;
    if (!encoding->texts) zg_number_format(encoding->values[k], number);
    if (asprintf(&name, "%s %s", prefix, encoding->texts ? encoding->texts[k] : number) < 0) return;
    fputc(',', out);
    zg_csv_write_text(out, name);
    free(name);
}

static void write_names(const zg_encoding *encoding, const zg_prediction_style *style, FILE *out)
{
    if (encoding->task != ZG_REGRESSION) {
        zg_csv_write_text(out, encoding->names ? encoding->names[0] : "prediction");
        for (size_t c = 0; style->scores && c < encoding->outputs; c++)
            write_label_name(encoding, "score", encoding->task == ZG_BINARY ? 1 : c, out);
        for (size_t k = 0; style->scores && style->log_odds && k < encoding->label_count; k++)
            write_label_name(encoding, "probability", k, out);
    } else {
        for (size_t c = 0; c < encoding->outputs; c++) {
            if (c > 0) fputc(',', out);
            if (encoding->names)
                zg_csv_write_text(out, encoding->names[c]);
            else
                fprintf(out, "prediction%zu", c + 1);
        }
    }
    fputc('\n', out);
}

static void write_row(const zg_encoding *encoding, const zg_prediction_style *style, size_t n,
                      const double *f, size_t i, FILE *out)
{
    bool classes = encoding->task != ZG_REGRESSION;
    if (classes) write_label(encoding, zg_predicted_class(encoding, n, f, i), out);
    for (size_t c = 0; (!classes || style->scores) && c < encoding->outputs; c++) {
        if (classes || c > 0) fputc(',', out);
        write_number(out, f[c * n + i]);
    }
    if (classes && style->scores && style->log_odds) {
        fputc(',', out);
        write_number(out, zg_probability(-f[i]));
        fputc(',', out);
        write_number(out, zg_probability(f[i]));
    }
    fputc('\n', out);
}

/* ---- JSON lines ---------------------------------------------------------------------------- */

static json_t *label_json(const zg_encoding *encoding, size_t k)
{
    return encoding->texts ? json_string(encoding->texts[k]) : json_real(encoding->values[k]);
}

static json_t *outputs_json(const zg_encoding *encoding, size_t n, const double *f, size_t i)
{
    json_t *array = json_array();
    for (size_t c = 0; c < encoding->outputs; c++)
        json_array_append_new(array, json_real(f[c * n + i]));
    return array;
}

static json_t *row_json(const zg_encoding *encoding, const zg_prediction_style *style, size_t n,
                        const double *f, size_t i)
{
    json_t *row = json_object();
    if (encoding->task == ZG_REGRESSION) {
        json_object_set_new(row, "prediction",
                            encoding->outputs == 1 ? json_real(f[i])
                                                   : outputs_json(encoding, n, f, i));
        return row;
    }
    json_object_set_new(row, "prediction",
                        label_json(encoding, zg_predicted_class(encoding, n, f, i)));
    if (!style->scores) return row;
    json_object_set_new(row, "scores", outputs_json(encoding, n, f, i));
    if (style->log_odds)
        json_object_set_new(row, "probabilities",
                            json_pack("[f,f]", zg_probability(-f[i]), zg_probability(f[i])));
    return row;
}

static void write_json_row(const zg_encoding *encoding, const zg_prediction_style *style, size_t n,
                           const double *f, size_t i, FILE *out)
{
    json_t *row = row_json(encoding, style, n, f, i);
    json_dumpf(row, out, JSON_COMPACT | JSON_REAL_PRECISION(17));
    fputc('\n', out);
    json_decref(row);
}

zg_status zg_prediction_write(const zg_encoding *encoding, const zg_prediction_style *style,
                              size_t n, const double *f, FILE *out, zg_error *error)
{
    if (style->names && !style->json) write_names(encoding, style, out);
    for (size_t i = 0; i < n; i++)
        (style->json ? write_json_row : write_row)(encoding, style, n, f, i, out);
    if (fflush(out) != 0 || ferror(out))
        return zg_fail(error, ZG_IO, "cannot write the predictions: %s", strerror(errno));
    return ZG_OK;
}

/* ---- how good they are --------------------------------------------------------------------- */

typedef struct named {
    const char *key, *text;
    double value;
} named;

static size_t list_scores(const zg_scores *s, named out[7])
{
    const named all[] = {{"rmse", "root mean squared error", s->rmse},
                         {"r2", "R squared", s->r2},
                         {"accuracy", "accuracy", s->accuracy},
                         {"balanced_accuracy", "balanced accuracy", s->balanced_accuracy},
                         {"auc", "area under the ROC curve", s->auc},
                         {"log_loss", "log loss", s->log_loss},
                         {"brier", "Brier score", s->brier}};
    size_t count = 0;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (isfinite(all[i].value)) out[count++] = all[i];
    return count;
}

static void add_parts(const zg_encoding *encoding, const zg_scores *s, json_t *root)
{
    json_t *rmse = json_array(), *r2 = json_array();
    for (size_t c = 0; c < s->outputs; c++) {
        json_array_append_new(rmse, json_real(s->output_rmse[c]));
        json_array_append_new(r2,
                              isfinite(s->output_r2[c]) ? json_real(s->output_r2[c]) : json_null());
    }
    if (encoding->task == ZG_REGRESSION && s->outputs > 1) {
        json_object_set(root, "output_rmse", rmse);
        json_object_set(root, "output_r2", r2);
    }
    json_decref(rmse);
    json_decref(r2);
    if (encoding->task == ZG_REGRESSION) return;
    json_t *labels = json_array(), *confusion = json_array();
    for (size_t a = 0; a < s->classes; a++) {
        json_t *row = json_array();
        json_array_append_new(labels, label_json(encoding, a));
        for (size_t b = 0; b < s->classes; b++)
            json_array_append_new(row, json_integer((json_int_t)s->confusion[a * s->classes + b]));
        json_array_append_new(confusion, row);
    }
    json_object_set_new(root, "labels", labels);
    json_object_set_new(root, "confusion", confusion);
}

static void print_confusion(const zg_encoding *encoding, const zg_scores *s, FILE *out)
{
    fputs("confusion (rows: class, columns: prediction)\n", out);
    for (size_t a = 0; a <= s->classes; a++) {
        char number[ZG_NUMBER_SIZE] = "";
        for (size_t b = 0; b <= s->classes; b++) {
            size_t k = a == 0 ? b - 1 : a - 1;
            bool label = (a == 0) != (b == 0);
            if (label && !encoding->texts) zg_number_format(encoding->values[k], number);
            if (a > 0 && b > 0)
                fprintf(out, " %12zu", s->confusion[(a - 1) * s->classes + b - 1]);
            else
                fprintf(out, b == 0 ? "%-12.40s" : " %12.40s",
                        !label            ? ""
                        : encoding->texts ? encoding->texts[k]
                                          : number);
        }
        fputc('\n', out);
    }
}

void zg_prediction_summary(const zg_encoding *encoding, const zg_scores *scores, const char *model,
                           bool json, FILE *out)
{
    named list[7];
    size_t count = list_scores(scores, list);
    if (json) {
        json_t *root =
            json_pack("{s:s, s:I}", "command", "predict", "rows", (json_int_t)scores->rows);
        zg_cli_json_text(root, "model", model);
        for (size_t i = 0; i < count; i++)
            zg_cli_json_number(root, list[i].key, list[i].value);
        add_parts(encoding, scores, root);
        zg_cli_print_json(root, out);
        return;
    }
    fprintf(out, "%-26s %zu\n", "rows with a target", scores->rows);
    for (size_t i = 0; i < count; i++)
        fprintf(out, "%-26s %.6g\n", list[i].text, list[i].value);
    for (size_t c = 0; scores->outputs > 1 && scores->task == ZG_REGRESSION && c < scores->outputs;
         c++)
        fprintf(out, "%-26s root mean squared error %.6g, R squared %.6g\n",
                encoding->names ? encoding->names[c] : "an output", scores->output_rmse[c],
                scores->output_r2[c]);
    if (scores->classes > 0) print_confusion(encoding, scores, out);
}
