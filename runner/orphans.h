/*
 * What a lost supervisor leaves behind.
 *
 * A supervisor adopts every orphan of its case; killed by somebody else, it cannot.  Then they come
 * to the runner, which adopts in its turn and kills them before the next case runs.
 */
#ifndef ZG_RUNNER_ORPHANS_H
#define ZG_RUNNER_ORPHANS_H

#include <stddef.h>
#include <sys/types.h>

typedef struct zg_orphans {
    pid_t *others; /* children of this process that are none of the run's */
    size_t count;
    int adopted_before;
} zg_orphans;

/* From here on this process adopts orphans below it; children that it has by now are left alone. */
void zg_orphans_adopt(zg_orphans *out);
/* Kills and collects all children but those and the living supervisors. */
void zg_orphans_sweep(const zg_orphans *orphans, const pid_t *living, size_t count);
void zg_orphans_release(zg_orphans *orphans);

#endif
