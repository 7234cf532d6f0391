/* Comparison of two sides, case by case: matching, decisions and the exit status. */
#include "reports/compare.h"
#include "reports/parts.h"
#include "reports/statistics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CONTRADICTION 1e-9 /* relative; rounding of an objective is far below it */

zg_compare_options zg_compare_defaults(void)
{
    return (zg_compare_options){.allowance = 0.05, .level = 0.05, .objective_allowance = 0.001};
}

const char *zg_change_name(zg_change change)
{
    static const char *const names[ZG_CHANGES] = {"same", "faster", "slower", "unknown"};
    return names[change];
}

/* ---- times ---------------------------------------------------------------------------------- */

static double *logarithms(size_t count, const double *values)
{
    double *logs = malloc((count + 1) * sizeof *logs);
    for (size_t i = 0; logs && i < count; i++)
        logs[i] = log(values[i]);
    return logs;
}

/* How far the later half of the repetitions lies from the earlier one, on logarithms. */
static bool drift(size_t count, const double *logs, double *out)
{
    *out = 0;
    size_t half = count / 2;
    if (half < 3) return true;
    zg_shift shift;
    if (!zg_hodges_lehmann(count - half, logs + half, half, logs, 0.95, &shift)) return false;
    *out = fabs(shift.estimate);
    return true;
}

/* Variance of the median of the repetitions, from their interquartile range. */
static bool median_variance(size_t count, const double *logs, double *out)
{
    double *sorted = malloc((count + 1) * sizeof *sorted);
    if (!sorted) return false;
    memcpy(sorted, logs, count * sizeof *sorted);
    zg_sort(count, sorted);
    double deviation =
        (zg_quantile(count, sorted, 0.75) - zg_quantile(count, sorted, 0.25)) / 1.349;
    free(sorted);
    *out = 1.5708 * deviation * deviation / (double)count; /* pi / 2: of a median */
    return true;
}

static bool noise_floor(size_t n, const double *base, size_t m, const double *new, double *out)
{
    double drift_base, drift_new, variance_base, variance_new;
    if (!drift(n, base, &drift_base) || !drift(m, new, &drift_new)) return false;
    if (!median_variance(n, base, &variance_base) || !median_variance(m, new, &variance_new))
        return false;
    *out = fmax(sqrt(variance_base + variance_new), fmax(drift_base, drift_new));
    return true;
}

/* Fills everything but q and the change. */
static bool measure(size_t n, const double *base, size_t m, const double *new, zg_compared *out)
{
    double *one = logarithms(n, base), *two = logarithms(m, new), floor = 0;
    zg_rank_test test = {0};
    zg_shift shift = {0};
    bool done = one && two && zg_mann_whitney(m, two, n, one, &test) &&
                zg_hodges_lehmann(m, two, n, one, 0.95, &shift) &&
                noise_floor(n, one, m, two, &floor);
    free(one);
    free(two);
    out->p = test.p;
    out->ratio = exp(shift.estimate);
    out->low = exp(shift.low);
    out->high = exp(shift.high);
    out->floor = expm1(floor);
    return done;
}

static bool enough_samples(size_t n, size_t m, double level)
{
    return n > 0 && m > 0 && zg_mann_whitney_least_p(n, m) <= level;
}

/* "same" says that there is no slowdown beyond the allowance: the interval must exclude one, and
 * the noise must be smaller than what is looked for.  Otherwise it is unknown.  Comparisons are
 * written so that a NAN excludes nothing. */
static void decide(zg_compared *row, const zg_compare_options *options)
{
    double allowed = options->allowance, beyond = fmax(allowed, row->floor);
    bool excluded = row->high <= 1 + allowed, quiet = row->floor <= allowed;
    row->change = excluded && quiet ? ZG_SAME : ZG_UNKNOWN;
    if (row->q <= options->level && row->ratio > 1 + beyond) row->change = ZG_SLOWER;
    if (row->q <= options->level && row->ratio < 1 / (1 + beyond)) row->change = ZG_FASTER;
    row->blind = row->change == ZG_UNKNOWN;
    if (!row->blind) return;
    if (!quiet)
        snprintf(row->reason, sizeof row->reason,
                 "too noisy: the noise of %.1f %% hides a slowdown of %g %%", 100 * row->floor,
                 100 * allowed);
    else
        snprintf(row->reason, sizeof row->reason,
                 "too wide an interval: a slowdown beyond %g %% is not ruled out", 100 * allowed);
}

bool zg_compare_samples(size_t base_count, const double *base, size_t new_count, const double *new,
                        const zg_compare_options *options, zg_compared *out)
{
    out->change = ZG_UNKNOWN;
    if (!enough_samples(base_count, new_count, options->level)) return true;
    if (!measure(base_count, base, new_count, new, out)) return false;
    out->q = out->p;
    decide(out, options);
    return true;
}

/* Cases of one side may have been timed on several machines: each pair is asked by itself. */
static bool same_machine(const zg_compared *row)
{
    char what[200];
    return !zg_provenance_differs(row->base->provenance, row->new->provenance, what, sizeof what);
}

/* Why the times of a matched case say nothing, or NULL. */
static const char *not_comparable(const zg_comparison *in, const zg_compared *row)
{
    if (in->options.no_timing) return "times are not compared";
    if (!zg_verdict_ran(row->base->verdict)) return "it did not run in base";
    if (!zg_verdict_ran(row->new->verdict)) return "it did not run in new";
    if (row->base->sample_count == 0 || row->new->sample_count == 0) return "it has no times";
    if (row->base->shared || row->new->shared) return "it was timed beside other cases";
    for (size_t i = 0; i < row->base->sample_count; i++)
        if (!(row->base->samples[i] > 0)) return "its times are not positive";
    for (size_t i = 0; i < row->new->sample_count; i++)
        if (!(row->new->samples[i] > 0)) return "its times are not positive";
    if (!same_machine(row) && !in->options.any_machine) return "provenance differs";
    return NULL;
}

static zg_status compare_times(zg_comparison *in, zg_compared *row, zg_error *error)
{
    row->change = ZG_UNKNOWN;
    const char *reason = not_comparable(in, row);
    size_t n = row->base->sample_count, m = row->new->sample_count;
    if (reason) {
        snprintf(row->reason, sizeof row->reason, "%s", reason);
        return ZG_OK;
    }
    if (!measure(n, row->base->samples, m, row->new->samples, row)) return zg_no_memory(error);
    if (!enough_samples(n, m, in->options.level)) {
        snprintf(row->reason, sizeof row->reason,
                 "too few samples (%zu and %zu; 4 and 4 are the least)", n, m);
        row->p = NAN;
    }
    return ZG_OK;
}

/* False-discovery control over the cases that were tested, then the decisions. */
static zg_status decide_all(zg_comparison *in, zg_error *error)
{
    double *p = malloc((in->count + 1) * sizeof *p);
    if (!p) return zg_no_memory(error);
    size_t tested = 0;
    for (size_t i = 0; i < in->count; i++)
        if (!isnan(in->rows[i].p)) p[tested++] = in->rows[i].p;
    bool done = zg_benjamini_hochberg(tested, p, p);
    for (size_t i = 0, at = 0; done && i < in->count; i++) {
        if (isnan(in->rows[i].p)) continue;
        in->rows[i].q = p[at++];
        decide(&in->rows[i], &in->options);
    }
    free(p);
    return done ? ZG_OK : zg_no_memory(error);
}

/* ---- everything else ------------------------------------------------------------------------ */

/* Same key, same problem: a network below somebody's certified bound refutes one of the two. */
static bool contradiction(const zg_measurement *network, const zg_measurement *bound)
{
    return zg_verdict_ran(network->verdict) &&
           network->objective < bound->bound - CONTRADICTION * fmax(1, fabs(network->objective));
}

/* An attempt that gave no result, for which a case that is skipped is no substitute. */
static bool came_to_nothing(zg_verdict verdict)
{
    return !zg_verdict_ran(verdict) && verdict != ZG_WRONG && verdict != ZG_SKIPPED;
}

/* Same key, same method and seed: it repeats its objective but for the rounding of other libraries,
 * which long training amplifies.  Two proofs of one optimum agree to their tolerance.  A NAN is
 * worse than any number. */
static bool objective_grew(const zg_compare_options *options, const zg_measurement *base,
                           const zg_measurement *new)
{
    if (!base->key || !new->key || !isfinite(base->objective)) return false;
    if (zg_verdict_certified(base->verdict) && zg_verdict_certified(new->verdict)) return false;
    double allowed = options->objective_allowance * fmax(1, fabs(base->objective));
    return !(new->objective <= base->objective + allowed);
}

static void compare_results(const zg_compare_options *options, zg_compared *row)
{
    const zg_measurement *base = row->base, *new = row->new;
    row->broken = zg_verdict_ran(base->verdict)
                      ? !zg_verdict_ran(new->verdict) && new->verdict != ZG_WRONG
                      : base->verdict == ZG_SKIPPED &&came_to_nothing(new->verdict);
    row->nowhere = came_to_nothing(base->verdict) && came_to_nothing(new->verdict);
    row->uncertified = zg_verdict_certified(base->verdict) && new->verdict == ZG_UNCERTIFIED;
    if (base->key && new->key)
        row->contradicts = contradiction(base, new) || contradiction(new, base);
    row->contradicts = row->contradicts || base->contradicts || new->contradicts;
    row->wrong = new->verdict == ZG_WRONG || row->contradicts;
    if (!zg_verdict_ran(base->verdict) || !zg_verdict_ran(new->verdict)) return;
    row->worse = objective_grew(options, base, new);
    for (size_t i = 0; i < ZG_COUNTERS; i++)
        if (new->counters[i] > base->counters[i] * (1 + options->counter_allowance))
            row->counters = true;
}

/* ---- matching ------------------------------------------------------------------------------- */

static void index_items(const zg_side *side, json_t *map)
{
    for (size_t i = side->count; i-- > 0;) { /* the first of equal names stays */
        const zg_measurement *item = &side->items[i];
        char name[80];
        if (item->key) {
            snprintf(name, sizeof name, "key %.70s", item->key);
            json_object_set_new(map, name, json_integer((json_int_t)i));
        }
        json_object_set_new(map, item->name, json_integer((json_int_t)i));
    }
}

/* The item of the side with the same key or, where one of the two has none, the same name. */
static const zg_measurement *find_item(const zg_side *side, const json_t *map,
                                       const zg_measurement *item)
{
    char name[80];
    const json_t *found = NULL;
    if (item->key) {
        snprintf(name, sizeof name, "key %.70s", item->key);
        found = json_object_get(map, name);
        if (found) return &side->items[json_integer_value(found)];
    }
    found = json_object_get(map, item->name);
    if (!found || !side->items) return NULL;
    const zg_measurement *other = &side->items[json_integer_value(found)];
    return other->key && item->key ? NULL : other;
}

static zg_compared *add_row(zg_comparison *in, const zg_measurement *base,
                            const zg_measurement *new)
{
    zg_compared *row = &in->rows[in->count++];
    *row = (zg_compared){.base = base, .new = new, .change = ZG_UNKNOWN};
    row->ratio = row->low = row->high = row->p = row->q = row->floor = NAN;
    if (!base || !new)
        snprintf(row->reason, sizeof row->reason, "it is missing from %s", base ? "new" : "base");
    return row;
}

/* The tolerance is in the key: where equal keys have others, one of the sides was changed. */
static zg_status check_tolerance(const zg_compared *row, zg_error *error)
{
    const zg_measurement *base = row->base, *new = row->new;
    if (!base->key || !new->key || base->tolerance == new->tolerance) return ZG_OK;
    return zg_fail(error, ZG_BAD_INPUT,
                   "the case \"%.200s\" has the tolerance %g in BASE and %g in NEW, under one key, "
                   "which stands for one tolerance: one of the logs was changed",
                   base->name, base->tolerance, new->tolerance);
}

static zg_status match(zg_comparison *in, zg_error *error)
{
    zg_status status = ZG_OK;
    json_t *of_base = json_object(), *of_new = json_object();
    in->rows = calloc(in->base.count + in->new.count + 1, sizeof *in->rows);
    if (!of_base || !of_new || !in->rows) status = zg_no_memory(error);
    if (status == ZG_OK) {
        index_items(&in->base, of_base);
        index_items(&in->new, of_new);
    }
    for (size_t i = 0; status == ZG_OK && i < in->base.count; i++) {
        const zg_measurement *base = &in->base.items[i];
        zg_compared *row = add_row(in, base, find_item(&in->new, of_new, base));
        if (!row->new) continue;
        in->matched++;
        status = check_tolerance(row, error);
        if (status != ZG_OK) break;
        compare_results(&in->options, row);
        status = compare_times(in, row, error);
    }
    for (size_t i = 0; status == ZG_OK && i < in->new.count; i++)
        if (!find_item(&in->base, of_base, &in->new.items[i])) {
            zg_compared *row = add_row(in, NULL, &in->new.items[i]);
            row->wrong = in->new.items[i].verdict == ZG_WRONG;
            row->contradicts = in->new.items[i].contradicts;
            row->broken = came_to_nothing(in->new.items[i].verdict);
        }
    json_decref(of_base);
    json_decref(of_new);
    return status;
}

/* ---- the verdict ---------------------------------------------------------------------------- */

/* Something was measured when a matched case ran on both sides and, where times are compared, at
 * least one case's times could be. */
static bool anything_measured(const zg_comparison *in)
{
    for (size_t i = 0; i < in->count; i++) {
        const zg_compared *row = &in->rows[i];
        if (!row->base || !row->new) continue;
        bool ran = zg_verdict_ran(row->base->verdict) && zg_verdict_ran(row->new->verdict);
        if (ran && (in->options.no_timing || row->change != ZG_UNKNOWN)) return true;
    }
    return false;
}

/* The worst wins: 2, 5, 3, 1, 0. */
static int judge(const zg_comparison *in)
{
    bool wrong = false, broken = in->new.not_started > 0, slower = false;
    bool missing = in->base.log.damage_count + in->new.log.damage_count > 0;
    for (size_t i = 0; i < in->count; i++) {
        const zg_compared *row = &in->rows[i];
        wrong = wrong || row->wrong;
        broken = broken || row->broken || row->uncertified;
        missing = missing || row->nowhere || (!row->new && !in->options.subset);
        slower = slower || row->change == ZG_SLOWER || row->counters || row->worse;
    }
    if (wrong) return 2;
    if (broken) return 5;
    if (missing || !anything_measured(in)) return 3;
    return slower ? 1 : 0;
}

zg_status zg_compare(const char *base, const char *new, const zg_compare_options *options,
                     zg_comparison *out, zg_error *error)
{
    memset(out, 0, sizeof *out);
    out->options = *options;
    zg_status status = zg_side_read(&out->base, base, error);
    if (status == ZG_OK) status = zg_side_read(&out->new, new, error);
    if (status == ZG_OK) status = zg_sides_hold_together(&out->base, &out->new, error);
    if (status != ZG_OK) return status;
    out->part = zg_parts_same(&out->base.log, &out->new.log);
    if (out->part) {
        out->base.not_started = zg_parts_not_started_here(&out->base.log);
        out->new.not_started = zg_parts_not_started_here(&out->new.log);
    }
    if (out->base.mixed || out->new.mixed)
        snprintf(out->provenance, sizeof out->provenance,
                 "the runs within one of the logs come from different machines; times are compared "
                 "where both of a case come from one kind");
    else
        zg_provenance_differs(out->base.provenance, out->new.provenance, out->provenance,
                              sizeof out->provenance);
    status = match(out, error);
    if (status == ZG_OK) status = decide_all(out, error);
    if (status != ZG_OK) return status;
    for (size_t i = 0; i < out->count; i++)
        if (out->rows[i].base && out->rows[i].new) out->changes[out->rows[i].change]++;
    out->exit_status = judge(out);
    return ZG_OK;
}

void zg_comparison_clear(zg_comparison *comparison)
{
    zg_side_clear(&comparison->base);
    zg_side_clear(&comparison->new);
    free(comparison->rows);
    memset(comparison, 0, sizeof *comparison);
}
