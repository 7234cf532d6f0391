/* HTML: how effort grows with size, and whether tree searches grow exponentially. */
#include "reports/growth.h"
#include "reports/html_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- tables --------------------------------------------------------------------------------- */

static void growth_head(const zg_study *study, const zg_growth *growth, zg_text *out)
{
    zg_text_add(out, "<tr><td>");
    zg_html_method(study, growth->method, out);
    zg_text_format(out, "</td><td>%s</td>", growth->variable);
    zg_html_number_open((double)growth->count, out);
    zg_text_format(out, "%zu <small>%g \xe2\x80\xa6 %g</small></td>", growth->count,
                   growth->size[0], growth->size[growth->count - 1]);
    zg_text_format(out, "<td>%s</td>", growth->effort);
}

static void growth_tail(const zg_growth *growth, zg_text *out)
{
    zg_html_number_open((double)growth->failed, out);
    zg_text_format(out, "%zu</td><td class=\"message\"><small>", growth->failed);
    zg_text_xml(out, growth->family);
    zg_text_add(out, "</small></td></tr>\n");
}

static void scaling_row(const zg_study *study, const zg_growth *growth, zg_text *out)
{
    growth_head(study, growth, out);
    zg_html_number_open(growth->power.slope, out);
    zg_text_format(out, "%.2f <small>[%.2f, %.2f]</small></td>", growth->power.slope,
                   growth->power.slope_low, growth->power.slope_high);
    zg_html_number_open(growth->power.r2, out);
    zg_text_format(out, "%.3f</td>", growth->power.r2);
    growth_tail(growth, out);
}

/* A number with its sign; evidence of perfect fits is infinite. */
static void signed_cell(double value, zg_text *out)
{
    if (!isfinite(value)) {
        zg_text_format(out, "<td>%s\xe2\x88\x9e</td>", value < 0 ? "\xe2\x88\x92" : "+");
        return;
    }
    zg_html_number_open(value, out);
    zg_text_format(out, "%+.1f</td>", value);
}

/* Which model the figures speak for; Akaike's criterion decides nothing within 2 (Burnham and
 * Anderson 2002, section 2.6). */
static const char *better_fit(double evidence)
{
    return fabs(evidence) < 2.0 ? "undecided" : evidence > 0.0 ? "exponential" : "polynomial";
}

static void hardness_row(const zg_study *study, const zg_growth *growth, zg_text *out)
{
    double evidence = zg_growth_evidence(growth);
    growth_head(study, growth, out);
    zg_html_number_open(exp(growth->exponential.slope), out);
    zg_text_format(out, "%.3f <small>R\xc2\xb2 %.3f</small></td>", exp(growth->exponential.slope),
                   growth->exponential.r2);
    zg_html_number_open(growth->power.slope, out);
    zg_text_format(out, "%.2f <small>R\xc2\xb2 %.3f</small></td><td>%s</td>", growth->power.slope,
                   growth->power.r2, better_fit(evidence));
    signed_cell(evidence, out);
    growth_tail(growth, out);
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
    bool done = true;
    zg_text_add(out, "<div class=\"charts\">\n");
    for (size_t v = 0; v < ZG_SIZE_COUNT; v++)
        for (size_t e = 0; done && e < sizeof efforts / sizeof *efforts; e++)
            done = growth_chart(study, growths, zg_sizes[v], efforts[e], contrast, out);
    zg_text_add(out, "</div>\n<div class=\"scroll tall\"><table class=\"sortable\"><thead><tr><th>"
                     "method</th><th>in</th><th class=\"n\">sizes</th><th>effort</th>");
    zg_text_add(
        out, contrast ? "<th class=\"n\">factor per unit of size</th><th class=\"n\">exponent</th>"
                        "<th>better fit</th><th class=\"n\">\xce\x94"
                        "AIC</th>"
                      : "<th class=\"n\">exponent, 95 % interval</th><th "
                        "class=\"n\">R\xc2\xb2</th>");
    zg_text_add(out, "<th class=\"n\">not finished</th><th>family</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < growths->count; i++) {
        if (growths->items[i].contrast != contrast) continue;
        if (contrast)
            hardness_row(study, &growths->items[i], out);
        else
            scaling_row(study, &growths->items[i], out);
    }
    zg_text_add(out, "</tbody></table></div>\n");
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
