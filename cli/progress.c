/* One line on a terminal that shows how far a method has come. */
#include "cli/progress.h"

#include "base/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

zg_progress_line zg_progress_line_open(const char *method, bool quiet)
{
    const char *terminal = getenv("TERM");
    bool on = !quiet && isatty(STDERR_FILENO) && !(terminal && strcmp(terminal, "dumb") == 0);
    return (zg_progress_line){method, on, -INFINITY};
}

bool zg_progress_line_show(void *context, const zg_progress *p)
{
    zg_progress_line *line = context;
    double now = zg_monotonic();
    if (!line->on || now - line->last < 0.1) return true;
    line->last = now;
    char bound[ZG_NUMBER_SIZE];
    zg_number_bound(p->bound, 9, -1, bound);
    char gap[32] = "none", objective[32] = "none";
    if (isfinite(p->gap)) snprintf(gap, sizeof gap, "%.1e", p->gap);
    if (isfinite(p->objective)) snprintf(objective, sizeof objective, "%.9g", p->objective);
    fprintf(stderr, "\r\033[K%s  %s %ld  %.1f s  objective %s  bound %s  gap %s", line->method,
            p->unit, p->number, p->seconds, objective, bound, gap);
    fflush(stderr);
    return true;
}

void zg_progress_line_close(zg_progress_line *line)
{
    if (line->on) fputs("\r\033[K", stderr);
}
