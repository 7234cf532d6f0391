/*
 * The neural decomposition seen: for networks of two inputs, Z = sum alpha_j (u_j; 1)(u_j; 1)^T is
 * a 3 x 3 matrix.  Its eigenvectors lie off the cone ||u|| = |delta|, so that they are no neurons;
 * the decomposition finds as many vectors on the cone with the same sum.
 */
#include "reports/claim_parts.h"
#include "reports/html_table.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define MOST 16             /* neurons of one sign */
#define RANK_TOLERANCE 1e-6 /* relative to the largest eigenvalue */

/* One cone's part of an optimum: the neurons of one sign. */
typedef struct part {
    size_t neurons, rank;
    double y[MOST][3];             /* sqrt|alpha| (u; 1) */
    double value[3], vector[3][3]; /* of Z, descending; vector[k] is that of value[k] */
    double form[3];                /* q^T diag(1, 1, -1) q of the eigenvectors */
} part;

static double lorentz(const double *v)
{
    return v[0] * v[0] + v[1] * v[1] - v[2] * v[2];
}

/* ---- eigenvectors --------------------------------------------------------------------------- */

/* One Jacobi rotation that makes a[p][q] zero; the rows of v are the vectors. */
static void rotate(double a[3][3], double v[3][3], int p, int q)
{
    if (a[p][q] == 0) return;
    double theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
    double t = (theta >= 0 ? 1 : -1) / (fabs(theta) + sqrt(theta * theta + 1));
    double c = 1 / sqrt(t * t + 1), s = t * c;
    for (int k = 0; k < 3; k++) {
        double x = a[k][p], y = a[k][q];
        a[k][p] = c * x - s * y;
        a[k][q] = s * x + c * y;
    }
    for (int k = 0; k < 3; k++) {
        double x = a[p][k], y = a[q][k];
        a[p][k] = c * x - s * y;
        a[q][k] = s * x + c * y;
        x = v[p][k];
        y = v[q][k];
        v[p][k] = c * x - s * y;
        v[q][k] = s * x + c * y;
    }
}

static void decompose(part *in)
{
    double a[3][3] = {{0}}, v[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    int order[3] = {0, 1, 2};
    for (size_t j = 0; j < in->neurons; j++)
        for (int r = 0; r < 3; r++)
            for (int c = 0; c < 3; c++)
                a[r][c] += in->y[j][r] * in->y[j][c];
    for (int sweep = 0; sweep < 20; sweep++) {
        rotate(a, v, 0, 1);
        rotate(a, v, 0, 2);
        rotate(a, v, 1, 2);
    }
    for (int i = 0; i < 3; i++)
        for (int k = i + 1; k < 3; k++)
            if (a[order[k]][order[k]] > a[order[i]][order[i]]) {
                int swap = order[i];
                order[i] = order[k];
                order[k] = swap;
            }
    for (int k = 0; k < 3; k++) {
        const double *from = v[order[k]];
        double sign = from[2] < 0 ? -1 : 1; /* upwards */
        in->value[k] = a[order[k]][order[k]];
        for (int c = 0; c < 3; c++)
            in->vector[k][c] = sign * from[c];
        in->form[k] = lorentz(in->vector[k]);
        in->rank += in->value[k] > RANK_TOLERANCE * in->value[0];
    }
}

/* The neurons of one sign; none when the log holds no network. */
static part part_of(const zg_log_case *row, double sign)
{
    part out = {0};
    const json_t *u = zg_log_member(row->finished, "network.u");
    const json_t *alpha = zg_log_member(row->finished, "network.alpha");
    for (size_t j = 0; j < json_array_size(alpha) && out.neurons < MOST; j++) {
        double weight = sign * json_number_value(json_array_get(alpha, j));
        if (!(weight > 0)) continue;
        double *y = out.y[out.neurons++];
        y[0] = sqrt(weight) * json_number_value(json_array_get(u, 2 * j));
        y[1] = sqrt(weight) * json_number_value(json_array_get(u, 2 * j + 1));
        y[2] = sqrt(weight);
    }
    if (out.neurons) decompose(&out);
    return out;
}

/* ---- the picture ---------------------------------------------------------------------------- */

#define WIDTH 480.0
#define HEIGHT 310.0
#define ELEVATION 0.35 /* of the eye over the plane of the inputs, radians */
#define AZIMUTH 0.5

typedef struct view {
    double scale; /* pixels per unit */
    zg_text *out;
} view;

static void project(const view *at, const double *v, double *x, double *y)
{
    double across = cos(AZIMUTH) * v[0] - sin(AZIMUTH) * v[1];
    double away = sin(AZIMUTH) * v[0] + cos(AZIMUTH) * v[1];
    *x = WIDTH / 2 + at->scale * across;
    *y = HEIGHT - 20 - at->scale * (cos(ELEVATION) * v[2] + sin(ELEVATION) * away);
}

/* The cone up to height 1: its rim is a circle, seen as an ellipse, and two lines touch it. */
static void draw_cone(const view *at)
{
    const double apex[3] = {0, 0, 0}, top[3] = {0, 0, 1};
    double x0, y0, x1, y1;
    project(at, apex, &x0, &y0);
    project(at, top, &x1, &y1);
    double a = at->scale, b = at->scale * sin(ELEVATION), c = y0 - y1;
    double touch_x = a * sqrt(1 - b * b / (c * c)), touch_y = y0 - (c - b * b / c);
    zg_text_format(at->out,
                   "<path d=\"M%.1f %.1f L%.1f %.1f A%.1f %.1f 0 1 1 %.1f %.1f Z\" "
                   "style=\"fill:var(--tint);stroke:var(--soft)\"/>\n"
                   "<ellipse cx=\"%.1f\" cy=\"%.1f\" rx=\"%.1f\" ry=\"%.1f\" "
                   "style=\"fill:none;stroke:var(--soft);stroke-dasharray:3 3\"/>\n",
                   x0, y0, x0 - touch_x, touch_y, a, b, x0 + touch_x, touch_y, x1, y1, a, b);
}

static void draw_axis(const view *at, double x, double y, double z, const char *name)
{
    double from[2], to[2], apex[3] = {0, 0, 0}, end[3] = {x, y, z};
    project(at, apex, &from[0], &from[1]);
    project(at, end, &to[0], &to[1]);
    zg_text_format(at->out,
                   "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" "
                   "style=\"stroke:var(--line)\"/><text x=\"%.1f\" y=\"%.1f\" "
                   "style=\"fill:var(--soft)\">%s</text>\n",
                   from[0], from[1], to[0], to[1], to[0] + 4, to[1] + 4, name);
}

static void draw_vector(const view *at, const double *v, double length, const char *style,
                        const char *dot, const char *name, size_t number)
{
    double from[2], to[2], apex[3] = {0, 0, 0}, end[3];
    for (int c = 0; c < 3; c++)
        end[c] = length * v[c];
    project(at, apex, &from[0], &from[1]);
    project(at, end, &to[0], &to[1]);
    bool left = to[0] < from[0];
    zg_text_format(at->out,
                   "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" "
                   "style=\"%s\"/><circle cx=\"%.1f\" cy=\"%.1f\" r=\"4.5\" style=\"%s\"/>"
                   "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" style=\"%s;stroke:none\">%s"
                   "<tspan dy=\"4\" font-size=\"10\">%zu</tspan></text>\n",
                   from[0], from[1], to[0], to[1], style, to[0], to[1], dot,
                   to[0] + (left ? -9 : 9), to[1] + (v[2] > 0.2 ? -6 : 14), left ? "end" : "start",
                   dot, name, number);
}

static void draw(const part *in, const char *name, zg_text *out)
{
    double most = 0;
    for (size_t j = 0; j < in->neurons; j++)
        most = fmax(most, in->y[j][2]);
    view at = {HEIGHT * 0.68, out};
    zg_text_add(out,
                "<figure class=\"drawing\"><figcaption>Eigenvectors and neurons on the cone: ");
    zg_text_xml(out, name);
    zg_text_format(
        out,
        "</figcaption>\n<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" "
        "aria-label=\"A cone; the neurons lie on it, the eigenvectors do not\" "
        "style=\"display:block;margin:0 auto;width:100%%;max-width:34rem;font-size:13px\">\n",
        WIDTH, HEIGHT);
    draw_cone(&at);
    draw_axis(&at, 1.15, 0, 0, "u\xe2\x82\x81");
    draw_axis(&at, 0, 1.15, 0, "u\xe2\x82\x82");
    draw_axis(&at, 0, 0, 1.3, "\xce\xb4");
    for (size_t k = 0; k < in->rank; k++)
        draw_vector(&at, in->vector[k], sqrt(in->value[k]) / most,
                    "stroke:var(--c1);stroke-width:2;stroke-dasharray:5 4", "fill:var(--c1)", "q",
                    k + 1);
    for (size_t j = 0; j < in->neurons; j++)
        draw_vector(&at, in->y[j], 1 / most, "stroke:var(--c0);stroke-width:2", "fill:var(--c0)",
                    "y", j + 1);
    zg_text_add(
        out, "</svg>\n<p class=\"note\">Solid: neurons y = \xe2\x88\x9a\xce\xb1 (u; 1), on the "
             "cone \xe2\x80\x96u\xe2\x80\x96 = \xce\xb4. Dashed: eigenvectors of Z, scaled by "
             "the roots of their eigenvalues: inside or outside of it. Both have the same sum of "
             "squares y y\xe1\xb5\x80 = Z.</p></figure>\n");
}

/* ---- the table ------------------------------------------------------------------------------ */

typedef struct vector_row {
    const char *kind;
    size_t number;
    double entries[3], form;
    double eigenvalue; /* NAN for neurons */
} vector_row;

static void write_name(const void *row, zg_text *out)
{
    const vector_row *at = row;
    zg_text_format(out, "%s %zu", at->kind, at->number);
}

static void show_eigenvalue(zg_text *out, double value)
{
    if (!isnan(value)) zg_text_format(out, "%.5g", value);
}

static void show_form(zg_text *out, double value)
{
    zg_text_format(out, "%.1e", value);
}

static void write_vector(const zg_html_table *table, const char *kind, size_t number,
                         const double *v, double eigenvalue, zg_text *out)
{
    const vector_row row = {kind, number, {v[0], v[1], v[2]}, lorentz(v), eigenvalue};
    zg_html_table_row(table, &row, out);
}

static void write_table(const part *in, zg_text *out)
{
    static const zg_html_column columns[] = {
        {"vector", ZG_CELL_NAME, .write = write_name},
        {"u\xe2\x82\x81", ZG_CELL_NUMBER, .number = offsetof(vector_row, entries[0]),
         .decimals = 4},
        {"u\xe2\x82\x82", ZG_CELL_NUMBER, .number = offsetof(vector_row, entries[1]),
         .decimals = 4},
        {"\xce\xb4", ZG_CELL_NUMBER, .number = offsetof(vector_row, entries[2]), .decimals = 4},
        {"eigenvalue", ZG_CELL_NUMBER, .number = offsetof(vector_row, eigenvalue),
         .show = show_eigenvalue},
        {"u\xe1\xb5\x80u \xe2\x88\x92 \xce\xb4\xc2\xb2, 0 on the cone", ZG_CELL_NUMBER,
         .number = offsetof(vector_row, form), .show = show_form},
    };
    static const zg_html_table table = {"scroll", .count = sizeof columns / sizeof *columns,
                                        .columns = columns};
    zg_html_table_open(&table, out);
    for (size_t k = 0; k < in->rank; k++)
        write_vector(&table, "eigenvector", k + 1, in->vector[k], in->value[k], out);
    for (size_t j = 0; j < in->neurons; j++)
        write_vector(&table, "neuron", j + 1, in->y[j], NAN, out);
    zg_html_table_close(&table, out);
}

/* ---- the claim ------------------------------------------------------------------------------ */

typedef struct tally {
    size_t parts, minimal, on_cone, off_cone;
    double trace; /* largest relative violation of sum value form = 0 */
} tally;

/* Of the farther eigenvector from the cone. */
static double distance(const part *in)
{
    double farthest = 0;
    for (size_t k = 0; k < in->rank; k++)
        farthest = fmax(farthest, fabs(in->form[k]));
    return farthest;
}

static void count_part(const part *in, tally *out)
{
    double sum = 0, trace = 0;
    bool on = true;
    for (size_t k = 0; k < 3; k++) {
        sum += in->value[k] * in->form[k];
        trace += in->value[k];
    }
    for (size_t j = 0; j < in->neurons; j++)
        on = on && fabs(lorentz(in->y[j])) <= 1e-9 * in->y[j][2] * in->y[j][2];
    out->parts++;
    out->minimal += in->neurons == in->rank;
    out->on_cone += on;
    out->off_cone += distance(in) > 1e-3;
    out->trace = fmax(out->trace, fabs(sum) / trace);
}

bool zg_claim_decomposition(const zg_study *study, const zg_claim_sides *sides, zg_claim *claim)
{
    const zg_claim_cases *cases = &sides->own;
    tally all = {0};
    part shown = {0}; /* where the eigenvectors are farthest from the cone */
    const char *name = NULL;
    size_t unknown = 0;
    for (size_t k = 0; k < cases->count; k++) {
        const zg_log_case *row = &study->log->cases[cases->at[k]];
        bool known = row->result.neurons == 0 || zg_log_member(row->finished, "network.alpha");
        unknown += !zg_claim_optimal(row) || !known;
        for (int sign = 1; sign >= -1 && zg_claim_optimal(row); sign -= 2) {
            part in = part_of(row, sign);
            if (in.rank < 2) continue; /* of rank one the eigenvector is the neuron */
            count_part(&in, &all);
            if (in.rank != 2 || distance(&in) <= distance(&shown)) continue;
            shown = in;
            name = row->name;
        }
    }
    if (name) {
        draw(&shown, name, &claim->figure);
        write_table(&shown, &claim->figure);
    }
    zg_text_format(&claim->evidence,
                   "%zu matrices of rank 2 or 3 in certified optima of networks with two inputs: "
                   "%zu have as many neurons as their rank, all of them on the cone in %zu; of %zu "
                   "an eigenvector is farther than 1e-3 from the cone. The eigenvectors' forms, "
                   "weighted by the eigenvalues, cancel to %.1e.",
                   all.parts, all.minimal, all.on_cone, all.off_cone, all.trace);
    if (unknown) /* networks of many neurons are not in the log: they would be counterexamples */
        zg_claim_decide(claim, ZG_CLAIM_OPEN,
                        "%zu case%s not certified, or the log does not hold the network", unknown,
                        unknown == 1 ? " is" : "s are");
    else if (all.parts == 0)
        zg_claim_decide(claim, ZG_CLAIM_OPEN, "no certified optimum has a matrix of rank 2");
    else if (all.minimal < all.parts || all.on_cone < all.parts || all.off_cone < all.parts)
        zg_claim_decide(
            claim, ZG_CLAIM_NOT_REPRODUCED,
            "a matrix has more neurons than its rank, or eigenvectors that are neurons");
    else
        claim->verdict = ZG_CLAIM_REPRODUCED;
    return true;
}
