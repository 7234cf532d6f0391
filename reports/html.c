/* The HTML report's frame, its head with the counts, and the order of its sections. */
#include "reports/html.h"

#include "reports/formats.h"
#include "reports/html_parts.h"
#include "reports/statistics.h"

#include "assets.h"

#include <math.h>
#include <sha2.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* ---- the frame ------------------------------------------------------------------------------ */

/* The text of a script element. */
static void script_text(const char *script, zg_text *out)
{
    zg_text_add(out, "\n");
    zg_text_add(out, script);
}

/* 'sha256-...': the one script that a page may run, as its policy names it. */
static void script_hash(const char *script, zg_text *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint8_t hash[33] = {0}; /* a multiple of three bytes, the last one padding */
    char code[45] = "";
    SHA2_CTX context;
    zg_text text = {0};
    script_text(script, &text);
    if (text.failed) out->failed = true;
    SHA256Init(&context);
    SHA256Update(&context, (const uint8_t *)zg_text_bytes(&text), text.length);
    SHA256Final(hash, &context);
    zg_text_clear(&text);
    for (size_t i = 0; i < 11; i++) {
        unsigned three =
            (unsigned)hash[3 * i] << 16 | (unsigned)hash[3 * i + 1] << 8 | hash[3 * i + 2];
        for (size_t k = 0; k < 4; k++)
            code[4 * i + k] = digits[three >> (18 - 6 * k) & 63];
    }
    code[43] = '=';
    zg_text_format(out, " 'sha256-%s'", code);
}

void zg_html_open(const char *title, const char *library, zg_text *out)
{
    zg_text_add(out, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                     "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                     "<meta name=\"generator\" content=\"zerogap report\">\n"
                     "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                     "style-src 'unsafe-inline'; img-src data:; script-src");
    if (*library) script_hash(library, out);
    script_hash(asset_js, out);
    zg_text_add(out, "\">\n"
                     "<link rel=\"icon\" href=\"data:,\">\n<title>");
    zg_text_xml(out, title);
    zg_text_add(out, "</title>\n<style>\n");
    zg_text_add(out, asset_css);
    zg_text_add(out, "</style>\n</head>\n<body>\n");
}

void zg_html_close(const char *library, zg_text *out)
{
    if (*library) {
        zg_text_add(out, "<script>");
        script_text(library, out);
        zg_text_add(out, "</script>\n");
    }
    zg_text_add(out, "<script>");
    script_text(asset_js, out);
    zg_text_add(out, "</script>\n</body>\n</html>\n");
}

void zg_html_heading(const char *id, const char *title, const char *lead, zg_text *out)
{
    zg_text_format(out, "<h2 id=\"%s\">%s</h2>\n", id, title);
    if (lead) zg_text_format(out, "<p class=\"lead\">%s</p>\n", lead);
}

void zg_html_badge(zg_verdict verdict, zg_text *out)
{
    zg_text_format(out, "<span class=\"badge %s\">%s</span>", zg_verdict_name(verdict),
                   zg_verdict_words(verdict));
}

void zg_html_method(const zg_study *study, size_t method, zg_text *out)
{
    zg_text_format(out, "<span class=\"dot\" style=\"background:var(--c%zu)\"></span>", method % 8);
    zg_text_xml(out, study->methods[method].label);
}

void zg_html_sentences(const char *class, const zg_text *lines, zg_text *out)
{
    if (lines->failed) out->failed = true;
    if (!lines->length) return;
    zg_text_format(out, "<ul class=\"%s\">\n", class);
    zg_text_lines(out, lines, "<li>", zg_text_xml, "</li>\n");
    zg_text_add(out, "</ul>\n");
}

/* ---- the head ------------------------------------------------------------------------------- */

static void verdict_bar(const size_t *counts, zg_text *out)
{
    zg_text_add(out, "<div class=\"bar\" aria-hidden=\"true\">");
    for (size_t i = 0; i < ZG_VERDICT_COUNT; i++)
        if (counts[i])
            zg_text_format(out, "<span class=\"%s\" style=\"flex:%zu\"></span>",
                           zg_verdict_name((zg_verdict)i), counts[i]);
    zg_text_add(out, "</div>\n<p class=\"badges\">");
    for (size_t i = 0; i < ZG_VERDICT_COUNT; i++) {
        if (!counts[i]) continue;
        zg_text_format(out, "<span class=\"badge %s\">%zu %s</span> ",
                       zg_verdict_name((zg_verdict)i), counts[i], zg_verdict_words((zg_verdict)i));
    }
    zg_text_add(out, "</p>\n");
}

static void open_tile(zg_text *out)
{
    zg_text_add(out, "<div class=\"tile\"><b>");
}

static void tiles(const zg_study *study, const size_t *counts, zg_text *out)
{
    const zg_log *log = study->log;
    double seconds = 0, widest = NAN, memory = NAN;
    for (size_t i = 0; i < log->case_count; i++) {
        const zg_log_case *row = &log->cases[i];
        bool certified = zg_verdict_certified(row->result.verdict);
        if (!isnan(row->result.seconds)) seconds += row->result.seconds;
        if (certified) widest = fmax(widest, row->result.gap); /* fmax passes over NAN */
        memory = fmax(memory, row->result.peak_rss_bytes);
    }
    size_t certified = counts[ZG_PROVEN] + counts[ZG_CERTIFIED];
    zg_text_add(out, "<div class=\"tiles\">\n");
    open_tile(out);
    zg_text_format(out, "%zu of %zu</b><small>cases certified globally optimal</small></div>\n",
                   certified, log->case_count);
    open_tile(out);
    zg_text_value(out, widest, 2);
    zg_text_add(out, "</b><small>widest certified gap among them</small></div>\n");
    open_tile(out);
    zg_text_seconds(out, seconds);
    zg_text_add(out, "</b><small>in methods, all cases</small></div>\n");
    open_tile(out);
    zg_text_memory(out, memory);
    zg_text_add(out, "</b><small>peak memory of a case</small></div>\n");
    open_tile(out);
    zg_text_format(out,
                   "%zu \xc3\x97 %zu</b><small>problems \xc3\x97 methods</small></div>\n</div>\n",
                   study->problem_count, study->method_count);
}

static const char *run_text(const zg_log *log, const char *path)
{
    return log->run_count ? zg_log_text(log->runs[0].started, path) : NULL;
}

static void head(const zg_study *study, zg_text *out)
{
    static const struct {
        const char *path, *lead;
    } facts[] = {{"started", ""},
                 {"provenance.version", " \xc2\xb7 zerogap "},
                 {"provenance.commit", " \xc2\xb7 commit "},
                 {"provenance.cpu", " \xc2\xb7 "}};
    const zg_log *log = study->log;
    size_t counts[ZG_VERDICT_COUNT];
    zg_text suites = {0};
    zg_report_suites(log, &suites);
    zg_log_count(log, counts);
    zg_text_add(out, "<header>\n<p class=\"eyebrow\">zerogap report</p>\n<h1>");
    zg_text_xml(out, suites.length ? suites.bytes : "Run log");
    if (suites.failed) out->failed = true;
    zg_text_clear(&suites);
    zg_text_add(out, "</h1>\n<p class=\"lead\">");
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        const char *text = run_text(log, facts[i].path);
        if (!text) continue;
        zg_text_add(out, facts[i].lead);
        zg_text_xml(out, text);
    }
    if (log->run_count && json_is_true(zg_log_member(log->runs[0].started, "provenance.dirty")))
        zg_text_add(out, " (with uncommitted changes)");
    zg_text_add(out, "</p>\n");
    if (log->case_count) {
        zg_text answer = {0};
        zg_report_answer(study, &answer);
        zg_html_sentences("answer", &answer, out);
        zg_text_clear(&answer);
        verdict_bar(counts, out);
        tiles(study, counts, out);
    }
}

/* Links to the sections that are there. */
static void contents(const char *page, zg_text *out)
{
    zg_text_add(out, "<nav aria-label=\"Sections\">");
    for (const char *at = page; (at = strstr(at, "<h2 id=\"")) != NULL;) {
        at += 8;
        const char *quote = strchr(at, '"'), *end = strstr(at, "</h2>");
        if (!quote || !end) break;
        zg_text_format(out, "<a href=\"#%.*s\">%.*s</a> ", (int)(quote - at), at,
                       (int)(end - quote - 2), quote + 2);
        at = end;
    }
    zg_text_add(out, "</nav>\n</header>\n");
}

/* ---- the page ------------------------------------------------------------------------------- */

static zg_status sections(const zg_study *study, zg_text *out, zg_error *error)
{
    static zg_status (*const middle[])(const zg_study *, zg_text *, zg_error *) = {
        zg_html_convergence, zg_html_distance, zg_html_scores,    zg_html_robust, zg_html_series,
        zg_html_paths,       zg_html_profiles, zg_html_resources, zg_html_growth};
    zg_claims claims;
    zg_status status = zg_claims_judge(study, &claims, error);
    if (status != ZG_OK) return status;
    zg_html_claims(&claims, out);
    zg_html_attention(study, out);
    for (size_t i = 0; status == ZG_OK && i < sizeof middle / sizeof *middle; i++)
        status = middle[i](study, out, error);
    zg_html_evidence(&claims, out);
    zg_html_summary(study, out);
    zg_html_provenance(study, out);
    zg_claims_clear(&claims);
    return status;
}

zg_status zg_report_html(const zg_study *study, const char *library, zg_text *out, zg_error *error)
{
    zg_text page = {0}, title = {0};
    zg_report_suites(study->log, &title);
    zg_text_add(&title, title.length ? " \xe2\x80\x93 zerogap report"
                                     : "run log \xe2\x80\x93 zerogap report");
    zg_status status = sections(study, &page, error);
    if (status == ZG_OK && (page.failed || title.failed)) status = zg_no_memory(error);
    if (status == ZG_OK) {
        zg_html_open(title.bytes, library, out);
        head(study, out);
        contents(zg_text_bytes(&page), out);
        zg_text_add(out, "<main>\n");
        zg_text_add(out, zg_text_bytes(&page));
        zg_text_add(out, "</main>\n<footer>Made from the run log alone. A certified gap is proven: "
                         "no network of any size does better than the bound.</footer>\n");
        zg_html_close(library, out);
        status = zg_text_status(out, error);
    }
    zg_text_clear(&page);
    zg_text_clear(&title);
    return status;
}
