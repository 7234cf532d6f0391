/* Worst cases round rows: margins, distances, robust accuracy and its curve. */
#include "base/linalg.h"
#include "base/number.h"
#include "base/replace.h"
#include "baselines/pgd.h"
#include "cli/analyse.h"
#include "cli/json.h"
#include "cli/model_rows.h"
#include "core/margin_proof.h"
#include "core/safe.h"
#include "data/catalogue.h"
#include "reports/margins_page.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CURVE_POINTS 41

typedef struct rows {
    zg_analysis *a;
    const zg_encoding *encoding;
    size_t n, inputs, statements;
    double *x;        /* n x inputs: as the network sees them, or raw */
    double *y;        /* outputs x n: encoded targets, or those of the predicted classes; or NULL */
    bool labelled;    /* the targets are there */
    double *f;        /* outputs x n */
    zg_margin *all;   /* n x statements */
    zg_margin *least; /* n: of classes */
    double *attacked; /* n: the least margin that an attack found, or NULL */
    size_t accurate, robust, survived;
    size_t limited; /* rows that rounding keeps from being decided */
    double *curve;  /* CURVE_POINTS each: radius, proven share, share that no attack disproves */
} rows;

static bool classes(const rows *r)
{
    return r->encoding->task != ZG_REGRESSION;
}

/* ---- rows, targets and margins --------------------------------------------------------------- */

/* Without labels the question is whether the predicted class stays. */
static void encode_predicted(rows *r)
{
    for (size_t i = 0; i < r->n; i++) {
        size_t class = zg_predicted_class(r->encoding, r->n, r->f, i);
        if (r->encoding->task == ZG_BINARY)
            r->y[i] = class ? 1 : -1;
        else
            r->y[class * r->n + i] = 1;
    }
}

/* Of a row whose outputs are no numbers nothing can be said: neither its class nor its margins. */
static zg_status check_outputs(const rows *r, zg_error *error)
{
    const zg_dataset *data = r->a->inputs.train;
    for (size_t i = 0; i < r->n; i++) {
        const double *x = data->x + i * data->inputs;
        size_t largest = 0;
        bool finite = true;
        for (size_t c = 0; c < r->a->network->outputs; c++)
            finite = finite && isfinite(r->f[c * r->n + i]);
        if (finite) continue;
        for (size_t j = 0; j < data->inputs; j++)
            if (fabs(x[j]) > fabs(x[largest])) largest = j;
        char number[32];
        snprintf(number, sizeof number, "%zu", largest + 1);
        return zg_fail(error, ZG_BAD_INPUT,
                       "%.300s: row %zu, input \"%.80s\" is %g: the network's output for it is "
                       "beyond the range of double precision",
                       data->name ? data->name : "data", i + 1,
                       data->input_names ? data->input_names[largest] : number, x[largest]);
    }
    return ZG_OK;
}

/* Nor of margins that are none: a bound that is infinite would be printed as if it was one. */
static zg_status check_margins(const rows *r, zg_error *error)
{
    for (size_t k = 0; k < r->n * r->statements; k++)
        if (!isfinite(r->all[k].bound))
            return zg_fail(error, ZG_BAD_INPUT,
                           "row %zu: what the network does within %g of it is beyond the range of "
                           "double precision",
                           k / r->statements + 1, r->a->r);
    return ZG_OK;
}

/* As they are; what is missing is what the network sees instead. */
static void raw_rows(rows *r)
{
    const zg_dataset *data = r->a->inputs.train;
    const double *fill = r->a->network->preprocess.fill;
    for (size_t k = 0; k < r->n * r->inputs; k++)
        r->x[k] = fill && isnan(data->x[k]) ? fill[k % r->inputs] : data->x[k];
}

static zg_status load(rows *r, zg_error *error)
{
    zg_analysis *a = r->a;
    const zg_network *network = a->network;
    zg_status status = zg_model_rows_load(&a->inputs, network, a->quiet, error);
    if (status != ZG_OK) return status;
    const zg_dataset *data = a->inputs.train;
    size_t wide = network->inputs, d = wide - network->preprocess.bias;
    r->n = data->rows;
    r->inputs = d;
    r->statements = zg_margin_statements(r->encoding);
    r->labelled = data->targets > 0;
    r->x = zg_doubles(r->n * wide);
    r->y = zg_doubles(r->n * network->outputs);
    r->f = zg_doubles(r->n * network->outputs);
    r->all = calloc(r->n * r->statements, sizeof *r->all);
    r->least = calloc(r->n, sizeof *r->least);
    r->curve = zg_doubles(3 * CURVE_POINTS);
    if (!r->x || !r->y || !r->f || !r->all || !r->least || !r->curve) return zg_no_memory(error);
    zg_preprocess_apply(&network->preprocess, r->n, data->x, r->x);
    status = zg_network_evaluate(network, r->n, r->x, r->f);
    if (status != ZG_OK) return zg_no_memory(error);
    status = check_outputs(r, error);
    if (status != ZG_OK) return status;
    if (a->raw) raw_rows(r);
    for (size_t i = 0; !a->raw && wide > d && i < r->n; i++)
        memmove(r->x + i * d, r->x + i * wide, d * sizeof *r->x);
    if (!classes(r)) return ZG_OK;
    if (r->labelled) return zg_encoding_apply(r->encoding, data, r->y, error);
    encode_predicted(r);
    return ZG_OK;
}

/* Whether rounding alone keeps the row's bound, or its distance, from being positive.  A tie, as of
 * a network that is 0, is none of its. */
static bool limited(const rows *r, const zg_margin *m, bool accurate)
{
    if (m->here == 0.0 || m->bound > 0.0) return false;
    return m->bound + m->slack > 0.0 || (accurate && !(m->here > 0.0)) ||
           (!r->a->box && m->here > 0.0 && !(m->distance.certified > 0.0));
}

/* Of values: whether rounding takes a millionth of what the network says of all rows. */
static void count_limited_values(rows *r)
{
    double largest = 0.0;
    for (size_t k = 0; k < r->n * r->statements; k++)
        largest = fmax(largest, fabs(r->all[k].here));
    for (size_t i = 0; i < r->n; i++) {
        bool any = false;
        for (size_t k = 0; largest > 0.0 && k < r->statements; k++)
            any = any || r->all[i * r->statements + k].slack > 1e-6 * largest;
        r->limited += any;
    }
}

static zg_status judge(rows *r, zg_error *error)
{
    const zg_margin_options options = {.radius = r->a->r,
                                       .box = r->a->box,
                                       .raw = r->a->raw,
                                       .distances = classes(r) && !r->a->box,
                                       .nearest = true,
                                       .refine = true};
    zg_status status = zg_margins(r->a->network, r->n, r->x, r->y, &options, r->all, error);
    if (status == ZG_OK) status = check_margins(r, error);
    if (status == ZG_OK && !classes(r)) count_limited_values(r);
    for (size_t i = 0; status == ZG_OK && classes(r) && i < r->n; i++) {
        r->least[i] = zg_margin_least(r->statements, r->all + i * r->statements);
        bool accurate = zg_predicted_class(r->encoding, r->n, r->f, i) ==
                        zg_margin_class(r->encoding, r->n, r->y, i);
        r->accurate += accurate;
        r->robust += r->least[i].bound > 0.0;
        r->limited += limited(r, &r->least[i], accurate);
    }
    return status;
}

/* The least of a row's statements that descent finds; class by class. */
static zg_status attack_row(const rows *r, size_t i, double *weight, double *row, double *point)
{
    const zg_network *network = r->a->network;
    const zg_pgd_options options = {.radius = r->a->r,
                                    .box = r->a->box,
                                    .restarts = r->a->restarts,
                                    .steps = 50,
                                    .seed = (uint32_t)i};
    size_t own = zg_margin_class(r->encoding, r->n, r->y, i), outputs = network->outputs;
    zg_status status = ZG_OK;
    memcpy(row, r->x + i * r->inputs, r->inputs * sizeof *row);
    row[network->inputs - 1] = network->preprocess.bias ? 1.0 : row[network->inputs - 1];
    r->attacked[i] = INFINITY;
    for (size_t k = 0; status == ZG_OK && k < r->statements; k++) {
        double found;
        memset(weight, 0, outputs * sizeof *weight);
        weight[outputs > 1 ? own : 0] = outputs > 1 || own ? 1 : -1;
        if (outputs > 1) weight[zg_margin_rival(own, k)] = -1;
        status = zg_pgd_attack(network, weight, row, &options, point, &found);
        r->attacked[i] = fmin(r->attacked[i], found);
    }
    return status;
}

static zg_status attack(rows *r, zg_error *error)
{
    const zg_network *network = r->a->network;
    if (!r->a->restarts) return ZG_OK;
    if (!classes(r)) return zg_fail(error, ZG_BAD_INPUT, "--attack is on classes, not on values");
    double *room = zg_doubles(network->outputs + 2 * network->inputs);
    r->attacked = zg_doubles(r->n);
    zg_status status = room && r->attacked ? ZG_OK : ZG_NO_MEMORY;
    for (size_t i = 0; status == ZG_OK && i < r->n; i++) {
        status = attack_row(r, i, room, room + network->outputs,
                            room + network->outputs + network->inputs);
        r->survived += r->attacked[i] > 0.0;
        if (status == ZG_OK && r->attacked[i] < r->least[i].bound) {
            free(room);
            return zg_fail(error, ZG_FAILED,
                           "row %zu: an attack found %.17g below the proven margin %.17g; please "
                           "report this",
                           i + 1, r->attacked[i], r->least[i].bound);
        }
    }
    free(room);
    return status ? zg_no_memory(error) : ZG_OK;
}

/* ---- the curve ------------------------------------------------------------------------------- */

static int ascending(const void *a, const void *b)
{
    double p = *(const double *)a, q = *(const double *)b;
    return (p > q) - (p < q);
}

/* Quantiles of the certified distances; those that are infinite stand at the end. */
static double *sorted_distances(const rows *r)
{
    double *all = zg_doubles(r->n);
    for (size_t i = 0; all && i < r->n; i++)
        all[i] = zg_lower(r->least[i].distance.certified);
    if (all) qsort(all, r->n, sizeof *all, ascending);
    return all;
}

/* Radii from 0 to where hardly any row is left, or to the given radius if that is larger: the share
 * that is proven robust, and the share that is not known not to be. */
static void make_curve(rows *r, const double *sorted)
{
    double end = sorted[(size_t)(0.98 * (double)(r->n - 1))];
    if (!isfinite(end) || !(end > 0.0)) end = 0.0;
    end = fmax(1.25 * r->a->r, end);
    for (size_t k = 0; k < CURVE_POINTS; k++) {
        double radius = end * (double)k / (CURVE_POINTS - 1);
        size_t proven = 0, open = 0;
        for (size_t i = 0; i < r->n; i++) {
            proven +=
                r->least[i].distance.certified > 0 && r->least[i].distance.certified >= radius;
            open += r->least[i].here > 0 && !(r->least[i].distance.attained <= radius);
        }
        r->curve[k] = radius;
        r->curve[CURVE_POINTS + k] = (double)proven / (double)r->n;
        r->curve[2 * CURVE_POINTS + k] = (double)open / (double)r->n;
    }
}

/* ---- text ------------------------------------------------------------------------------------ */

static double share(size_t count, size_t n)
{
    return 100.0 * (double)count / (double)n;
}

static void print_limited(const rows *r)
{
    if (r->limited == 0) return;
    printf("%-12s decides %zu of %zu rows: their bounds hold but say little; inputs near 0 and of "
           "like sizes (train --standardize) keep more digits\n",
           "rounding", r->limited, r->n);
}

static void print_classes(const rows *r, const double *sorted)
{
    const zg_analysis *a = r->a;
    char number[ZG_NUMBER_SIZE];
    double worst = INFINITY;
    for (size_t i = 0; i < r->n; i++)
        worst = zg_lower_min(worst, r->least[i].bound);
    if (r->labelled)
        printf("%-12s %.2f %%  (%zu of %zu rows)\n", "accuracy", share(r->accurate, r->n),
               r->accurate, r->n);
    else
        printf("%-12s none: no targets; the class that is predicted counts as right\n", "accuracy");
    printf("%-12s %.2f %%  (%zu rows keep %s class wherever they move within %g, %s units, %s)\n",
           "robust", share(r->robust, r->n), r->robust, r->labelled ? "their right" : "their", a->r,
           zg_analysis_units(a), a->box ? "each input" : "l2");
    print_limited(r);
    zg_number_bound(worst, 6, -1, number);
    printf("%-12s %s  (of all rows, certified)\n", "least margin", number);
    if (r->attacked)
        printf("%-12s %.2f %%  (%zu rows keep it under projected gradient descent, %zu restarts)\n",
               "attacked", share(r->survived, r->n), r->survived, a->restarts);
    if (a->box) return;
    printf("%-12s", "distances");
    for (int quarter = 0; quarter <= 4; quarter++) {
        zg_number_bound(sorted[(r->n - 1) * (size_t)quarter / 4], 4, -1, number);
        printf(" %s", number);
    }
    puts("  (least, quartiles and largest, to the nearest other class)");
    printf("%-12s", "curve");
    for (size_t k = 0; k < CURVE_POINTS; k += 8)
        printf("  %.3g: %.1f %%", r->curve[k], 100 * r->curve[CURVE_POINTS + k]);
    puts("");
}

static void print_values(const rows *r)
{
    size_t shown = r->n < 10 ? r->n : 10;
    print_limited(r);
    printf("%-12s of the first %zu of %zu rows within %g, %s units:\n", "intervals", shown, r->n,
           r->a->r, zg_analysis_units(r->a));
    for (size_t i = 0; i < shown; i++) {
        printf("  row %-6zu", i + 1);
        for (size_t c = 0; c < r->a->network->outputs; c++) {
            const zg_margin *ends = &r->all[i * r->statements + 2 * c];
            char low[ZG_NUMBER_SIZE], high[ZG_NUMBER_SIZE];
            zg_number_bound(ends[0].bound, 8, -1, low);
            zg_number_bound(-ends[1].bound, 8, 1, high);
            printf(" %s .. %s", low, high);
        }
        puts("");
    }
}

/* ---- JSON and CSV ---------------------------------------------------------------------------- */

static void label_text(const zg_encoding *e, size_t class, char text[128])
{
    if (e->texts)
        snprintf(text, 128, "%s", e->texts[class]);
    else
        snprintf(text, 128, "%.17g", e->values[class]);
}

static json_t *class_json(const rows *r, size_t i)
{
    char text[128];
    const zg_margin *m = &r->least[i];
    json_t *object = json_object();
    json_object_set_new(object, "row", json_integer((json_int_t)i + 1));
    label_text(r->encoding, zg_margin_class(r->encoding, r->n, r->y, i), text);
    zg_cli_json_text(object, "class", text);
    zg_cli_json_number(object, "margin", m->bound);
    zg_cli_json_text(object, "bound", m->name);
    zg_cli_json_number(object, "mu", m->mu);
    if (r->attacked) zg_cli_json_number(object, "attack", r->attacked[i]);
    zg_cli_json_number(object, "distance", m->distance.certified);
    zg_cli_json_number(object, "attained", m->distance.attained);
    if (m->distance.certified == INFINITY) json_object_set_new(object, "unbounded", json_true());
    return object;
}

static json_t *values_json(const rows *r, size_t i)
{
    json_t *object = json_object(), *intervals = json_array();
    json_object_set_new(object, "row", json_integer((json_int_t)i + 1));
    for (size_t c = 0; c < r->a->network->outputs; c++) {
        const zg_margin *ends = &r->all[i * r->statements + 2 * c];
        json_t *interval = json_object();
        zg_cli_json_number(interval, "low", ends[0].bound);
        zg_cli_json_number(interval, "high", -ends[1].bound);
        zg_cli_json_number(interval, "mu_low", ends[0].mu);
        zg_cli_json_number(interval, "mu_high", ends[1].mu);
        json_array_append_new(intervals, interval);
    }
    json_object_set_new(object, "intervals", intervals);
    return object;
}

static void put_json(const rows *r, json_t *root)
{
    json_t *samples = json_array();
    zg_cli_json_number(root, "radius", r->a->r);
    json_object_set_new(root, "rows", json_integer((json_int_t)r->n));
    json_object_set_new(root, "limited_by_rounding", json_integer((json_int_t)r->limited));
    if (classes(r)) {
        if (r->labelled) zg_cli_json_number(root, "accuracy", share(r->accurate, r->n) / 100);
        zg_cli_json_number(root, "robust_accuracy", share(r->robust, r->n) / 100);
        json_object_set_new(root, "robust_rows", json_integer((json_int_t)r->robust));
        if (r->attacked)
            json_object_set_new(root, "attacked_rows", json_integer((json_int_t)r->survived));
    }
    json_t *curve = json_array();
    for (size_t k = 0; classes(r) && !r->a->box && k < CURVE_POINTS; k++) {
        json_t *point = json_object();
        zg_cli_json_number(point, "radius", r->curve[k]);
        zg_cli_json_number(point, "robust", r->curve[CURVE_POINTS + k]);
        zg_cli_json_number(point, "not_attacked", r->curve[2 * CURVE_POINTS + k]);
        json_array_append_new(curve, point);
    }
    if (json_array_size(curve))
        json_object_set_new(root, "curve", curve);
    else
        json_decref(curve);
    for (size_t i = 0; i < r->n; i++)
        json_array_append_new(samples, classes(r) ? class_json(r, i) : values_json(r, i));
    json_object_set_new(root, "samples", samples);
}

/* A field that has no number is empty, an infinite distance is "inf". */
static void put_field(FILE *file, double value)
{
    putc(',', file);
    if (!isnan(value)) fprintf(file, "%.17g", value);
}

static zg_status write_lines(const rows *r, zg_error *error)
{
    zg_replacement replacement;
    char text[128];
    zg_status status = zg_replace_begin(&replacement, r->a->output, error);
    if (status != ZG_OK) return status;
    FILE *file = replacement.file;
    fputs(classes(r) ? "row,class,margin,mu,distance,attained\n" : "row,output,low,high\n", file);
    for (size_t i = 0; i < r->n; i++) {
        if (classes(r)) {
            const zg_margin *m = &r->least[i];
            label_text(r->encoding, zg_margin_class(r->encoding, r->n, r->y, i), text);
            bool quoted = strpbrk(text, ",\"\n\r") != NULL;
            fprintf(file, "%zu,%s", i + 1, quoted ? "\"" : "");
            for (const char *p = text; *p; p++)
                fprintf(file, "%s%c", *p == '"' ? "\"" : "", *p);
            if (quoted) putc('"', file);
            put_field(file, m->bound);
            put_field(file, m->mu);
            put_field(file, m->distance.certified);
            put_field(file, m->distance.attained);
            putc('\n', file);
        }
        for (size_t c = 0; !classes(r) && c < r->a->network->outputs; c++) {
            fprintf(file, "%zu,%zu", i + 1, c + 1);
            put_field(file, r->all[i * r->statements + 2 * c].bound);
            put_field(file, -r->all[i * r->statements + 2 * c + 1].bound);
            putc('\n', file);
        }
    }
    return zg_replace_end(&replacement, ZG_OK, error);
}

/* ---- certificate and page -------------------------------------------------------------------- */

static zg_status write_certificate(const rows *r, json_t *root, zg_error *error)
{
    const zg_analysis *a = r->a;
    const zg_network *network = a->network;
    const zg_model_options options = {.activation = network->activation,
                                      .architecture = network->architecture,
                                      .task = network->encoding.task,
                                      .loss = {ZG_LOSS_SQUARED, 0},
                                      .beta = 1};
    zg_problem *problem;
    zg_margin_claim claim;
    if (!r->labelled)
        return zg_fail(error, ZG_BAD_INPUT,
                       "--certificate needs the rows' targets, which the data do not have");
    zg_status status =
        zg_problem_over_dataset(a->inputs.train, &network->preprocess, &network->encoding, NULL,
                                &options, (zg_penalty){0}, &problem, error);
    if (status != ZG_OK) return status;
    bool is_file = strcmp(a->inputs.data, "-") != 0 && !zg_catalogue_find(a->inputs.data);
    const zg_proof proof = {.problem = problem,
                            .dataset = a->inputs.train,
                            .network = network,
                            .data_path = is_file ? a->inputs.data : NULL,
                            .target = a->inputs.target};
    status = zg_margin_proof_write(a->certificate, &proof, a->r, &claim, error);
    zg_problem_free(problem);
    if (status != ZG_OK) return status;
    if (root) {
        json_t *object = json_object();
        zg_cli_json_text(object, "file", a->certificate);
        zg_cli_json_text(object, "data", claim.data_file);
        json_object_set_new(object, "margins", json_integer((json_int_t)claim.margins));
        json_object_set_new(object, "robust_rows", json_integer((json_int_t)claim.robust_rows));
        zg_cli_json_number(object, "lowered", claim.lowered);
        if (r->encoding->scale) zg_cli_json_text(object, "units", "trained on");
        json_object_set_new(root, "certificate", object);
        return ZG_OK;
    }
    printf("%-12s %s  claims %zu margins, lowered by at most %.1e%s\n", "certificate",
           a->certificate, claim.margins, claim.lowered,
           r->encoding->scale ? ", in the targets' units trained on" : "");
    printf("%-12s zerogap verify %s --data %s\n", "check with", a->certificate, claim.data_file);
    return ZG_OK;
}

static zg_status write_page(const rows *r, zg_error *error)
{
    zg_text page = {0}, library = {0};
    if (!classes(r) || r->a->box)
        return zg_fail(error, ZG_BAD_INPUT,
                       "--html has the curve over radii, which classes and the norm l2 have");
    zg_status status = zg_chart_library(r->a->chart_js, &library, error);
    const zg_margins_page facts = {.model = r->a->model,
                                   .data = r->a->inputs.data,
                                   .units = zg_analysis_units(r->a),
                                   .rows = r->n,
                                   .robust = r->robust,
                                   .accurate = r->accurate,
                                   .limited = r->limited,
                                   .labelled = r->labelled,
                                   .radius = r->a->r,
                                   .points = CURVE_POINTS,
                                   .radii = r->curve,
                                   .proven = r->curve + CURVE_POINTS,
                                   .open = r->curve + 2 * CURVE_POINTS};
    if (status == ZG_OK) zg_margins_page_write(&facts, zg_text_bytes(&library), &page);
    if (status == ZG_OK) status = zg_text_status(&page, error);
    if (status == ZG_OK) status = zg_text_save(&page, r->a->html, error);
    zg_text_clear(&library);
    zg_text_clear(&page);
    return status;
}

static zg_status tell(rows *r, json_t *root, zg_error *error)
{
    double *sorted = classes(r) ? sorted_distances(r) : NULL;
    if (classes(r) && !sorted) return zg_no_memory(error);
    if (classes(r) && !r->a->box) make_curve(r, sorted);
    if (root)
        put_json(r, root);
    else if (classes(r))
        print_classes(r, sorted);
    else
        print_values(r);
    free(sorted);
    zg_status status = r->a->output ? write_lines(r, error) : ZG_OK;
    if (status == ZG_OK && r->a->html) status = write_page(r, error);
    if (status == ZG_OK && r->a->certificate) status = write_certificate(r, root, error);
    return status;
}

zg_status zg_analyse_rows(zg_analysis *a, json_t *root, zg_error *error)
{
    rows r = {.a = a, .encoding = &a->network->encoding};
    zg_status status = load(&r, error);
    if (status == ZG_OK) status = judge(&r, error);
    if (status == ZG_OK) status = attack(&r, error);
    if (status == ZG_OK) status = tell(&r, root, error);
    free(r.x);
    free(r.y);
    free(r.f);
    free(r.all);
    free(r.least);
    free(r.curve);
    free(r.attacked);
    return status;
}
