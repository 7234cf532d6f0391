/* The events that open and close runs and cases. */
#include "runner/announce.h"

#include "base/formats.h"
#include "base/number.h"
#include "base/portable.h"
#include "runner/provenance.h"

#include <math.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void write_limits(zg_event *event, const zg_limits *limits)
{
    zg_event_open(event, "limits");
    if (limits->seconds > 0) zg_event_number(event, "seconds", limits->seconds);
    if (limits->cpu_seconds > 0) zg_event_number(event, "cpu_seconds", limits->cpu_seconds);
    if (limits->memory_mb > 0) zg_event_number(event, "memory_mb", limits->memory_mb);
    if (limits->disk_mb > 0) zg_event_number(event, "disk_mb", limits->disk_mb);
    if (limits->processes > 0) zg_event_number(event, "processes", (double)limits->processes);
    zg_event_close(event);
}

void zg_suites_digest(zg_suite *const *suites, size_t count, char out[ZG_DIGEST_SIZE])
{
    SHA2_CTX context;
    if (count == 1) {
        memcpy(out, suites[0]->digest, ZG_DIGEST_SIZE);
        return;
    }
    SHA256Init(&context);
    for (size_t i = 0; i < count; i++)
        SHA256Update(&context, (const unsigned char *)suites[i]->digest, ZG_DIGEST_SIZE - 1);
    SHA256End(&context, out);
}

/* One suite's name, of several the names joined. */
static void write_suites(zg_event *event, zg_suite *const *suites, size_t count)
{
    char names[512] = "", digest[ZG_DIGEST_SIZE];
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        int length =
            snprintf(names + used, sizeof names - used, "%s%s", i ? ", " : "", suites[i]->name);
        if (length > 0 && used + (size_t)length < sizeof names) used += (size_t)length;
    }
    zg_suites_digest(suites, count, digest);
    zg_event_text(event, "suite", names);
    zg_event_text(event, "digest", digest);
}

/* Statements and selectors are texts even where they read as numbers. */
static void write_claim_value(zg_event *event, const zg_setting *setting)
{
    static const char *const numbers[] = {"gap", "excess", "at_most", "margin"};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        if (strcmp(setting->key, numbers[i]) == 0) {
            double number = NAN;
            (void)zg_number_classify(setting->text, &number); /* read from the suite as a number */
            zg_event_number(event, setting->key, number);
            return;
        }
    if (strcmp(setting->key, "id") != 0) zg_event_text(event, setting->key, setting->text);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Which cases of the whole suite the claim speaks of, whatever this run selects: how many, and the
 * SHA-256 of their keys in ascending order, one a line.  They tell a report whether it has seen all
 * of them. */
static void write_extent(zg_event *event, const zg_suite *suite, const zg_settings *claim,
                         const char **keys)
{
    size_t count = 0, different = 0;
    char digest[ZG_DIGEST_SIZE];
    SHA2_CTX context;
    for (size_t i = 0; i < suite->case_count; i++)
        if (zg_claim_speaks_of(claim, &suite->cases[i])) keys[count++] = suite->cases[i].key;
    qsort(keys, count, sizeof *keys, by_text);
    SHA256Init(&context);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && strcmp(keys[i], keys[i - 1]) == 0) continue;
        SHA256Update(&context, (const unsigned char *)keys[i], strlen(keys[i]));
        SHA256Update(&context, (const unsigned char *)"\n", 1);
        different++;
    }
    SHA256End(&context, digest);
    zg_event_number(event, "cases", (double)different);
    zg_event_text(event, "keys", digest);
}

static void write_claim(zg_event *event, const zg_suite *suite, const zg_settings *claim,
                        const char **keys)
{
    zg_event_open(event, zg_settings_get(claim, "id"));
    for (size_t j = 0; j < claim->count; j++)
        write_claim_value(event, &claim->items[j]);
    write_extent(event, suite, claim, keys);
    zg_event_close(event);
}

/* By suite and id, as the suites have them. */
static void write_claims(zg_event *event, zg_suite *const *suites, size_t count)
{
    size_t claims = 0, most = 0;
    for (size_t i = 0; i < count; i++) {
        claims += suites[i]->claim_count;
        most = suites[i]->case_count > most ? suites[i]->case_count : most;
    }
    if (claims == 0) return;
    const char **keys = calloc(most + 1, sizeof *keys);
    if (!keys) {
        event->no_memory = true;
        return;
    }
    zg_event_open(event, "claims");
    for (size_t i = 0; i < count; i++) {
        zg_event_open(event, suites[i]->name);
        for (size_t k = 0; k < suites[i]->claim_count; k++)
            write_claim(event, suites[i], suites[i]->claims[k], keys);
        zg_event_close(event);
    }
    zg_event_close(event);
    free(keys);
}

static void write_superseded(zg_event *event, json_t *superseded)
{
    size_t used = 0, count = json_object_size(superseded);
    const char *key, **keys = count ? calloc(count, sizeof *keys) : NULL;
    json_t *value;
    if (count == 0) return;
    if (!keys) {
        event->no_memory = true;
        return;
    }
    json_object_foreach(superseded, key, value) keys[used++] = key;
    zg_event_texts(event, "superseded", keys, count);
    free(keys);
}

static void write_shard(zg_event *event, const zg_shard *shard)
{
    if (!shard) return;
    zg_event_open(event, "shard");
    zg_event_number(event, "index", (double)shard->index);
    zg_event_number(event, "count", (double)shard->count);
    zg_event_number(event, "cases", (double)shard->cases);
    zg_event_text(event, "keys", shard->keys);
    zg_event_close(event);
}

/* BLAS threads of every case; NAN where suites differ. */
static double threads_of(zg_suite *const *suites, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (suites[i]->threads != suites[0]->threads) return NAN;
    return (double)suites[0]->threads;
}

void zg_announce_run(zg_event *event, zg_suite *const *suites, size_t count,
                     const zg_run_options *options, const zg_run_result *result, bool resumed,
                     json_t *superseded, double t)
{
    char started[32];
    struct timespec now = {0};
    struct tm utc;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    (void)gmtime_r(&now.tv_sec, &utc);
    (void)strftime(started, sizeof started, "%Y-%m-%dT%H:%M:%SZ", &utc);
    zg_event_start(event, "run_started");
    zg_event_number(event, "t", t);
    zg_event_text(event, "format", ZG_EVENTS_FORMAT);
    write_suites(event, suites, count);
    zg_event_texts(event, "command", options->command, options->command_count);
    zg_event_text(event, "started", started);
    long microseconds = now.tv_nsec / 1000;
    zg_event_number(event, "epoch", (double)now.tv_sec + 1e-6 * (double)microseconds);
    zg_event_flag(event, "resumed", resumed);
    write_superseded(event, superseded);
    zg_event_number(event, "cases", (double)result->expected);
    zg_event_number(event, "kept", (double)result->kept);
    write_shard(event, options->shard);
    zg_event_number(event, "jobs", options->jobs ? (double)options->jobs : 1);
    if (count == 1) {
        zg_event_number(event, "tolerance", suites[0]->tolerance);
        write_limits(event, &suites[0]->limits);
    }
    write_claims(event, suites, count);
    zg_provenance_write(event, threads_of(suites, count));
}

/* Values as the schema knows them: numbers as numbers, flags as flags. */
static void write_value(zg_event *event, const char *key, const char *text)
{
    double number;
    if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)
        zg_event_flag(event, key, text[0] == 't');
    else if (zg_number_classify(text, &number) == ZG_NUMBER_FINITE)
        zg_event_number(event, key, number);
    else
        zg_event_text(event, key, text);
}

static void write_settings(zg_event *event, const char *label, const zg_settings *settings)
{
    zg_event_text(event, "name", label);
    for (size_t i = 0; i < settings->count; i++) {
        const char *key = settings->items[i].key;
        if (strcmp(key, "name") != 0 && strcmp(key, "only_data") != 0)
            write_value(event, key, settings->items[i].text);
    }
}

/* Generated data are named by the sizes that they grow with; others by those that were found. */
static void write_data(zg_event *event, const zg_case *item, const zg_extent *extent)
{
    zg_event_open(event, "data");
    write_settings(event, item->data_label, item->data_settings);
    if (item->recipe.origin != ZG_ORIGIN_GENERATOR && extent->samples > 0) {
        zg_event_number(event, "n", extent->samples);
        zg_event_number(event, "d", extent->inputs);
        zg_event_number(event, "outputs", extent->outputs);
    }
    zg_event_close(event);
}

/* All options, defaults too: a reader need not know the method's table. */
static void write_method(zg_event *event, const zg_case *item)
{
    zg_event_open(event, "method");
    zg_event_text(event, "name", item->method_label);
    zg_event_text(event, "method", item->method->name);
    for (size_t i = 0; i < item->method->option_count; i++) {
        const zg_option *option = &item->method->options[i];
        const zg_value *value = &item->values[i];
        if (option->type == ZG_OPTION_FLAG)
            zg_event_flag(event, option->name, value->number != 0);
        else if (option->type != ZG_OPTION_INTEGER && option->type != ZG_OPTION_NUMBER)
            zg_event_text(event, option->name, value->text);
        else
            zg_event_number(event, option->name, value->number);
    }
    zg_event_close(event);
}

void zg_announce_case(zg_event *event, const zg_suite *suite, const zg_case *item,
                      const zg_extent *extent, bool shared, double t)
{
    zg_event_start(event, "case_started");
    zg_event_number(event, "t", t);
    zg_event_text(event, "suite", suite->name);
    zg_event_text(event, "case", item->name);
    zg_event_text(event, "key", item->key);
    if (item->number) zg_event_number(event, "number", (double)item->number);
    zg_event_text(event, "data_digest", item->recipe.content);
    write_data(event, item, extent);
    zg_event_open(event, "model");
    write_settings(event, item->model_label, item->model_settings);
    zg_event_close(event);
    if (item->beta_relative > 0 && extent->beta > 0) zg_event_number(event, "beta", extent->beta);
    write_method(event, item);
    zg_event_number(event, "tolerance", suite->tolerance);
    zg_event_number(event, "threads", (double)suite->threads);
    write_limits(event, &suite->limits);
    zg_event_text(event, "timing", shared ? "shared" : "solo");
    if (extent->note_count > 0) zg_event_texts(event, "notes", extent->notes, extent->note_count);
}

void zg_announce_superseded(zg_event *event, const zg_suite *suite, const zg_case *item, double t)
{
    zg_event_start(event, "case_superseded");
    zg_event_number(event, "t", t);
    zg_event_text(event, "suite", suite->name);
    zg_event_text(event, "case", item->name);
    zg_event_text(event, "key", item->key);
}

void zg_announce_row(zg_event *event, const zg_row *row, double t)
{
    zg_event_start(event, "case_finished");
    zg_event_number(event, "t", t);
    zg_row_write(row, event);
}

void zg_announce_end(zg_event *event, const zg_run_result *result, double t)
{
    zg_event_start(event, "run_finished");
    zg_event_number(event, "t", t);
    zg_event_number(event, "cases", (double)result->expected);
    zg_event_open(event, "counts");
    for (int i = 0; i < ZG_END_VERDICTS; i++)
        zg_event_number(event, zg_verdict_name((zg_verdict)i), (double)result->counts[i]);
    zg_event_close(event);
    zg_event_number(event, "exit_status", result->exit_status);
    if (!result->interrupted) return;
    char name[16];
    zg_signal_name(result->interrupted, name, sizeof name);
    zg_event_text(event, "interrupted", name);
}
