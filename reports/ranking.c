/* Methods against each other: profiles, leave-one-out check, shifted geometric means. */
#include "reports/ranking.h"
#include "reports/statistics.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* ---- the table of times --------------------------------------------------------------------- */

static double case_time(const zg_study *study, size_t i, zg_goal goal)
{
    const zg_log_case *row = &study->log->cases[i];
    if (goal == ZG_GOAL_CERTIFICATE) return zg_study_time_to_gap(row, study->tolerance);
    return zg_study_time_to_bound(row, study->best_bound[study->problem_of[i]], 0.01);
}

/* Median over the cases of a cell, the later of two middles: NAN when nothing was tried. */
static double cell_time(const zg_study *study, size_t problem, size_t method, zg_goal goal,
                        double *room)
{
    size_t count = 0;
    for (size_t i = 0; i < study->log->case_count; i++)
        if (study->problem_of[i] == problem && study->method_of[i] == method &&
            !study->elsewhere[i])
            room[count++] = case_time(study, i, goal);
    zg_sort(count, room);
    return count ? room[count / 2] : NAN;
}

typedef struct table {
    double *times; /* all problems x all methods; NAN: not tried */
    double *room;
} table;

static bool fill_table(const zg_study *study, zg_goal goal, table *out)
{
    size_t methods = study->method_count;
    out->times = malloc((study->problem_count * methods + 1) * sizeof *out->times);
    out->room = malloc((study->log->case_count + 1) * sizeof *out->room);
    if (!out->times || !out->room) return false;
    for (size_t i = 0; i < study->problem_count; i++)
        for (size_t j = 0; j < methods; j++)
            out->times[i * methods + j] = cell_time(study, i, j, goal, out->room);
    return true;
}

static bool tried(const zg_study *study, const table *in, size_t problem, size_t method)
{
    return !isnan(in->times[problem * study->method_count + method]);
}

/* The methods by how many problems they tried, most first. */
static void order_methods(const zg_study *study, const table *in, size_t *order, size_t *counts)
{
    for (size_t j = 0; j < study->method_count; j++) {
        size_t count = 0, at = j;
        for (size_t i = 0; i < study->problem_count; i++)
            if (tried(study, in, i, j)) count++;
        for (; at > 0 && counts[at - 1] < count; at--) {
            order[at] = order[at - 1];
            counts[at] = counts[at - 1];
        }
        order[at] = j;
        counts[at] = count;
    }
}

/* The problems that the first `methods` of the order all tried; NULL out only counts them. */
static size_t common_problems(const zg_study *study, const table *in, const size_t *order,
                              size_t methods, size_t *out)
{
    size_t count = 0;
    for (size_t i = 0; i < study->problem_count; i++) {
        bool all = true;
        for (size_t j = 0; j < methods; j++)
            all = all && tried(study, in, i, order[j]);
        if (!all) continue;
        if (out) out[count] = i;
        count++;
    }
    return count;
}

/* The fullest table without a hole: as many methods, those that tried most first, as make methods x
 * common problems largest. */
static void choose(const zg_study *study, const table *in, zg_ranking *out)
{
    size_t cells = 0;
    order_methods(study, in, out->method, out->solved);
    memset(out->solved, 0, study->method_count * sizeof *out->solved);
    for (size_t k = 1; k <= study->method_count; k++) {
        size_t common = common_problems(study, in, out->method, k, NULL);
        if (k * common < cells || common == 0) continue;
        cells = k * common;
        out->methods = k;
    }
    out->problems = common_problems(study, in, out->method, out->methods, out->problem);
    if (out->methods == 0) out->problems = 0;
    for (size_t i = 0; i < out->problems; i++)
        for (size_t j = 0; j < out->methods; j++)
            out->times[i * out->methods + j] =
                in->times[out->problem[i] * study->method_count + out->method[j]];
}

/* ---- figures -------------------------------------------------------------------------------- */

static void means(const zg_study *study, zg_ranking *out, double *room)
{
    double longest = 0;
    for (size_t k = 0; k < out->problems * out->methods; k++)
        if (isfinite(out->times[k])) longest = fmax(longest, out->times[k]);
    out->limit_known = !isnan(study->limit);
    out->charge = out->limit_known ? study->limit : longest;
    for (size_t j = 0; j < out->methods; j++) {
        for (size_t i = 0; i < out->problems; i++) {
            double time = out->times[i * out->methods + j];
            out->solved[j] += isfinite(time);
            room[i] = isfinite(time) ? time : out->charge;
        }
        out->mean[j] = zg_shifted_geometric_mean(out->problems, room, ZG_MEAN_SHIFT);
    }
}

/* Scores of all columns but `without` (none when it is out of range). */
static void scores(const zg_ranking *in, size_t without, double *times, double *ratios,
                   double *score)
{
    size_t cells = in->problems * in->methods;
    for (size_t k = 0; k < cells; k++)
        times[k] = k % in->methods == without ? INFINITY : in->times[k];
    zg_profile_ratios(in->problems, in->methods, times, ratios);
    for (size_t j = 0; j < in->methods; j++)
        score[j] = zg_profile_score(in->problems, in->methods, ratios, j, ZG_PROFILE_LIMIT);
}

static void add_reversals(zg_ranking *out, size_t without, const double *score)
{
    for (size_t a = 0; a < out->methods; a++) {
        for (size_t b = 0; b < out->methods; b++) {
            if (a == without || b == without) continue;
            if (out->score[a] > out->score[b] && score[a] < score[b])
                out->reversals[out->reversal_count++] = (zg_reversal){a, b, without};
        }
    }
}

static bool leave_one_out(zg_ranking *out)
{
    size_t cells = out->problems * out->methods + 1, methods = out->methods;
    double *room = malloc((2 * cells + methods + 1) * sizeof *room);
    out->reversals = malloc((methods * methods * methods + 1) * sizeof *out->reversals);
    if (room && out->reversals) {
        double *times = room, *ratios = room + cells, *score = room + 2 * cells;
        for (size_t without = 0; without < methods; without++) {
            scores(out, without, times, ratios, score);
            add_reversals(out, without, score);
        }
    }
    free(room);
    return room && out->reversals;
}

zg_status zg_ranking_create(const zg_study *study, zg_goal goal, zg_ranking *out, zg_error *error)
{
    *out = (zg_ranking){0};
    size_t problems = study->problem_count + 1, methods = study->method_count + 1;
    table all = {0};
    out->problem = calloc(problems, sizeof *out->problem);
    out->method = calloc(methods, sizeof *out->method);
    out->solved = calloc(methods, sizeof *out->solved);
    out->score = calloc(methods, sizeof *out->score);
    out->mean = calloc(methods, sizeof *out->mean);
    out->times = calloc(problems * methods, sizeof *out->times);
    out->ratios = calloc(problems * methods, sizeof *out->ratios);
    bool done = out->problem && out->method && out->solved && out->score && out->mean &&
                out->times && out->ratios && fill_table(study, goal, &all);
    if (done) {
        choose(study, &all, out);
        zg_profile_ratios(out->problems, out->methods, out->times, out->ratios);
        for (size_t j = 0; j < out->methods; j++)
            out->score[j] =
                zg_profile_score(out->problems, out->methods, out->ratios, j, ZG_PROFILE_LIMIT);
        means(study, out, all.room);
        done = leave_one_out(out);
    }
    free(all.times);
    free(all.room);
    if (done) return ZG_OK;
    zg_ranking_clear(out);
    return zg_no_memory(error);
}

void zg_ranking_clear(zg_ranking *ranking)
{
    free(ranking->problem);
    free(ranking->method);
    free(ranking->times);
    free(ranking->ratios);
    free(ranking->score);
    free(ranking->solved);
    free(ranking->mean);
    free(ranking->reversals);
    memset(ranking, 0, sizeof *ranking);
}
