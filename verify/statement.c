/* Verdict and statement: named values, a line each for people, members of an object for programs.
 */
#include "statement.h"

#include "number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct output {
    FILE *file;
    bool json;
    bool begun; /* JSON: a comma comes first */
} output;

static void put_name(output *o, const char *name)
{
    if (o->json)
        fprintf(o->file, "%s\"%s\": ", o->begun ? ", " : "", name);
    else
        fprintf(o->file, "\n%-15s", name);
    o->begun = true;
}

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
static void quote(output *o, const char *text)
{
    putc('"', o->file);
    for (const unsigned char *p = (const unsigned char *)text; *p;) {
        size_t length = printable_length(p);
        if (*p == '"' || *p == '\\') putc('\\', o->file);
        if (length == 0) putc('?', o->file);
        fwrite(p, 1, length, o->file);
        p += length ? length : 1;
    }
    putc('"', o->file);
}

static void put_text(output *o, const char *name, const char *text)
{
    put_name(o, name);
    quote(o, text);
}

static void put_texts(output *o, const char *name, const char *const *texts, size_t count)
{
    put_name(o, name);
    for (size_t k = 0; k < count; k++) {
        fputs(k ? ", " : "[", o->file);
        quote(o, texts[k]);
    }
    putc(']', o->file);
}

static void put_wholes(output *o, const char *name, const uint32_t *values, size_t count)
{
    put_name(o, name);
    for (size_t k = 0; k < count; k++)
        fprintf(o->file, "%s%u", k ? ", " : "[", values[k]);
    putc(']', o->file);
}

/* The shortest decimal that reads back as this double. */
static void number(output *o, double x)
{
    char text[32];
    int digits = 6;
    do
        snprintf(text, sizeof text, "%.*g", digits, x);
    while (digits++ < 17 && strtod(text, NULL) != x);
    fputs(text, o->file);
}

static void put_number(output *o, const char *name, double value)
{
    put_name(o, name);
    number(o, value);
}

static void put_numbers(output *o, const char *name, const double *values, size_t count)
{
    put_name(o, name);
    for (size_t k = 0; k < count; k++) {
        fputs(k ? ", " : "[", o->file);
        number(o, values[k]);
    }
    putc(']', o->file);
}

/* The least and the largest of them. */
static void put_range(output *o, const char *name, const double *x, size_t count)
{
    double range[2] = {x[0], x[0]};
    for (size_t k = 1; k < count; k++) {
        if (x[k] < range[0]) range[0] = x[k];
        if (x[k] > range[1]) range[1] = x[k];
    }
    put_numbers(o, name, range, 2);
}

static void put_data(output *o, const zv_claim *c)
{
    put_name(o, "rows");
    if (o->json) {
        fprintf(o->file, "%zu, \"rows_in_file\": %zu, \"header\": %s", c->n, c->records,
                c->header ? "true" : "false");
    } else {
        fprintf(o->file, "%zu of %zu in the file%s%s", c->n, c->records,
                c->n < c->records ? ", not all" : "", c->header ? ", after a header" : "");
    }
    put_text(o, "digest", c->digest);
    put_name(o, "targets"); /* columns, from 1 */
    for (size_t k = 0; k < c->targets; k++)
        fprintf(o->file, "%s%u", k ? ", " : "[", c->target[k] + 1);
    putc(']', o->file);
    if (c->target_name) put_texts(o, "target_names", c->target_name, c->targets);
    put_text(o, "task", zv_task_names[c->task]);
    if (c->labels) put_texts(o, "labels", c->labels, c->label_count);
    if (c->values) put_numbers(o, "labels", c->values, c->label_count);
    put_name(o, "inputs");
    fprintf(o->file, "%zu", c->d);
    put_text(o, "preprocessing", c->mean ? "(x - mean) / scale" : "none");
    if (!c->mean) return;
    put_range(o, "mean_range", c->mean, c->d);
    put_range(o, "scale_range", c->scale, c->d);
}

static void put_problem(output *o, const zv_claim *c)
{
    const zv_architecture *a = &c->architecture;
    put_text(o, "architecture", a->dense ? "dense" : "convolution");
    if (!a->dense) {
        put_wholes(o, "image", (const uint32_t[]){a->channels, a->height, a->width}, 3);
        put_wholes(o, "filter", a->filter, 2);
        put_wholes(o, "stride", a->stride, 2);
        put_wholes(o, "pool", a->pool, 2);
    }
    put_numbers(o, "activation", c->activation, 3);
    put_text(o, "loss", zv_loss_names[c->loss]);
    if (c->loss == ZV_HUBER) put_number(o, "delta", c->delta);
    put_range(o, "weight_range", c->weights, c->n);
    put_number(o, "beta", c->beta);
    put_text(o, "penalty",
             !c->tree         ? "sum |alpha|"
             : c->nonnegative ? "sum alpha^power, alpha >= 0"
                              : "sum |alpha|^power");
    if (c->tree) put_wholes(o, "power", c->power, 2);
    put_text(o, "optimum_over",
             c->tree ? "the weights of the certificate's neurons"
                     : "networks of any number of neurons of length 1");
    put_name(o, "neurons");
    fprintf(o->file, "%zu", c->neurons);
}

/* The decimal is a bound itself; the hexadecimal number is the double that was proven. */
static void put_bound(output *o, const char *name, const char *hex_name, double bound, int side)
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
    const zv_number *upper = zv_real(s, s->upper), *lower = zv_real(s, s->lower);
    const zv_number *unit = zv_max(zv_real(s, 1), zv_abs(upper));
    return zv_double(zv_div(zv_sub(upper, lower), unit)->high, 1);
}

void zv_print(FILE *file, bool json, zv_session *s, const zv_claim *c)
{
    static const char *const verdicts[] = {"proven", "not proven", "refuted", "bad file"};
    const char *tier = s->exact ? "exact" : "fast";
    output o = {.file = file, .json = json};
    if (json) {
        putc('{', file);
        put_text(&o, "verdict", verdicts[s->verdict]);
        put_text(&o, "message", s->message);
        put_text(&o, "tier", tier);
    } else if (s->verdict == ZV_PROVEN) {
        char lower[ZV_DECIMAL_SIZE], upper[ZV_DECIMAL_SIZE];
        zv_decimal(lower, s->lower, -1);
        zv_decimal(upper, s->upper, 1);
        fprintf(file, "proven: %s <= p* <= %s (%s)", lower, upper, tier);
    } else {
        fprintf(file, "%s: %s", verdicts[s->verdict], s->message);
    }
    if (s->verdict == ZV_PROVEN) {
        put_data(&o, c);
        put_problem(&o, c);
        if (isfinite(s->lower) && isfinite(s->upper))
            put_bound(&o, "gap", "gap_hex", proven_gap(s), 1);
    }
    if (json || s->verdict == ZV_PROVEN) {
        put_bound(&o, "lower", "lower_hex", s->lower, -1);
        put_bound(&o, "upper", "upper_hex", s->upper, 1);
    }
    fputs(json ? "}\n" : "\n", file);
}
