/*
 * Claims that compare methods on rows that did not train.
 *
 * Every data set and split is a unit.  On each unit either side takes, of all its settings, models
 * and methods, the case that is best on the validation rows; the two are compared on the test rows.
 * A claim may ask several questions: times are wall and processor time, and who is faster to a
 * better score is also asked of the best of the other side's settings in hindsight, which nobody
 * knows beforehand.  Splits of one data set overlap, so the data sets, not the splits, are what an
 * interval counts.
 */
#include "reports/claim_parts.h"
#include "reports/statistics.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FEWEST_SETS 3
#define CONFIDENCE 0.95
#define MOST_QUESTIONS 6

typedef enum metric {
    METRIC_ACCURACY,
    METRIC_RMSE,
    METRIC_SECONDS, /* wall time */
    METRIC_PROCESSOR,
    METRIC_TUNING, /* wall time of all that was tried */
    METRIC_PROCESSOR_TUNING
} metric;

/* What one side has on one unit. */
typedef struct side {
    const zg_log_case *best;      /* by validation; NULL: nothing to choose from */
    const zg_log_case *hindsight; /* by the test rows, ties by the time */
    double tuning, processor;     /* seconds of all cases that were tried; NAN: not all known */
    size_t tried;
} side;

typedef struct unit {
    const char *data; /* its label */
    size_t set;       /* units that agree in front of what varies are of one set */
    side sides[2];
} unit;

/* One question and its answer: positive advantages are the claim's methods'. */
typedef struct question {
    metric metric;
    bool hindsight;
    double *mean; /* per set: of the advantages of its units; NAN without any */
    double average, low, high;
    size_t paired, compared; /* units, and sets with a mean */
    size_t wins, ties, losses;
} question;

typedef struct comparison {
    bool lower; /* the score is better when it is lower */
    unit *units;
    size_t count, sets, shared, elsewhere, unvalidated;
    bool itself;       /* some case is on both sides */
    char (*names)[64]; /* per set */
    question questions[MOST_QUESTIONS];
    size_t question_count;
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

static bool better_test(const zg_log_case *a, const zg_log_case *b)
{
    bool lower = a->score && strcmp(a->score, "rmse") == 0;
    if (a->test_score != b->test_score) return (a->test_score < b->test_score) == lower;
    return a->result.seconds < b->result.seconds;
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
    in->units[in->count] = (unit){.data = data, .set = set};
    return &in->units[in->count++];
}

static void offer(comparison *in, const zg_study *study, const zg_claim_cases *cases, size_t which)
{
    for (size_t k = 0; k < cases->count; k++) {
        const zg_log_case *row = &study->log->cases[cases->at[k]];
        const char *data = zg_log_text(row->started, "data.name");
        if (!data) continue;
        side *at = &unit_of(in, data)->sides[which];
        at->tuning += row->result.seconds;
        at->processor += row->result.processor_seconds;
        at->tried++;
        in->shared += row->shared;
        in->elsewhere += study->elsewhere[cases->at[k]];
        if (isnan(row->validation_score) || isnan(row->test_score)) {
            in->unvalidated++;
            continue;
        }
        if (!at->best || better_validation(row, at->best)) at->best = row;
        if (!at->hindsight || better_test(row, at->hindsight)) at->hindsight = row;
    }
}

/* ---- measuring ------------------------------------------------------------------------------ */

/* NAN when a side is missing or a number is not known. */
static double advantage(const question *asked, const unit *at)
{
    const side *a = &at->sides[0], *b = &at->sides[1];
    const zg_log_case *mine = a->best, *theirs = asked->hindsight ? b->hindsight : b->best;
    if (!mine || !theirs) return NAN;
    switch (asked->metric) {
    case METRIC_SECONDS:
        return log(theirs->result.seconds / mine->result.seconds);
    case METRIC_PROCESSOR:
        return log(theirs->result.processor_seconds / mine->result.processor_seconds);
    case METRIC_TUNING:
        return log(b->tuning / a->tuning);
    case METRIC_PROCESSOR_TUNING:
        return log(b->processor / a->processor);
    case METRIC_RMSE:
        return log(theirs->test_score / mine->test_score);
    case METRIC_ACCURACY:
        break;
    }
    return mine->test_score - theirs->test_score;
}

/* Student's interval for the mean over the data sets. */
static void find_interval(size_t sets, question *out)
{
    double squares = 0, count = (double)out->compared;
    out->low = -INFINITY;
    out->high = INFINITY;
    if (out->compared < FEWEST_SETS) return;
    for (size_t s = 0; s < sets; s++)
        if (!isnan(out->mean[s])) squares += pow(out->mean[s] - out->average, 2);
    double half =
        zg_student_quantile(0.5 + CONFIDENCE / 2, count - 1) * sqrt(squares / (count - 1) / count);
    out->low = out->average - half;
    out->high = out->average + half;
}

static bool ask(comparison *in, metric kind, bool hindsight)
{
    question *out = &in->questions[in->question_count++];
    *out = (question){.metric = kind, .hindsight = hindsight};
    out->mean = calloc(in->sets + 1, sizeof *out->mean);
    if (!out->mean) return false;
    for (size_t s = 0; s < in->sets; s++) {
        double sum = 0;
        size_t count = 0;
        for (size_t i = 0; i < in->count; i++) {
            double value = in->units[i].set == s ? advantage(out, &in->units[i]) : NAN;
            if (!isfinite(value)) continue;
            sum += value;
            count++;
        }
        out->paired += count;
        out->mean[s] = count ? sum / (double)count : NAN;
        if (!count) continue;
        out->wins += out->mean[s] > 1e-12;
        out->losses += out->mean[s] < -1e-12;
        out->ties += fabs(out->mean[s]) <= 1e-12;
        out->average += out->mean[s];
        out->compared++;
    }
    out->average /= (double)out->compared;
    find_interval(in->sets, out);
    return true;
}

static double total(const comparison *in, size_t which, bool seconds)
{
    double sum = 0;
    for (size_t i = 0; i < in->count; i++)
        sum += seconds ? in->units[i].sides[which].tuning : (double)in->units[i].sides[which].tried;
    return sum;
}

/* ---- telling -------------------------------------------------------------------------------- */

static const char *question_name(const question *asked)
{
    static const char *const names[] = {"test accuracy",         "test RMSE",
                                        "training time",         "processor time of training",
                                        "time of all trainings", "processor time of all trainings"};
    return names[asked->metric];
}

static void tell_question(const question *asked, zg_text *out)
{
    zg_text_format(out, " %s on %zu data sets, equal on %zu, worse on %zu.",
                   asked->hindsight ? "Against the best of the other side's settings in hindsight: "
                                      "better"
                                    : "Better",
                   asked->wins, asked->ties, asked->losses);
    if (asked->metric == METRIC_ACCURACY)
        zg_text_format(out,
                       " Mean difference in test accuracy %+.2f percentage points, 95 %% interval "
                       "[%+.2f, %+.2f].",
                       100 * asked->average, 100 * asked->low, 100 * asked->high);
    else
        zg_text_format(out,
                       " The other side has %.3g times the %s (geometric mean), 95 %% interval "
                       "[%.3g, %.3g].",
                       exp(asked->average), question_name(asked), exp(asked->low),
                       exp(asked->high));
}

/* The time that choosing took is stated with every comparison. */
static void tell_tuning(const comparison *in, zg_text *out)
{
    zg_text_add(out, " Tuning took ");
    zg_text_seconds(out, total(in, 0, true));
    zg_text_format(out, " for %.0f trainings against ", total(in, 0, false));
    zg_text_seconds(out, total(in, 1, true));
    zg_text_format(out, " for %.0f.", total(in, 1, false));
    if (in->shared) zg_text_add(out, " Times were taken beside other cases.");
    if (in->elsewhere) zg_text_add(out, " Times were taken on several kinds of machine.");
    if (in->unvalidated)
        zg_text_format(out, " %zu cases have no validation or test score.", in->unvalidated);
}

static void tell(const comparison *in, const zg_claim *claim, zg_text *out)
{
    zg_text_format(out,
                   "%s against %s, %zu pairs on %zu data sets, settings chosen on validation rows.",
                   zg_claim_text(claim, "method", "?"), zg_claim_text(claim, "against", "?"),
                   in->questions[0].paired, in->questions[0].compared);
    for (size_t q = 0; q < in->question_count; q++)
        if (in->questions[q].compared) tell_question(&in->questions[q], out);
    tell_tuning(in, out);
}

/* ---- deciding ------------------------------------------------------------------------------- */

/* Why the questions cannot be answered, or NULL. */
static const char *unanswerable(const comparison *in)
{
    if (in->itself) return "a method is compared with itself";
    if (in->unvalidated) return "some cases have no validation or test score";
    for (size_t q = 0; q < in->question_count; q++) {
        const question *asked = &in->questions[q];
        if (asked->metric >= METRIC_SECONDS && in->shared)
            return "the times were taken beside other cases";
        if (asked->metric >= METRIC_SECONDS && in->elsewhere)
            return "the times were taken on several kinds of machine";
        if (asked->paired < in->count)
            return asked->metric == METRIC_PROCESSOR || asked->metric == METRIC_PROCESSOR_TUNING
                       ? "the log lacks processor times"
                       : "some data sets have a result of one side only";
        if (asked->compared < FEWEST_SETS) return "fewer than 3 data sets have both sides";
    }
    return NULL;
}

/* Every question must be answered beyond its least advantage for a yes, one the other way for a
 * no. */
static void decide(const comparison *in, double least, bool strict, zg_claim *claim)
{
    const char *reason = unanswerable(in);
    const question *other_way = NULL, *open = NULL;
    for (size_t q = 0; q < in->question_count; q++) {
        const question *asked = &in->questions[q];
        bool beyond = asked->low > least || (!strict && asked->low >= least);
        if (asked->high < least && !other_way) other_way = asked;
        if (!beyond && !open) open = asked;
    }
    if (reason)
        zg_claim_decide(claim, ZG_CLAIM_OPEN, "%s", reason);
    else if (other_way)
        zg_claim_decide(claim, ZG_CLAIM_NOT_REPRODUCED,
                        "the interval of the %s%s lies on the other side", question_name(other_way),
                        other_way->hindsight ? ", in hindsight," : "");
    else if (open)
        zg_claim_decide(claim, ZG_CLAIM_OPEN,
                        "the interval of the %s%s contains both possibilities", question_name(open),
                        open->hindsight ? ", in hindsight," : "");
    else
        claim->verdict = ZG_CLAIM_REPRODUCED;
}

/* ---- figures -------------------------------------------------------------------------------- */

/* Test score against time to choose, means over the splits of a data set. */
static bool score_figure(const comparison *in, const zg_claim *claim, zg_text *out)
{
    double *numbers = calloc(4 * in->sets + 1, sizeof *numbers);
    const char **notes = calloc(in->sets + 1, sizeof *notes);
    bool done = numbers && notes, rmse = in->lower;
    for (size_t s = 0; done && s < in->sets; s++) {
        size_t count = 0;
        for (size_t i = 0; i < in->count; i++) {
            const unit *at = &in->units[i];
            if (at->set != s || !at->sides[0].best || !at->sides[1].best) continue;
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
            {"time of tuning", "s", true},
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

static bool set_figure(const comparison *in, const question *asked, zg_text *out)
{
    static const char *const labels[] = {
        "percentage points of test accuracy",    "% more test RMSE of the other side",
        "% more time of the other side",         "% more processor time of the other side",
        "% more time for all of the other side", "% more processor time for all of the other side"};
    zg_bar *bars = calloc(in->sets + 1, sizeof *bars);
    size_t count = 0;
    for (size_t s = 0; bars && s < in->sets; s++) {
        if (isnan(asked->mean[s])) continue;
        double value = asked->metric == METRIC_ACCURACY ? asked->mean[s] : expm1(asked->mean[s]);
        bars[count++] = (zg_bar){in->names[s], value < 0 ? 1 : 0, 100 * value};
    }
    zg_axis axis = {labels[asked->metric], "", false};
    if (bars)
        zg_chart_bars("Advantage of the claim\xe2\x80\x99s methods, by data set",
                      "Means over the splits; to the left the other side is better.", &axis, count,
                      bars, out);
    free(bars);
    return bars != NULL;
}

/* ---- the tests ------------------------------------------------------------------------------ */

static bool begin(const zg_study *study, const zg_claim_sides *sides, comparison *out)
{
    size_t room = sides->own.count + sides->against.count + 1;
    *out = (comparison){.units = calloc(room, sizeof *out->units),
                        .names = calloc(room, sizeof *out->names)};
    if (!out->units || !out->names) return false;
    offer(out, study, &sides->own, 0);
    offer(out, study, &sides->against, 1);
    for (size_t i = 0; i < sides->own.count; i++)
        for (size_t k = 0; k < sides->against.count; k++)
            out->itself = out->itself || sides->own.at[i] == sides->against.at[k];
    return true;
}

static void clear(comparison *in)
{
    for (size_t q = 0; q < in->question_count; q++)
        free(in->questions[q].mean);
    free(in->units);
    free(in->names);
}

/* Evidence, verdict and figures of the questions that were asked. */
static bool answer(const zg_study *study, const zg_claim_sides *sides, const comparison *in,
                   double least, bool strict, zg_claim *claim)
{
    bool done = true;
    if (in->questions[0].compared == 0) {
        zg_claim_decide(claim, ZG_CLAIM_OPEN, "no data set has a validated result of both sides");
        return true;
    }
    tell(in, claim, &claim->evidence);
    decide(in, least, strict, claim);
    zg_claim_tell_load(study, &sides->own, &claim->evidence);
    zg_claim_tell_load(study, &sides->against, &claim->evidence);
    zg_text_add(&claim->figure, "<div class=\"charts\">\n");
    for (size_t q = 0; done && q < in->question_count; q++)
        if (!in->questions[q].hindsight && in->questions[q].compared)
            done = set_figure(in, &in->questions[q], &claim->figure);
    done = done && score_figure(in, claim, &claim->figure);
    zg_text_add(&claim->figure, "</div>\n");
    return done;
}

bool zg_claim_compare(const zg_study *study, const zg_claim_sides *sides, zg_claim *claim)
{
    static const struct {
        const char *name;
        metric kinds[2];
        size_t count;
    } metrics[] = {{"accuracy", {METRIC_ACCURACY}, 1},
                   {"rmse", {METRIC_RMSE}, 1},
                   {"seconds", {METRIC_SECONDS, METRIC_PROCESSOR}, 2},
                   {"tuning", {METRIC_TUNING, METRIC_PROCESSOR_TUNING}, 2}};
    const char *name = zg_claim_text(claim, "metric", metrics[0].name);
    size_t which = 0;
    for (size_t i = 0; i < sizeof metrics / sizeof *metrics; i++)
        if (strcmp(metrics[i].name, name) == 0) which = i;
    bool no_worse = strcmp(zg_claim_text(claim, "demand", "no-worse"), "no-worse") == 0;
    double margin = no_worse ? zg_claim_number(claim, "margin", 0) : 0;
    comparison in;
    bool done = begin(study, sides, &in);
    in.lower = metrics[which].kinds[0] == METRIC_RMSE;
    for (size_t k = 0; done && k < metrics[which].count; k++)
        done = ask(&in, metrics[which].kinds[k], false);
    if (done) done = answer(study, sides, &in, which ? -log1p(margin) : -margin, !no_worse, claim);
    clear(&in);
    return done;
}

bool zg_claim_faster(const zg_study *study, const zg_claim_sides *sides, zg_claim *claim)
{
    comparison in;
    bool done = begin(study, sides, &in);
    in.lower = strcmp(zg_claim_text(claim, "metric", "accuracy"), "rmse") == 0;
    for (int hindsight = 0; done && hindsight < 2; hindsight++)
        done = ask(&in, in.lower ? METRIC_RMSE : METRIC_ACCURACY, hindsight) &&
               ask(&in, METRIC_SECONDS, hindsight) && ask(&in, METRIC_PROCESSOR, hindsight);
    if (done) done = answer(study, sides, &in, 0, true, claim);
    clear(&in);
    return done;
}
