/* Comparisons written out: for people, for machines, for pull requests. */
#include "base/formats.h"
#include "reports/compare.h"

#include "base/plain.h"

#include <math.h>
#include <string.h>

static const char *row_name(const zg_compared *row)
{
    const zg_measurement *item = row->base ? row->base : row->new;
    return item ? item->name : "";
}

static void add_ratio(zg_text *out, const zg_compared *row)
{
    if (isnan(row->ratio)) {
        zg_text_add(out, "\xe2\x80\x93");
        return;
    }
    zg_text_format(out, "%.3f [%.3f, %.3f]", row->ratio, row->low, row->high);
}

/* What gates or deserves a look besides time: "" when there is nothing. */
static void add_findings(zg_text *out, const zg_compared *row)
{
    size_t before = out->length;
    const char *join = "; ";
#define SAY(...)                                                                                   \
    do {                                                                                           \
        if (out->length > before) zg_text_add(out, join);                                          \
        zg_text_format(out, __VA_ARGS__);                                                          \
    } while (0)
    if (row->contradicts) SAY("an objective lies below the other side's certified bound");
    if (row->new && row->new->verdict == ZG_WRONG) SAY("wrong in new");
    if (row->new && row->broken) SAY("%s in new", zg_verdict_words(row->new->verdict));
    if (row->nowhere)
        SAY("%s in base, %s in new", zg_verdict_words(row->base->verdict),
            zg_verdict_words(row->new->verdict));
    if (row->worse) SAY("objective %.10g, was %.10g", row->new->objective, row->base->objective);
    if (row->new && row->uncertified) SAY("certified in base, gap %.2g in new", row->new->gap);
    for (size_t i = 0; row->base && row->new && row->counters &&i < ZG_COUNTERS; i++)
        if (row->new->counters[i] > row->base->counters[i])
            SAY("%s %.15g, was %.15g", zg_counter_name((zg_counter)i), row->new->counters[i],
                row->base->counters[i]);
#undef SAY
    if (row->reason[0]) {
        if (out->length > before) zg_text_add(out, join);
        zg_text_add(out, row->reason);
    }
}

static const char *verdict_sentence(int exit_status)
{
    switch (exit_status) {
    case 0:
        return "nothing got worse";
    case 1:
        return "slower or worse than allowed";
    case 2:
        return "a wrong answer";
    case 3:
        return "not everything was measured";
    default:
        return "a case does not run or is no longer certified";
    }
}

/* Lines of a log that nothing can be said about. */
static void add_damage(const zg_log *log, const char *side, zg_text *out)
{
    if (log->damage_count)
        zg_text_format(out, "; %zu damaged line%s in %s (line %zu: %s)", log->damage_count,
                       log->damage_count == 1 ? "" : "s", side, log->damage[0].line,
                       log->damage[0].reason);
}

static void add_summary(const zg_comparison *in, zg_text *out)
{
    zg_text_format(out, "%zu cases matched: %zu slower, %zu faster, %zu same, %zu unknown",
                   in->matched, in->changes[ZG_SLOWER], in->changes[ZG_FASTER],
                   in->changes[ZG_SAME], in->changes[ZG_UNKNOWN]);
    size_t gone = 0, fresh = 0;
    for (size_t i = 0; i < in->count; i++) {
        gone += in->rows[i].new == NULL;
        fresh += in->rows[i].base == NULL;
    }
    if (gone) zg_text_format(out, "; %zu missing from new", gone);
    if (fresh) zg_text_format(out, "; %zu only in new", fresh);
    if (in->base.not_started)
        zg_text_format(out, "; %zu never started in base", in->base.not_started);
    if (in->new.not_started) zg_text_format(out, "; %zu never started in new", in->new.not_started);
    add_damage(&in->base.log, "base", out);
    add_damage(&in->new.log, "new", out);
    if (in->part) zg_text_format(out, "; both are part %zu of their run", in->part);
    zg_text_format(out, ". Verdict: %s (exit status %d).\n", verdict_sentence(in->exit_status),
                   in->exit_status);
}

static bool differs(double a, double b)
{
    return !isnan(a) && !isnan(b) && fabs(a - b) > 1e-12 * fmax(1, fmax(fabs(a), fabs(b)));
}

/* Whether accuracy, objective or certified gap changed: what the second table lists. */
static bool result_changed(const zg_compared *row)
{
    if (!row->base || !row->new) return false;
    return differs(row->base->score_value, row->new->score_value) ||
           differs(row->base->objective, row->new->objective) ||
           differs(row->base->gap, row->new->gap) || row->base->verdict != row->new->verdict;
}

static void add_change_of(zg_text *out, double before, double after, int digits)
{
    if (!isnan(before) && !differs(before, after)) {
        zg_text_value(out, after, digits);
        return;
    }
    zg_text_value(out, before, digits);
    zg_text_add(out, " \xe2\x86\x92 ");
    zg_text_value(out, after, digits);
}

/* ---- solvers -------------------------------------------------------------------------------- */

static bool other_text(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "") != 0;
}

static bool same_solver(const zg_measurement *a, const zg_measurement *b)
{
    return !other_text(a->solver_version, b->solver_version) &&
           !other_text(a->solver_digest, b->solver_digest);
}

/* Whether the two sides were answered by different programs, which no row before it says. */
static bool new_solver(const zg_comparison *in, size_t i)
{
    const zg_compared *row = &in->rows[i];
    if (!row->base || !row->new || same_solver(row->base, row->new)) return false;
    for (size_t k = 0; k < i; k++) {
        const zg_compared *before = &in->rows[k];
        if (before->base && before->new &&same_solver(before->base, row->base) &&
            same_solver(before->new, row->new))
            return false;
    }
    return true;
}

/* "CSDP 6.2.0 (sha256 71f46e23325e)" */
static void add_solver(zg_text *out, const zg_measurement *item, bool markdown)
{
    char version[128]; /* a stranger's text */
    bool told = item->solver_version && *item->solver_version;
    snprintf(version, sizeof version, "%s", told ? item->solver_version : "no version told");
    zg_make_plain(version);
    if (markdown)
        zg_text_markdown(out, version);
    else
        zg_text_add(out, version);
    if (item->solver_digest && *item->solver_digest)
        zg_text_format(out, " (sha256 %.12s)", item->solver_digest);
}

/* The solvers that differ between the sides, each pair once, by the first case that has it. */
static void add_solvers(const zg_comparison *in, zg_text *out, bool markdown)
{
    bool any = false;
    for (size_t i = 0; i < in->count; i++) {
        if (!new_solver(in, i)) continue;
        if (!any)
            zg_text_add(out, markdown ? "\nSolvers that differ:\n\n" : "\nSolvers that differ:\n");
        any = true;
        zg_text_add(out, markdown ? "- " : "");
        if (markdown)
            zg_text_markdown(out, row_name(&in->rows[i]));
        else
            zg_text_add(out, row_name(&in->rows[i]));
        zg_text_add(out, ": ");
        add_solver(out, in->rows[i].base, markdown);
        zg_text_add(out, " \xe2\x86\x92 ");
        add_solver(out, in->rows[i].new, markdown);
        zg_text_add(out, "\n");
    }
}

/* Which rows contradict each other, of one side and the other. */
static void add_contradictions(const zg_comparison *in, zg_text *out, bool markdown)
{
    bool any = false;
    for (size_t i = 0; i < in->count; i++) {
        const zg_compared *row = &in->rows[i];
        const zg_measurement *item = row->new && row->new->contradicts ? row->new : row->base;
        if (!item || !item->contradicts || !item->message) continue;
        char message[2400]; /* a stranger's text */
        snprintf(message, sizeof message, "%s", item->message);
        zg_make_plain(message);
        if (!any) zg_text_add(out, markdown ? "\nContradictions:\n\n" : "\nContradictions:\n");
        any = true;
        if (markdown) {
            zg_text_add(out, "- ");
            zg_text_markdown(out, message);
            zg_text_add(out, "\n");
        } else {
            zg_text_format(out, "%s\n", message);
        }
    }
}

/* ---- for people ----------------------------------------------------------------------------- */

static void text_row(const zg_compared *row, int width, zg_text *out)
{
    zg_text ratio = {0}, findings = {0};
    add_ratio(&ratio, row);
    add_findings(&findings, row);
    int pad = isnan(row->ratio) ? 24 : 22; /* the dash has three bytes and one column */
    zg_text_format(out, "%-*s  %-8s %-*s ", width, row_name(row), zg_change_name(row->change), pad,
                   zg_text_bytes(&ratio));
    if (isnan(row->q))
        zg_text_format(out, "%9s ", "");
    else
        zg_text_format(out, "%9.2g ", row->q);
    if (isnan(row->floor))
        zg_text_format(out, "%7s  ", "");
    else
        zg_text_format(out, "%5.1f %%  ", 100 * row->floor);
    zg_text_format(out, "%s\n", zg_text_bytes(&findings));
    if (ratio.failed || findings.failed) out->failed = true;
    zg_text_clear(&ratio);
    zg_text_clear(&findings);
}

static void text_result(const zg_compared *row, int width, zg_text *out)
{
    zg_text_format(out, "%-*s  %s", width, row_name(row), zg_verdict_words(row->base->verdict));
    if (row->base->verdict != row->new->verdict)
        zg_text_format(out, " \xe2\x86\x92 %s", zg_verdict_words(row->new->verdict));
    zg_text_add(out, "; objective ");
    add_change_of(out, row->base->objective, row->new->objective, 10);
    zg_text_add(out, "; gap ");
    add_change_of(out, row->base->gap, row->new->gap, 2);
    if (row->new->score) {
        zg_text_format(out, "; %s ", row->new->score);
        add_change_of(out, row->base->score_value, row->new->score_value, 5);
    }
    zg_text_add(out, "\n");
}

void zg_compare_text(const zg_comparison *in, zg_text *out)
{
    int width = 4;
    for (size_t i = 0; i < in->count; i++) {
        int length = (int)strlen(row_name(&in->rows[i]));
        if (length > width) width = length < 60 ? length : 60;
    }
    if (in->provenance[0]) zg_text_format(out, "Provenance differs: %s\n", in->provenance);
    zg_text_format(out, "%-*s  %-8s %-22s %9s %7s  %s\n", width, "case", "time",
                   "ratio new/base [95 %]", "adj. p", "noise", "remarks");
    for (size_t i = 0; i < in->count; i++)
        text_row(&in->rows[i], width, out);
    bool first = true;
    for (size_t i = 0; i < in->count; i++) {
        if (!result_changed(&in->rows[i])) continue;
        if (first) zg_text_add(out, "\nResults that changed (time apart):\n");
        first = false;
        text_result(&in->rows[i], width, out);
    }
    add_solvers(in, out, false);
    add_contradictions(in, out, false);
    zg_text_add(out, "\n");
    add_summary(in, out);
}

/* ---- for machines --------------------------------------------------------------------------- */

static void json_side(zg_text *out, const char *name, const zg_measurement *item)
{
    zg_text_format(out, ",\n   \"%s\": ", name);
    if (!item) {
        zg_text_add(out, "null");
        return;
    }
    zg_text_format(out, "{\"verdict\": \"%s\", \"samples\": %zu, \"objective\": ",
                   zg_verdict_name(item->verdict), item->sample_count);
    zg_text_json_number(out, item->objective);
    zg_text_add(out, ", \"bound\": ");
    zg_text_json_number(out, item->bound);
    zg_text_add(out, ", \"gap\": ");
    zg_text_json_number(out, item->gap);
    for (size_t i = 0; i < ZG_COUNTERS; i++) {
        zg_text_format(out, ", \"%s\": ", zg_counter_name((zg_counter)i));
        zg_text_json_number(out, item->counters[i]);
    }
    if (item->solver_version && *item->solver_version) {
        zg_text_add(out, ", \"solver_version\": ");
        zg_text_json(out, item->solver_version);
    }
    if (item->solver_digest && *item->solver_digest) {
        zg_text_add(out, ", \"solver_digest\": ");
        zg_text_json(out, item->solver_digest);
    }
    if (item->score) {
        zg_text_format(out, ", \"%s\": ", item->score);
        zg_text_json_number(out, item->score_value);
    }
    zg_text_add(out, "}");
}

static void json_row(zg_text *out, const zg_compared *row)
{
    const zg_measurement *item = row->base ? row->base : row->new;
    zg_text_add(out, "  {\"case\": ");
    zg_text_json(out, item->name);
    if (item->key) {
        zg_text_add(out, ", \"key\": ");
        zg_text_json(out, item->key);
    }
    zg_text_format(out, ", \"change\": \"%s\"", zg_change_name(row->change));
    const struct {
        const char *name;
        double value;
    } numbers[] = {{"ratio", row->ratio}, {"low", row->low}, {"high", row->high},
                   {"p", row->p},         {"q", row->q},     {"noise_floor", row->floor}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        zg_text_format(out, ", \"%s\": ", numbers[i].name);
        zg_text_json_rounded(out, numbers[i].value, 9);
    }
    const struct {
        const char *name;
        bool set;
    } flags[] = {{"wrong", row->wrong},
                 {"contradiction", row->contradicts},
                 {"broken", row->broken},
                 {"nowhere", row->nowhere},
                 {"uncertified", row->uncertified},
                 {"counters_grew", row->counters},
                 {"objective_grew", row->worse},
                 {"too_noisy", row->blind}};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (flags[i].set) zg_text_format(out, ", \"%s\": true", flags[i].name);
    if (row->reason[0]) {
        zg_text_add(out, ", \"reason\": ");
        zg_text_json(out, row->reason);
    }
    json_side(out, "base", row->base);
    json_side(out, "new", row->new);
    zg_text_add(out, "}");
}

void zg_compare_json(const zg_comparison *in, zg_text *out)
{
    zg_text_format(out,
                   "{\"format\": \"" ZG_COMPARISON_FORMAT
                   "\",\n \"exit_status\": %d,\n \"matched\": "
                   "%zu, \"slower\": %zu, \"faster\": %zu, \"same\": %zu, \"unknown\": %zu,\n",
                   in->exit_status, in->matched, in->changes[ZG_SLOWER], in->changes[ZG_FASTER],
                   in->changes[ZG_SAME], in->changes[ZG_UNKNOWN]);
    zg_text_add(out, " \"allowance\": ");
    zg_text_json_number(out, in->options.allowance);
    zg_text_add(out, ", \"level\": ");
    zg_text_json_number(out, in->options.level);
    zg_text_format(out, ",\n \"never_started\": {\"base\": %zu, \"new\": %zu}",
                   in->base.not_started, in->new.not_started);
    zg_text_format(out, ",\n \"damaged_lines\": {\"base\": %zu, \"new\": %zu}",
                   in->base.log.damage_count, in->new.log.damage_count);
    zg_text_add(out, ",\n \"provenance_differs\": ");
    if (in->provenance[0])
        zg_text_json(out, in->provenance);
    else
        zg_text_add(out, "null");
    zg_text_add(out, ",\n \"cases\": [\n");
    for (size_t i = 0; i < in->count; i++) {
        json_row(out, &in->rows[i]);
        zg_text_add(out, i + 1 < in->count ? ",\n" : "\n");
    }
    zg_text_add(out, " ]}\n");
}

/* ---- for pull requests ---------------------------------------------------------------------- */

static void markdown_times(const zg_comparison *in, zg_text *out, bool interesting)
{
    bool first = true;
    for (size_t i = 0; i < in->count; i++) {
        const zg_compared *row = &in->rows[i];
        bool plain = row->change == ZG_SAME && !row->wrong && !row->broken && !row->nowhere &&
                     !row->uncertified && !row->counters && !row->worse;
        if (plain == interesting) continue;
        if (first)
            zg_text_add(out, "\n| case | time | new / base [95 %] | adj. p | remarks |\n"
                             "|--|--|--|--|--|\n");
        first = false;
        zg_text_add(out, "| ");
        zg_text_markdown(out, row_name(row));
        zg_text_format(out, " | %s | ", zg_change_name(row->change));
        add_ratio(out, row);
        zg_text_add(out, " | ");
        zg_text_value(out, row->q, 2);
        zg_text_add(out, " | ");
        add_findings(out, row);
        zg_text_add(out, " |\n");
    }
}

/* An address in angle brackets ends at the next one, or with its line. */
static void add_picture(const char *address, zg_text *out)
{
    zg_text_add(out, "\n![Times, new / base](<");
    for (const char *c = address; *c; c++) {
        if (*c == '<' || *c == '>' || *c == '\\' || (unsigned char)*c <= ' ')
            zg_text_format(out, "%%%02X", (unsigned char)*c);
        else
            zg_text_bytes_add(out, c, 1);
    }
    zg_text_add(out, ">)\n");
}

void zg_compare_markdown(const zg_comparison *in, zg_text *out)
{
    zg_text_format(out, "### zerogap: %s\n\n", verdict_sentence(in->exit_status));
    add_summary(in, out);
    if (in->provenance[0]) {
        zg_text_add(out, "\nProvenance differs, so times are not compared: ");
        zg_text_markdown(out, in->provenance);
        zg_text_add(out, "\n");
    }
    if (in->picture) add_picture(in->picture, out);
    markdown_times(in, out, true);
    add_solvers(in, out, true);
    add_contradictions(in, out, true);
    bool first = true;
    for (size_t i = 0; i < in->count; i++) {
        const zg_compared *row = &in->rows[i];
        if (!result_changed(row)) continue;
        if (first)
            zg_text_add(out, "\nResults that changed:\n\n| case | verdict | objective | gap | "
                             "score |\n|--|--|--|--|--|\n");
        first = false;
        zg_text_add(out, "| ");
        zg_text_markdown(out, row_name(row));
        zg_text_format(out, " | %s", zg_verdict_words(row->base->verdict));
        if (row->base->verdict != row->new->verdict)
            zg_text_format(out, " \xe2\x86\x92 %s", zg_verdict_words(row->new->verdict));
        zg_text_add(out, " | ");
        add_change_of(out, row->base->objective, row->new->objective, 10);
        zg_text_add(out, " | ");
        add_change_of(out, row->base->gap, row->new->gap, 2);
        zg_text_add(out, " | ");
        add_change_of(out, row->base->score_value, row->new->score_value, 5);
        zg_text_add(out, " |\n");
    }
    zg_text_add(out, "\n<details><summary>Unchanged cases</summary>\n");
    markdown_times(in, out, false);
    zg_text_add(out, "\n</details>\n");
}

/* ---- GitHub annotations --------------------------------------------------------------------- */

/* Data of a workflow command: % and line breaks escaped. */
static void annotation_text(zg_text *out, const char *string)
{
    for (const char *c = string; *c; c++) {
        if (*c == '%' || *c == '\n' || *c == '\r')
            zg_text_format(out, "%%%02X", (unsigned char)*c);
        else
            zg_text_bytes_add(out, c, 1);
    }
}

void zg_compare_annotations(const zg_comparison *in, zg_text *out)
{
    for (size_t i = 0; i < in->count; i++) {
        const zg_compared *row = &in->rows[i];
        bool bad = row->wrong || row->broken || row->uncertified || row->counters || row->worse ||
                   row->change == ZG_SLOWER;
        bool gone = row->nowhere || (!row->new && !in->options.subset);
        if (!bad && !gone) continue;
        zg_text line = {0};
        zg_text_format(&line, "%s: ", row_name(row));
        if (row->change == ZG_SLOWER)
            zg_text_format(&line, "%.1f %% slower [%.1f, %.1f]; ", 100 * (row->ratio - 1),
                           100 * (row->low - 1), 100 * (row->high - 1));
        add_findings(&line, row);
        zg_text_add(out, "::error title=zerogap compare::");
        annotation_text(out, zg_text_bytes(&line));
        zg_text_add(out, "\n");
        if (line.failed) out->failed = true;
        zg_text_clear(&line);
    }
    zg_text line = {0};
    add_summary(in, &line);
    zg_text_format(out, "::notice title=zerogap compare::");
    if (line.length) line.bytes[--line.length] = '\0';
    annotation_text(out, zg_text_bytes(&line));
    zg_text_add(out, "\n");
    if (line.failed) out->failed = true;
    zg_text_clear(&line);
}
