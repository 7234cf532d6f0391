/* HTML: how effort grows with size, and whether tree searches grow exponentially. */
#include "reports/growth.h"
#include "reports/html_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- tables --------------------------------------------------------------------------------- */

typedef struct growth_row {
    const zg_growth *growth;
    const zg_study *study;
    const char *variable, *effort, *better_fit;
    double sizes, exponent, r2, factor, evidence, failed;
} growth_row;

static void write_method(const void *row, zg_text *out)
{
    const growth_row *at = row;
    zg_html_method(at->study, at->growth->method, out);
}

static void write_sizes(const void *row, zg_text *out)
{
    const zg_growth *growth = ((const growth_row *)row)->growth;
    zg_text_format(out, "%zu <small>%g \xe2\x80\xa6 %g</small>", growth->count, growth->size[0],
                   growth->size[growth->count - 1]);
}

static void write_interval(const void *row, zg_text *out)
{
    const zg_line *power = &((const growth_row *)row)->growth->power;
    zg_text_format(out, "%.2f <small>[%.2f, %.2f]</small>", power->slope, power->slope_low,
                   power->slope_high);
}

static void write_factor(const void *row, zg_text *out)
{
    const growth_row *at = row;
    zg_text_format(out, "%.3f <small>R\xc2\xb2 %.3f</small>", at->factor,
                   at->growth->exponential.r2);
}

static void write_exponent(const void *row, zg_text *out)
{
    const growth_row *at = row;
    zg_text_format(out, "%.2f <small>R\xc2\xb2 %.3f</small>", at->exponent, at->r2);
}

/* With its sign; evidence of perfect fits is infinite. */
static void show_evidence(zg_text *out, double value)
{
    if (isfinite(value))
        zg_text_format(out, "%+.1f", value);
    else
        zg_text_format(out, "%s\xe2\x88\x9e", value < 0 ? "\xe2\x88\x92" : "+");
}

static void write_family(const void *row, zg_text *out)
{
    zg_text_add(out, "<small>");
    zg_text_xml(out, ((const growth_row *)row)->growth->family);
    zg_text_add(out, "</small>");
}

/* Which model the figures speak for; Akaike's criterion decides nothing within 2 (Burnham and
 * Anderson 2002, section 2.6). */
static const char *better_fit(double evidence)
{
    return fabs(evidence) < 2.0 ? "undecided" : evidence > 0.0 ? "exponential" : "polynomial";
}

static const zg_html_column scaling_columns[] = {
    {"method", ZG_CELL_TEXT, .write = write_method},
    {"in", ZG_CELL_TEXT, .text = offsetof(growth_row, variable)},
    {"sizes", ZG_CELL_NUMBER, .number = offsetof(growth_row, sizes), .write = write_sizes},
    {"effort", ZG_CELL_TEXT, .text = offsetof(growth_row, effort)},
    {"exponent, 95 % interval", ZG_CELL_NUMBER, .number = offsetof(growth_row, exponent),
     .write = write_interval},
    {"R\xc2\xb2", ZG_CELL_NUMBER, .number = offsetof(growth_row, r2), .decimals = 3},
    {"not finished", ZG_CELL_NUMBER, .number = offsetof(growth_row, failed), .digits = 15},
    {"family", ZG_CELL_MESSAGE, .write = write_family},
};
static const zg_html_column hardness_columns[] = {
    {"method", ZG_CELL_TEXT, .write = write_method},
    {"in", ZG_CELL_TEXT, .text = offsetof(growth_row, variable)},
    {"sizes", ZG_CELL_NUMBER, .number = offsetof(growth_row, sizes), .write = write_sizes},
    {"effort", ZG_CELL_TEXT, .text = offsetof(growth_row, effort)},
    {"factor per unit of size", ZG_CELL_NUMBER, .number = offsetof(growth_row, factor),
     .write = write_factor},
    {"exponent", ZG_CELL_NUMBER, .number = offsetof(growth_row, exponent), .write = write_exponent},
    {"better fit", ZG_CELL_TEXT, .text = offsetof(growth_row, better_fit)},
    {"\xce\x94"
     "AIC",
     ZG_CELL_NUMBER, .number = offsetof(growth_row, evidence), .show = show_evidence},
    {"not finished", ZG_CELL_NUMBER, .number = offsetof(growth_row, failed), .digits = 15},
    {"family", ZG_CELL_MESSAGE, .write = write_family},
};
static const zg_html_table scaling_table = {
    "scroll tall", .sortable = true, .count = sizeof scaling_columns / sizeof *scaling_columns,
    .columns = scaling_columns};
static const zg_html_table hardness_table = {
    "scroll tall", .sortable = true, .count = sizeof hardness_columns / sizeof *hardness_columns,
    .columns = hardness_columns};

static void write_row(const zg_html_table *table, const zg_study *study, const zg_growth *growth,
                      zg_text *out)
{
    const double evidence = zg_growth_evidence(growth);
    const growth_row row = {.growth = growth,
                            .study = study,
                            .variable = growth->variable,
                            .effort = growth->effort,
                            .better_fit = better_fit(evidence),
                            .sizes = (double)growth->count,
                            .exponent = growth->power.slope,
                            .r2 = growth->power.r2,
                            .factor = exp(growth->exponential.slope),
                            .evidence = evidence,
                            .failed = (double)growth->failed};
    zg_html_table_row(table, &row, out);
}

/* ---- charts --------------------------------------------------------------------------------- */

#define CURVE 33 /* points of a fitted curve */

/* Points and fitted curves of every growth of one variable and effort: power laws on two
 * logarithmic axes, the better fit of a contrast on one. */
static bool growth_chart(const zg_study *study, const zg_growths *growths, const char *variable,
                         const char *effort, bool contrast, zg_text *out)
{
    zg_series *series = calloc(2 * growths->count + 1, sizeof *series);
    double *curves = malloc((2 * CURVE * growths->count + 1) * sizeof *curves);
    size_t count = 0;
    bool done = series && curves;
    for (size_t i = 0; done && i < growths->count; i++) {
        const zg_growth *at = &growths->items[i];
        if (at->contrast != contrast || strcmp(at->variable, variable) != 0) continue;
        if (strcmp(at->effort, effort) != 0) continue;
        const char *label = study->methods[at->method].label;
        bool exponential = contrast && zg_growth_evidence(at) > 0;
        const zg_line *line = exponential ? &at->exponential : &at->power;
        double *x = curves + 2 * CURVE * i, *y = x + CURVE;
        for (size_t k = 0; k < CURVE; k++) {
            double share = (double)k / (CURVE - 1);
            x[k] = at->size[0] + share * (at->size[at->count - 1] - at->size[0]);
            y[k] = exp(line->intercept + line->slope * (exponential ? x[k] : log(x[k])));
        }
        series[count++] =
            (zg_series){label, at->method, ZG_MARK_POINTS, at->count, at->size, at->value, NULL};
        series[count++] = (zg_series){label, at->method, ZG_MARK_RULE, CURVE, x, y, NULL};
    }
    if (done && count) {
        bool time = strcmp(effort, "seconds") == 0;
        char title[80], capital = effort[0] - 'a' + 'A';
        snprintf(title, sizeof title, "%c%s against %s", capital, effort + 1, variable);
        zg_chart chart = {title,
                          contrast ? "Dotted: the better fit; an exponential is a straight line on "
                                     "this scale, a power bends."
                                   : "Dotted: fitted power law; the slope is the exponent.",
                          {variable, "", !contrast},
                          {effort, time ? "s" : "", true},
                          NULL,
                          0,
                          series,
                          count};
        zg_chart_write(&chart, out);
    }
    free(series);
    free(curves);
    return done;
}

static bool any_of(const zg_growths *growths, bool contrast)
{
    for (size_t i = 0; i < growths->count; i++)
        if (growths->items[i].contrast == contrast) return true;
    return false;
}

static bool growth_section(const zg_study *study, const zg_growths *growths, bool contrast,
                           zg_text *out)
{
    static const char *const efforts[] = {"seconds", "nodes", "iterations"};
    const zg_html_table *table = contrast ? &hardness_table : &scaling_table;
    bool done = true;
    zg_text_add(out, "<div class=\"charts\">\n");
    for (size_t v = 0; v < ZG_SIZE_COUNT; v++)
        for (size_t e = 0; done && e < sizeof efforts / sizeof *efforts; e++)
            done = growth_chart(study, growths, zg_sizes[v], efforts[e], contrast, out);
    zg_text_add(out, "</div>\n");
    zg_html_table_open(table, out);
    for (size_t i = 0; i < growths->count; i++)
        if (growths->items[i].contrast == contrast)
            write_row(table, study, &growths->items[i], out);
    zg_html_table_close(table, out);
    return done;
}

zg_status zg_html_growth(const zg_study *study, zg_text *out, zg_error *error)
{
    zg_growths growths;
    zg_status status = zg_growths_create(study, &growths, error);
    if (status != ZG_OK) return status;
    bool done = true;
    if (any_of(&growths, false)) {
        zg_html_heading("scaling", "Scaling",
                        "Fits of log effort against log size, for every method and family of "
                        "problems that differ in one size only. Medians per size; cases that did "
                        "not finish are counted, not fitted.",
                        out);
        done = growth_section(study, &growths, false, out);
    }
    if (done && any_of(&growths, true)) {
        zg_html_heading("hardness", "Hardness",
                        "Tree searches, and all methods that ran on the same data. An exponential "
                        "and a power law are fitted to the same figures, medians per size. Both "
                        "have two parameters: Akaike's criterion prefers the one with the smaller "
                        "squared error on logarithms, and \xce\x94"
                        "AIC says how clearly (above 0 "
                        "the exponential; within 2 it decides nothing). Cases that did not "
                        "finish are counted, not fitted.",
                        out);
        done = growth_section(study, &growths, true, out);
    }
    zg_growths_clear(&growths);
    return done ? ZG_OK : zg_no_memory(error);
}
