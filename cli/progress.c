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
    fprintf(stderr, "\r\033[K%s  %s %ld  %.1f s  objective %.9g  bound %s  gap %.1e", line->method,
            p->unit, p->number, p->seconds, p->objective, bound, p->gap);
    fflush(stderr);
    return true;
}

void zg_progress_line_close(zg_progress_line *line)
{
    if (line->on) fputs("\r\033[K", stderr);
}
