/* Rows of one problem held against each other (see contradiction.h). */
#include "log/contradiction.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A row of a log, which has a name where there are several. */
typedef struct holder {
    zg_log_case *row;
    const char *log; /* or "" */
} holder;

/* Per problem: the rows with the highest bound and the lowest objective, by their numbers. */
typedef struct extremes {
    size_t highest, lowest;
} extremes;

/* All rows of several logs, and how they fall into problems. */
typedef struct holding {
    holder *at;
    size_t count;
    size_t *problem_of; /* SIZE_MAX: it does not say */
    extremes *found;    /* per problem */
    json_t *index;      /* numbers of problems by their identity */
} holding;

static void free_holding(holding *in)
{
    free(in->at);
    free(in->problem_of);
    free(in->found);
    json_decref(in->index);
}

static bool gather(holding *in, zg_log *const *logs, const char *const *names, size_t count)
{
    size_t total = 0;
    for (size_t k = 0; k < count; k++)
        total += logs[k]->case_count;
    in->at = calloc(total + 1, sizeof *in->at);
    in->problem_of = calloc(total + 1, sizeof *in->problem_of);
    in->found = calloc(total + 1, sizeof *in->found);
    in->index = json_object();
    if (!in->at || !in->problem_of || !in->found || !in->index) return false;
    for (size_t k = 0; k < count; k++)
        for (size_t i = 0; i < logs[k]->case_count; i++)
            in->at[in->count++] = (holder){&logs[k]->cases[i], names ? names[k] : ""};
    return true;
}

/* What tells problems apart, as JSON text to be freed; NULL where the row does not say, or memory
 * ran out (*no_memory). */
static char *identity_of(const zg_log_case *row, bool *no_memory)
{
    static const char *const members[] = {"data", "model", "data_digest"};
    json_t *whole = json_object();
    bool complete = row->finished && row->result.verdict != ZG_WRONG;
    if (!whole) *no_memory = true;
    for (size_t i = 0; whole && i < sizeof members / sizeof *members; i++) {
        json_t *part = json_object_get(row->started, members[i]);
        if (!part) complete = false;
        if (part && json_object_set(whole, members[i], part) != 0) *no_memory = true;
    }
    json_t *beta = json_object_get(row->started, "beta"); /* found from beta_relative */
    if (whole && beta && json_object_set(whole, "beta", beta) != 0) *no_memory = true;
    char *text = NULL;
    if (complete && !*no_memory) {
        text = json_dumps(whole, JSON_COMPACT | JSON_SORT_KEYS);
        if (!text) *no_memory = true;
    }
    json_decref(whole);
    return text;
}

/* Fills problem_of and the extremes; false when memory ran out. */
static bool group(holding *in)
{
    bool no_memory = false;
    for (size_t i = 0; i < in->count; i++) {
        const zg_log_case *row = in->at[i].row;
        char *identity = identity_of(row, &no_memory);
        if (no_memory) return false;
        in->problem_of[i] = SIZE_MAX;
        if (!identity) continue;
        const json_t *known = json_object_get(in->index, identity);
        size_t number = known ? (size_t)json_integer_value(known) : json_object_size(in->index);
        bool kept = known ||
                    json_object_set_new(in->index, identity, json_integer((json_int_t)number)) == 0;
        free(identity);
        if (!kept) return false;
        in->problem_of[i] = number;
        extremes *found = &in->found[number];
        if (!known) *found = (extremes){i, i};
        if (row->interval.lower > in->at[found->highest].row->interval.lower) found->highest = i;
        if (row->interval.upper < in->at[found->lowest].row->interval.upper) found->lowest = i;
    }
    return true;
}

/* false when memory ran out. */
static bool say(zg_log_case *row, const holder *bounding, const holder *network)
{
    char text[2400];
    const char *name = bounding->row->name ? bounding->row->name : "?";
    const char *other = network->row->name ? network->row->name : "?";
    bool named = *bounding->log && *network->log && strcmp(bounding->log, network->log) != 0;
    const char *in = named ? " in " : "", *there = named ? bounding->log : "",
               *here = named ? network->log : "";
    double lower = bounding->row->interval.lower;
    double upper = fmin(network->row->result.objective, network->row->interval.upper);
    if (isfinite(lower))
        snprintf(text, sizeof text,
                 "the bound %.12g of %.500s%s%.300s lies above the objective %.12g of "
                 "%.500s%s%.300s, on one problem",
                 lower, name, in, there, upper, other, in, here);
    else
        snprintf(text, sizeof text,
                 "%.500s%s%.300s proves that there is no network, and %.500s%s%.300s has one", name,
                 in, there, other, in, here);
    char *copy = strdup(text);
    if (!copy) return false;
    free(row->owned_message);
    row->owned_message = copy;
    row->message = copy;
    snprintf(row->result.cause, sizeof row->result.cause, "contradiction");
    row->result.verdict = ZG_WRONG;
    return true;
}

zg_status zg_logs_hold_together(zg_log *const *logs, const char *const *names, size_t count,
                                zg_error *error)
{
    holding in = {0};
    bool done = gather(&in, logs, names, count) && group(&in);
    for (size_t i = 0; done && i < in.count; i++) {
        if (in.problem_of[i] == SIZE_MAX) continue;
        const holder *own = &in.at[i];
        const holder *highest = &in.at[in.found[in.problem_of[i]].highest];
        const holder *lowest = &in.at[in.found[in.problem_of[i]].lowest];
        if (own != lowest && own->row->interval.lower > lowest->row->interval.upper)
            done = say(own->row, own, lowest);
        else if (own != highest && highest->row->interval.lower > own->row->interval.upper)
            done = say(own->row, highest, own);
    }
    free_holding(&in);
    return done ? ZG_OK : zg_no_memory(error);
}

zg_status zg_log_hold_together(zg_log *log, zg_error *error)
{
    return zg_logs_hold_together(&log, NULL, 1, error);
}
