/* A comparison as a picture: for every case the ratio of times with its interval, on a logarithmic
 * axis round 1.  SVG without script or anything to load, so that a comment can show it. */
#include "reports/compare.h"

#include <math.h>
#include <string.h>

#define WIDTH 760.0
#define LEFT 300.0 /* room for names */
#define RIGHT 70.0 /* and for ratios */
#define TOP 46.0
#define ROW 20.0
#define BOTTOM 34.0
#define MOST_ROWS 40
#define NAME_LETTERS 44
#define FARTHEST 64.0  /* the axis ends there, whatever the ratio */
#define TICK_ROOM 44.0 /* between labels */

typedef struct axis {
    double low, high; /* logarithms of the ratios at its ends */
} axis;

static double x_of(const axis *a, double ratio)
{
    double at = fmin(fmax(log(ratio), a->low), a->high);
    return LEFT + (WIDTH - LEFT - RIGHT) * (at - a->low) / (a->high - a->low);
}

static void widen(axis *a, double ratio)
{
    if (!isfinite(ratio) || !(ratio > 0)) return;
    double at = log(fmin(fmax(ratio, 1 / FARTHEST), FARTHEST));
    a->low = fmin(a->low, at);
    a->high = fmax(a->high, at);
}

/* The allowance and all intervals, and some room beside them. */
static axis find_axis(const zg_comparison *in)
{
    axis a = {0, 0};
    widen(&a, 1 + in->options.allowance);
    widen(&a, 1 / (1 + in->options.allowance));
    for (size_t i = 0; i < in->count; i++) {
        if (!isfinite(in->rows[i].ratio)) continue;
        widen(&a, in->rows[i].ratio);
        widen(&a, in->rows[i].low);
        widen(&a, in->rows[i].high);
    }
    double room = fmax(0.05 * (a.high - a.low), 0.02);
    return (axis){a.low - room, a.high + room};
}

static bool begins_letter(char byte)
{
    return ((unsigned char)byte & 0xc0) != 0x80; /* of UTF-8 */
}

/* A name that is too long loses its middle: it begins with the data and ends in the method. */
static void write_name(const char *name, zg_text *out)
{
    zg_text part = {0};
    size_t letters = 0, count = 0, head = 0, tail = 0, end = strlen(name);
    for (size_t i = 0; i < end; i++)
        letters += begins_letter(name[i]);
    for (size_t i = 0; i < end; i++) {
        if (!begins_letter(name[i])) continue;
        if (count == NAME_LETTERS / 3) head = i;
        if (count + NAME_LETTERS - NAME_LETTERS / 3 - 1 == letters) tail = i;
        count++;
    }
    bool cut = letters > NAME_LETTERS;
    zg_text_bytes_add(&part, name, cut ? head : end);
    if (cut) zg_text_add(&part, "\xe2\x80\xa6");
    if (cut) zg_text_add(&part, name + tail);
    zg_text_xml(out, zg_text_bytes(&part));
    if (part.failed) out->failed = true;
    zg_text_clear(&part);
}

static void write_row(const zg_compared *row, const axis *a, double y, zg_text *out)
{
    const char *name = row->base ? row->base->name : row->new->name;
    double low = isfinite(row->low) ? row->low : row->ratio;
    double high = isfinite(row->high) ? row->high : row->ratio;
    zg_text_format(out, "<g class=\"%s\"><title>", zg_change_name(row->change));
    zg_text_xml(out, name);
    zg_text_format(out, ": %s</title><text x=\"%.0f\" y=\"%.1f\" text-anchor=\"end\">",
                   zg_change_name(row->change), LEFT - 12, y + 4);
    write_name(name, out);
    zg_text_format(out,
                   "</text><line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>"
                   "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\"/>"
                   "<text x=\"%.0f\" y=\"%.1f\" text-anchor=\"end\">\xc3\x97 %.3g</text></g>\n",
                   x_of(a, low), x_of(a, high), y, y, x_of(a, row->ratio), y, WIDTH - 6, y + 4,
                   row->ratio);
}

/* Labels of the axis, the more telling ones first; one without room is left out. */
static void write_ticks(const axis *a, double bottom, zg_text *out)
{
    static const double ticks[] = {1,   2,      0.5, 4,       0.25, 8,    0.125,
                                   16,  0.0625, 32,  0.03125, 1.5,  0.67, 1.2,
                                   0.8, 1.1,    0.9, 1.05,    0.95, 1.02, 0.98};
    double taken[sizeof ticks / sizeof *ticks];
    size_t count = 0;
    for (size_t i = 0; i < sizeof ticks / sizeof *ticks; i++) {
        double at = log(ticks[i]), x = x_of(a, ticks[i]);
        bool free = at > a->low && at < a->high;
        for (size_t k = 0; k < count && free; k++)
            free = fabs(taken[k] - x) >= TICK_ROOM;
        if (!free) continue;
        taken[count++] = x;
        zg_text_format(out,
                       "<line class=\"%s\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>"
                       "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%g</text>\n",
                       ticks[i] == 1 ? "one" : "grid", x, x, TOP - 8, bottom, x, bottom + 16,
                       ticks[i]);
    }
}

static void write_frame(const zg_comparison *in, const axis *a, double height, zg_text *out)
{
    double bottom = height - BOTTOM, near = x_of(a, 1 / (1 + in->options.allowance)),
           far = x_of(a, 1 + in->options.allowance);
    zg_text_format(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" "
        "height=\"%.0f\" font-family=\"sans-serif\" font-size=\"12\" role=\"img\">\n"
        "<title>Times, new / base: %zu slower, %zu faster, %zu same, %zu unknown</title>\n"
        "<style>text { fill: #1c1e21; } line { stroke: #5d646d; stroke-width: 2; } "
        ".grid { stroke: #dfe1de; stroke-width: 1; } .one { stroke: #1c1e21; stroke-width: 1; } "
        ".slower line { stroke: #a81c00; } .slower circle { fill: #a81c00; } "
        ".faster line { stroke: #00694c; } .faster circle { fill: #00694c; } "
        ".same circle { fill: #5d646d; } .unknown line { stroke-dasharray: 3 3; } "
        ".unknown circle { fill: #fff; stroke: #5d646d; stroke-width: 1.5; }</style>\n"
        "<rect width=\"100%%\" height=\"100%%\" rx=\"6\" fill=\"#fff\"/>\n"
        "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"#eef1ec\"/>\n"
        "<text x=\"%.1f\" y=\"22\" font-weight=\"bold\">Time, new / base, with 95 %% intervals; "
        "shaded: within the allowed %g %%</text>\n",
        WIDTH, height, WIDTH, height, in->changes[ZG_SLOWER], in->changes[ZG_FASTER],
        in->changes[ZG_SAME], in->changes[ZG_UNKNOWN], near, TOP - 8, far - near, bottom - TOP + 8,
        14.0, 100 * in->options.allowance);
    write_ticks(a, bottom, out);
}

void zg_compare_svg(const zg_comparison *in, zg_text *out)
{
    static const zg_change order[] = {ZG_SLOWER, ZG_FASTER, ZG_UNKNOWN, ZG_SAME};
    size_t known = 0, shown = 0;
    for (size_t i = 0; i < in->count; i++)
        known += isfinite(in->rows[i].ratio);
    size_t rows = known > MOST_ROWS ? MOST_ROWS + 1 : known > 0 ? known : 1;
    double height = TOP + ROW * (double)rows + BOTTOM;
    axis a = find_axis(in);
    write_frame(in, &a, height, out);
    for (size_t k = 0; k < sizeof order / sizeof *order; k++)
        for (size_t i = 0; i < in->count; i++) {
            const zg_compared *row = &in->rows[i];
            if (row->change != order[k] || !isfinite(row->ratio) || shown == MOST_ROWS) continue;
            write_row(row, &a, TOP + ROW * ((double)shown + 0.5), out);
            shown++;
        }
    if (shown < known || known == 0)
        zg_text_format(out, "<text x=\"14\" y=\"%.1f\">", TOP + ROW * ((double)shown + 0.7));
    if (known == 0) zg_text_add(out, "No time could be compared.</text>\n");
    if (shown < known)
        zg_text_format(out, "and %zu more, which are the same or unknown</text>\n", known - shown);
    zg_text_add(out, "</svg>\n");
}
