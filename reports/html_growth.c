/* HTML: how time grows with size, and whether tree searches grow exponentially. */
#include "reports/growth.h"
#include "reports/html_parts.h"

#include <math.h>
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
}

static void scaling_row(const zg_study *study, const zg_growth *growth, zg_text *out)
{
    growth_head(study, growth, out);
    zg_html_number_open(growth->power.slope, out);
    zg_text_format(out, "%.2f <small>[%.2f, %.2f]</small></td>", growth->power.slope,
                   growth->power.slope_low, growth->power.slope_high);
    zg_html_number_open(growth->power.r2, out);
    zg_text_format(out, "%.3f</td>", growth->power.r2);
    zg_html_number_open((double)growth->failed, out);
    zg_text_format(out, "%zu</td><td class=\"message\"><small>", growth->failed);
    zg_text_xml(out, growth->family);
    zg_text_add(out, "</small></td></tr>\n");
}

static void hardness_row(const zg_study *study, const zg_growth *growth, zg_text *out)
{
    bool exponential = growth->exponential.residual < growth->power.residual;
    growth_head(study, growth, out);
    zg_text_format(out, "<td>%s</td>", growth->effort);
    zg_html_number_open(exp(growth->exponential.slope), out);
    zg_text_format(out, "%.3f <small>R\xc2\xb2 %.3f</small></td>", exp(growth->exponential.slope),
                   growth->exponential.r2);
    zg_html_number_open(growth->power.slope, out);
    zg_text_format(out, "%.2f <small>R\xc2\xb2 %.3f</small></td><td>%s</td>", growth->power.slope,
                   growth->power.r2, exponential ? "exponential" : "polynomial");
    zg_html_number_open((double)growth->failed, out);
    zg_text_format(out, "%zu</td><td class=\"message\"><small>", growth->failed);
    zg_text_xml(out, growth->family);
    zg_text_add(out, "</small></td></tr>\n");
}

/* ---- charts --------------------------------------------------------------------------------- */

/* Points and fitted line of every growth of one variable. */
static bool growth_chart(const zg_study *study, const zg_growths *growths, const char *variable,
                         bool tree, zg_text *out)
{
    zg_series *series = calloc(2 * growths->count + 1, sizeof *series);
    double *ends = malloc((4 * growths->count + 1) * sizeof *ends);
    size_t count = 0, used = 0;
    const char *effort = "seconds";
    bool done = series && ends;
    for (size_t i = 0; done && i < growths->count; i++) {
        const zg_growth *at = &growths->items[i];
        if (at->tree != tree || strcmp(at->variable, variable) != 0) continue;
        const char *label = study->methods[at->method].label;
        const zg_line *line = tree ? &at->exponential : &at->power;
        double *x = ends + used, *y = x + 2;
        used += 4;
        effort = at->effort;
        for (size_t k = 0; k < 2; k++) {
            x[k] = at->size[k ? at->count - 1 : 0];
            y[k] = exp(line->intercept + line->slope * (tree ? x[k] : log(x[k])));
        }
        series[count++] =
            (zg_series){label, at->method, ZG_MARK_POINTS, at->count, at->size, at->value, NULL};
        series[count++] = (zg_series){label, at->method, ZG_MARK_RULE, 2, x, y, NULL};
    }
    if (done && count) {
        zg_text title = {0};
        zg_text_format(&title, "%s against %s", tree ? "Search effort" : "Time", variable);
        zg_chart chart = {zg_text_bytes(&title),
                          tree ? "Dotted: exponential fit, a straight line on this scale."
                               : "Dotted: fitted power law; the slope is the exponent.",
                          {variable, "", !tree},
                          {effort, strcmp(effort, "seconds") == 0 ? "s" : "", true},
                          NULL,
                          0,
                          series,
                          count};
        zg_chart_write(&chart, out);
        if (title.failed) out->failed = true;
        zg_text_clear(&title);
    }
    free(series);
    free(ends);
    return done;
}

static bool any_of(const zg_growths *growths, bool tree)
{
    for (size_t i = 0; i < growths->count; i++)
        if (growths->items[i].tree == tree) return true;
    return false;
}

static bool growth_section(const zg_study *study, const zg_growths *growths, bool tree,
                           zg_text *out)
{
    static const char *const variables[] = {"n", "d", "outputs", "patches", "numbers"};
    bool done = true;
    zg_text_add(out, "<div class=\"charts\">\n");
    for (size_t v = 0; done && v < sizeof variables / sizeof *variables; v++)
        done = growth_chart(study, growths, variables[v], tree, out);
    zg_text_add(out, "</div>\n<div class=\"scroll tall\"><table class=\"sortable\"><thead><tr><th>"
                     "method</th><th>in</th><th class=\"n\">sizes</th>");
    zg_text_add(out, tree ? "<th>effort</th><th class=\"n\">factor per unit of size</th><th "
                            "class=\"n\">exponent</th><th>better fit</th>"
                          : "<th class=\"n\">exponent, 95 % interval</th><th "
                            "class=\"n\">R\xc2\xb2</th>");
    zg_text_add(out, "<th class=\"n\">not finished</th><th>family</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < growths->count; i++) {
        if (growths->items[i].tree != tree) continue;
        if (tree)
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
                        "Fits of log time against log size, for every method and family of "
                        "problems that differ in one size only. Medians per size; cases that did "
                        "not finish are counted, not fitted.",
                        out);
        done = growth_section(study, &growths, false, out);
    }
    if (done && any_of(&growths, true)) {
        zg_html_heading("hardness", "Hardness",
                        "Effort of tree searches: an exponential and a power law are fitted to the "
                        "same figures; the smaller squared error on logarithms wins.",
                        out);
        done = growth_section(study, &growths, true, out);
    }
    zg_growths_clear(&growths);
    return done ? ZG_OK : zg_no_memory(error);
}
