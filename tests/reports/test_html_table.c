/* Tables from descriptions of their columns. */
#include "reports/html_table.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

typedef struct fruit {
    const void *of;
    const char *name;
    double weight, share;
} fruit;

static void write_mark(const void *row, zg_text *out)
{
    if (((const fruit *)row)->share == 1) zg_text_add(out, " class=\"best\"");
}

static void write_share(const void *row, zg_text *out)
{
    zg_text_format(out, "<b>%g</b>", ((const fruit *)row)->share);
}

static const zg_html_column columns[] = {
    {"a < b", ZG_CELL_NAME, .text = offsetof(fruit, name)},
    {"weight", ZG_CELL_NUMBER, .number = offsetof(fruit, weight), .digits = 3, .title = "kg"},
    {"rounded", ZG_CELL_NUMBER, .number = offsetof(fruit, weight), .decimals = 1},
    {"time", ZG_CELL_NUMBER, .number = offsetof(fruit, weight), .show = zg_text_seconds},
    {"share", ZG_CELL_TEXT, .number = offsetof(fruit, share), .write = write_share},
    {"why", ZG_CELL_MESSAGE, .text = offsetof(fruit, name)},
};

static void expect(bool sortable, const fruit *row, const char *wanted)
{
    const zg_html_table table = {
        "scroll", sortable,   "cases", "all", sizeof columns / sizeof *columns,
        columns,  write_mark, NULL};
    zg_text text = {0};
    zg_html_table_open(&table, &text);
    zg_html_table_row(&table, row, &text);
    zg_html_table_close(&table, &text);
    assert_false(text.failed);
    assert_string_equal(text.bytes, wanted);
    zg_text_clear(&text);
}

#define HEAD                                                                                       \
    "id=\"all\"><thead><tr><th>a &lt; b</th><th class=\"n\" title=\"kg\">weight</th>"              \
    "<th class=\"n\">rounded</th><th class=\"n\">time</th><th>share</th><th>why</th></tr></thead>" \
    "<tbody>\n"
#define FOOT "</tbody></table></div>\n"

static void texts_are_escaped_and_numbers_shown_as_described(void **state)
{
    (void)state;
    expect(false, &(fruit){NULL, "<pear>", 1.25, 1},
           "<div class=\"scroll\" tabindex=\"0\"><table class=\"cases\" " HEAD
           "<tr class=\"best\"><th scope=\"row\">&lt;pear&gt;</th><td class=\"n\">1.25</td>"
           "<td class=\"n\">1.2</td><td class=\"n\">1.25 s</td><td><b>1</b></td>"
           "<td class=\"message\">&lt;pear&gt;</td></tr>\n" FOOT);
}

static void sortable_tables_carry_keys_that_order_infinities_and_leave_out_nan(void **state)
{
    (void)state;
    expect(
        true, &(fruit){NULL, "pear", -INFINITY, NAN},
        "<div class=\"scroll\" tabindex=\"0\"><table class=\"sortable cases\" " HEAD
        "<tr><th scope=\"row\">pear</th><td class=\"n\" data-v=\"-1e308\">\xe2\x88\x92\xe2\x88\x9e"
        "</td><td class=\"n\" data-v=\"-1e308\">-inf</td><td class=\"n\" data-v=\"-1e308\">"
        "\xe2\x88\x9e</td><td data-v=\"\"><b>nan</b></td><td "
        "class=\"message\">pear</td></tr>\n" FOOT);
}

/* Read back with a JSON parser: every row, its key where the text is no number, and one text for
 * cells that are equal. */
static void packed_rows_hold_what_the_table_shows(void **state)
{
    (void)state;
    static const fruit fruits[] = {{NULL, "<pear> \"\\", 1.25, 1},
                                   {NULL, "fig", NAN, INFINITY},
                                   {NULL, "<pear> \"\\", -INFINITY, 1}};
    zg_html_pack pack = {0};
    const zg_html_table table = {"scroll", true, "cases", "all", 5, columns, write_mark, &pack};
    zg_text text = {0};
    zg_html_table_open(&table, &text);
    for (size_t i = 0; i < 3; i++)
        zg_html_table_row(&table, &fruits[i], &text);
    zg_html_table_close(&table, &text);
    assert_false(text.failed);
    char *rows = strstr(text.bytes, "application/json\">") + strlen("application/json\">");
    *strstr(rows, "</script>") = '\0';
    json_t *all = json_loads(rows, 0, NULL);
    assert_int_equal(json_array_size(all), 4); /* and null, as rows end in commas */
    char *second = json_dumps(json_array_get(all, 1), JSON_COMPACT | JSON_ENCODE_ANY);
    char *third = json_dumps(json_array_get(all, 2), JSON_COMPACT | JSON_ENCODE_ANY);
    assert_string_equal(json_string_value(json_array_get(json_array_get(all, 0), 1)),
                        "&lt;pear&gt; &quot;\\");
    assert_string_equal(json_string_value(json_array_get(json_array_get(all, 0), 2)), "1.25");
    assert_string_equal(second, "[\"\",\"fig\",null,null,null,[1e308,\"<b>inf</b>\"]]");
    assert_non_null(strstr(third, "[0,1,[-1e308,"));
    free(second);
    free(third);
    json_decref(all);
    zg_text_clear(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_escaped_and_numbers_shown_as_described),
        cmocka_unit_test(packed_rows_hold_what_the_table_shows),
        cmocka_unit_test(sortable_tables_carry_keys_that_order_infinities_and_leave_out_nan),
    };
    return cmocka_run_group_tests_name("html table", tests, NULL, NULL);
}
