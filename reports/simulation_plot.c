/* Measured and simulated outputs as SVG: a panel per output, both as lines. */
#include "reports/simulation_plot.h"

#include <math.h>

#define PANEL 220.0 /* height, with what is written below */
#define LEFT 70.0
#define RIGHT 20.0
#define TOP 30.0
#define BOTTOM 30.0
#define MOST_POINTS 4000 /* of a line; of more every k-th is drawn */

/* Letters that SVG takes for its own. */
static void write_text(const char *text, FILE *out)
{
    for (; *text; text++) {
        if (*text == '<')
            fputs("&lt;", out);
        else if (*text == '&')
            fputs("&amp;", out);
        else if ((unsigned char)*text >= ' ')
            fputc(*text, out);
    }
}

typedef struct panel {
    double width, top, low, high; /* of the numbers that are drawn */
    size_t n;
} panel;

static double x_of(const panel *p, size_t i)
{
    return LEFT + (p->width - LEFT - RIGHT) * (double)i / (double)(p->n > 1 ? p->n - 1 : 1);
}

static double y_of(const panel *p, double value)
{
    double inner = PANEL - TOP - BOTTOM;
    return p->top + TOP + inner * (p->high - value) / (p->high - p->low);
}

static void extend(panel *p, size_t n, const double *values)
{
    for (size_t i = 0; i < n && isfinite(values[i]); i++) {
        p->low = fmin(p->low, values[i]);
        p->high = fmax(p->high, values[i]);
    }
}

static void draw_line(const panel *p, const double *values, const char *colour, FILE *out)
{
    size_t step = p->n / MOST_POINTS + 1;
    fprintf(out, "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"1.2\" points=\"", colour);
    for (size_t i = 0; i < p->n && isfinite(values[i]); i += step)
        fprintf(out, "%.1f,%.1f ", x_of(p, i), y_of(p, values[i]));
    fputs("\"/>\n", out);
}

static void draw_frame(const panel *p, const char *name, size_t output, FILE *out)
{
    double bottom = p->top + PANEL - BOTTOM;
    fprintf(out,
            "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"none\" "
            "stroke=\"#999\"/>\n<text x=\"%.1f\" y=\"%.1f\">",
            LEFT, p->top + TOP, p->width - LEFT - RIGHT, PANEL - TOP - BOTTOM, LEFT,
            p->top + TOP - 8);
    if (name)
        write_text(name, out);
    else
        fprintf(out, "y%zu", output + 1);
    fprintf(out,
            ": <tspan fill=\"#1f77b4\">measured</tspan>, <tspan fill=\"#d62728\">simulated</tspan>"
            "</text>\n");
    for (int k = 0; k <= 2; k++) {
        double value = p->low + (p->high - p->low) * k / 2;
        fprintf(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%.4g</text>\n", LEFT - 6,
                y_of(p, value) + 4, value);
    }
    fprintf(out,
            "<text x=\"%.1f\" y=\"%.1f\">1</text>\n<text x=\"%.1f\" y=\"%.1f\" "
            "text-anchor=\"end\">row %zu</text>\n",
            LEFT, bottom + 16, p->width - RIGHT, bottom + 16, p->n);
}

void zg_simulation_plot(size_t outputs, size_t n, const double *y, const double *f,
                        char *const *names, double width, FILE *out)
{
    double height = PANEL * (double)outputs;
    fprintf(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" "
            "height=\"%.0f\" role=\"img\" font-family=\"sans-serif\" font-size=\"12\">\n"
            "<title>Free run of a model: measured and simulated outputs</title>\n"
            "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n",
            width, height, width, height);
    for (size_t c = 0; c < outputs; c++) {
        panel p = {
            .width = width, .top = PANEL * (double)c, .low = INFINITY, .high = -INFINITY, .n = n};
        extend(&p, n, y + c * n);
        extend(&p, n, f + c * n);
        if (!(p.high > p.low)) {
            p.low -= 1;
            p.high += 1;
        }
        draw_frame(&p, names ? names[c] : NULL, c, out);
        draw_line(&p, y + c * n, "#1f77b4", out);
        draw_line(&p, f + c * n, "#d62728", out);
    }
    fputs("</svg>\n", out);
}
