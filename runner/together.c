/* Rows of a run held against each other at its end (see together.h). */
#include "runner/together.h"

#include "log/contradiction.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static bool is_of(const zg_row *row, const zg_log_case *logged)
{
    return logged->key && strcmp(row->key, logged->key) == 0 &&
           (!logged->suite || strcmp(row->suite, logged->suite) == 0);
}

zg_status zg_rows_hold_together(const char *log, zg_row *rows, size_t count,
                                zg_status (*changed)(void *context, size_t number), void *context,
                                zg_error *error)
{
    struct stat facts;
    zg_log read = {0};
    /* What a pipe took is gone: whoever reads it holds the rows together. */
    if (stat(log, &facts) == 0 && !S_ISREG(facts.st_mode)) return ZG_OK;
    zg_status status = zg_log_read(&read, log, error);
    if (status == ZG_OK) status = zg_log_hold_together(&read, error);
    for (size_t k = 0; k < read.case_count && status == ZG_OK; k++) {
        const zg_log_case *logged = &read.cases[k];
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
    zg_log_clear(&read);
    return status;
}
