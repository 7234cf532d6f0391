/* Tables of HTML pages: columns are described once, cells follow from the description. */
#include "reports/html_table.h"

#include <math.h>
#include <string.h>

void zg_html_table_open(const zg_html_table *table, zg_text *out)
{
    /* Who has no mouse scrolls with the keys. */
    zg_text_format(out, "<div class=\"%s\" tabindex=\"0\"><table", table->frame);
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
    if (!table->pack) return;
    table->pack->seen = json_object();
    if (!table->pack->seen) out->failed = true;
    zg_text_add(out, "</tbody></table>\n<noscript><p class=\"note\">Only a browser that runs "
                     "scripts can show so many rows; <code>zerogap report --csv</code> writes them "
                     "all.</p></noscript>\n<script type=\"application/json\">[");
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

static double number_of(const zg_html_column *column, const void *row)
{
    return column->number ? *(const double *)((const char *)row + column->number) : NAN;
}

/* ---- packed rows ---------------------------------------------------------------------------- */

/* A text, or the number of the equal one before. */
static void pack_text(zg_html_pack *pack, const zg_text *content, zg_text *out)
{
    const char *bytes = zg_text_bytes(content);
    const json_t *known = json_object_get(pack->seen, bytes);
    if (content->failed) out->failed = true;
    if (known) {
        zg_text_format(out, "%lld", (long long)json_integer_value(known));
        return;
    }
    json_int_t number = (json_int_t)json_object_size(pack->seen);
    if (json_object_set_new(pack->seen, bytes, json_integer(number)) != 0) out->failed = true;
    zg_text_json(out, bytes);
}

/* What rows are sorted by: null where it is not a number; the script knows no infinity. */
static void pack_key(double number, zg_text *out)
{
    if (isinf(number)) number = number > 0 ? 1e308 : -1e308;
    zg_text_json_rounded(out, number, 7);
}

/* A figure: its text alone where that is a number, which rows are then sorted by; [key, text] where
 * it has a unit; null where there is none. */
static void pack_figure(double number, const zg_text *content, zg_text *out)
{
    const char *text = zg_text_bytes(content);
    double read;
    bool plain = zg_parse_double(text, &read);
    if (isnan(number)) {
        zg_text_add(out, "null");
        return;
    }
    if (!plain) zg_text_add(out, "[");
    if (!plain) pack_key(number, out);
    if (!plain) zg_text_add(out, ",");
    zg_text_json(out, text);
    if (!plain) zg_text_add(out, "]");
}

/* [attributes, cell, ...].  A text that rows are sorted by a number is [key, text]. */
static void pack_row(const zg_html_table *table, const void *row, zg_text *out)
{
    zg_text content = {0};
    if (table->mark) table->mark(row, &content);
    zg_text_add(out, "[");
    pack_text(table->pack, &content, out);
    for (size_t i = 0; i < table->count; i++) {
        const zg_html_column *column = &table->columns[i];
        double number = number_of(column, row);
        zg_text_clear(&content);
        write_content(column, row, number, &content);
        zg_text_add(out, ",");
        if (column->kind == ZG_CELL_NUMBER) {
            pack_figure(number, &content, out);
            continue;
        }
        if (column->number) zg_text_add(out, "[");
        if (column->number) pack_key(number, out);
        if (column->number) zg_text_add(out, ",");
        pack_text(table->pack, &content, out);
        if (column->number) zg_text_add(out, "]");
    }
    zg_text_add(out, "],\n");
    if (content.failed) out->failed = true;
    zg_text_clear(&content);
}

/* ---- rows ----------------------------------------------------------------------------------- */

void zg_html_table_row(const zg_html_table *table, const void *row, zg_text *out)
{
    static const char *const open[] = {[ZG_CELL_TEXT] = "<td",
                                       [ZG_CELL_NUMBER] = "<td class=\"n\"",
                                       [ZG_CELL_NAME] = "<th scope=\"row\"",
                                       [ZG_CELL_MESSAGE] = "<td class=\"message\""};
    if (table->pack) {
        pack_row(table, row, out);
        return;
    }
    /* On a narrow screen the cells of such a table stand below each other, without their head. */
    bool stacks = table->class && strstr(table->class, "stack");
    zg_text_add(out, "<tr");
    if (table->mark) table->mark(row, out);
    zg_text_add(out, ">");
    for (size_t i = 0; i < table->count; i++) {
        const zg_html_column *column = &table->columns[i];
        double number = number_of(column, row);
        bool none = stacks && column->kind == ZG_CELL_NUMBER && isnan(number);
        zg_text_add(out, none ? "<td class=\"n none\"" : open[column->kind]);
        if (column->number && table->sortable) sort_key(number, out);
        if (stacks && column->kind == ZG_CELL_NUMBER)
            zg_text_format(out, " data-h=\"%s\"", column->heading);
        zg_text_add(out, ">");
        write_content(column, row, number, out);
        zg_text_add(out, column->kind == ZG_CELL_NAME ? "</th>" : "</td>");
    }
    zg_text_add(out, "</tr>\n");
}

void zg_html_table_close(const zg_html_table *table, zg_text *out)
{
    if (!table->pack) {
        zg_text_add(out, "</tbody></table></div>\n");
        return;
    }
    zg_text_add(out, "null]</script></div>\n");
    json_decref(table->pack->seen);
    table->pack->seen = NULL;
}
