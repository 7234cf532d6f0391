/*
 * Claims that compare methods on rows that did not train.
 *
 * Every data set and split is a unit.  On each unit either side takes, of all its settings, models
 * and methods, the case that is best on the validation rows; the two are compared on the test rows.
 * Splits of one data set overlap, so the data sets, not the splits, are what the interval counts.
 */
#include "reports/claim_parts.h"
#include "reports/statistics.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FEWEST_SETS 3
#define CONFIDENCE 0.95

typedef enum metric { METRIC_ACCURACY, METRIC_RMSE, METRIC_SECONDS, METRIC_TUNING } metric;

/* What one side has on one unit. */
typedef struct side {
    const zg_log_case *best; /* by validation; NULL: nothing to choose from */
    double tuning;           /* seconds of all cases that were tried */
    size_t tried;
} side;

typedef struct unit {
    const char *data; /* its label */
    size_t set;       /* units that agree in front of what varies are of one set */
    side sides[2];
    double advantage; /* of the claim's methods; NAN when a side is missing */
} unit;

typedef struct comparison {
    metric metric;
    unit *units;
    size_t count, sets, paired, shared, unvalidated;
    char (*names)[64]; /* per set */
    double *mean;      /* per set: of the advantages of its units; NAN without any */
    double average, low, high;
    size_t compared; /* sets with a mean */
    size_t wins, ties, losses;
} comparison;

/* ---- choosing ------------------------------------------------------------------------------- */

static bool better_validation(const zg_log_case *a, const zg_log_case *b)
{
    bool lower = a->score && strcmp(a->score, "rmse") == 0;
    if (a->validation_score != b->validation_score)
        return (a->validation_score < b->validation_score) == lower;
    return zg_log_number(a->finished, "validation.loss") <
           zg_log_number(b->finished, "validation.loss");
}

static size_t set_length(const char *label)
{
    return strcspn(label, ",");
}

/* The unit of a label, new at the end when there is none; room is there. */
static unit *unit_of(comparison *in, const char *data)
{
    size_t length = set_length(data), set = in->sets;
    for (size_t i = 0; i < in->count; i++) {
        if (strcmp(in->units[i].data, data) == 0) return &in->units[i];
        if (set_length(in->units[i].data) == length &&
            strncmp(in->units[i].data, data, length) == 0)
            set = in->units[i].set;
    }
    if (set == in->sets)
        snprintf(in->names[in->sets++], sizeof in->names[0], "%.*s", (int)length, data);
    in->units[in->count] = (unit){.data = data, .set = set, .advantage = NAN};
    return &in->units[in->count++];
}

static void offer(comparison *in, const zg_study *study, const zg_claim_cases *cases, size_t which)
{
    for (size_t k = 0; k < cases->count; k++) {
        const zg_log_case *row = &study->log->cases[cases->at[k]];
        const char *data = zg_log_text(row->started, "data.name");
        if (!data) continue;
        side *at = &unit_of(in, data)->sides[which];
        if (!isnan(row->seconds)) at->tuning += row->seconds;
        at->tried++;
        in->shared += row->shared;
        if (isnan(row->validation_score) || isnan(row->test_score))
            in->unvalidated++;
        else if (!at->best || better_validation(row, at->best))
            at->best = row;
    }
}

/* ---- measuring ------------------------------------------------------------------------------ */

static double advantage(metric kind, const unit *at)
{
    const zg_log_case *mine = at->sides[0].best, *theirs = at->sides[1].best;
    if (!mine || !theirs) return NAN;
    if (kind == METRIC_SECONDS) return log(theirs->seconds / mine->seconds);
    if (kind == METRIC_TUNING) return log(at->sides[1].tuning / at->sides[0].tuning);
    if (kind == METRIC_RMSE) return log(theirs->test_score / mine->test_score);
    return mine->test_score - theirs->test_score;
}

static bool is_paired(const unit *at)
{
    return at->sides[0].best && at->sides[1].best && isfinite(at->advantage);
}

static void measure(comparison *in)
{
    for (size_t s = 0; s < in->sets; s++) {
        double sum = 0;
        size_t count = 0;
        for (size_t i = 0; i < in->count; i++) {
            if (in->units[i].set != s) continue;
            in->units[i].advantage = advantage(in->metric, &in->units[i]);
            if (!is_paired(&in->units[i])) continue;
            sum += in->units[i].advantage;
            count++;
        }
        in->paired += count;
        in->mean[s] = count ? sum / (double)count : NAN;
        if (!count) continue;
        in->wins += in->mean[s] > 1e-12;
        in->losses += in->mean[s] < -1e-12;
        in->ties += fabs(in->mean[s]) <= 1e-12;
        in->average += in->mean[s];
        in->compared++;
    }
    in->average /= (double)in->compared;
}

/* Student's interval for the mean over the data sets. */
static void find_interval(comparison *in)
{
    double squares = 0, count = (double)in->compared;
    in->low = -INFINITY;
    in->high = INFINITY;
    if (in->compared < FEWEST_SETS) return;
    for (size_t s = 0; s < in->sets; s++)
        if (!isnan(in->mean[s])) squares += pow(in->mean[s] - in->average, 2);
    double half =
        zg_student_quantile(0.5 + CONFIDENCE / 2, count - 1) * sqrt(squares / (count - 1) / count);
    in->low = in->average - half;
    in->high = in->average + half;
}

/* Geometric mean over the units of theirs over mine: seconds of the chosen, or of all tried. */
static double time_ratio(const comparison *in, bool tuning)
{
    double sum = 0;
    for (size_t i = 0; i < in->count; i++) {
        const unit *at = &in->units[i];
        if (!is_paired(at)) continue;
        sum += tuning ? log(at->sides[1].tuning / at->sides[0].tuning)
                      : log(at->sides[1].best->seconds / at->sides[0].best->seconds);
    }
    return exp(sum / (double)in->paired);
}

static double total(const comparison *in, size_t which, bool seconds)
{
    double sum = 0;
    for (size_t i = 0; i < in->count; i++)
        sum += seconds ? in->units[i].sides[which].tuning : (double)in->units[i].sides[which].tried;
    return sum;
}

/* ---- telling -------------------------------------------------------------------------------- */

static void tell_times(const comparison *in, zg_text *out)
{
    double chosen = time_ratio(in, false), tuning = time_ratio(in, true);
    zg_text_add(out, " Tuning took ");
    zg_text_seconds(out, total(in, 0, true));
    zg_text_format(out, " for %.0f trainings against ", total(in, 0, false));
    zg_text_seconds(out, total(in, 1, true));
    zg_text_format(out,
                   " for %.0f; the other side needed %.2g times the time for the chosen training, "
                   "%.2g times for all of its grid (geometric means over the pairs).",
                   total(in, 1, false), chosen, tuning);
    if (in->shared) zg_text_add(out, " Times were taken beside other cases.");
}

static void tell(const comparison *in, const zg_claim *claim, zg_text *out)
{
    static const char *const names[] = {"", "test RMSE", "training time", "time of all trainings"};
    zg_text_format(out,
                   "%s against %s, %zu pairs on %zu data sets, settings chosen on validation rows: "
                   "better on %zu data sets, equal on %zu, worse on %zu. ",
                   zg_claim_text(claim, "method", "?"), zg_claim_text(claim, "against", "?"),
                   in->paired, in->compared, in->wins, in->ties, in->losses);
    if (in->metric == METRIC_ACCURACY)
        zg_text_format(out,
                       "Mean difference in test accuracy %+.2f percentage points, 95 %% interval "
                       "[%+.2f, %+.2f].",
                       100 * in->average, 100 * in->low, 100 * in->high);
    else
        zg_text_format(out,
                       "The other side has %.3g times the %s (geometric mean), 95 %% interval "
                       "[%.3g, %.3g].",
                       exp(in->average), names[in->metric], exp(in->low), exp(in->high));
    tell_times(in, out);
    if (in->unvalidated)
        zg_text_format(out, " %zu cases are left out: they have no validation or test score.",
                       in->unvalidated);
}

static void decide(const comparison *in, zg_claim *claim)
{
    bool no_worse = strcmp(zg_claim_text(claim, "demand", "no-worse"), "no-worse") == 0;
    double least = no_worse ? -zg_claim_number(claim, "margin", 0) : 0;
    if (in->metric != METRIC_ACCURACY && no_worse) least = -log1p(-least);
    if (in->metric >= METRIC_SECONDS && in->shared)
        zg_claim_decide(claim, ZG_CLAIM_OPEN, "the times were taken beside other cases");
    else if (in->compared < FEWEST_SETS)
        zg_claim_decide(claim, ZG_CLAIM_OPEN, "fewer than %d data sets have both sides",
                        FEWEST_SETS);
    else if (in->low > least || (no_worse && in->low >= least))
        claim->verdict = ZG_CLAIM_REPRODUCED;
    else if (in->high < least)
        zg_claim_decide(claim, ZG_CLAIM_NOT_REPRODUCED, "the interval lies on the other side");
    else
        zg_claim_decide(claim, ZG_CLAIM_OPEN, "the interval contains both possibilities");
}

/* Test score against time to choose, means over the splits of a data set. */
static bool score_figure(const comparison *in, const zg_claim *claim, zg_text *out)
{
    double *numbers = calloc(4 * in->sets + 1, sizeof *numbers);
    const char **notes = calloc(in->sets + 1, sizeof *notes);
    bool done = numbers && notes, rmse = in->metric == METRIC_RMSE;
    for (size_t s = 0; done && s < in->sets; s++) {
        size_t count = 0;
        for (size_t i = 0; i < in->count; i++) {
            const unit *at = &in->units[i];
            if (at->set != s || !is_paired(at)) continue;
            notes[s] = in->names[s];
            count++;
            for (size_t k = 0; k < 2; k++) {
                numbers[(2 * k) * in->sets + s] += at->sides[k].tuning;
                /* RMSE of different targets fit one axis only as ratios. */
                numbers[(2 * k + 1) * in->sets + s] +=
                    rmse ? at->sides[k].best->test_score / at->sides[0].best->test_score
                         : at->sides[k].best->test_score;
            }
        }
        for (size_t k = 0; k < 4; k++)
            numbers[k * in->sets + s] = count ? numbers[k * in->sets + s] / (double)count : NAN;
    }
    if (done) {
        zg_series series[2];
        for (size_t k = 0; k < 2; k++)
            series[k] = (zg_series){zg_claim_text(claim, k ? "against" : "method", "?"),
                                    k,
                                    ZG_MARK_POINTS,
                                    in->sets,
                                    numbers + 2 * k * in->sets,
                                    numbers + (2 * k + 1) * in->sets,
                                    notes};
        zg_chart chart = {
            rmse ? "Test RMSE against tuning time" : "Test accuracy against tuning time",
            "One point per data set and side, means over the splits; time is that of "
            "all trainings of the side's grid on one split.",
            {"seconds of tuning", "s", true},
            {rmse ? "test RMSE over that of the claim\xe2\x80\x99s methods" : "test accuracy", "",
             false},
            NULL,
            0,
            series,
            2};
        zg_chart_write(&chart, out);
    }
    free(numbers);
    free(notes);
    return done;
}

static bool set_figure(const comparison *in, zg_text *out)
{
    static const char *const labels[] = {
        "percentage points of test accuracy", "% more RMSE of the other side",
        "% more time of the other side", "% more time of the other side"};
    zg_bar *bars = calloc(in->sets + 1, sizeof *bars);
    size_t count = 0;
    for (size_t s = 0; bars && s < in->sets; s++) {
        if (isnan(in->mean[s])) continue;
        double value = in->metric == METRIC_ACCURACY ? in->mean[s] : expm1(in->mean[s]);
        bars[count++] = (zg_bar){in->names[s], value < 0 ? 1 : 0, 100 * value};
    }
    zg_axis axis = {labels[in->metric], "", false};
    if (bars)
        zg_chart_bars("Advantage of the claim\xe2\x80\x99s methods, by data set",
                      "Means over the splits; to the left the other side is better.", &axis, count,
                      bars, out);
    free(bars);
    return bars != NULL;
}

static metric metric_of(const zg_claim *claim)
{
    static const char *const names[] = {"accuracy", "rmse", "seconds", "tuning"};
    const char *name = zg_claim_text(claim, "metric", names[0]);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0) return (metric)i;
    return METRIC_ACCURACY;
}

bool zg_claim_compare(const zg_study *study, const zg_claim_cases *cases, zg_claim *claim)
{
    comparison in = {.metric = metric_of(claim)};
    zg_claim_cases others;
    bool done = zg_claim_select(study, claim, "against", &others);
    size_t room = cases->count + others.count + 1;
    in.units = calloc(room, sizeof *in.units);
    in.mean = calloc(room, sizeof *in.mean);
    in.names = calloc(room, sizeof *in.names);
    done = done && in.units && in.mean && in.names;
    if (done) {
        offer(&in, study, cases, 0);
        offer(&in, study, &others, 1);
        measure(&in);
    }
    if (done && in.compared == 0) {
        zg_claim_decide(claim, ZG_CLAIM_OPEN, "no data set has a validated result of both sides");
    } else if (done) {
        find_interval(&in);
        tell(&in, claim, &claim->evidence);
        decide(&in, claim);
        zg_text_add(&claim->figure, "<div class=\"charts\">\n");
        done = set_figure(&in, &claim->figure) && score_figure(&in, claim, &claim->figure);
        zg_text_add(&claim->figure, "</div>\n");
    }
    zg_claim_cases_clear(&others);
    free(in.units);
    free(in.mean);
    free(in.names);
    return done;
}
