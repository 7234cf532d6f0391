/* SIGINT, SIGTERM and SIGHUP as something to look at between two steps, for runs that end in order.
 */
#ifndef ZG_RUNNER_SIGNALS_H
#define ZG_RUNNER_SIGNALS_H

#include "base/status.h"

#include <signal.h>

typedef struct zg_signals {
    int descriptor; /* readable when one has come; -1: they are not caught */
    sigset_t old_mask;
} zg_signals;

zg_status zg_signals_catch(zg_signals *out, zg_error *error);
/* The signal that has come, or 0. */
int zg_signals_taken(const zg_signals *signals);
/* From here on they act as before: a second one ends the program at once. */
void zg_signals_release(zg_signals *signals);

#endif
