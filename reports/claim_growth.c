/*
 * Claims about growth: how time, wall and processor, or the nodes of a tree grow with a size.
 *
 * Medians per size get a straight line twice, through log effort against log size (a power) and
 * against size (an exponential).  Both have two parameters, so the smaller sum of squares fits
 * better.  A fit describes the sizes that were measured, nothing beyond them.
 */
#include "reports/claim_parts.h"

#include "base/memory.h"
#include "reports/statistics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FEWEST_SIZES 4

typedef enum effort { EFFORT_WALL, EFFORT_PROCESSOR, EFFORT_NODES } effort;

typedef struct point {
    double size, effort;
} point;

/* One method on one model: the cases differ in the size alone. */
typedef struct family {
    const char *method, *model;
    point *points; /* after gathering: medians by ascending size */
    size_t count, sizes;
    zg_line power, exponential; /* of log effort in log size, and in size */
} family;

typedef struct families {
    effort kind;
    family *at;
    size_t count, capacity;
    size_t shared;    /* timed beside other cases */
    size_t elsewhere; /* timed on another kind of machine than most */
    size_t unknown;   /* cases without a size or an effort */
    size_t unproven;  /* not certified, of methods that certify others of these cases */
} families;

static family *find_family(families *all, const char *method, const char *model, size_t room)
{
    for (size_t i = 0; i < all->count; i++)
        if (strcmp(all->at[i].method, method) == 0 && strcmp(all->at[i].model, model) == 0)
            return &all->at[i];
    family *longer = zg_grow(all->at, &all->capacity, all->count + 1, sizeof *longer);
    if (!longer) return NULL;
    all->at = longer;
    all->at[all->count] = (family){.method = method, .model = model};
    all->at[all->count].points = calloc(room + 1, sizeof(point));
    return all->at[all->count++].points ? &all->at[all->count - 1] : NULL;
}

static void families_clear(families *all)
{
    for (size_t i = 0; i < all->count; i++)
        free(all->at[i].points);
    free(all->at);
    *all = (families){0};
}

static int by_size(const void *a, const void *b)
{
    const point *x = a, *y = b;
    if (x->size != y->size) return x->size > y->size ? 1 : -1;
    return (x->effort > y->effort) - (x->effort < y->effort);
}

/* The middle of an odd number, the later middle of an even one: times are not to look better. */
static bool fit(family *in)
{
    double *room = malloc((3 * in->count + 1) * sizeof *room);
    if (!room) return false;
    double *x = room, *lx = room + in->count, *y = room + 2 * in->count;
    qsort(in->points, in->count, sizeof *in->points, by_size);
    for (size_t from = 0, to; from < in->count; from = to) {
        for (to = from; to < in->count && in->points[to].size == in->points[from].size;)
            to++;
        in->points[in->sizes++] = in->points[from + (to - from) / 2];
    }
    for (size_t i = 0; i < in->sizes; i++) {
        x[i] = in->points[i].size;
        lx[i] = log(x[i]);
        y[i] = log(in->points[i].effort);
    }
    if (in->sizes > 1) {
        zg_fit_line(in->sizes, lx, y, &in->power);
        zg_fit_line(in->sizes, x, y, &in->exponential);
    }
    free(room);
    return true;
}

/* Median seconds of a case's measurements, processor time of the first one, or nodes. */
static bool effort_of(const zg_log_case *row, effort kind, double *out)
{
    *out = kind == EFFORT_NODES       ? row->result.iterations
           : kind == EFFORT_PROCESSOR ? row->result.processor_seconds
                                      : row->result.seconds;
    return kind != EFFORT_WALL || row->result.sample_count < 2 ||
           zg_median(row->result.sample_count, row->result.samples, out);
}

/* Whether the method certified any of the cases: then its effort is that to the optimum. */
static bool certifies(const zg_study *study, const zg_claim_cases *cases, const char *method)
{
    for (size_t k = 0; k < cases->count; k++) {
        const zg_log_case *row = &study->log->cases[cases->at[k]];
        if (zg_claim_optimal(row) && strcmp(zg_claim_method(row), method) == 0) return true;
    }
    return false;
}

static bool gather(const zg_study *study, const zg_claim_cases *cases, const char *variable,
                   families *out)
{
    bool done = true;
    for (size_t k = 0; done && k < cases->count; k++) {
        const zg_log_case *row = &study->log->cases[cases->at[k]];
        const char *model = zg_log_text(row->started, "model.name");
        double size = zg_claim_size(row, variable), spent;
        done = effort_of(row, out->kind, &spent);
        out->unproven += !zg_claim_optimal(row) && certifies(study, cases, zg_claim_method(row));
        bool known = size > 0 && spent > 0 && isfinite(size) && isfinite(spent);
        out->unknown += !known;
        if (!known) continue;
        family *in = find_family(out, zg_claim_method(row), model ? model : "", cases->count);
        done = done && in;
        if (in) in->points[in->count++] = (point){size, spent};
        out->shared += out->kind != EFFORT_NODES && row->shared;
        out->elsewhere += out->kind != EFFORT_NODES && study->elsewhere[cases->at[k]];
    }
    for (size_t i = 0; done && i < out->count; i++)
        done = fit(&out->at[i]);
    return done;
}

/* Measured points, and the fitted line dashed through them. */
static bool growth_figure(const families *all, const char *variable, zg_text *out)
{
    bool nodes = all->kind == EFFORT_NODES;
    size_t most = 0;
    for (size_t i = 0; i < all->count; i++)
        most = all->at[i].sizes > most ? all->at[i].sizes : most;
    zg_series *series = calloc(2 * all->count + 1, sizeof *series);
    double *numbers = malloc((3 * all->count * most + 1) * sizeof *numbers);
    zg_text *labels = calloc(all->count + 1, sizeof *labels);
    bool done = series && numbers && labels;
    for (size_t i = 0; done && i < all->count; i++) {
        const family *in = &all->at[i];
        const zg_line *line = nodes ? &in->exponential : &in->power;
        double *x = numbers + 3 * i * most, *y = x + most, *fitted = y + most;
        for (size_t k = 0; k < in->sizes; k++) {
            x[k] = in->points[k].size;
            y[k] = in->points[k].effort;
            fitted[k] = exp(line->intercept + line->slope * (nodes ? x[k] : log(x[k])));
        }
        zg_text_format(&labels[i], "%s%s%s", in->method, all->count > 1 ? ", " : "",
                       all->count > 1 ? in->model : "");
        const char *label = zg_text_bytes(&labels[i]);
        series[2 * i] = (zg_series){label, i, ZG_MARK_POINTS, in->sizes, x, y, NULL};
        series[2 * i + 1] =
            (zg_series){label, i, ZG_MARK_RULE, in->sizes > 1 ? in->sizes : 0, x, fitted, NULL};
    }
    if (done) {
        zg_chart chart = {nodes ? "Nodes against size" : "Time against size",
                          nodes ? "Dashed: the fitted exponential." : "Dashed: the fitted power.",
                          {variable, "", !nodes},
                          {nodes ? "nodes" : "time of the method", nodes ? "" : "s", true},
                          NULL,
                          0,
                          series,
                          2 * all->count};
        zg_chart_write(&chart, out);
    }
    for (size_t i = 0; labels && i < all->count; i++) {
        if (labels[i].failed) out->failed = true;
        zg_text_clear(&labels[i]);
    }
    free(labels);
    free(series);
    free(numbers);
    return done;
}

/* ---- decisions ------------------------------------------------------------------------------ */

static bool power_fits_better(const family *in)
{
    return in->power.residual < in->exponential.residual;
}

static void tell_sizes(const family *in, bool first, zg_text *out)
{
    zg_text_format(out, "%s%s (%s), %zu sizes from %g to %g: ", first ? "" : " ", in->method,
                   in->model, in->sizes, in->points[0].size, in->points[in->sizes - 1].size);
}

static void tell_fits(const family *in, zg_text *out)
{
    bool power = power_fits_better(in);
    zg_text_format(out, "a power fits %s an exponential (R\xc2\xb2 %.3f and %.3f).",
                   power ? "better than" : "no better than", in->power.r2, in->exponential.r2);
}

/* What the powers of one kind of time say. */
typedef struct powers {
    bool refuted, few, wide, curved;
} powers;

static powers judge_powers(const families *all, double at_most, zg_text *out)
{
    powers found = {.few = all->count == 0};
    for (size_t i = 0; i < all->count; i++) {
        const family *in = &all->at[i];
        if (in->sizes < FEWEST_SIZES) {
            zg_text_format(out, "%s%s: %zu sizes.", i ? " " : "", in->method, in->sizes);
            found.few = true;
            continue;
        }
        tell_sizes(in, i == 0, out);
        zg_text_format(out, "exponent %.2f, 95 %% interval [%.2f, %.2f]; ", in->power.slope,
                       in->power.slope_low, in->power.slope_high);
        tell_fits(in, out);
        found.refuted = found.refuted || in->power.slope_low > at_most;
        found.wide = found.wide || !(in->power.slope_high <= at_most);
        found.curved = found.curved || !power_fits_better(in);
    }
    return found;
}

/* Why not all cases can be points of a fit, or NULL. */
static const char *incomplete(const families *all)
{
    if (all->shared) return "the times were taken beside other cases";
    if (all->elsewhere) return "the times were taken on several kinds of machine";
    if (all->unproven) return "the time of cases that are not certified is not that to the optimum";
    if (!all->unknown) return NULL;
    return all->kind == EFFORT_PROCESSOR ? "the log lacks processor times"
                                         : "sizes or efforts are not in the log";
}

/* Both kinds of time must bear the claim out, and both must refute it. */
static void decide_exponent(const families times[2], const powers found[2], double at_most,
                            zg_claim *claim)
{
    const char *reason = incomplete(&times[0]);
    if (!reason) reason = incomplete(&times[1]);
    if (reason)
        zg_claim_decide(claim, ZG_CLAIM_OPEN, "%s", reason);
    else if (found[0].refuted && found[1].refuted)
        zg_claim_decide(claim, ZG_CLAIM_NOT_REPRODUCED, "an exponent is above %g", at_most);
    else if (found[0].few)
        zg_claim_decide(claim, ZG_CLAIM_OPEN, "fewer than %d sizes", FEWEST_SIZES);
    else if (found[0].wide || found[1].wide)
        zg_claim_decide(claim, ZG_CLAIM_OPEN, "an interval reaches beyond %g", at_most);
    else if (found[0].curved || found[1].curved)
        zg_claim_decide(claim, ZG_CLAIM_OPEN, "an exponential fits these sizes as well or better");
    else
        claim->verdict = ZG_CLAIM_REPRODUCED;
}

bool zg_claim_exponent(const zg_study *study, const zg_claim_sides *sides, zg_claim *claim)
{
    families times[2] = {{.kind = EFFORT_WALL}, {.kind = EFFORT_PROCESSOR}};
    powers found[2];
    const char *variable = zg_claim_text(claim, "variable", "n");
    double at_most = zg_claim_number(claim, "at_most", NAN);
    bool done = gather(study, &sides->own, variable, &times[0]) &&
                gather(study, &sides->own, variable, &times[1]);
    if (done) {
        found[0] = judge_powers(&times[0], at_most, &claim->evidence);
        if (times[1].count) zg_text_add(&claim->evidence, " Processor time: ");
        found[1] = judge_powers(&times[1], at_most, &claim->evidence);
        decide_exponent(times, found, at_most, claim);
        zg_claim_tell_load(study, &sides->own, &claim->evidence);
        done = growth_figure(&times[0], variable, &claim->figure);
    }
    families_clear(&times[0]);
    families_clear(&times[1]);
    return done;
}

static void decide_exponential(const families *all, zg_claim *claim)
{
    const char *reason = incomplete(all);
    bool refuted = false, open = false;
    for (size_t i = 0; i < all->count; i++) {
        const family *in = &all->at[i];
        open = open || in->sizes < FEWEST_SIZES || !(in->exponential.slope_low > 0);
        if (in->sizes < FEWEST_SIZES) continue;
        bool better = in->exponential.residual < in->power.residual;
        tell_sizes(in, i == 0, &claim->evidence);
        zg_text_format(&claim->evidence,
                       "nodes grow by a factor of %.2f with each unit of size, 95 %% interval "
                       "[%.2f, %.2f]; the exponential fits %s a power of %.1f (R\xc2\xb2 %.3f and "
                       "%.3f).",
                       exp(in->exponential.slope), exp(in->exponential.slope_low),
                       exp(in->exponential.slope_high), better ? "better than" : "worse than",
                       in->power.slope, in->exponential.r2, in->power.r2);
        refuted = refuted || !better;
    }
    if (reason)
        zg_claim_decide(claim, ZG_CLAIM_OPEN, "%s", reason);
    else if (refuted)
        zg_claim_decide(claim, ZG_CLAIM_NOT_REPRODUCED, "a power of the size fits better");
    else if (all->count == 0 || open)
        zg_claim_decide(claim, ZG_CLAIM_OPEN,
                        "fewer than %d sizes, or no growth that is told from none", FEWEST_SIZES);
    else
        claim->verdict = ZG_CLAIM_REPRODUCED;
}

bool zg_claim_exponential(const zg_study *study, const zg_claim_sides *sides, zg_claim *claim)
{
    families all = {.kind = EFFORT_NODES};
    const char *variable = zg_claim_text(claim, "variable", "count");
    bool done = gather(study, &sides->own, variable, &all);
    if (done) {
        decide_exponential(&all, claim);
        done = growth_figure(&all, variable, &claim->figure);
    }
    families_clear(&all);
    return done;
}
