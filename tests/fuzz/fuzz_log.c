/* A log, and every report of it. */
#include "reports/compare.h"
#include "reports/formats.h"
#include "reports/html.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

static void check_text(zg_text *text)
{
    /* What a terminal, a page or a spreadsheet must never get. */
    fuzz_demand(!memchr(text->bytes ? text->bytes : "", '\033', text->length),
                "an escape sequence");
    zg_text_clear(text);
}

static void write_reports(const zg_study *study)
{
    zg_text page = {0};
    zg_error error = {0};
    zg_status status = zg_report_html(study, "", &page, &error);
    if (status != ZG_OK) fuzz_refusal(status, &error);
    check_text(&page);
    static const zg_report_writer writers[] = {
        zg_report_csv,         zg_report_spreadsheet, zg_report_markdown,
        zg_report_claims_json, zg_report_junit,       zg_report_tap,
        zg_report_annotations, zg_report_benchmark,   zg_report_bencher};
    for (size_t i = 0; i < sizeof writers / sizeof *writers; i++) {
        zg_text text = {0};
        writers[i](study, &text);
        check_text(&text);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    zg_log log = {0};
    zg_study study = {0};
    zg_error error = {0};
    zg_status status = zg_log_read(&log, fuzz_file(input, size), &error);
    if (status == ZG_OK) status = zg_study_create(&log, &study, &error);
    if (status == ZG_OK)
        write_reports(&study);
    else
        fuzz_refusal(status, &error);
    zg_study_clear(&study);
    zg_log_clear(&log);
    return 0;
}
