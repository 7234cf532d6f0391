/* The page of `zerogap analyse --html`. */
#include "reports/margins_page.h"

#include "reports/html_parts.h"

static void lead(const zg_margins_page *p, zg_text *out)
{
    zg_text_add(out, "<header>\n<p class=\"eyebrow\">zerogap analyse</p>\n<h1>Robust accuracy of ");
    zg_text_xml(out, p->model);
    zg_text_add(out, "</h1>\n<p class=\"lead\">");
    zg_text_xml(out, p->data);
    zg_text_format(out, ", %zu rows. %zu keep %s class wherever they move within %g (l2, ", p->rows,
                   p->robust, p->labelled ? "their right" : "their", p->radius);
    zg_text_xml(out, p->units);
    zg_text_format(out, " units): proven for every point of the ball. %zu %s.", p->accurate,
                   p->labelled ? "are classified right as they are"
                               : "count as right, as predicted");
    if (p->limited > 0)
        zg_text_format(out, " Rounding decides %zu of them: more may be robust than is proven.",
                       p->limited);
    zg_text_add(out, "</p>\n</header>\n");
}

void zg_margins_page_write(const zg_margins_page *p, const char *library, zg_text *out)
{
    const zg_series series[] = {{.label = "proven robust",
                                 .colour = 0,
                                 .mark = ZG_MARK_LINE,
                                 .count = p->points,
                                 .x = p->radii,
                                 .y = p->proven},
                                {.label = "no adversarial point found",
                                 .colour = 1,
                                 .mark = ZG_MARK_RULE,
                                 .count = p->points,
                                 .x = p->radii,
                                 .y = p->open}};
    const zg_chart chart = {
        .title = "Robust accuracy over radii",
        .note = "Solid: share of rows whose right class is proven at every point within the "
                "radius. Dashed: share for which no point of another class was found; where the "
                "two meet, the curve is exact.",
        .x = {"radius", "", false},
        .y = {"share of rows", "share", false},
        .series = series,
        .count = 2};
    zg_html_open("Robust accuracy", library, out);
    lead(p, out);
    zg_text_add(out, "<main>\n<div class=\"charts\">\n");
    zg_chart_write(&chart, out);
    zg_text_add(out, "</div>\n</main>\n");
    zg_html_close(library, out);
}
