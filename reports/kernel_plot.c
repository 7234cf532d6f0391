/* Symmetric matrices as SVG: cells whose colour is the sign, and whose depth is the size. */
#include "reports/kernel_plot.h"

#include <math.h>

#define SIDE 360.0
#define LEFT 20.0
#define TOP 40.0
#define PANEL (SIDE + TOP + 60.0)

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

/* The largest |entry|, and where it is (first of both triangles). */
static double largest(size_t d, const double *p, size_t *row, size_t *column)
{
    double most = 0;
    *row = *column = 0;
    for (size_t i = 0; i < d; i++) {
        for (size_t j = i; j < d; j++) {
            if (!(fabs(p[i * d + j]) > most)) continue;
            most = fabs(p[i * d + j]);
            *row = i;
            *column = j;
        }
    }
    return most;
}

static void draw_cells(size_t d, const double *p, double top, double most, FILE *out)
{
    double cell = SIDE / (double)d;
    for (size_t i = 0; i < d; i++) {
        for (size_t j = 0; j < d; j++) {
            double depth = most > 0 ? fabs(p[i * d + j]) / most : 0;
            if (!(depth >= 0.005)) continue; /* white */
            fprintf(out,
                    "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" fill=\"%s\" "
                    "fill-opacity=\"%.2f\"/>\n",
                    LEFT + cell * (double)j, top + cell * (double)i, cell, cell,
                    p[i * d + j] > 0 ? "#1f77b4" : "#d62728", depth);
        }
    }
}

static void draw_panel(size_t output, size_t d, const double *p, const char *name, FILE *out)
{
    double top = PANEL * (double)output + TOP;
    size_t row, column;
    double most = largest(d, p, &row, &column);
    fprintf(out, "<text x=\"%.0f\" y=\"%.0f\">", LEFT, top - 12);
    if (name)
        write_text(name, out);
    else
        fprintf(out, "output %zu", output + 1);
    fputs(": <tspan fill=\"#1f77b4\">above 0</tspan>, <tspan fill=\"#d62728\">below 0</tspan>"
          "</text>\n",
          out);
    draw_cells(d, p, top, most, out);
    fprintf(out,
            "<rect x=\"%.0f\" y=\"%.0f\" width=\"%.0f\" height=\"%.0f\" fill=\"none\" "
            "stroke=\"#666\"/>\n<text x=\"%.0f\" y=\"%.0f\">inputs 1 to %zu, from the top left; "
            "largest |entry| %.4g</text>\n<text x=\"%.0f\" y=\"%.0f\">in row %zu, column %zu"
            "</text>\n",
            LEFT, top, SIDE, SIDE, LEFT, top + SIDE + 18, d, most, LEFT, top + SIDE + 34, row + 1,
            column + 1);
}

/* What a picture shows, for those who do not see it. */
static void describe(size_t outputs, size_t d, const double *p, const char *const *names, FILE *out)
{
    fputs("<desc>", out);
    for (size_t c = 0; c < outputs; c++) {
        size_t row, column;
        double most = largest(d, p + c * d * d, &row, &column);
        if (names && names[c])
            write_text(names[c], out);
        else
            fprintf(out, "output %zu", c + 1);
        fprintf(out, ": a %zu by %zu matrix, largest entry %.4g in row %zu, column %zu. ", d, d,
                most > 0 ? p[c * d * d + row * d + column] : 0, row + 1, column + 1);
    }
    fputs("</desc>\n", out);
}

void zg_kernel_plot(size_t outputs, size_t d, const double *p, const char *const *names, FILE *out)
{
    double width = SIDE + 2 * LEFT, height = PANEL * (double)outputs;
    fprintf(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" "
            "height=\"%.0f\" role=\"img\" font-family=\"sans-serif\" font-size=\"12\">\n"
            "<title>Quadratic kernel of a network: the matrix P of x'Px</title>\n",
            width, height, width, height);
    describe(outputs, d, p, names, out);
    fputs("<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n", out);
    for (size_t c = 0; c < outputs; c++)
        draw_panel(c, d, p + c * d * d, names ? names[c] : NULL, out);
    fputs("</svg>\n", out);
}
