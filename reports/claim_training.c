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
                x[count++] =
                    fmax(row->result.gap, 1e-16); /* gaps of zero have a place on the axis too */
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

typedef struct proofs {
    size_t within, without;
    const zg_log_case *worst; /* the widest gap, or one that has none */
    const zg_log_case *first; /* of those without */
} proofs;

static void count_proof(const zg_log_case *row, double tolerance, proofs *out)
{
    bool within = zg_claim_optimal(row) && row->result.gap <= tolerance;
    out->within += within;
    if (!within && out->without++ == 0) out->first = row;
    bool worse = !out->worst || !(row->result.gap <= out->worst->result.gap);
    if (worse && (!out->worst || !isnan(out->worst->result.gap))) out->worst = row;
}

bool zg_claim_certified(const zg_study *study, const zg_claim_sides *sides, zg_claim *claim)
{
    const zg_claim_cases *cases = &sides->own;
    double tolerance = zg_claim_number(claim, "gap", INFINITY);
    zg_claim_names methods = {0};
    proofs found = {0};
    bool done = true;
    for (size_t k = 0; done && k < cases->count; k++) {
        const zg_log_case *row = &study->log->cases[cases->at[k]];
        done = zg_claim_name(&methods, zg_claim_method(row)) != SIZE_MAX;
        count_proof(row, tolerance, &found);
    }
    for (size_t k = 0; k < cases->other_count; k++)
        if (zg_claim_unproven(&study->log->cases[cases->others[k]]))
            count_proof(&study->log->cases[cases->others[k]], tolerance, &found);
    zg_text_format(&claim->evidence,
                   "%zu of %zu finished cases have a certified relative gap within the tolerance",
                   found.within, found.within + found.without);
    if (isfinite(tolerance)) zg_text_format(&claim->evidence, " of %.0e", tolerance);
    if (found.worst && isfinite(found.worst->result.gap))
        zg_text_format(&claim->evidence, "; the widest is %.1e", found.worst->result.gap);
    zg_text_add(&claim->evidence, ".");
    if (found.without)
        zg_claim_decide(claim, ZG_CLAIM_NOT_REPRODUCED, "%zu case%s no such gap, first of all %s",
                        found.without, found.without == 1 ? " has" : "s have", found.first->name);
    else if (found.within)
        claim->verdict = ZG_CLAIM_REPRODUCED;
    else
        zg_claim_decide(claim, ZG_CLAIM_OPEN, "no case of it ran");
    done = done && gap_figure(study, cases, &methods,
                              isfinite(tolerance) ? tolerance : study->tolerance, &claim->figure);
    free(methods.at);
    return done;
}

/* ---- above-bound ---------------------------------------------------------------------------- */

/* The best of a grid: one problem, one seed, one value of the axis. */
typedef struct unit {
    size_t problem;
    double seed, axis;
    size_t best;   /* the case, by its objective */
    double excess; /* relative, over the problem's certified bound */
    bool converged, wide;
} unit;

typedef struct excesses {
    unit *units;
    size_t count;
    size_t runs, within_percent, below, uncertified;
    double lowest;
} excesses;

static bool same_unit(const unit *a, const unit *b)
{
    return a->problem == b->problem && a->seed == b->seed && a->axis == b->axis;
}

static unit unit_of_run(const zg_study *study, size_t i, const char *by, double bound)
{
    const zg_log_case *row = &study->log->cases[i];
    unit out = {.problem = study->problem_of[i],
                .seed = zg_study_number(row, "method", "seed"),
                .axis = by ? zg_study_number(row, "method", by) : NAN,
                .best = i,
                .excess = (row->result.objective - bound) / fmax(fabs(bound), 1e-300)};
    if (isnan(out.seed)) out.seed = 0;
    if (isnan(out.axis)) out.axis = 0;
    return out;
}

/* The bound counts that cases of the claim's own suite were certified by. */
static void add_run(const zg_study *study, const zg_claim *claim, size_t i, const char *by,
                    excesses *out)
{
    const zg_log_case *row = &study->log->cases[i];
    zg_optimum optimum = zg_claim_optimum(study, claim, study->problem_of[i]);
    if (isnan(optimum.bound) || !isfinite(row->result.objective)) {
        out->uncertified++;
        return;
    }
    unit added = unit_of_run(study, i, by, optimum.bound);
    out->runs++;
    out->within_percent += added.excess <= 0.01;
    out->below += zg_claim_below(row->result.objective, optimum.bound);
    out->lowest = fmin(out->lowest, added.excess);
    for (size_t k = 0; k < out->count; k++) {
        if (!same_unit(&out->units[k], &added)) continue;
        if (added.excess < out->units[k].excess) out->units[k] = added;
        return;
    }
    out->units[out->count++] = added;
}

/* Whether training had converged and the network was wide enough, unit by unit. */
static bool find_evidence(const zg_study *study, const zg_claim *claim, const zg_claim_cases *cases,
                          const char *by, double excess, excesses *all)
{
    bool done = true;
    size_t *group = calloc(cases->count + 1, sizeof *group);
    for (size_t k = 0; group && done && k < all->count; k++) {
        unit *at = &all->units[k];
        zg_optimum optimum = zg_claim_optimum(study, claim, at->problem);
        size_t count = 0;
        for (size_t c = 0; c < cases->count; c++) {
            unit run = unit_of_run(study, cases->at[c], by, optimum.bound);
            if (same_unit(&run, at)) group[count++] = cases->at[c];
        }
        double level = optimum.bound + excess * fabs(optimum.bound);
        at->wide =
            zg_study_number(&study->log->cases[at->best], "method", "neurons") >= optimum.neurons;
        done = zg_claim_converged(study, group, count, at->best, level, &at->converged);
    }
    free(group);
    return group && done;
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

/* Median of the units' excesses where those that lack a kind of evidence might reach the optimum.
 */
static double least_median(const excesses *all, bool ask_budget, bool ask_width, double *room)
{
    for (size_t k = 0; k < all->count; k++) {
        const unit *at = &all->units[k];
        bool proven = (at->converged || !ask_budget) && (at->wide || !ask_width);
        room[k] = proven ? at->excess : fmin(at->excess, 0);
    }
    zg_sort(all->count, room);
    return zg_quantile(all->count, room, 0.5);
}

static void decide_evidence(zg_claim *claim, const excesses *all, double least, double *room)
{
    size_t converged = 0, wide = 0;
    for (size_t k = 0; k < all->count; k++) {
        converged += all->units[k].converged;
        wide += all->units[k].wide;
    }
    zg_text_format(&claim->evidence,
                   " Of these %zu, %zu had converged (more epochs would not bring them to %.2g %%) "
                   "and %zu are at least as wide as an optimal network.",
                   all->count, converged, 100 * least, wide);
    bool width = least_median(all, false, true, room) < least;
    bool budget = least_median(all, true, false, room) < least;
    if (!(least_median(all, true, true, room) < least))
        claim->verdict = ZG_CLAIM_REPRODUCED;
    else
        zg_claim_decide(claim, ZG_CLAIM_OPEN, "%s",
                        width && budget ? "budget and width: training had not converged, and the "
                                          "networks are narrower than an optimal one"
                        : width         ? "width: the networks are narrower than an optimal one"
                        : budget        ? "budget: training had not converged"
                                 : "budget and width: too few had converged and are wide enough");
}

static void decide_excess(zg_claim *claim, const excesses *all, double *room)
{
    double least = zg_claim_number(claim, "excess", 0);
    double median = middle(all->units, all->count, 0.5);
    if (all->below)
        zg_claim_decide(claim, ZG_CLAIM_NOT_REPRODUCED,
                        "%zu run%s ended below a certified bound: one of the two is wrong",
                        all->below, all->below == 1 ? "" : "s");
    else if (all->uncertified)
        zg_claim_decide(claim, ZG_CLAIM_OPEN, "of %zu runs no optimum is certified",
                        all->uncertified);
    else if (least == 0)
        claim->verdict = ZG_CLAIM_REPRODUCED;
    else if (median < least)
        zg_claim_decide(claim, ZG_CLAIM_NOT_REPRODUCED,
                        "the median excess of %.2g %% is less than the %.2g %% that was claimed",
                        100 * median, 100 * least);
    else
        decide_evidence(claim, all, least, room);
}

static int by_excess(const void *a, const void *b)
{
    const unit *x = a, *y = b;
    return (x->excess > y->excess) - (x->excess < y->excess);
}

static void tell_excess(const excesses *all, zg_text *out)
{
    zg_text_format(out,
                   "%zu runs of local methods on problems with a certified optimum: %zu ended "
                   "below it (lowest relative excess %.1e), %zu within 1 %% of it. The best of "
                   "the grid, problem by problem and seed by seed (%zu): median excess %.3g %%, "
                   "worst %.3g %%.",
                   all->runs, all->below, all->lowest, all->within_percent, all->count,
                   100 * middle(all->units, all->count, 0.5),
                   100 * middle(all->units, all->count, 1));
    if (all->uncertified)
        zg_text_format(out,
                       " %zu runs are left out: no method certified the optimum of their problems.",
                       all->uncertified);
}

bool zg_claim_above_bound(const zg_study *study, const zg_claim_sides *sides, zg_claim *claim)
{
    const zg_claim_cases *cases = &sides->own;
    const char *by = zg_claim_text(claim, "by", NULL);
    double excess = zg_claim_number(claim, "excess", 0);
    excesses all = {.units = calloc(cases->count + 1, sizeof *all.units), .lowest = INFINITY};
    double *room = calloc(cases->count + 1, sizeof *room);
    bool done = all.units && room;
    for (size_t k = 0; done && k < cases->count; k++)
        add_run(study, claim, cases->at[k], by, &all);
    done = done && find_evidence(study, claim, cases, by, excess, &all);
    if (done && all.count == 0) {
        zg_claim_decide(claim, ZG_CLAIM_OPEN, "no method certified the optimum of these problems");
    } else if (done) {
        qsort(all.units, all.count, sizeof *all.units, by_excess);
        tell_excess(&all, &claim->evidence);
        decide_excess(claim, &all, room);
        if (by) qsort(all.units, all.count, sizeof *all.units, by_axis);
        done = by ? excess_figure(&all, by, &claim->figure, &claim->evidence)
                  : share_figure(&all, &claim->figure);
    }
    free(all.units);
    free(room);
    return done;
}
