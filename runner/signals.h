/* SIGINT, SIGTERM, SIGHUP and SIGUSR1 as something to look at between two steps, for runs that end
 * in order.
 *
 * They are caught by a handler, which any thread may run: blocking them in this thread would leave
 * them to threads of libraries, such as OpenBLAS's, where they end the program. */
#ifndef ZG_RUNNER_SIGNALS_H
#define ZG_RUNNER_SIGNALS_H

#include "base/status.h"

#include <signal.h>

#define ZG_SIGNALS 4

typedef struct zg_signals {
    int descriptor; /* readable when one has come; -1: they are not caught */
    int written;    /* the other end */
    struct sigaction old[ZG_SIGNALS];
} zg_signals;

/* One at a time in a process.  SIGHUP stays ignored where it was, as nohup wants it. */
zg_status zg_signals_catch(zg_signals *out, zg_error *error);
/* The signal that has come, or 0. */
int zg_signals_taken(const zg_signals *signals);
/* From here on they act as before: a second one ends the program at once. */
void zg_signals_release(zg_signals *signals);

#endif
