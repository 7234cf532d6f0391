/* What a lost supervisor leaves behind (see orphans.h). */
#include "runner/orphans.h"

#include "base/process_tree.h"

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE 3000 /* milliseconds for what got SIGKILL to end */

void zg_orphans_adopt(zg_orphans *out)
{
    out->adopted_before = 0;
    (void)prctl(PR_GET_CHILD_SUBREAPER, &out->adopted_before);
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1);
    out->count = zg_tree_children(getpid(), &out->others);
}

static bool among(const pid_t *pids, size_t count, pid_t pid)
{
    for (size_t i = 0; i < count; i++)
        if (pids[i] == pid) return true;
    return false;
}

/* One pass; false when there was nothing to do.  Children of those killed come here by then. */
static bool kill_orphans(const zg_orphans *orphans, const pid_t *living, size_t count)
{
    pid_t *children;
    size_t found = zg_tree_children(getpid(), &children);
    bool any = false;
    for (size_t i = 0; i < found; i++) {
        if (among(orphans->others, orphans->count, children[i]) ||
            among(living, count, children[i]))
            continue;
        any = true;
        zg_tree_signal(children[i], SIGKILL);
        (void)kill(children[i], SIGKILL);
        (void)waitpid(children[i], NULL, WNOHANG);
    }
    free(children);
    return any;
}

void zg_orphans_sweep(const zg_orphans *orphans, const pid_t *living, size_t count)
{
    for (int waited = 0; waited < PATIENCE && kill_orphans(orphans, living, count); waited++)
        (void)poll(NULL, 0, 1);
}

void zg_orphans_release(zg_orphans *orphans)
{
    (void)prctl(PR_SET_CHILD_SUBREAPER, orphans->adopted_before);
    free(orphans->others);
    *orphans = (zg_orphans){0};
}
