/* One line on a terminal that shows how far a method has come. */
#include "cli/progress.h"

#include "base/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

zg_progress_line zg_progress_line_open(const char *method, double tolerance, double limit,
                                       bool quiet)
{
    const char *terminal = getenv("TERM");
    bool on = !quiet && isatty(STDERR_FILENO) && !(terminal && strcmp(terminal, "dumb") == 0);
    return (zg_progress_line){.method = method,
                              .on = on,
                              .last = -INFINITY,
                              .outlook = {.tolerance = tolerance, .limit = limit}};
}

void zg_progress_time(const char *before, double seconds, const char *behind, char *out,
                      size_t size)
{
    out[0] = '\0';
    if (!(seconds >= 0 && seconds < 1e9)) return;
    if (seconds < 100)
        snprintf(out, size, "%s%.0f s%s", before, fmax(seconds, 1), behind);
    else if (seconds < 6000)
        snprintf(out, size, "%s%.0f min%s", before, seconds / 60, behind);
    else
        snprintf(out, size, "%s%.1f h%s", before, seconds / 3600, behind);
}

bool zg_outlook_see(zg_outlook *o, double seconds, double gap, double *share, double *left)
{
    *share = *left = NAN;
    if (!(gap > 0 && isfinite(gap) && o->tolerance > 0)) return false;
    double height = log(gap / o->tolerance);
    if (o->count == 0) {
        o->first = height;
        o->old = o->recent = (zg_outlook_point){seconds, height};
        o->count = 1;
    }
    /* The pace is that of about the last half of the time: methods grow faster or slower. */
    if (seconds - o->recent.seconds > 0.5 * (seconds - o->old.seconds) && o->count > 1) {
        o->old = o->recent;
        o->recent = (zg_outlook_point){seconds, height};
    }
    o->count++;
    double pace = (o->old.height - height) / (seconds - o->old.seconds);
    if (height <= 0) {
        *share = 1;
        *left = 0;
    } else if (o->first > 0 && pace > 0 && isfinite(pace)) {
        *share = fmax(0, 1 - height / o->first);
        *left = height / pace;
    }
    if (o->limit > 0 && (isnan(*left) || seconds + *left > o->limit)) {
        *share = fmin(1, seconds / o->limit); /* time will end it */
        *left = fmax(0, o->limit - seconds);
    }
    return !isnan(*share);
}

bool zg_progress_line_show(void *context, const zg_progress *p)
{
    zg_progress_line *line = context;
    double now = zg_monotonic(), share, left;
    if (!line->on) return true;
    bool foreseen = zg_outlook_see(&line->outlook, p->seconds, p->gap, &share, &left);
    if (now - line->last < 0.1) return true;
    line->last = now;
    char bound[ZG_NUMBER_SIZE], rest[48] = "", gap[32] = "none", objective[32] = "none";
    zg_number_bound(p->bound, 9, -1, bound);
    if (isfinite(p->gap)) snprintf(gap, sizeof gap, "%.1e", p->gap);
    if (isfinite(p->objective)) snprintf(objective, sizeof objective, "%.9g", p->objective);
    if (foreseen) zg_progress_time(", about ", left, " left", rest, sizeof rest);
    fprintf(stderr, "\r\033[K%s  %s %ld  %.1f s  objective %s  bound %s  gap %s", line->method,
            p->unit, p->number, p->seconds, objective, bound, gap);
    if (foreseen) fprintf(stderr, "  %.0f %%%s", 100 * share, rest);
    fflush(stderr);
    return true;
}

void zg_progress_line_close(zg_progress_line *line)
{
    if (line->on) fputs("\r\033[K", stderr);
}
