/*
 * A run as its journal tells it: the cases that ended, those under way, and how the newest of them
 * converges.  Knows nothing but the events; late or early makes no difference.
 *
 * Several journals are watched each by itself, and joined to be drawn: parts of one run (shards),
 * and what went on elsewhere.
 */
#ifndef ZG_REPORTS_WATCH_H
#define ZG_REPORTS_WATCH_H

#include "log/log.h"
#include "reports/plot.h"

typedef struct zg_watched {
    char name[512], suite[128];
    bool running;
    double seconds, objective, bound;
    double number;    /* of the iteration, epoch or node */
    zg_point *points; /* seconds and log10 of the certified gap */
    size_t point_count, point_room;
    double tolerance; /* NAN: that of the run */
    zg_row row;       /* when it has ended */
    double ended;     /* seconds since the epoch; NAN unknown */
} zg_watched;

typedef struct zg_watch {
    char suite[128];
    double t;         /* of the newest event */
    double planned;   /* number of cases */
    double tolerance; /* of the run; NAN unknown, 0 before any */
    bool finished;
    int exit_status;   /* when finished */
    json_t *run;       /* the newest run_started, or NULL */
    char parts[200];   /* which part of a run it is, or which are not there; or empty */
    bool over;         /* joined: no journal grows any more */
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

/* Several journals as one run.  A case that several have is shown as reports count it; one that was
 * under way in an earlier attempt at a part is not under way any more.  *out is finished when all
 * parts are there, and each of them is.  It borrows from the watches, and is undone by
 * zg_watch_disjoin.  ZG_BAD_INPUT: parts of one suite have other cases. */
zg_status zg_watch_join(const zg_watch *watches, size_t count, zg_watch *out, zg_error *error);
void zg_watch_disjoin(zg_watch *joined);

#endif
