/* The certificate's fields, in their order, each checked for its shape, and the data they name. */
#include "claim.h"

#include "csv.h"
#include "json.h"
#include "number.h"
#include "proof.h"

#include <math.h>
#include <string.h>

const char *const zv_task_names[] = {"regression", "binary", "multiclass", NULL};
const char *const zv_loss_names[] = {"squared",       "absolute", "huber",       "hinge",
                                     "squared-hinge", "logistic", "interpolate", NULL};
const char *const zv_rows_names[] = {"",       "values",   "slopes",      "values+slopes",
                                     "fisher", "contrast", "certificate", NULL};
const char *const zv_neuron_set_names[] = {"sphere", "binary", "ternary", "bits", "bilinear", NULL};

/* ---- the data -------------------------------------------------------------------------------- */

/* place[item] = 1 + its index in the array, 0 for what is not in it. */
static uint32_t *places(zv_session *s, const uint32_t *items, size_t count, size_t limit)
{
    uint32_t *place = zv_take(s, limit, sizeof *place);
    for (uint32_t k = 0; k < count; k++) {
        if (place[items[k]]) return NULL; /* twice */
        place[items[k]] = k + 1;
    }
    return place;
}

static void read_labels(zv_claim *c, zv_json *j)
{
    c->task = (zv_task)zv_json_choice(j, "task", zv_task_names);
    c->outputs = c->targets;
    if (c->task == ZV_REGRESSION) return;
    bool texts = zv_json_has(j, "labels");
    c->label_count = zv_json_count(j, texts ? NULL : "values");
    if (c->label_count < 2 || (c->task == ZV_BINARY && c->label_count > 2) || c->targets != 1)
        zv_json_expected(j, "one target column and two labels or, in multiclass, more");
    if (texts)
        c->labels = zv_json_strings(j, NULL, c->label_count);
    else
        c->values = zv_json_reals(j, NULL, c->label_count);
    c->outputs = c->task == ZV_BINARY ? 1 : c->label_count;
}

/* The index of the field among the labels. */
static size_t find_label(const zv_claim *c, const zv_csv *csv, const char *field)
{
    for (size_t k = 0; k < c->label_count; k++) {
        if (c->labels ? strcmp(c->labels[k], field) == 0
                      : c->values[k] == zv_csv_number(csv, field))
            return k;
    }
    zv_csv_expected(csv, "a label of the certificate", field);
}

/* Binary: -1 for the first label, 1 for the second.  Multiclass: 1 for the output of the label, 0
 * (which y is already) for the others.  target is its index, for regression. */
static void encode(zv_claim *c, const zv_csv *csv, size_t sample, size_t target, const char *field)
{
    if (c->task == ZV_REGRESSION)
        c->y[target * c->n + sample] = zv_csv_number(csv, field);
    else if (c->task == ZV_BINARY)
        c->y[sample] = find_label(c, csv, field) == 0 ? -1 : 1;
    else
        c->y[find_label(c, csv, field) * c->n + sample] = 1;
}

/* target_of: of each column, 1 + which target it is, 0 for inputs.  sample_of: of each record, 1 +
 * which sample it is, 0 for none; NULL: all are, in order. */
static void read_records(zv_claim *c, char *text, size_t size, const uint32_t *target_of,
                         const uint32_t *sample_of)
{
    zv_csv csv = zv_csv_open(c->session, text, size, c->columns);
    size_t used = 0;
    if (c->header) {
        if (!zv_csv_next(&csv)) zv_csv_expected(&csv, "a header", "nothing");
        c->target_name = zv_take(c->session, c->targets, sizeof *c->target_name);
        for (size_t k = 0; k < c->targets; k++)
            c->target_name[k] = csv.fields[c->target[k]];
    }
    for (; zv_csv_next(&csv); c->records++) {
        size_t sample = sample_of ? sample_of[c->records] : c->records + 1;
        if (sample == 0) continue;
        if (sample > c->n)
            zv_csv_expected(&csv, "no more samples than the certificate says", csv.fields[0]);
        double *x = c->x + (sample - 1) * c->d;
        for (size_t k = 0; k < c->columns; k++) {
            if (target_of[k] == 0)
                *x++ = zv_csv_number(&csv, csv.fields[k]);
            else
                encode(c, &csv, sample - 1, target_of[k] - 1, csv.fields[k]);
        }
        used++;
    }
    if (used != c->n)
        zv_stop(c->session, ZV_BAD_FILE, "the data have fewer rows than the certificate");
}

/* x becomes fl(fl(x - mean) / scale): rounded twice, which volatile makes sure of. */
static void preprocess(zv_claim *c, zv_json *j)
{
    if (!zv_json_has(j, "mean")) return;
    c->mean = zv_json_reals(j, NULL, c->d);
    c->scale = zv_json_reals(j, "scale", c->d);
    for (size_t k = 0; k < c->n * c->d; k++) {
        volatile double centred = c->x[k] - c->mean[k % c->d];
        volatile double scaled = centred / c->scale[k % c->d];
        if (!isfinite(scaled))
            zv_json_expected(j, "scales that keep the inputs finite just before");
        c->x[k] = zv_seen(c->session, scaled);
    }
}

/* A record takes at least a byte, so that there are at most as many as the file has bytes. */
/* Each input is in the place of a half-space: the rows that it has, in the order of patterns. */
static void see_halfspaces(zv_claim *c, zv_json *j)
{
    if (!zv_json_has(j, "halfspaces")) return;
    if (!zv_json_flag(j, NULL)) zv_json_expected(j, "true just before, or no such field");
    if (c->d > 3) zv_json_expected(j, "no half-spaces of more than three columns just before");
    c->parted = c->d;
    c->x = zv_halfspaces(c->session, c->n, c->d, c->x, &c->d);
}

static void read_data(zv_claim *c, zv_json *j, char *data, size_t size)
{
    zv_session *s = c->session;
    const uint32_t *sample_of = NULL;
    c->header = zv_json_flag(j, "header");
    c->columns = zv_json_whole(j, "columns", 2, ZV_EXTENT_LIMIT);
    c->targets = zv_json_count(j, "targets");
    c->target = zv_json_wholes(j, NULL, c->targets, 0, c->columns - 1);
    const uint32_t *target_of = places(s, c->target, c->targets, c->columns);
    if (!target_of) zv_json_expected(j, "no column twice just before");
    if (c->targets == 0 || c->targets == c->columns)
        zv_json_expected(j, "a target and an input column");
    c->d = c->columns - c->targets;
    c->n = zv_json_whole(j, "samples", 1, size);
    if (zv_json_has(j, "rows")) {
        sample_of = places(s, zv_json_wholes(j, NULL, c->n, 0, size), c->n, size + 1);
        if (!sample_of) zv_json_expected(j, "no row twice just before");
    }
    const char *claimed = zv_json_string(j, "digest");
    read_labels(c, j);
    size_t inputs = c->n * c->d, numbers = inputs + c->n * c->outputs;
    c->x = zv_take(s, numbers, sizeof *c->x);
    c->y = c->x + inputs;
    read_records(c, data, size, target_of, sample_of);
    zv_sha256_doubles(s->salted ? s->salt : NULL, c->x, numbers, c->digest);
    if (strcmp(claimed, c->digest) != 0)
        zv_stop(s, ZV_BAD_FILE, "the data are not those of the certificate: their digest is %s%s",
                c->digest, s->salted ? ", with this salt" : "");
    preprocess(c, j);
    see_halfspaces(c, j);
}

/* ---- the problem ----------------------------------------------------------------------------- */

static void read_pair(zv_json *j, const char *name, uint32_t out[2])
{
    memcpy(out, zv_json_wholes(j, name, 2, 1, ZV_EXTENT_LIMIT), 2 * sizeof *out);
}

/* Pools in row-major order, in each its patches in row-major order, in each patch the inputs by
 * channel, row, column; patches that fill no whole pool are left out.  across: pools in a row. */
static void list_patches(zv_claim *c, size_t across)
{
    const zv_architecture *a = &c->architecture;
    size_t count = c->groups * c->patches * c->width;
    c->inputs = zv_take(c->session, count, sizeof *c->inputs);
    for (size_t k = 0; k < count; k++) {
        size_t group = k / c->width / c->patches, patch = k / c->width % c->patches;
        size_t i = k % c->width, filter = (size_t)a->filter[0] * a->filter[1];
        size_t patch_row = group / across * a->pool[0] + patch / a->pool[1];
        size_t patch_column = group % across * a->pool[1] + patch % a->pool[1];
        size_t row = patch_row * a->stride[0] + i % filter / a->filter[1];
        size_t column = patch_column * a->stride[1] + i % a->filter[1];
        c->inputs[k] = (uint32_t)((i / filter * a->image[0] + row) * a->image[1] + column);
    }
}

static void read_convolution(zv_json *j, zv_architecture *a)
{
    a->image[0] = (uint32_t)zv_json_whole(j, "height", 1, ZV_EXTENT_LIMIT);
    a->image[1] = (uint32_t)zv_json_whole(j, "width", 1, ZV_EXTENT_LIMIT);
    a->channels = (uint32_t)zv_json_whole(j, "channels", 1, ZV_EXTENT_LIMIT);
    read_pair(j, "filter", a->filter);
    read_pair(j, "stride", a->stride);
}

/* patches: rows and columns of them. */
static void read_pool(zv_json *j, zv_architecture *a, const uint32_t patches[2])
{
    static const char *const pools[] = {"none", "global", NULL};
    if (zv_json_count(j, "pool"))
        read_pair(j, NULL, a->pool);
    else if (zv_json_choice(j, NULL, pools) == 1)
        memcpy(a->pool, patches, sizeof a->pool);
}

/* No product overflows: the extents are at most 2^20, and all but the first are at most d. */
static void read_architecture(zv_claim *c, zv_json *j)
{
    static const char *const kinds[] = {"dense", "convolution", NULL};
    zv_architecture *a = &c->architecture;
    uint32_t d = (uint32_t)c->d, patches[2];
    *a = (zv_architecture){.dense = zv_json_choice(j, "architecture", kinds) == 0,
                           .channels = 1,
                           .image = {1, d},
                           .filter = {1, d},
                           .stride = {1, 1},
                           .pool = {1, 1}};
    if (!a->dense) read_convolution(j, a);
    if ((size_t)a->image[0] * a->image[1] * a->channels != c->d || a->filter[0] > a->image[0] ||
        a->filter[1] > a->image[1])
        zv_json_expected(j, "an image of as many inputs as the data have, and a filter in it");
    for (int k = 0; k < 2; k++)
        patches[k] = (a->image[k] - a->filter[k]) / a->stride[k] + 1;
    if (!a->dense) read_pool(j, a, patches);
    size_t across = patches[1] / a->pool[1];
    c->groups = patches[0] / a->pool[0] * across;
    if (c->groups == 0) zv_json_expected(j, "a pool that fits just before");
    c->patches = (size_t)a->pool[0] * a->pool[1];
    c->width = (size_t)a->filter[0] * a->filter[1] * a->channels;
    list_patches(c, across);
}

static void read_weights(zv_claim *c, zv_json *j)
{
    bool given = c->weighted = zv_json_has(j, "weights");
    c->weights = given ? zv_json_reals(j, NULL, c->n) : zv_take(c->session, c->n, sizeof(double));
    for (size_t i = 0; i < c->n; i++) {
        if (!given) c->weights[i] = 1;
        if (!(c->weights[i] > 0)) zv_json_expected(j, "positive weights just before");
    }
}

/* What takes too long is refused by the work that it takes, what does not fit 128 bits here. */
static void read_neuron_set(zv_claim *c, zv_json *j)
{
    static const char *const proofs[] = {"cones", "enumeration", "multipliers", NULL};
    if (!zv_json_has(j, "neuron_set")) return;
    c->set = (zv_neuron_set)zv_json_choice(j, NULL, zv_neuron_set_names);
    if (c->set == ZV_SET_SPHERE)
        zv_json_expected(j, "a finite neuron set just before, or no such field");
    if (c->set == ZV_SET_BITS) c->bits = (uint32_t)zv_json_whole(j, "bits", 2, 8);
    if (c->set == ZV_SET_BILINEAR && (c->activation[1] != 0 || c->activation[2] != 0))
        zv_json_expected(j, "an activation without b and c, for pairs");
    int proof = (int)zv_json_choice(j, "proof", proofs);
    c->counting = proof == 1;
    c->multipliers = proof == 2;
    if (c->multipliers && c->set != ZV_SET_BINARY && c->set != ZV_SET_BILINEAR)
        zv_json_expected(j, "cones or enumeration just before: multipliers are of binary neurons");
    if (c->counting && !zv_can_count())
        zv_stop(c->session, ZV_BAD_FILE, "enumerations are checked by programs for 64 bits only");
    double high = (double)zv_highest_level(c);
    if (c->counting && (double)c->width * high * high >= 1 << 18)
        zv_json_expected(j, "neurons with |l|^2 below 2^18, for an enumeration");
}

/* Rows of the problem in the place of the data's; what is a row's belongs to it from here on. */
static void read_functionals(zv_claim *c, zv_json *j)
{
    size_t rows = zv_json_count(j, "row_terms"), terms = 0;
    if (rows == 0 || !c->architecture.dense) zv_json_expected(j, "rows, of a dense network");
    c->row_terms = zv_json_wholes(j, NULL, rows, 1, UINT32_MAX);
    for (size_t i = 0; i < rows; i++)
        terms += c->row_terms[i];
    if (terms > ZV_FILE_LIMIT) zv_json_expected(j, "fewer terms than the file can hold");
    c->term_point = zv_json_wholes(j, "term_points", terms, 0, c->n - 1);
    c->term_kind = zv_json_wholes(j, "term_kinds", terms, 0, c->d + 1);
    c->coefficient = zv_json_reals(j, "coefficients", terms);
    c->data_y = c->y;
    c->y = zv_json_reals(j, "row_targets", rows);
    c->weights = zv_json_reals(j, "row_weights", rows);
    for (size_t i = 0; i < rows; i++)
        if (!(c->weights[i] > 0)) zv_json_expected(j, "positive weights just before");
    c->has_exact = zv_json_has(j, "exact_row");
    if (c->has_exact) c->exact = zv_json_whole(j, NULL, 0, rows - 1);
    if (c->has_exact && (c->y[c->exact] == 0 || c->loss == ZV_INTERPOLATE))
        zv_json_expected(j, "an exact row with a target that is not 0, beside a loss");
    c->data_rows = c->n;
    c->n = rows;
    c->outputs = 1;
    zv_trace_rows(c);
    for (size_t i = 0; i < rows && c->rows_kind != ZV_ROWS_FISHER; i++)
        c->weighted = c->weighted || c->weights[i] != 1;
}

static void read_problem(zv_claim *c, zv_json *j)
{
    c->activation = zv_json_reals(j, "activation", 3);
    read_architecture(c, j);
    c->loss = (zv_loss)zv_json_choice(j, "loss", zv_loss_names);
    c->delta = c->loss == ZV_HUBER ? zv_json_real(j, "delta") : 1;
    c->beta = zv_json_real(j, "beta");
    if (c->functional)
        read_functionals(c, j);
    else
        read_weights(c, j);
    for (size_t k = 0; zv_takes_labels(c->loss) && k < c->n * c->outputs; k++) {
        if (fabs(c->y[k]) != 1)
            zv_json_expected(j, "a loss that takes other targets than -1 and 1");
    }
    if (!(c->beta > 0 && c->delta > 0)) zv_json_expected(j, "a positive number just before");
    read_neuron_set(c, j);
    c->tree = c->set == ZV_SET_SPHERE && zv_json_has(j, "power");
    if (!c->tree) return;
    c->power = zv_json_wholes(j, NULL, 2, 1, ZV_EXTENT_LIMIT);
    if (c->power[0] >= c->power[1] || c->power[1] > 64)
        zv_json_expected(j, "a power below 1 just before");
    c->nonnegative = zv_json_flag(j, "nonnegative");
}

/* ---- the claim, and what is to prove it ------------------------------------------------------ */

/* In a finite set weights are whole numbers, of its levels, and not all 0. */
static void check_levels(const zv_claim *c, zv_json *j)
{
    double high = (double)zv_highest_level(c);
    for (size_t n = 0; c->set != ZV_SET_SPHERE && n < c->neurons; n++) {
        bool any = false;
        for (size_t k = 0; k < c->u_width; k++) {
            double level = c->u[n * c->u_width + k];
            bool odd = fmod(level, 2) != 0, whole = level == floor(level);
            if (!whole || fabs(level) > high || (c->set != ZV_SET_TERNARY && !odd))
                zv_json_expected(j, "levels of the neuron set just before");
            any = any || level != 0;
        }
        if (!any) zv_json_expected(j, "no neuron of zeros just before");
    }
}

static void read_network(zv_claim *c, zv_json *j)
{
    c->neurons = zv_json_count(j, "groups");
    c->group = zv_json_wholes(j, NULL, c->neurons, 0, c->groups - 1);
    c->u_width = c->set == ZV_SET_BILINEAR ? 2 * c->width : c->width;
    c->u = zv_json_reals(j, "neurons", c->neurons * c->u_width);
    check_levels(c, j);
    c->alpha = zv_json_reals(j, "alpha", c->neurons * c->outputs);
}

/* The copies of a robust problem, in the units of the rows. */
static void read_copies(zv_claim *c, zv_json *j)
{
    c->rows = zv_json_count(j, "owners");
    c->owner = zv_json_wholes(j, NULL, c->rows, 0, c->n - 1);
    c->xs = zv_json_reals(j, "copies", c->rows * c->d);
}

static void read_dual(zv_claim *c, zv_json *j)
{
    c->rows = c->n;
    c->xs = c->x;
    if (c->robust) read_copies(c, j);
    c->v = zv_json_reals(j, "dual", c->rows * c->outputs);
    if (c->counting) return;
    if (c->multipliers)
        c->rho = zv_json_reals(
            j, "rho", c->outputs * c->groups * c->width * (c->set == ZV_SET_BILINEAR ? 1 : 2));
    else if (zv_json_has(j, "rho"))
        c->rho = zv_json_reals(j, NULL, 2 * c->groups * c->outputs);
    else if (c->activation[1] != 0 || c->activation[2] != 0)
        zv_json_expected(j, "rho, as the activation has b or c");
}

static void read_tree(zv_claim *c, zv_json *j)
{
    if (c->outputs != 1 || !c->neurons)
        zv_json_expected(j, "one output and some neurons, for a tree");
    if (zv_json_has(j, "pairs")) {
        c->pairs = zv_json_count(j, NULL) / 3;
        c->pair = zv_json_wholes(j, NULL, 3 * c->pairs, 0, UINT32_MAX);
    }
    c->low = zv_json_reals(j, "low", c->neurons);
    c->high = zv_json_reals(j, "high", c->neurons);
    c->duals = zv_json_count(j, "duals") / c->n;
    c->v = zv_json_reals(j, NULL, c->duals * c->n);
    c->nodes = zv_json_count(j, "nodes");
    c->node = zv_json_wholes(j, NULL, c->nodes, 0, c->neurons + c->duals - 1);
    c->node_value = zv_json_reals(j, "node_values", c->nodes);
}

static void read_multipliers(zv_claim *c, zv_json *j)
{
    c->margin = zv_json_reals(j, "margins", c->n * c->statements);
    c->mu = zv_json_reals(j, "multipliers", c->n * c->statements);
    for (size_t k = 0; k < c->n * c->statements; k++)
        if (!(c->mu[k] >= 0)) zv_json_expected(j, "no negative multiplier just before");
}

/* Of a class, that of its output over each other's; of a value, both ends, the upper one as that of
 * minus the output. */
static void read_margins(zv_claim *c, zv_json *j)
{
    c->activation = zv_json_reals(j, "activation", 3);
    read_architecture(c, j);
    read_network(c, j);
    c->radius = zv_json_real(j, "radius");
    if (!(c->radius >= 0)) zv_json_expected(j, "a radius that is not negative just before");
    if (zv_json_has(j, "fixed")) {
        c->fixed_count = zv_json_count(j, NULL);
        c->fixed = zv_json_wholes(j, NULL, c->fixed_count, 0, c->d - 1);
        if (!places(c->session, c->fixed, c->fixed_count, c->d))
            zv_json_expected(j, "no input twice just before");
    }
    c->statements = c->task == ZV_BINARY       ? 1
                    : c->task == ZV_MULTICLASS ? c->outputs - 1
                                               : 2 * c->outputs;
    read_multipliers(c, j);
    zv_json_end(j);
}

/* One margin of a sample with labels, y f; otherwise both ends of f. */
static void read_robust(zv_claim *c, zv_json *j)
{
    c->radius = zv_json_real(j, "radius");
    if (!(c->radius > 0)) zv_json_expected(j, "a radius above 0 just before");
    if (c->outputs != 1 || c->tree || c->loss == ZV_INTERPOLATE || c->set != ZV_SET_SPHERE)
        zv_json_expected(j, "one output, the penalty sum |alpha| and a loss, for a robust problem");
    c->statements = zv_takes_labels(c->loss) ? 1 : 2;
}

/* The rows' weights in the difference of means, times the product of both numbers of rows, are
 * whole numbers: those of one label have the other's number. */
static void read_discrepancy(zv_claim *c, zv_json *j)
{
    if (c->task != ZV_BINARY) zv_json_expected(j, "the task binary, for a discrepancy");
    for (size_t i = 0; i < c->n; i++)
        c->share[c->y[i] > 0]++;
    if (c->share[0] == 0 || c->share[1] == 0)
        zv_json_expected(j, "rows of both labels, for a discrepancy");
    c->activation = zv_json_reals(j, "activation", 3);
    read_architecture(c, j);
    c->lower = zv_json_real(j, "lower");
    c->upper = zv_json_real(j, "upper");
    c->has_upper = true;
    read_network(c, j);
    if (c->neurons != 1 || c->alpha[0] != 1) zv_json_expected(j, "one neuron of weight 1");
    c->beta = zv_json_real(j, "beta");
    if (!(c->beta > 0)) zv_json_expected(j, "a positive number just before");
    if (zv_json_has(j, "rho"))
        c->rho = zv_json_reals(j, NULL, 2 * c->groups);
    else if (c->activation[1] != 0 || c->activation[2] != 0)
        zv_json_expected(j, "rho, as the activation has b or c");
    zv_json_end(j);
    c->rows = c->n;
    c->xs = c->x;
    c->v = zv_take(c->session, c->n, sizeof *c->v);
    for (size_t i = 0; i < c->n; i++)
        c->v[i] = zv_seen(c->session, c->y[i] > 0 ? -(double)c->share[0] : (double)c->share[1]);
}

void zv_claim_read(zv_claim *c, char *certificate, size_t size, char *data, size_t data_size)
{
    static const char *const formats[] = {
        "zerogap-certificate/1", "zerogap-margins/1",     "zerogap-certificate/2",
        "zerogap-discrepancy/1", "zerogap-lyapunov/1",    "zerogap-certificate/3",
        "zerogap-certificate/4", "zerogap-certificate/5", NULL};
    zv_json j = {.session = c->session, .size = size};
    j.text = j.at = certificate;
    int format = (int)zv_json_choice(&j, "format", formats);
    c->worst_case = format == 1;
    c->robust = format == 2;
    c->discrepancy = format == 3;
    c->lyapunov = format == 4;
    c->functional = format == 6;
    c->sums = format == 7;
    c->rows_kind = ZV_ROWS_VALUES;
    bool values = c->session->rows == ZV_ROWS_OF_DATA || c->session->rows == ZV_ROWS_VALUES;
    if (zv_json_has(&j, "generator")) zv_json_string(&j, NULL);
    if (!c->functional && !values)
        zv_stop(c->session, ZV_BAD_FILE,
                "the certificate is about values, and not about rows that "
                "are functionals");
    if (c->lyapunov || c->sums) {
        (c->sums ? zv_read_sums : zv_read_lyapunov)(c, &j, data, data_size);
        return;
    }
    read_data(c, &j, data, data_size);
    if (c->parted > 0 && format != 0) zv_json_expected(&j, "no half-spaces of points that move");
    if (c->worst_case) {
        read_margins(c, &j);
        return;
    }
    if (c->discrepancy) {
        read_discrepancy(c, &j);
        return;
    }
    read_problem(c, &j);
    if (c->robust) read_robust(c, &j);
    if (c->functional && (c->tree || c->set != ZV_SET_SPHERE))
        zv_json_expected(&j, "the penalty sum |alpha| over the sphere, for functionals");
    c->lower = zv_json_real(&j, "lower");
    c->has_upper = zv_json_has(&j, "upper");
    if (c->has_upper) {
        c->upper = zv_json_real(&j, NULL);
        c->gap = zv_json_real(&j, "gap");
    }
    if (c->has_upper || c->tree) read_network(c, &j);
    if (c->has_upper && c->robust) read_multipliers(c, &j);
    if (c->tree)
        read_tree(c, &j);
    else
        read_dual(c, &j);
    if (format == 5) zv_read_points(c, &j);
    zv_json_end(&j);
}
