/* Rows of a run held against each other at its end (see together.h). */
#include "runner/together.h"

#include "log/contradiction.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool is_of(const zg_row *row, const zg_log_case *logged)
{
    return logged->key && strcmp(row->key, logged->key) == 0 &&
           (!logged->suite || strcmp(row->suite, logged->suite) == 0);
}

/* Takes over what a log that was held together says of the rows. */
static zg_status take_over(const zg_log *log, zg_row *rows, size_t count,
                           zg_status (*changed)(void *context, size_t number), void *context)
{
    zg_status status = ZG_OK;
    for (size_t k = 0; k < log->case_count && status == ZG_OK; k++) {
        const zg_log_case *logged = &log->cases[k];
        if (strcmp(logged->result.cause, "contradiction") != 0) continue;
        for (size_t i = 0; i < count && status == ZG_OK; i++) {
            zg_row *row = &rows[i];
            if (row->verdict == ZG_WRONG || !is_of(row, logged)) continue;
            row->verdict = ZG_WRONG;
            snprintf(row->cause, sizeof row->cause, "%s", logged->result.cause);
            snprintf(row->message, sizeof row->message, "%s", logged->message);
            status = changed(context, i);
        }
    }
    return status;
}

/* What a pipe took is gone: whoever reads it holds the rows together. */
static bool is_readable(const char *path)
{
    struct stat facts;
    return stat(path, &facts) != 0 || S_ISREG(facts.st_mode);
}

zg_status zg_rows_can_be_held(const char *path, zg_error *error)
{
    zg_log read = {0};
    zg_status status = is_readable(path) ? zg_log_read(&read, path, error) : ZG_OK;
    zg_log_clear(&read);
    return status;
}

zg_status zg_rows_hold_together(const char *const *paths, size_t path_count, zg_row *rows,
                                size_t count, zg_status (*changed)(void *context, size_t number),
                                void *context, zg_error *error)
{
    zg_status status = ZG_OK;
    size_t used = 0;
    zg_log *read = calloc(path_count + 1, sizeof *read);
    zg_log **logs = calloc(path_count + 1, sizeof *logs);
    const char **names = calloc(path_count + 1, sizeof *names);
    if (!read || !logs || !names) status = zg_no_memory(error);
    for (size_t i = 0; i < path_count && status == ZG_OK; i++) {
        if (!is_readable(paths[i])) continue;
        names[used] = paths[i];
        logs[used] = &read[used];
        status = zg_log_read(logs[used], paths[i], error);
        if (status == ZG_OK) status = zg_log_hold_together(logs[used], error);
        used++;
    }
    if (status == ZG_OK) status = zg_logs_hold_together(logs, names, used, error);
    for (size_t i = 0; i < used && status == ZG_OK; i++)
        status = take_over(logs[i], rows, count, changed, context);
    for (size_t i = 0; i < used; i++)
        zg_log_clear(logs[i]);
    free(read);
    free(logs);
    free(names);
    return status;
}
