/* The table of results, for people: a line per case, then what was not measured and why. */
#include "reports/table.h"

#include <math.h>
#include <string.h>

void zg_format_objective(double value, char text[ZG_CELL_SIZE])
{
    text[0] = '\0';
    if (isfinite(value)) snprintf(text, ZG_CELL_SIZE, "%.9g", value);
}

void zg_format_gap(double value, char text[ZG_CELL_SIZE])
{
    text[0] = '\0';
    if (value < 0) /* of older versions: no success */
        snprintf(text, ZG_CELL_SIZE, "negative");
    else if (isfinite(value))
        snprintf(text, ZG_CELL_SIZE, "%.1e", value);
}

void zg_format_seconds(double value, char text[ZG_CELL_SIZE])
{
    text[0] = '\0';
    if (isnan(value)) return;
    if (value < 0.9995)
        snprintf(text, ZG_CELL_SIZE, "%.1f ms", value * 1e3);
    else
        snprintf(text, ZG_CELL_SIZE, value < 100 ? "%.2f s" : "%.0f s", value);
}

void zg_format_score(const zg_row *row, char text[ZG_CELL_SIZE])
{
    bool tested = !isnan(row->test.accuracy) || !isnan(row->test.rmse);
    const zg_score *score = tested ? &row->test : &row->train;
    text[0] = '\0';
    if (!isnan(score->accuracy))
        snprintf(text, ZG_CELL_SIZE, "%.2f %%", score->accuracy * 100);
    else if (!isnan(score->rmse))
        snprintf(text, ZG_CELL_SIZE, "rmse %.4g", score->rmse);
}

void zg_table_head(FILE *out)
{
    fprintf(out, "%-13s %14s %9s %10s %13s  %s\n", "verdict", "objective", "gap", "time",
            "accuracy", "case");
}

void zg_table_row(FILE *out, const zg_row *row)
{
    char objective[ZG_CELL_SIZE], gap[ZG_CELL_SIZE], time[ZG_CELL_SIZE], score[ZG_CELL_SIZE];
    zg_format_objective(row->objective, objective);
    zg_format_gap(row->gap, gap);
    zg_format_seconds(isnan(row->seconds) ? row->total_seconds : row->seconds, time);
    zg_format_score(row, score);
    fprintf(out, "%-13s %14s %9s %10s %13s  %s\n", zg_verdict_name(row->verdict), objective, gap,
            time, score, row->name);
}

static bool same_reason(const zg_row *a, const zg_row *b)
{
    return a->verdict == b->verdict && strcmp(a->message, b->message) == 0;
}

/* One line for all cases of a reason, at the first of them. */
static void print_reason(FILE *out, const zg_row *rows, size_t count, size_t i)
{
    size_t more = 0;
    for (size_t j = 0; j < i; j++)
        if (same_reason(&rows[j], &rows[i])) return;
    for (size_t j = i + 1; j < count; j++)
        more += same_reason(&rows[j], &rows[i]);
    fprintf(out, "%s: %s", zg_verdict_name(rows[i].verdict), rows[i].name);
    if (more > 0) fprintf(out, " and %zu more", more);
    fprintf(out, ": %s\n", rows[i].message);
}

void zg_table_foot(FILE *out, const zg_row *rows, size_t count)
{
    /* What people must see first: wrong, then what failed, then what was left out. */
    static const zg_verdict order[] = {ZG_WRONG,      ZG_CASE_FAILED,  ZG_OUT_OF_MEMORY,
                                       ZG_DISK_LIMIT, ZG_CASE_TIMEOUT, ZG_SKIPPED};
    size_t counts[ZG_VERDICT_COUNT] = {0};
    for (size_t i = 0; i < count; i++)
        counts[rows[i].verdict]++;
    fprintf(out, "\n%zu case%s", count, count == 1 ? "" : "s");
    for (int i = 0; i < ZG_VERDICT_COUNT; i++)
        if (counts[i]) fprintf(out, ", %zu %s", counts[i], zg_verdict_name((zg_verdict)i));
    fputc('\n', out);
    for (size_t k = 0; k < sizeof order / sizeof order[0]; k++)
        for (size_t i = 0; i < count; i++)
            if (rows[i].verdict == order[k]) print_reason(out, rows, count, i);
}
