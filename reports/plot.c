/* Small plots for terminals: points on a grid of Braille dots, or of plain characters. */
#include "reports/plot.h"

#include <math.h>
#include <string.h>

#define COLUMNS_LIMIT 200
#define ROWS_LIMIT 60
#define ROUNDING 0.01 /* powers of ten this near to a whole one are that one */

/*
 * A Braille character is 2 dots wide and 4 high; its code is U+2800 plus one bit a dot:
 *     0 3
 *     1 4
 *     2 5
 *     6 7
 */
static const unsigned char dot_bits[4][2] = {
    {0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};

typedef struct canvas {
    size_t columns, rows;
    size_t dots_x, dots_y; /* per character */
    unsigned char cell[ROWS_LIMIT][COLUMNS_LIMIT];
    double x_low, x_high, y_low, y_high;
} canvas;

static bool is_good(const zg_point *p)
{
    return isfinite(p->x) && isfinite(p->y);
}

/* The box around the points, y widened to whole powers of ten. */
static bool find_box(canvas *c, const zg_point *points, size_t count)
{
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        if (!is_good(&points[i])) continue;
        if (!any) {
            c->x_low = c->x_high = points[i].x;
            c->y_low = c->y_high = points[i].y;
        }
        any = true;
        c->x_low = fmin(c->x_low, points[i].x);
        c->x_high = fmax(c->x_high, points[i].x);
        c->y_low = fmin(c->y_low, points[i].y);
        c->y_high = fmax(c->y_high, points[i].y);
    }
    c->y_low = floor(c->y_low + ROUNDING);
    c->y_high = ceil(c->y_high - ROUNDING);
    if (c->y_high <= c->y_low) c->y_high = c->y_low + 1;
    if (c->x_high <= c->x_low) c->x_high = c->x_low + 1e-3;
    return any;
}

static void set_dot(canvas *c, double x, double y)
{
    double width = (double)(c->columns * c->dots_x), height = (double)(c->rows * c->dots_y);
    double px = (x - c->x_low) / (c->x_high - c->x_low) * (width - 1) + 0.5;
    double py = (c->y_high - y) / (c->y_high - c->y_low) * (height - 1) + 0.5;
    size_t ix = (size_t)fmax(0, fmin(px, width - 1)), iy = (size_t)fmax(0, fmin(py, height - 1));
    unsigned char bit = c->dots_x == 2 ? dot_bits[iy % 4][ix % 2] : 1;
    c->cell[iy / c->dots_y][ix / c->dots_x] |= bit;
}

static void join(canvas *c, const zg_point *a, const zg_point *b)
{
    size_t steps = 2 * (c->columns * c->dots_x + c->rows * c->dots_y);
    double dx = fabs(b->x - a->x) / (c->x_high - c->x_low);
    double dy = fabs(b->y - a->y) / (c->y_high - c->y_low);
    size_t used = (size_t)(fmin(1, fmax(dx, dy)) * (double)steps) + 1;
    for (size_t i = 0; i <= used; i++) {
        double t = (double)i / (double)used;
        set_dot(c, a->x + t * (b->x - a->x), a->y + t * (b->y - a->y));
    }
}

static void print_cell(FILE *out, const canvas *c, unsigned char bits)
{
    if (c->dots_x == 1)
        fputc(bits ? '*' : ' ', out);
    else if (bits == 0)
        fputc(' ', out);
    else /* U+2800 + bits in UTF-8 */
        fprintf(out, "\xe2%c%c", 0xa0 | (bits >> 6), 0x80 | (bits & 0x3f));
}

static void print_canvas(FILE *out, const canvas *c)
{
    for (size_t r = 0; r < c->rows; r++) {
        char label[16] = "";
        if (r == 0) snprintf(label, sizeof label, "1e%+03.0f", c->y_high);
        if (r == c->rows - 1) snprintf(label, sizeof label, "1e%+03.0f", c->y_low);
        fprintf(out, "%6s |", label);
        size_t end = c->columns;
        while (end > 0 && c->cell[r][end - 1] == 0)
            end--;
        for (size_t k = 0; k < end; k++)
            print_cell(out, c, c->cell[r][k]);
        fputc('\n', out);
    }
    fprintf(out, "%6s +", "");
    for (size_t k = 0; k < c->columns; k++)
        fputc('-', out);
    char high[32];
    snprintf(high, sizeof high, "%.3g s", c->x_high);
    fprintf(out, "\n%6s  %-*.3g%s\n", "", (int)(c->columns - strlen(high)), c->x_low, high);
}

void zg_plot(FILE *out, const zg_point *points, size_t count, size_t columns, size_t rows,
             bool ascii)
{
    canvas c = {.columns = columns < COLUMNS_LIMIT ? columns : COLUMNS_LIMIT,
                .rows = rows < ROWS_LIMIT ? rows : ROWS_LIMIT,
                .dots_x = ascii ? 1 : 2,
                .dots_y = ascii ? 1 : 4};
    if (c.columns < 20) c.columns = 20;
    if (c.rows < 3) c.rows = 3;
    if (!find_box(&c, points, count)) return;
    const zg_point *last = NULL;
    for (size_t i = 0; i < count; i++) {
        if (!is_good(&points[i])) continue;
        join(&c, last ? last : &points[i], &points[i]);
        last = &points[i];
    }
    print_canvas(out, &c);
}
