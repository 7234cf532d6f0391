/* Claims about training: that optima are certified, and how far local methods end above them. */
#include "reports/claim_parts.h"
#include "reports/statistics.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* ---- certified ------------------------------------------------------------------------------ */

/* One step per case: the share of the method's cases with at most this gap. */
static bool gap_figure(const zg_study *study, const zg_claim_cases *cases,
                       const zg_claim_names *methods, double tolerance, zg_text *out)
{
    size_t room = cases->count + 1;
    zg_series *series = calloc(methods->count + 1, sizeof *series);
    double *numbers = malloc(2 * methods->count * room * sizeof *numbers + 1);
    double edge[2] = {tolerance, tolerance}, ends[2] = {0, 1};
    bool done = series && numbers;
    for (size_t m = 0; done && m < methods->count; m++) {
        double *x = numbers + 2 * m * room, *y = x + room;
        size_t count = 0;
        for (size_t k = 0; k < cases->count; k++) {
            const zg_log_case *row = &study->log->cases[cases->at[k]];
            if (strcmp(zg_claim_method(row), methods->at[m]) == 0)
                x[count++] = fmax(row->gap, 1e-16); /* gaps of zero have a place on the axis too */
        }
        zg_sort(count, x);
        for (size_t k = 0; k < count; k++)
            y[k] = (double)(k + 1) / (double)count;
        series[m] = (zg_series){methods->at[m], m, ZG_MARK_STEPS, count, x, y, NULL};
    }
    if (done) {
        series[methods->count] = (zg_series){"claimed", 7, ZG_MARK_RULE, 2, edge, ends, NULL};
        zg_chart chart = {"Certified gaps",
                          "Share of the cases with at most this certified relative gap.",
                          {"certified relative gap", "", true},
                          {"share of the cases", "share", false},
                          NULL,
                          0,
                          series,
                          methods->count + 1};
        zg_chart_write(&chart, out);
    }
    free(series);
    free(numbers);
    return done;
}

bool zg_claim_certified(const zg_study *study, const zg_claim_cases *cases, zg_claim *claim)
{
    double tolerance = zg_claim_number(claim, "gap", study->tolerance), widest = NAN;
    zg_claim_names methods = {0};
    size_t within = 0;
    const zg_log_case *worst = NULL;
    bool done = true;
    for (size_t k = 0; done && k < cases->count; k++) {
        const zg_log_case *row = &study->log->cases[cases->at[k]];
        done = zg_claim_name(&methods, zg_claim_method(row)) != SIZE_MAX;
        within += row->gap <= tolerance;
        if (worst && !(row->gap > widest)) continue;
        worst = row;
        widest = row->gap;
    }
    zg_text_format(&claim->evidence,
                   "%zu of %zu finished cases have a certified relative gap of at most %.0e; the "
                   "widest is %.1e.",
                   within, cases->count, tolerance, widest);
    if (within < cases->count)
        zg_claim_decide(claim, ZG_CLAIM_NOT_REPRODUCED, "%zu case%s a wider gap, first of all %s",
                        cases->count - within, cases->count - within == 1 ? " has" : "s have",
                        worst->name);
    else if (cases->failed)
        zg_claim_decide(claim, ZG_CLAIM_NOT_REPRODUCED, "%zu case%s did not finish", cases->failed,
                        cases->failed == 1 ? "" : "s");
    else
        claim->verdict = ZG_CLAIM_REPRODUCED;
    done = done && gap_figure(study, cases, &methods, tolerance, &claim->figure);
    free(methods.at);
    return done;
}

/* ---- above-bound ---------------------------------------------------------------------------- */

/* The best of a grid: one problem, one seed, one value of the axis. */
typedef struct unit {
    size_t problem;
    double seed, axis;
    double excess; /* relative, over the problem's certified bound */
} unit;

typedef struct excesses {
    unit *units;
    size_t count;
    size_t runs, within_percent, below, uncertified;
    double lowest;
} excesses;

/* The bound counts when some method certified the problem to the tolerance. */
static bool is_settled(const zg_study *study, size_t problem)
{
    double bound = study->best_bound[problem], objective = study->best_objective[problem];
    return objective - bound <= study->tolerance * fmax(1, fabs(objective));
}

static void add_run(const zg_study *study, size_t i, const char *by, excesses *out)
{
    const zg_log_case *row = &study->log->cases[i];
    size_t problem = study->problem_of[i];
    double bound = study->best_bound[problem];
    if (!is_settled(study, problem)) {
        out->uncertified++;
        return;
    }
    unit added = {problem, zg_study_number(row, "method", "seed"),
                  by ? zg_study_number(row, "method", by) : NAN,
                  (row->objective - bound) / fmax(fabs(bound), 1e-300)};
    if (isnan(added.seed)) added.seed = 0;
    if (isnan(added.axis)) added.axis = 0;
    out->runs++;
    out->within_percent += added.excess <= 0.01;
    out->below += row->objective < bound - 1e-9 * fmax(1, fabs(bound)); /* more than rounding */
    out->lowest = fmin(out->lowest, added.excess);
    for (size_t k = 0; k < out->count; k++) {
        unit *old = &out->units[k];
        if (old->problem != problem || old->seed != added.seed || old->axis != added.axis) continue;
        old->excess = fmin(old->excess, added.excess);
        return;
    }
    out->units[out->count++] = added;
}

static int by_axis(const void *a, const void *b)
{
    const unit *x = a, *y = b;
    if (x->axis != y->axis) return x->axis > y->axis ? 1 : -1;
    return (x->excess > y->excess) - (x->excess < y->excess);
}

/* Quantile q of sorted units. */
static double middle(const unit *units, size_t count, double q)
{
    double at = q * (double)(count - 1);
    size_t low = (size_t)at, high = low + 1 < count ? low + 1 : low;
    return units[low].excess + (at - (double)low) * (units[high].excess - units[low].excess);
}

/* Lowest, median and highest excess for every value of the axis; units are sorted by it. */
static bool excess_figure(const excesses *all, const char *by, zg_text *out, zg_text *evidence)
{
    double *numbers = malloc((4 * all->count + 1) * sizeof *numbers);
    if (!numbers) return false;
    double *x = numbers, *y[3] = {x + all->count, x + 2 * all->count, x + 3 * all->count};
    size_t count = 0;
    zg_text_format(evidence, " Medians by %s:", by);
    for (size_t from = 0, to; from < all->count; from = to) {
        for (to = from; to < all->count && all->units[to].axis == all->units[from].axis;)
            to++;
        x[count] = all->units[from].axis;
        for (size_t k = 0; k < 3; k++) /* on the logarithmic axis nothing is not lower than this */
            y[k][count] = fmax(middle(all->units + from, to - from, 0.5 * (double)k), 1e-9);
        zg_text_format(evidence, "%s %g: %.3g %%", count ? "," : "", x[count],
                       100 * middle(all->units + from, to - from, 0.5));
        count++;
    }
    zg_text_add(evidence, ".");
    zg_series series[] = {{"worst", 1, ZG_MARK_LINE, count, x, y[2], NULL},
                          {"median", 0, ZG_MARK_LINE, count, x, y[1], NULL},
                          {"best", 2, ZG_MARK_LINE, count, x, y[0], NULL}};
    zg_chart chart = {
        "Excess of the best of the grid over the global optimum",
        "Relative excess of the training objective over the certified bound, the best "
        "of all settings of a problem and a seed.",
        {by, "", true},
        {"relative excess", "", true},
        NULL,
        0,
        series,
        3};
    zg_chart_write(&chart, out);
    free(numbers);
    return true;
}

/* Share of the problems and seeds with at most this excess. */
static bool share_figure(const excesses *all, zg_text *out)
{
    double *x = malloc((2 * all->count + 1) * sizeof *x), *y = x + all->count;
    if (!x) return false;
    for (size_t k = 0; k < all->count; k++) {
        x[k] = fmax(all->units[k].excess, 1e-9);
        y[k] = (double)(k + 1) / (double)all->count;
    }
    zg_series series = {"best of the grid", 0, ZG_MARK_STEPS, all->count, x, y, NULL};
    zg_chart chart = {
        "Excess of the best of the grid over the global optimum",
        "Share of problems and seeds with at most this relative excess of the training "
        "objective over the certified bound.",
        {"relative excess", "", true},
        {"share", "share", false},
        NULL,
        0,
        &series,
        1};
    zg_chart_write(&chart, out);
    free(x);
    return true;
}

static void decide_excess(zg_claim *claim, const excesses *all)
{
    double least = zg_claim_number(claim, "excess", 0);
    double median = middle(all->units, all->count, 0.5);
    if (all->below)
        zg_claim_decide(claim, ZG_CLAIM_NOT_REPRODUCED,
                        "%zu run%s ended below a certified bound: one of the two is wrong",
                        all->below, all->below == 1 ? "" : "s");
    else if (median < least)
        zg_claim_decide(claim, ZG_CLAIM_NOT_REPRODUCED,
                        "the median excess of %.2g %% is less than the %.2g %% that was claimed",
                        100 * median, 100 * least);
    else
        claim->verdict = ZG_CLAIM_REPRODUCED;
}

static int by_excess(const void *a, const void *b)
{
    const unit *x = a, *y = b;
    return (x->excess > y->excess) - (x->excess < y->excess);
}

bool zg_claim_above_bound(const zg_study *study, const zg_claim_cases *cases, zg_claim *claim)
{
    const char *by = zg_claim_text(claim, "by", NULL);
    excesses all = {.units = calloc(cases->count + 1, sizeof *all.units), .lowest = INFINITY};
    bool done = all.units != NULL;
    for (size_t k = 0; done && k < cases->count; k++)
        add_run(study, cases->at[k], by, &all);
    if (done && all.count == 0) {
        zg_claim_decide(claim, ZG_CLAIM_OPEN, "no method certified the optimum of these problems");
    } else if (done) {
        qsort(all.units, all.count, sizeof *all.units, by_excess);
        zg_text_format(
            &claim->evidence,
            "%zu runs of local methods on problems with a certified optimum: %zu ended "
            "below it (lowest relative excess %.1e), %zu within 1 %% of it. The best of "
            "the grid, problem by problem and seed by seed (%zu): median excess %.3g %%, "
            "worst %.3g %%.",
            all.runs, all.below, all.lowest, all.within_percent, all.count,
            100 * middle(all.units, all.count, 0.5), 100 * middle(all.units, all.count, 1));
        if (all.uncertified)
            zg_text_format(&claim->evidence,
                           " %zu runs are left out: no method certified the "
                           "optimum of their problems.",
                           all.uncertified);
        decide_excess(claim, &all);
        if (by) qsort(all.units, all.count, sizeof *all.units, by_axis);
        done = by ? excess_figure(&all, by, &claim->figure, &claim->evidence)
                  : share_figure(&all, &claim->figure);
    }
    free(all.units);
    return done;
}
