/* A slot of the runner: one case under way, its worker, and what the worker has said so far. */
#include "runner/slot.h"

#include "base/memory.h"
#include "runner/announce.h"
#include "runner/expectation.h"
#include "runner/provenance.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE ((size_t)64 * 1024)
#define MOST_NOTES 16                    /* that a worker may send along */
#define LINE_LIMIT ((size_t)1024 * 1024) /* a worker's honest lines are below 10 KiB */

zg_status zg_slot_launch(zg_slot *slot, zg_error *error)
{
    slot->testimony = (zg_testimony){.objective = NAN, .bound = NAN, .seconds = NAN};
    slot->length = 0;
    zg_row_start(&slot->fresh);
    slot->load = zg_machine_load();
    slot->job.work = zg_case_work;
    slot->job.context = &slot->work;
    slot->job.limits = slot->work.suite->limits;
    if (!(slot->job.limits.disk_mb > 0)) slot->job.limits.disk_mb = slot->disk_mb;
    slot->passed_bytes = 0;
    slot->job.cores = slot->cores;
    slot->job.confine = true;
    slot->job.asked = slot->work.asked;
    return zg_worker_start(&slot->job, &slot->worker, error);
}

static void note_garbage(zg_slot *slot, const char *line, size_t length)
{
    char *out = slot->testimony.garbage;
    if (out[0]) return;
    size_t kept = length < 60 ? length : 60;
    for (size_t i = 0; i < kept; i++)
        out[i] = (line[i] >= ' ' && line[i] < 0x7f) ? line[i] : '?';
    snprintf(out + kept, sizeof slot->testimony.garbage - kept, "%s",
             kept == 0       ? "an empty line"
             : length > kept ? "..."
                             : "");
}

static double number_of(const json_t *event, const char *key)
{
    const json_t *value = json_object_get(event, key);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

/* case_started, once: when the data are known, or when there will be none. */
static zg_status announce(zg_slot *slot, const zg_extent *extent, double t, zg_journal *journal,
                          zg_event *event, zg_error *error)
{
    if (slot->announced) return ZG_OK;
    slot->announced = true;
    bool shared = strcmp(slot->row.timing, "shared") == 0;
    zg_announce_case(event, slot->work.suite, slot->work.item, extent, shared, t);
    return zg_journal_write(journal, event, false, error);
}

/* What the readers noted goes into the journal and to whoever watches. */
static zg_status announce_data(zg_slot *slot, const json_t *json, zg_journal *journal,
                               zg_event *event, const zg_spectator *spectator, zg_error *error)
{
    const char *notes[MOST_NOTES];
    const json_t *array = json_object_get(json, "notes");
    zg_extent extent = {.samples = number_of(json, "n"),
                        .inputs = number_of(json, "d"),
                        .outputs = number_of(json, "outputs"),
                        .beta = number_of(json, "beta"),
                        .notes = notes};
    for (size_t i = 0; i < json_array_size(array) && extent.note_count < MOST_NOTES; i++) {
        const char *note = json_string_value(json_array_get(array, i));
        if (!note) continue;
        notes[extent.note_count++] = note;
        if (spectator->noted) spectator->noted(spectator->context, note);
    }
    return announce(slot, &extent, number_of(json, "t"), journal, event, error);
}

static zg_status announce_without_data(zg_slot *slot, zg_journal *journal, zg_event *event,
                                       zg_error *error)
{
    return announce(slot, &(zg_extent){0}, zg_journal_time(journal), journal, event, error);
}

/* Whether the case has filled the journal as much as it may; it ends then, and says no more. */
static bool overflows(zg_slot *slot, size_t length)
{
    double limit = slot->job.limits.disk_mb * 1048576;
    bool before = slot->passed_bytes > limit;
    slot->passed_bytes += (double)length;
    if (!(slot->passed_bytes > limit)) return false;
    if (!before) zg_worker_overflow(&slot->worker);
    return true;
}

/* A progress event goes into the journal as it came, with the checksum that the journal adds. */
static zg_status pass_progress(zg_slot *slot, const json_t *json, const char *line, size_t length,
                               zg_journal *journal, zg_event *event, const zg_spectator *spectator,
                               zg_error *error)
{
    zg_testimony *t = &slot->testimony;
    if (overflows(slot, length)) return ZG_OK;
    t->seconds = number_of(json, "seconds");
    t->objective = number_of(json, "objective");
    t->bound = number_of(json, "bound");
    if (spectator->progress)
        spectator->progress(spectator->context, slot->work.item->name, t->seconds, t->objective,
                            t->bound);
    zg_status status = announce_without_data(slot, journal, event, error);
    if (status != ZG_OK) return status;
    zg_event_copy(event, line, length - 1);
    return zg_journal_write(journal, event, false, error);
}

static zg_status pass_line(zg_slot *slot, const char *line, size_t length, zg_journal *journal,
                           zg_event *event, const zg_spectator *spectator, zg_error *error)
{
    json_t *json = json_loadb(line, length, JSON_REJECT_DUPLICATES, NULL);
    const char *kind = json_string_value(json_object_get(json, "event"));
    const char *name = json_string_value(json_object_get(json, "case"));
    bool progress = kind && strcmp(kind, "progress") == 0 && name &&
                    strcmp(name, slot->work.item->name) == 0 && line[length - 1] == '}';
    bool data = kind && strcmp(kind, "data") == 0 && !slot->announced;
    bool result = kind && strcmp(kind, "result") == 0 && !slot->testimony.has_result;
    zg_status status = ZG_OK;
    if (progress)
        status = pass_progress(slot, json, line, length, journal, event, spectator, error);
    else if (data)
        status = announce_data(slot, json, journal, event, spectator, error);
    else if (result && zg_row_read(&slot->fresh, json, NULL) == ZG_OK)
        slot->testimony.has_result = true;
    else
        note_garbage(slot, line, length);
    json_decref(json);
    return status;
}

static zg_status make_room(zg_slot *slot, zg_error *error)
{
    if (slot->length > LINE_LIMIT) { /* keep reading, or the worker would wait for ever */
        note_garbage(slot, slot->line, slot->length);
        slot->length = 0;
    }
    if (slot->capacity - slot->length >= PIECE) return ZG_OK;
    char *larger = zg_grow(slot->line, &slot->capacity, slot->length + PIECE, 1);
    if (!larger) return zg_no_memory(error);
    slot->line = larger;
    return ZG_OK;
}

zg_status zg_slot_read(zg_slot *slot, zg_journal *journal, zg_event *event,
                       const zg_spectator *spectator, zg_error *error)
{
    for (;;) {
        zg_status status = make_room(slot, error);
        if (status != ZG_OK) return status;
        ssize_t got = read(slot->worker.events, slot->line + slot->length, PIECE);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return ZG_OK;
        size_t start = 0, seen = slot->length;
        slot->length += (size_t)got;
        for (;;) {
            char *end = memchr(slot->line + seen, '\n', slot->length - seen);
            if (!end) break;
            size_t stop = (size_t)(end - slot->line);
            status =
                pass_line(slot, slot->line + start, stop - start, journal, event, spectator, error);
            if (status != ZG_OK) return status;
            start = seen = stop + 1;
        }
        slot->length -= start;
        memmove(slot->line, slot->line + start, slot->length);
    }
}

static void set_names(zg_slot *slot, zg_row *row)
{
    snprintf(row->suite, sizeof row->suite, "%s", slot->work.suite->name);
    snprintf(row->name, sizeof row->name, "%s", slot->work.item->name);
    snprintf(row->key, sizeof row->key, "%s", slot->work.item->key);
    snprintf(row->timing, sizeof row->timing, "%s", slot->row.timing);
}

zg_status zg_slot_settle(zg_slot *slot, zg_journal *journal, zg_event *event,
                         const zg_spectator *spectator, bool *again, zg_error *error)
{
    zg_ending ending;
    zg_worker_finish(&slot->worker, &ending);
    slot->lost = ending.end == ZG_END_LOST;
    zg_status status = zg_slot_read(slot, journal, event, spectator, error);
    if (status == ZG_OK) status = announce_without_data(slot, journal, event, error);
    close(slot->worker.events);
    slot->testimony.cut_off = slot->length > 0;
    snprintf(slot->fresh.limits_by, sizeof slot->fresh.limits_by, "%s",
             ending.end == ZG_END_LOST ? ""
             : ending.grouped          ? "cgroup"
                                       : "sampling");
    zg_row_conclude(&slot->fresh, &ending, &slot->testimony, &slot->job.limits);
    zg_case_judge(slot->work.item, slot->work.repetition ? &slot->row : NULL, &slot->fresh);
    bool good = zg_verdict_ran(slot->fresh.verdict);
    set_names(slot, &slot->fresh);
    slot->fresh.load = fmax(slot->load, zg_machine_load()); /* fmax passes over NAN */
    if (status == ZG_OK)
        status = zg_row_merge(&slot->row, &slot->fresh, slot->work.repetition, error);
    zg_row_clear(&slot->fresh);
    slot->work.repetition++;
    *again = status == ZG_OK && good && slot->work.repetition < slot->repeat;
    return status;
}

void zg_slot_abandon(zg_slot *slot)
{
    if (slot->busy) {
        zg_worker_kill(&slot->worker);
        close(slot->worker.events);
    }
    slot->busy = false;
    zg_row_clear(&slot->row);
    zg_row_clear(&slot->fresh);
    free(slot->line);
    free(slot->checkpoint);
    slot->line = slot->checkpoint = NULL;
    slot->length = slot->capacity = 0;
}
