/* Verdict and statement: named values, a line each for people, members of an object for programs.
 */
#include "proof.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct output {
    FILE *file;
    bool json;
} output;

/* How many bytes the UTF-8 character at p takes; 0 if it is none, or steers a terminal. */
static size_t printable_length(const unsigned char *p)
{
    if (*p < 0x80) return *p >= ' ' && *p != 127;
    size_t length = *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : 4;
    if (*p < 0xc2 || *p > 0xf4) return 0;
    for (size_t k = 1; k < length; k++) {
        if ((p[k] & 0xc0) != 0x80) return 0;
    }
    bool control = *p == 0xc2 && p[1] < 0xa0, surrogate = *p == 0xed && p[1] > 0x9f;
    bool overlong = (*p == 0xe0 && p[1] < 0xa0) || (*p == 0xf0 && p[1] < 0x90);
    bool beyond = *p == 0xf4 && p[1] > 0x8f;
    return control || surrogate || overlong || beyond ? 0 : length;
}

/* What the files hold may be anything. */
static void put_text(FILE *file, const char *text)
{
    putc('"', file);
    for (const unsigned char *p = (const unsigned char *)text; *p;) {
        size_t length = printable_length(p);
        if (*p == '"' || *p == '\\') putc('\\', file);
        if (length == 0) putc('?', file);
        fwrite(p, 1, length, file);
        p += length ? length : 1;
    }
    putc('"', file);
}

/* The shortest decimal that reads back as this double. */
static void put_real(FILE *file, double x)
{
    char text[32];
    int digits = 6;
    do
        snprintf(text, sizeof text, "%.*g", digits, x);
    while (digits++ < 17 && strtod(text, NULL) != x);
    fputs(text, file);
}

static void put_name(const output *o, const char *name)
{
    fprintf(o->file, o->json ? ", \"%s\": " : "\n%-14s ", name);
}

/* Columns count from 0 in the claim, from 1 in the statement. */
typedef enum put_kind { TEXTS, REALS, WHOLES, COLUMNS } put_kind;

/* A list of so many const char *, double or uint32_t; count = 0: one by itself; NULL: nothing. */
static void put(const output *o, const char *name, put_kind kind, const void *values, size_t count)
{
    if (!values) return;
    put_name(o, name);
    for (size_t k = 0; k == 0 || k < count; k++) {
        if (count > 0) fputs(k == 0 ? "[" : ", ", o->file);
        if (kind == TEXTS)
            put_text(o->file, ((const char *const *)values)[k]);
        else if (kind == REALS)
            put_real(o->file, ((const double *)values)[k]);
        else
            fprintf(o->file, "%u", ((const uint32_t *)values)[k] + (kind == COLUMNS));
    }
    if (count > 0) putc(']', o->file);
}

/* The least and the largest of count numbers. */
static void put_range(const output *o, const char *name, const double *x, size_t count)
{
    double range[2] = {INFINITY, -INFINITY};
    for (size_t k = 0; x && k < count; k++) {
        range[0] = fmin(range[0], x[k]);
        range[1] = fmax(range[1], x[k]);
    }
    put(o, name, REALS, x ? range : NULL, 2);
}

static void put_rows(const output *o, const zv_claim *c)
{
    size_t n = c->functional ? c->data_rows : c->n;
    put_name(o, "rows");
    if (o->json)
        fprintf(o->file, "%zu, \"rows_in_file\": %zu, \"header\": %s", n, c->records,
                c->header ? "true" : "false");
    else
        fprintf(o->file, "%zu of %zu in the file%s%s", n, c->records,
                n < c->records ? ", not all" : "", c->header ? ", after a header" : "");
}

static void put_data(const output *o, const zv_claim *c)
{
    put_rows(o, c);
    put(o, "digest", TEXTS, &(const char *){c->digest}, 0);
    put(o, "salted", TEXTS, c->session->salted ? &(const char *){"yes"} : NULL, 0);
    put(o, "targets", COLUMNS, c->target, c->targets);
    put(o, "target_names", TEXTS, c->target_name, c->targets);
    put(o, "task", TEXTS, &zv_task_names[c->task], 0);
    put(o, "labels", TEXTS, c->labels, c->label_count);
    put(o, "labels", REALS, c->values, c->label_count);
    put(o, "inputs", WHOLES, &(uint32_t){(uint32_t)(c->parted ? c->parted : c->d)}, 0);
    put(o, "preprocessing", TEXTS, &(const char *){c->mean ? "(x - mean) / scale" : "none"}, 0);
    put_range(o, "mean_range", c->mean, c->parted ? c->parted : c->d);
    put_range(o, "scale_range", c->scale, c->parted ? c->parted : c->d);
    if (c->parted > 0) put(o, "halfspaces", WHOLES, &(uint32_t){(uint32_t)c->d}, 0);
}

static void put_network(const output *o, const zv_claim *c)
{
    const zv_architecture *a = &c->architecture;
    put(o, "architecture", TEXTS, &(const char *){a->dense ? "dense" : "convolution"}, 0);
    if (!a->dense) {
        put(o, "image", WHOLES, (uint32_t[]){a->channels, a->image[0], a->image[1]}, 3);
        put(o, "filter", WHOLES, a->filter, 2);
        put(o, "stride", WHOLES, a->stride, 2);
        put(o, "pool", WHOLES, a->pool, 2);
    }
    put(o, "activation", REALS, c->activation, 3);
}

/* How many rows keep their class: all their margins are positive. */
static uint32_t robust_rows(const zv_claim *c)
{
    uint32_t count = 0;
    for (size_t i = 0; i < c->n; i++) {
        bool robust = true;
        for (size_t k = 0; k < c->statements; k++)
            robust = robust && c->margin[i * c->statements + k] > 0;
        count += robust;
    }
    return count;
}

static void put_margins(const output *o, const zv_claim *c)
{
    put(o, "norm", TEXTS, &(const char *){"l2"}, 0);
    put(o, "radius", REALS, &c->radius, 0);
    put(o, "fixed_inputs", COLUMNS, c->fixed_count ? c->fixed : NULL, c->fixed_count);
    put(o, "neurons", WHOLES, &(uint32_t){(uint32_t)c->neurons}, 0);
    put(o, "margins", WHOLES, &(uint32_t){(uint32_t)(c->n * c->statements)}, 0);
    put_range(o, "margin_range", c->margin, c->n * c->statements);
    if (c->task != ZV_REGRESSION) put(o, "robust_rows", WHOLES, &(uint32_t){robust_rows(c)}, 0);
}

static void put_samples(const output *o, const zv_claim *c)
{
    const uint32_t rows[2] = {(uint32_t)c->share[0], (uint32_t)c->share[1]};
    const char *over = "networks of sum |alpha| <= 1 and neurons of length 1";
    put(o, "sample_rows", WHOLES, rows, 2);
    put(o, "largest_over", TEXTS, &over, 0);
}

static void put_lyapunov(const output *o, const zv_claim *c)
{
    put(o, "digest", TEXTS, &(const char *){c->digest}, 0);
    put(o, "salted", TEXTS, c->session->salted ? &(const char *){"yes"} : NULL, 0);
    put(o, "states", WHOLES, &(uint32_t){(uint32_t)c->d}, 0);
    put(o, "map", TEXTS, &(const char *){c->quadratic ? "quadratic" : "linear"}, 0);
    put(o, "activation", REALS, c->activation, 3);
    put(o, "neurons", WHOLES, &(uint32_t){(uint32_t)c->neurons}, 0);
    put(o, "radius", REALS, c->quadratic ? &c->radius : NULL, 0);
}

/* How many rows there are, and of how many terms of each kind. */
static void put_functionals(const output *o, const zv_claim *c)
{
    uint32_t count[3] = {0, 0, 0}, rows = (uint32_t)c->n;
    for (size_t i = 0, k = 0; i < c->n; i++)
        for (uint32_t left = c->row_terms[i]; left > 0; left--, k++)
            count[c->term_kind[k] < 2 ? c->term_kind[k] : 2]++;
    const char *own = "the rows in the certificate, which are not made from the data";
    put(o, "proven_of", TEXTS, c->rows_kind == ZV_ROWS_CERTIFICATE ? &own : NULL, 0);
    put(o, "functionals", WHOLES, &rows, 0);
    put(o, "functional_rows", TEXTS, &zv_rows_names[c->rows_kind], 0);
    put(o, "values", WHOLES, &count[0], 0);
    put(o, "laplacians", WHOLES, &count[1], 0);
    put(o, "slopes", WHOLES, &count[2], 0);
    put_range(o, "coefficient_range", c->coefficient, count[0] + count[1] + count[2]);
    put_range(o, "target_range", c->y, c->n);
    put(o, "exact_row", COLUMNS, c->has_exact ? &(uint32_t){(uint32_t)c->exact} : NULL, 0);
}

/* Of sums nobody can say here which rows they are of; the sum of the weights is the number of rows
 * where they have none. */
static void put_sums(const output *o, const zv_claim *c)
{
    const size_t one = c->columns - c->outputs - 1; /* the monomial 1 */
    const char *proven_of = "the sums, not the rows that they may be of";
    put(o, "proven_of", TEXTS, &proven_of, 0);
    put(o, "digest", TEXTS, &(const char *){c->digest}, 0);
    put(o, "salted", TEXTS, c->session->salted ? &(const char *){"yes"} : NULL, 0);
    put(o, "inputs", WHOLES, &(uint32_t){(uint32_t)c->d}, 0);
    put(o, "outputs", WHOLES, &(uint32_t){(uint32_t)c->outputs}, 0);
    put(o, "sum_of_weights", REALS, &c->moments[one * c->columns + one], 0);
}

static void put_problem(const output *o, const zv_claim *c)
{
    const char *penalty = !c->tree         ? "sum |alpha|"
                          : c->nonnegative ? "sum alpha^power, alpha >= 0"
                                           : "sum |alpha|^power";
    const char *over = c->tree                   ? "the weights of the certificate's neurons"
                       : c->set == ZV_SET_SPHERE ? "networks of any number of neurons of length 1"
                                                 : "networks of any number of neurons of the set";
    const char *proof = c->counting ? "enumeration" : c->multipliers ? "multipliers" : "cones";
    put_network(o, c);
    put(o, "loss", TEXTS, &zv_loss_names[c->loss], 0);
    put(o, "delta", REALS, c->loss == ZV_HUBER ? &c->delta : NULL, 0);
    put(o, "weights", WHOLES, c->weighted ? &(uint32_t){(uint32_t)c->n} : NULL, 0);
    put_range(o, "weight_range", c->weights, c->n);
    put(o, "beta", REALS, &c->beta, 0);
    if (c->functional) put_functionals(o, c);
    if (c->robust) {
        put(o, "worst_point_in", TEXTS, &(const char *){"the l2 ball round each row"}, 0);
        put(o, "radius", REALS, &c->radius, 0);
        put(o, "copies", WHOLES, &(uint32_t){(uint32_t)c->rows}, 0);
    }
    put(o, "penalty", TEXTS, &penalty, 0);
    put(o, "power", WHOLES, c->power, 2);
    put(o, "optimum_over", TEXTS, &over, 0);
    if (c->set != ZV_SET_SPHERE) {
        put(o, "neuron_set", TEXTS, &zv_neuron_set_names[c->set], 0);
        put(o, "bits", WHOLES, c->set == ZV_SET_BITS ? &c->bits : NULL, 0);
        put(o, "proof", TEXTS, &proof, 0);
    }
    put(o, "neurons", WHOLES, &(uint32_t){(uint32_t)c->neurons}, 0);
}

/* The decimal is a bound itself; the hexadecimal number is the double that was proven. */
static void put_bound(const output *o, const char *name, const char *hex_name, double bound,
                      int side)
{
    char text[ZV_DECIMAL_SIZE];
    if (!isfinite(bound)) return;
    zv_decimal(text, bound, side);
    put_name(o, name);
    fputs(text, o->file);
    put_name(o, hex_name);
    fprintf(o->file, o->json ? "\"%a\"" : "%a", bound);
}

/* (upper - lower) / max(1, |upper|) of the proven bounds, rounded up. */
static double proven_gap(zv_session *s)
{
    if (!isfinite(s->lower) || !isfinite(s->upper)) return INFINITY;
    const zv_number *upper = zv_real(s, s->upper), *lower = zv_real(s, s->lower);
    const zv_number *unit = zv_max(zv_real(s, 1), zv_abs(upper));
    return zv_double(zv_div(zv_sub(upper, lower), unit)->high, 1);
}

/* Of predictions on the rows and, where the certificate has points, at these. */
static void put_vicinity(const output *o, zv_session *s, const zv_claim *c)
{
    if (!isfinite(s->lower) || !isfinite(s->upper) || !zv_has_vicinity(c)) return;
    put_bound(o, "vicinity", "vicinity_hex", zv_double(zv_vicinity(s)->high, 1), 1);
    if (!c->points) return;
    put(o, "points", WHOLES, &(uint32_t){(uint32_t)c->points}, 0);
    put_range(o, "band_range", c->band, c->points);
}

/* Parts by their digests; and which of them no data file was held against. */
static void put_parts(const output *o, const zv_claim *c)
{
    zv_part parts[ZV_PARTS];
    const char *alone[ZV_PARTS];
    size_t count = zv_list_parts(c, parts), taken = 0;
    for (size_t k = 0; k < count; k++) {
        char name[40];
        snprintf(name, sizeof name, "%s_digest", parts[k].name);
        put(o, name, TEXTS, &(const char *){parts[k].digest}, 0);
        if (parts[k].alone) alone[taken++] = parts[k].name;
    }
    if (taken > 0) put(o, "from_certificate", TEXTS, alone, taken);
}

void zv_print(FILE *file, bool json, zv_session *s, const zv_claim *c)
{
    static const char *const verdicts[] = {"proven", "not proven", "refuted", "bad file"};
    const char *verdict = verdicts[s->verdict], *tier = s->exact ? "exact" : "fast";
    const output o = {.file = file, .json = json};
    char lower[ZV_DECIMAL_SIZE], upper[ZV_DECIMAL_SIZE];
    zv_decimal(lower, s->lower, -1);
    zv_decimal(upper, s->upper, 1);
    if (json) {
        fprintf(file, "{\"verdict\": \"%s\"", verdict);
        put(&o, "message", TEXTS, &(const char *){s->message}, 0);
        put(&o, "tier", TEXTS, &tier, 0);
    } else if (s->verdict == ZV_PROVEN) {
        if (c->lyapunov)
            fprintf(file, "proven: V is positive and decreases %s (%s)",
                    c->quadratic ? "within the radius" : "everywhere but at 0", tier);
        else if (c->worst_case)
            fprintf(file, "proven: all margins within the radius (%s)", tier);
        else if (c->discrepancy)
            fprintf(file, "proven: %s <= discrepancy <= %s (%s)", lower, upper, tier);
        else
            fprintf(file, "proven: %s <= p*%s <= %s (%s)", lower,
                    c->sums                               ? " of the sums"
                    : c->rows_kind == ZV_ROWS_CERTIFICATE ? " of the rows in the certificate"
                                                          : "",
                    upper, tier);
    } else {
        fprintf(file, "%s: %s", verdict, s->message);
    }
    if (s->verdict == ZV_PROVEN) {
        if (c->sums) put_sums(&o, c);
        if (!c->lyapunov && !c->sums) put_data(&o, c);
        if (c->worst_case || c->discrepancy) put_network(&o, c);
        (c->lyapunov      ? put_lyapunov
         : c->worst_case  ? put_margins
         : c->discrepancy ? put_samples
                          : put_problem)(&o, c);
        put_parts(&o, c);
        put_bound(&o, "gap", "gap_hex", proven_gap(s), 1);
        put_vicinity(&o, s, c);
    }
    if (json || s->verdict == ZV_PROVEN) {
        put_bound(&o, "lower", "lower_hex", s->lower, -1);
        put_bound(&o, "upper", "upper_hex", s->upper, 1);
    }
    fputs(json ? "}\n" : "\n", file);
}
