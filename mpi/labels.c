/* The classes of all ranks' rows (see labels.h). */
#include "mpi/labels.h"

#include "base/linalg.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_LABELS 1000 /* as many as readers of texts allow */

/* The different values of a target column, in no order; MOST_LABELS + 1 when there are more. */
static size_t distinct(const zg_dataset *dataset, double *values)
{
    size_t count = 0;
    for (size_t i = 0; i < dataset->rows; i++) {
        size_t k = 0;
        while (k < count && values[k] != dataset->t[i])
            k++;
        if (k < count) continue;
        if (count == MOST_LABELS) return MOST_LABELS + 1;
        values[count++] = dataset->t[i];
    }
    return count;
}

/* All ranks' values one behind the other; returns how many there are. */
static size_t unite(zg_team *team, size_t count, const double *values, double *all)
{
    size_t room = team->ranks * MOST_LABELS, used = 0;
    for (size_t k = 0; k < room; k++)
        all[k] = -INFINITY;
    memcpy(all + team->rank * MOST_LABELS, values, count * sizeof *all);
    zg_team_max(team, room, all);
    for (size_t k = 0; k < room; k++)
        if (all[k] > -INFINITY) all[used++] = all[k];
    return used;
}

void zg_labels_fit(zg_ranks *ranks, const zg_dataset *dataset, zg_task task, zg_encoding *out)
{
    zg_team *team = &ranks->team;
    zg_error error = {0};
    zg_status status = ZG_OK;
    zg_dataset united = *dataset;
    bool classes = zg_task_of(dataset, task) != ZG_REGRESSION && dataset->targets == 1;
    double *values = zg_doubles(MOST_LABELS), *all = zg_doubles(team->ranks * MOST_LABELS);
    if (!values || !all) status = zg_no_memory(&error);
    size_t count = status == ZG_OK && classes ? distinct(dataset, values) : 0;
    if (count > MOST_LABELS)
        status =
            zg_fail(&error, ZG_BAD_INPUT, "expected at most %d classes, found more", MOST_LABELS);
    zg_ranks_settle(ranks, status, &error);
    if (classes) {
        united.rows = unite(team, count, values, all);
        united.t = all;
    }
    status = zg_encoding_fit(&united, task, out, &error);
    zg_ranks_settle(ranks, status, &error);
    free(values);
    free(all);
}
