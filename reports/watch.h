/* A run as its journal tells it: the cases that ended, those under way, and how the newest of them
 * converges.  Knows nothing but the events; late or early makes no difference. */
#ifndef ZG_REPORTS_WATCH_H
#define ZG_REPORTS_WATCH_H

#include "log/row.h"
#include "reports/plot.h"

typedef struct zg_watched {
    char name[512], suite[128];
    bool running;
    double started; /* t */
    double seconds, objective, bound;
    double number;    /* of the iteration, epoch or node */
    zg_point *points; /* seconds and log10 of the certified gap */
    size_t point_count, point_room;
    double tolerance; /* NAN: that of the run */
    zg_row row;       /* when it has ended */
} zg_watched;

typedef struct zg_watch {
    char suite[128];
    double t;         /* of the newest event */
    double planned;   /* number of cases */
    double tolerance; /* of the run; NAN unknown, 0 before any */
    bool finished;
    int exit_status;   /* when finished */
    size_t newest;     /* case with the newest progress or start */
    zg_watched *cases; /* in order of first appearance */
    size_t count, room;
    bool no_memory; /* some event could not be kept */
} zg_watch;

/* A zg_event_visitor; context is the watch, zero-initialised before the first. */
void zg_watch_visit(void *context, const json_t *event);
/* Draws the state in at most `lines` lines of `columns` characters: the newest rows that fit, the
 * cases under way, the plot of the case called name (NULL: the newest). */
void zg_watch_draw(FILE *out, const zg_watch *watch, const char *name, size_t columns, size_t lines,
                   bool ascii);
void zg_watch_clear(zg_watch *watch);

#endif
