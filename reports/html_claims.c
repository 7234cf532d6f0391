/* HTML: what the suites claim, and whether the log bears it out. */
#include "reports/claims.h"
#include "reports/html_parts.h"

#include <string.h>

static const char *verdict_class(zg_claim_verdict verdict)
{
    static const char *const classes[] = {"reproduced", "not-reproduced", "open-claim"};
    return classes[verdict];
}

static void badge(zg_claim_verdict verdict, zg_text *out)
{
    zg_text_format(out, "<span class=\"badge %s\">%s</span>", verdict_class(verdict),
                   zg_claim_words(verdict));
}

/* ---- all claims at a glance ----------------------------------------------------------------- */

typedef struct numbered {
    const zg_claim *claim;
    size_t number;
} numbered;

/* A link to the evidence. */
static void write_statement(const void *row, zg_text *out)
{
    const numbered *at = row;
    zg_text_format(out, "<a href=\"#claim-%zu\">", at->number);
    zg_text_xml(out, at->claim->statement);
    zg_text_add(out, "</a>");
}

static void write_verdict(const void *row, zg_text *out)
{
    badge(((const numbered *)row)->claim->verdict, out);
}

static void overview(const zg_claims *claims, zg_text *out)
{
    static const zg_html_column columns[] = {
        {"claim", ZG_CELL_MESSAGE, .write = write_statement},
        {"verdict", ZG_CELL_TEXT, .write = write_verdict},
    };
    static const zg_html_table table = {"scroll", .class = "cases stack", .count = 2,
                                        .columns = columns};
    zg_html_table_open(&table, out);
    for (size_t i = 0; i < claims->count; i++)
        zg_html_table_row(&table, &(numbered){&claims->items[i], i + 1}, out);
    zg_html_table_close(&table, out);
}

/* ---- one by one ----------------------------------------------------------------------------- */

static void one_claim(const zg_claim *claim, size_t number, zg_text *out)
{
    zg_text_format(out, "<section class=\"claim\" id=\"claim-%zu\"><h3>", number);
    zg_text_xml(out, claim->statement);
    zg_text_add(out, "</h3>\n<p>");
    badge(claim->verdict, out);
    if (claim->reason.length) zg_text_add(out, " ");
    zg_text_xml(out, zg_text_bytes(&claim->reason));
    zg_text_add(out, "</p>\n<p>");
    zg_text_xml(out, zg_text_bytes(&claim->evidence));
    zg_text_add(out, "</p>\n");
    zg_text_add(out, zg_text_bytes(&claim->figure));
    zg_text_add(out, "<p class=\"note\">suite ");
    zg_text_xml(out, claim->suite);
    zg_text_add(out, ", claim ");
    zg_text_xml(out, claim->id);
    zg_text_add(out, ", test ");
    zg_text_xml(out, claim->test);
    zg_text_add(out, "</p></section>\n");
}

void zg_html_claims(const zg_claims *claims, zg_text *out)
{
    size_t counts[ZG_CLAIM_VERDICTS];
    if (claims->count == 0) return;
    zg_claims_count(claims, counts);
    zg_html_heading(
        "claims", "Claims",
        "Statements that the suites set out to reproduce, in the suites\xe2\x80\x99 own "
        "words, judged by nothing but this log.",
        out);
    zg_text_format(out,
                   "<p><b>%zu of %zu reproduced</b>, %zu not reproduced, %zu not decidable "
                   "here.</p>\n",
                   counts[ZG_CLAIM_REPRODUCED], claims->count, counts[ZG_CLAIM_NOT_REPRODUCED],
                   counts[ZG_CLAIM_OPEN]);
    overview(claims, out);
}

void zg_html_evidence(const zg_claims *claims, zg_text *out)
{
    if (claims->count == 0) return;
    zg_html_heading("evidence", "Evidence for the claims", NULL, out);
    zg_text_add(out, "<div class=\"claims\">\n");
    for (size_t i = 0; i < claims->count; i++)
        one_claim(&claims->items[i], i + 1, out);
    zg_text_add(out, "</div>\n");
}
