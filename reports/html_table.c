/* Tables of HTML pages: columns are described once, cells follow from the description. */
#include "reports/html_table.h"

#include <math.h>
#include <string.h>

void zg_html_table_open(const zg_html_table *table, zg_text *out)
{
    zg_text_format(out, "<div class=\"%s\"><table", table->frame);
    if (table->sortable || table->class)
        zg_text_format(out, " class=\"%s%s%s\"", table->sortable ? "sortable" : "",
                       table->sortable && table->class ? " " : "",
                       table->class ? table->class : "");
    if (table->id) zg_text_format(out, " id=\"%s\"", table->id);
    zg_text_add(out, "><thead><tr>");
    for (size_t i = 0; i < table->count; i++) {
        const zg_html_column *column = &table->columns[i];
        zg_text_add(out, column->kind == ZG_CELL_NUMBER ? "<th class=\"n\"" : "<th");
        if (column->title) zg_text_format(out, " title=\"%s\"", column->title);
        zg_text_add(out, ">");
        zg_text_xml(out, column->heading);
        zg_text_add(out, "</th>");
    }
    zg_text_add(out, "</tr></thead><tbody>\n");
}

/* What the script sorts by; it knows no infinity. */
static void sort_key(double value, zg_text *out)
{
    zg_text_add(out, " data-v=\"");
    if (isinf(value))
        zg_text_add(out, value > 0 ? "1e308" : "-1e308");
    else
        zg_text_number(out, value);
    zg_text_add(out, "\"");
}

static void write_content(const zg_html_column *column, const void *row, double number,
                          zg_text *out)
{
    if (column->write)
        column->write(row, out);
    else if (column->text)
        zg_text_xml(out, *(const char *const *)((const char *)row + column->text));
    else if (column->show)
        column->show(out, number);
    else if (column->decimals)
        zg_text_format(out, "%.*f", column->decimals, number);
    else
        zg_text_value(out, number, column->digits);
}

void zg_html_table_row(const zg_html_table *table, const void *row, zg_text *out)
{
    static const char *const open[] = {[ZG_CELL_TEXT] = "<td",
                                       [ZG_CELL_NUMBER] = "<td class=\"n\"",
                                       [ZG_CELL_NAME] = "<th scope=\"row\"",
                                       [ZG_CELL_MESSAGE] = "<td class=\"message\""};
    /* On a narrow screen the cells of such a table stand below each other, without their head. */
    bool stacks = table->class && strstr(table->class, "stack");
    zg_text_add(out, "<tr");
    if (table->mark) table->mark(row, out);
    zg_text_add(out, ">");
    for (size_t i = 0; i < table->count; i++) {
        const zg_html_column *column = &table->columns[i];
        double number = NAN;
        if (column->number) number = *(const double *)((const char *)row + column->number);
        zg_text_add(out, open[column->kind]);
        if (column->number && table->sortable) sort_key(number, out);
        if (stacks && column->kind == ZG_CELL_NUMBER)
            zg_text_format(out, " data-h=\"%s\"", column->heading);
        zg_text_add(out, ">");
        write_content(column, row, number, out);
        zg_text_add(out, column->kind == ZG_CELL_NAME ? "</th>" : "</td>");
    }
    zg_text_add(out, "</tr>\n");
}

void zg_html_table_close(zg_text *out)
{
    zg_text_add(out, "</tbody></table></div>\n");
}
