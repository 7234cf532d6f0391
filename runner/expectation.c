/* What a suite expects of its cases, held against their rows (see expectation.h). */
#include "runner/expectation.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void set_wrong(zg_row *row, size_t line, const char *what, double found, double expected)
{
    char remark[400], number[40] = "none";
    if (!isnan(found)) snprintf(number, sizeof number, "%.12g", found);
    snprintf(remark, sizeof remark, "%.399s", row->message);
    row->verdict = ZG_WRONG;
    snprintf(row->cause, sizeof row->cause, "expectation");
    snprintf(row->message, sizeof row->message,
             "line %zu of the suite expects %s %.12g, found %s%s%s", line, what, expected, number,
             remark[0] ? "; the method: " : "", remark);
}

/* The closed form has a condition; where that fails there is nothing to hold the objective against,
 * which is no fulfilment. */
static void set_unjudged(zg_row *row, size_t line)
{
    row->verdict = ZG_CASE_FAILED;
    snprintf(row->cause, sizeof row->cause, "not_judged");
    snprintf(row->message, sizeof row->message,
             "line %zu of the suite expects the optimum in closed form, but here the condition of "
             "the formula fails, or it is not about such a problem",
             line);
}

/* The largest of the six DIMACS errors; NAN where there are none. */
static double largest_error(const zg_row *row)
{
    double largest = row->has_dimacs ? 0 : NAN;
    for (int k = 0; row->has_dimacs && k < 6; k++) {
        if (isnan(row->dimacs[k])) return NAN;
        largest = fmax(largest, fabs(row->dimacs[k]));
    }
    return largest;
}

/* By how much two measurements of one case differ, in the objective and in those that its solver
 * claims, relative to objectives of at least one; NAN where only one of them has such a number. */
static double spread(const zg_row *first, const zg_row *row)
{
    const double before[] = {first->objective, first->claimed_primal, first->claimed_dual};
    const double after[] = {row->objective, row->claimed_primal, row->claimed_dual};
    double largest = 0;
    for (int k = 0; k < 3; k++) {
        if (isnan(before[k]) && isnan(after[k])) continue;
        double difference = fabs(after[k] - before[k]) / fmax(1, fabs(before[k]));
        if (isnan(difference)) return NAN;
        largest = fmax(largest, difference);
    }
    return largest;
}

static bool says_infeasible(const zg_row *row)
{
    return row->verdict == ZG_CERTIFIED && strcmp(row->cause, "infeasible") == 0;
}

/* 1 or 0: whether the free run diverged; NAN: there was none. */
static double diverged(const zg_score *score)
{
    if (score->diverged > 0) return 1;
    return isnan(score->free_run_rmse) ? NAN : 0;
}

static void judge_scores(const zg_expectation *expected, bool tested, zg_row *row)
{
    const zg_score *score = tested ? &row->test : &row->train;
    if (!isnan(expected->accuracy) && !(score->accuracy >= expected->accuracy - expected->atol))
        set_wrong(row, expected->line, "an accuracy of at least", score->accuracy,
                  expected->accuracy);
    else if (expected->diverged && !(diverged(score) == (strcmp(expected->diverged, "true") == 0)))
        set_wrong(row, expected->line,
                  "that the free run diverges, 1, or does not, 0:", diverged(score),
                  strcmp(expected->diverged, "true") == 0);
    else if (!isnan(expected->free_run_fit) &&
             !(score->free_run_fit >= expected->free_run_fit - expected->atol))
        set_wrong(row, expected->line, "a fit of the free run of at least", score->free_run_fit,
                  expected->free_run_fit);
    else if (!isnan(expected->rmse) && !(score->rmse <= expected->rmse + expected->atol))
        set_wrong(row, expected->line, "a root mean squared error of at most", score->rmse,
                  expected->rmse);
}

static void judge_row(const zg_expectation *expected, bool tested, const zg_row *first, zg_row *row)
{
    double slack = expected->atol + expected->rtol * fabs(expected->objective);
    double largest = largest_error(row);
    if (!isnan(expected->objective) && !(fabs(row->objective - expected->objective) <= slack))
        set_wrong(row, expected->line, "the objective", row->objective, expected->objective);
    else if (!isnan(expected->closed_form) && isnan(row->closed_form))
        set_unjudged(row, expected->line);
    else if (!isnan(expected->closed_form) &&
             !(fabs(row->objective - row->closed_form) <=
               expected->closed_form * fmax(1, fabs(row->closed_form))))
        set_wrong(row, expected->line, "the objective of the closed form", row->objective,
                  row->closed_form);
    else if (!isnan(expected->gain) && !(row->gain_error <= expected->gain))
        set_wrong(row, expected->line, "a policy that differs from Hewer's next by at most",
                  row->gain_error, expected->gain);
    else if (!isnan(expected->riccati) && !(row->riccati_error <= expected->riccati))
        set_wrong(row, expected->line, "a policy that differs from the optimal one by at most",
                  row->riccati_error, expected->riccati);
    else if (!isnan(expected->gap) && !(row->gap <= expected->gap))
        set_wrong(row, expected->line, "a certified gap of at most", row->gap, expected->gap);
    else if (!isnan(expected->dimacs) && !(largest <= expected->dimacs))
        set_wrong(row, expected->line, "DIMACS errors of at most", largest, expected->dimacs);
    else if (expected->infeasible && !says_infeasible(row))
        set_wrong(row, expected->line, "a claim that there is no solution: objective",
                  row->objective, INFINITY);
    else if (first && !isnan(expected->spread) && !(spread(first, row) <= expected->spread))
        set_wrong(row, expected->line, "measurements that differ by at most", spread(first, row),
                  expected->spread);
    else
        judge_scores(expected, tested, row);
}

/* Whether there is an answer to hold against an expectation: a result that stands, or one that a
 * global method gave for an optimum and the gate did not believe. */
static bool answered(const zg_row *row)
{
    if (zg_verdict_ran(row->verdict)) return true;
    return row->verdict == ZG_CASE_FAILED &&
           (strcmp(row->cause, "not_certified") == 0 || strcmp(row->cause, "inaccurate") == 0);
}

void zg_case_judge(const zg_case *item, const zg_row *first, zg_row *row)
{
    for (size_t i = 0; i < item->expect_count && answered(row); i++)
        judge_row(item->expect[i], zg_recipe_tests(&item->recipe), first, row);
}

bool zg_case_needs_two(const zg_case *item, size_t *line)
{
    for (size_t i = 0; i < item->expect_count; i++) {
        *line = item->expect[i]->line;
        if (!isnan(item->expect[i]->spread)) return true;
    }
    return false;
}

bool zg_case_judged_among_others(const zg_case *item)
{
    size_t line;
    for (size_t i = 0; i < item->expect_count; i++)
        if (!isnan(item->expect[i]->time_ratio)) return true;
    return zg_case_needs_two(item, &line);
}

/* ---- time ------------------------------------------------------------------------------------- */

/* Of the fastest measurement: what disturbs one makes it slower, never faster. */
static double fastest(const zg_row *row)
{
    double best = row->seconds;
    for (size_t i = 0; i < row->sample_count; i++)
        best = row->samples[i] < best ? row->samples[i] : best;
    return best;
}

/* What is not judged is not fulfilled. */
static void leave_unjudged(const zg_expectation *expected, const zg_row *rival, bool alone,
                           zg_row *row)
{
    size_t used = strlen(row->message);
    const char *reason = !rival  ? "was left out of this run"
                         : alone ? "was not measured alone before"
                                 : "and it must run alone (--jobs 1)";
    snprintf(row->message + used, sizeof row->message - used,
             "%s" ZG_TIME_UNJUDGED " %zu is not judged: %.80s %s", used ? "; " : "", expected->line,
             expected->than, reason);
    if (!rival) return;
    row->verdict = ZG_CASE_FAILED;
    snprintf(row->cause, sizeof row->cause, "not_judged");
}

static void judge_time(const zg_expectation *expected, const zg_row *rival, zg_row *row)
{
    bool alone = strcmp(row->timing, "solo") == 0;
    bool usable = alone && rival && zg_verdict_ran(rival->verdict) &&
                  strcmp(rival->timing, "solo") == 0 && fastest(rival) > 0;
    double ratio = usable ? fastest(row) / fastest(rival) : NAN;
    char what[128];
    snprintf(what, sizeof what, "a time over that of %.80s of at most", expected->than);
    if (!usable)
        leave_unjudged(expected, rival, alone, row);
    else if (!(ratio <= expected->time_ratio))
        set_wrong(row, expected->line, what, ratio, expected->time_ratio);
}

/* What an earlier run said in the row. */
static void forget_unjudged(zg_row *row)
{
    char *note = strstr(row->message, ZG_TIME_UNJUDGED);
    if (note) *(note - row->message < 2 ? note : note - 2) = '\0';
}

void zg_case_judge_time(const zg_case *item, zg_find_rival find, void *context, zg_row *row)
{
    forget_unjudged(row);
    for (size_t i = 0; i < item->expect_count && zg_verdict_ran(row->verdict); i++)
        if (!isnan(item->expect[i]->time_ratio))
            judge_time(item->expect[i], find(context, item, item->expect[i]->than), row);
}
