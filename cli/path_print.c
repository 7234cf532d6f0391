/* A path of betas for people: table with bars, JSON, a page with plots. */
#include "cli/beta_path.h"

#include "base/replace.h"
#include "cli/json.h"
#include "reports/text.h"

#include <math.h>
#include <string.h>

#define BAR 30

typedef struct range {
    double low, high;
} range;

static void widen(range *r, double value)
{
    if (!isfinite(value)) return;
    if (!(r->low <= value)) r->low = value;
    if (!(r->high >= value)) r->high = value;
}

/* Of the scores with their spread. */
static range score_range(const zg_path *path)
{
    range r = {NAN, NAN};
    for (size_t i = 0; i < path->count; i++) {
        const zg_path_point *p = &path->points[i];
        double error = isfinite(p->error) ? p->error : 0;
        widen(&r, p->score - error);
        widen(&r, p->score + error);
    }
    return r;
}

static const char *score_name(const zg_path *path)
{
    return path->classes ? "wrong" : "rmse";
}

static const char *remark(const zg_path *path, size_t i, bool chosen)
{
    if (!chosen) return "";
    if (i == path->chosen) return i == path->best ? "  best, chosen" : "  chosen";
    return i == path->best ? "  best" : "";
}

/* ---- terminal ------------------------------------------------------------------------------ */

static size_t place(range r, double value)
{
    double share = r.high > r.low ? (value - r.low) / (r.high - r.low) : 0.5;
    share = share < 0 ? 0 : share > 1 ? 1 : share;
    return (size_t)lround(share * (BAR - 1));
}

/* The score as o, its standard error as a line around it. */
static void draw_bar(const zg_path_point *p, range r, char bar[BAR + 1])
{
    memset(bar, ' ', BAR);
    bar[BAR] = '\0';
    if (!isfinite(p->score)) return;
    double error = isfinite(p->error) ? p->error : 0;
    for (size_t k = place(r, p->score - error); k <= place(r, p->score + error); k++)
        bar[k] = '-';
    bar[place(r, p->score)] = 'o';
}

/* In a field of that width, to the left; what is unknown is "none". */
static void print_number(FILE *out, const char *format, int width, double value)
{
    char text[32] = "none";
    if (isfinite(value)) snprintf(text, sizeof text, format, value);
    fprintf(out, "%-*s", width, text);
}

void zg_path_print(const zg_path *path, bool chosen, FILE *out)
{
    char bar[BAR + 1], heading[64] = "";
    range r = score_range(path);
    if (chosen)
        snprintf(heading, sizeof heading, "%s over %zu folds", score_name(path), path->folds);
    if (chosen && path->folds == 0)
        snprintf(heading, sizeof heading, "%s on validation rows", score_name(path));
    fprintf(out, "%-12s %-14s %-12s %7s  %-9s%s%s\n", "beta", "objective", "penalty", "neurons",
            "worst gap", chosen ? "  " : "", heading);
    for (size_t i = 0; i < path->count; i++) {
        const zg_path_point *p = &path->points[i];
        fprintf(out, "%-12.6g ", p->beta);
        print_number(out, "%.8g", 15, p->objective);
        print_number(out, "%.6g", 13, p->penalty);
        fprintf(out, "%7zu  ", p->neurons);
        print_number(out, "%.1e", 9, p->worst_gap);
        if (p->uncertified) fprintf(out, "  %zu not certified", p->uncertified);
        if (chosen) {
            draw_bar(p, r, bar);
            fputs("  ", out);
            print_number(out, "%.5g", 9, p->score);
            if (isfinite(p->error)) fprintf(out, " +- %-8.2g", p->error);
            fprintf(out, " |%s|%s", bar, remark(path, i, chosen));
        }
        fputc('\n', out);
    }
}

/* ---- JSON ---------------------------------------------------------------------------------- */

json_t *zg_path_json(const zg_path *path, bool chosen)
{
    json_t *points = json_array();
    for (size_t i = 0; i < path->count; i++) {
        const zg_path_point *p = &path->points[i];
        json_t *point = json_object();
        zg_cli_json_number(point, "beta", p->beta);
        zg_cli_json_number(point, "objective", p->objective);
        zg_cli_json_number(point, "loss", p->loss);
        zg_cli_json_number(point, "penalty", p->penalty);
        zg_cli_json_number(point, "bound", p->bound);
        zg_cli_json_number(point, "gap", p->gap);
        zg_cli_json_number(point, "worst_gap", p->worst_gap);
        json_object_set_new(point, "neurons", json_integer((json_int_t)p->neurons));
        json_object_set_new(point, "uncertified", json_integer((json_int_t)p->uncertified));
        zg_cli_json_number(point, "score", p->score);
        zg_cli_json_number(point, "standard_error", p->error);
        json_array_append_new(points, point);
    }
    json_t *root = json_pack("{s:o, s:I, s:f}", "points", points, "folds", (json_int_t)path->folds,
                             "seconds", path->seconds);
    if (!root || !chosen) return root;
    json_object_set_new(root, "score", json_string(path->classes ? "error_rate" : "rmse"));
    json_object_set_new(root, "best", json_real(path->points[path->best].beta));
    json_object_set_new(root, "chosen", json_real(path->points[path->chosen].beta));
    return root;
}

/* ---- HTML ---------------------------------------------------------------------------------- */

#define WIDTH 560
#define HEIGHT 180
#define LEFT 70

typedef double (*value_of)(const zg_path_point *point);

static double objective_of(const zg_path_point *p)
{
    return p->objective;
}

static double penalty_of(const zg_path_point *p)
{
    return p->penalty;
}

static double neurons_of(const zg_path_point *p)
{
    return (double)p->neurons;
}

static double score_of(const zg_path_point *p)
{
    return p->score;
}

/* Beta on a logarithmic axis, the largest on the left as on the path. */
static double x_of(const zg_path *path, double beta)
{
    double high = log(path->points[0].beta), low = log(path->points[path->count - 1].beta);
    double share = high > low ? (high - log(beta)) / (high - low) : 0.5;
    return LEFT + share * (WIDTH - LEFT - 20);
}

static double y_of(range r, double value)
{
    double share = r.high > r.low ? (value - r.low) / (r.high - r.low) : 0.5;
    return HEIGHT - 25 - share * (HEIGHT - 45);
}

static void draw_plot(FILE *out, const zg_path *path, const char *title, value_of value,
                      bool spread, bool chosen)
{
    range r = {NAN, NAN};
    for (size_t i = 0; i < path->count; i++)
        widen(&r, value(&path->points[i]));
    if (spread) r = score_range(path);
    if (!isfinite(r.low)) return;
    fprintf(out, "<h2>%s</h2>\n<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n", title,
            WIDTH, HEIGHT, title);
    fprintf(out, "<text x=\"%d\" y=\"24\" text-anchor=\"end\">%.4g</text>", LEFT - 6, r.high);
    fprintf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%.4g</text>", LEFT - 6, HEIGHT - 22,
            r.low);
    fprintf(out, "<text x=\"%d\" y=\"%d\">beta %.3g</text>", LEFT, HEIGHT - 6,
            path->points[0].beta);
    fprintf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%.3g</text>\n", WIDTH - 20,
            HEIGHT - 6, path->points[path->count - 1].beta);
    if (chosen) {
        double x = x_of(path, path->points[path->chosen].beta);
        fprintf(out, "<line class=\"chosen\" x1=\"%.1f\" x2=\"%.1f\" y1=\"15\" y2=\"%d\"/>\n", x, x,
                HEIGHT - 22);
    }
    fputs("<polyline points=\"", out);
    for (size_t i = 0; i < path->count; i++)
        if (isfinite(value(&path->points[i])))
            fprintf(out, "%.1f,%.1f ", x_of(path, path->points[i].beta),
                    y_of(r, value(&path->points[i])));
    fputs("\"/>\n", out);
    for (size_t i = 0; i < path->count; i++) {
        const zg_path_point *p = &path->points[i];
        double x = x_of(path, p->beta), y = value(p);
        if (!isfinite(y)) continue;
        if (spread && isfinite(p->error))
            fprintf(out, "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>", x, x,
                    y_of(r, y - p->error), y_of(r, y + p->error));
        fprintf(out,
                "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\"><title>beta %.6g: %.8g</title>"
                "</circle>\n",
                x, y_of(r, y), p->beta, y);
    }
    fputs("</svg>\n", out);
}

/* What stands before the plots. */
static void write_head(const char *title, zg_text *out)
{
    zg_text_add(out, "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>Path of ");
    zg_text_xml(out, title);
    zg_text_add(out, "</title>\n<style>body{font:15px sans-serif;max-width:45em;margin:2em auto}"
                     "svg{width:100%}svg text{font-size:11px;fill:#555}"
                     "polyline{fill:none;stroke:#357;stroke-width:1.5}line{stroke:#357}"
                     "circle{fill:#357}line.chosen{stroke:#b40;stroke-dasharray:4 3}"
                     "pre{overflow-x:auto}</style>\n<h1>");
    zg_text_xml(out, title);
    zg_text_add(out, "</h1>\n");
}

zg_status zg_path_html(const zg_path *path, bool chosen, const char *title, const char *file,
                       zg_error *error)
{
    zg_replacement replacement;
    zg_status status = zg_replace_begin(&replacement, file, error);
    if (status != ZG_OK) return status;
    FILE *out = replacement.file;
    zg_text head = {0};
    write_head(title, &head);
    fputs(zg_text_bytes(&head), out);
    status = zg_text_status(&head, error);
    zg_text_clear(&head);
    if (chosen)
        draw_plot(out, path,
                  path->classes ? "Share of wrong labels on rows held back, with standard error"
                                : "Root mean squared error on rows held back, with standard error",
                  score_of, true, chosen);
    draw_plot(out, path, "Objective (certified)", objective_of, false, chosen);
    draw_plot(out, path, "Penalty", penalty_of, false, chosen);
    draw_plot(out, path, "Neurons", neurons_of, false, chosen);
    fputs("<pre>", out);
    zg_path_print(path, chosen, out);
    fputs("</pre>\n", out);
    return zg_replace_end(&replacement, status, error);
}
