/*
 * The monitor: turns a method's iterates into certified progress.
 *
 * It is an observer.  Per output it keeps the best bound and the best objective seen; totals over
 * outputs go to the listener.  Before anything is known the zero network and v = 0 stand in, so
 * that every progress has a valid objective and a valid bound.
 */
#ifndef ZG_TRAIN_MONITOR_H
#define ZG_TRAIN_MONITOR_H

#include "core/method.h"

typedef bool (*zg_listener)(void *context, const zg_progress *progress);

typedef struct zg_monitor zg_monitor;

/* target: stop the method once the gap is at most this; 0 never stops it.
 * interval: certify and pass on at most one iterate per this many seconds (0: all), besides those
 * at which the method's own time is a quarter more than at the last. */
zg_status zg_monitor_create(const zg_problem *problem, double target, double interval,
                            zg_listener listener, void *context, zg_monitor **out, zg_error *error);
void zg_monitor_free(zg_monitor *monitor);
zg_observer zg_monitor_observer(zg_monitor *monitor);
/* Best certified dual vector (outputs x samples) and the bound it gives. */
const double *zg_monitor_dual(const zg_monitor *monitor);
/* In a robust problem: the copies behind that bound. */
const zg_attacks *zg_monitor_attacks(const zg_monitor *monitor);
double zg_monitor_bound(const zg_monitor *monitor);
/* Iterates that it was shown; none: what the method returns are place-holders. */
size_t zg_monitor_iterates(const zg_monitor *monitor);
double zg_monitor_certification_seconds(const zg_monitor *monitor);

#endif
