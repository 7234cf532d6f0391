/* A slot of the runner: one case under way, its worker, and what the worker has said so far. */
#ifndef ZG_RUNNER_SLOT_H
#define ZG_RUNNER_SLOT_H

#include "log/journal.h"
#include "runner/case.h"
#include "runner/runner.h"
#include "runner/verdict.h"

typedef struct zg_slot {
    bool busy;
    size_t target;    /* index of the row that the case fills */
    zg_case_job work; /* the repetition under way */
    size_t repeat;    /* how many there shall be */
    double load;      /* of the machine when it began */
    zg_job job;
    char *checkpoint; /* the path behind work.checkpoint */
    size_t cores[64]; /* that the worker is pinned to */
    zg_worker worker;
    char *line; /* the part that came of an incomplete line */
    size_t length, capacity;
    double disk_mb;      /* limit of what it writes where the suite has none */
    double passed_bytes; /* of its events in the journal */
    bool lost;           /* the last supervisor was killed by somebody else */
    bool announced;      /* case_started is in the journal */
    zg_testimony testimony;
    zg_row fresh; /* of the repetition under way */
    zg_row row;   /* of the case: the first repetition's */
} zg_slot;

/* Starts the next repetition in a fresh process. */
zg_status zg_slot_launch(zg_slot *slot, zg_error *error);
/* Reads what the worker sent, announces the case once its data are known, and passes progress on to
 * the journal and the spectator. */
zg_status zg_slot_read(zg_slot *slot, zg_journal *journal, zg_event *event,
                       const zg_spectator *spectator, zg_error *error);
/* The worker has ended: settles the repetition; *again says that another one is due. */
zg_status zg_slot_settle(zg_slot *slot, zg_journal *journal, zg_event *event,
                         const zg_spectator *spectator, bool *again, zg_error *error);
/* Kills what runs and forgets it. */
void zg_slot_abandon(zg_slot *slot);

#endif
