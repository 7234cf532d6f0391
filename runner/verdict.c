/* From how a worker ended, and what it said before, to the row of its case. */
#include "runner/verdict.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

/* Below this share of one core a process that ran out of time was waiting, not working. */
#define IDLE_SHARE 0.1

__attribute__((format(printf, 4, 5))) static void set(zg_row *row, zg_verdict verdict,
                                                      const char *cause, const char *format, ...)
{
    va_list arguments;
    row->verdict = verdict;
    snprintf(row->cause, sizeof row->cause, "%s", cause);
    va_start(arguments, format);
    vsnprintf(row->message, sizeof row->message, format, arguments);
    va_end(arguments);
}

static void set_timeout(zg_row *row, const zg_ending *ending, const zg_limits *limits)
{
    if (ending->deaf)
        set(row, ZG_CASE_TIMEOUT, "time_limit_deaf",
            "ignored SIGTERM at the limit of %g seconds; killed after %.2f", limits->seconds,
            ending->seconds);
    else if (ending->cpu_seconds < IDLE_SHARE * ending->seconds)
        set(row, ZG_CASE_TIMEOUT, "time_limit_idle",
            "ended at the limit of %g seconds; it was waiting, with %.2f seconds of work",
            limits->seconds, ending->cpu_seconds);
    else
        set(row, ZG_CASE_TIMEOUT, "time_limit", "ended at the limit of %g seconds",
            limits->seconds);
}

static void set_signal(zg_row *row, int number)
{
    const char *cause = "signal";
    if (number == SIGSEGV || number == SIGBUS || number == SIGILL || number == SIGFPE)
        cause = "crash";
    if (number == SIGABRT) cause = "abort";
    if (number == SIGKILL) cause = "killed";
    set(row, ZG_CASE_FAILED, cause, "died from signal %d (%s)%s", number, strsignal(number),
        number == SIGKILL ? ", which nobody here sent: the system may have run out of memory" : "");
    if (number == SIGXCPU) {
        row->verdict = ZG_CASE_TIMEOUT;
        snprintf(row->cause, sizeof row->cause, "cpu_limit");
    }
}

static void set_exit(zg_row *row, const zg_ending *ending, const zg_testimony *testimony)
{
    if (testimony->garbage[0])
        set(row, ZG_CASE_FAILED, "garbage_result", "sent what is no event: %s", testimony->garbage);
    else if (ending->code != 0)
        set(row, ZG_CASE_FAILED, "exit", "a library ended the process with exit status %d",
            ending->code);
    else if (testimony->cut_off)
        set(row, ZG_CASE_FAILED, "truncated_result", "ended in the middle of a line, no result");
    else if (!testimony->has_result)
        set(row, ZG_CASE_FAILED, "no_result", "ended well, but sent no result");
}

/* Appends the last line that the process printed. */
static void add_output(zg_row *row, const char *output)
{
    size_t length = strlen(output);
    while (length > 0 && strchr(" \t\r\n", output[length - 1]))
        length--;
    size_t start = length;
    while (start > 0 && output[start - 1] != '\n')
        start--;
    size_t used = strlen(row->message);
    if (length > start)
        snprintf(row->message + used, sizeof row->message - used, "; its last words: %.*s",
                 (int)(length - start), output + start);
}

/* What a process that was stopped had reached counts: the bound belongs to the problem. */
static void add_progress(zg_row *row, const zg_testimony *testimony)
{
    if (!isnan(row->objective) || isnan(testimony->objective)) return;
    zg_certificate last = {.objective = testimony->objective, .bound = testimony->bound};
    zg_assessment assessment;
    (void)zg_certificate_judge(&last, 0, &assessment);
    row->objective = testimony->objective;
    row->bound = testimony->bound;
    row->gap = assessment.gap;
    row->seconds = testimony->seconds;
}

/* A process that broke has measured nothing that anyone could rely on. */
static void forget_numbers(zg_row *row)
{
    row->objective = row->bound = row->gap = row->rounding = NAN;
    row->power_sum = row->power_sum_bound = row->neurons = NAN;
    row->claimed_primal = row->claimed_dual = NAN;
    row->claimed_says[0] = '\0';
    row->train = row->validation = row->test = ZG_NO_SCORE;
    row->has_dimacs = false;
    row->plane_count = 0;
}

zg_verdict zg_verdict_of(zg_decision decision)
{
    switch (decision) {
    case ZG_DECISION_CERTIFIED:
        return ZG_CERTIFIED;
    case ZG_DECISION_UNCERTIFIED:
        return ZG_UNCERTIFIED;
    case ZG_DECISION_WRONG:
        return ZG_WRONG;
    case ZG_DECISION_FAILED:
        break;
    }
    return ZG_CASE_FAILED;
}

void zg_row_conclude(zg_row *row, const zg_ending *ending, const zg_testimony *testimony,
                     const zg_limits *limits)
{
    row->total_seconds = ending->seconds;
    row->cpu_seconds = ending->cpu_seconds;
    row->peak_rss_bytes = ending->peak_rss_bytes;
    bool good = ending->end == ZG_END_EXIT && ending->code == 0 && testimony->has_result &&
                !testimony->garbage[0];
    /* A contradiction that was found counts, whatever happened afterwards. */
    if (testimony->has_result && row->verdict == ZG_WRONG) return;
    switch (ending->end) {
    case ZG_END_EXIT:
        set_exit(row, ending, testimony);
        break;
    case ZG_END_SIGNAL:
        set_signal(row, ending->code);
        break;
    case ZG_END_SECONDS:
        set_timeout(row, ending, limits);
        break;
    case ZG_END_CPU:
        set(row, ZG_CASE_TIMEOUT, "cpu_limit", "ended at the limit of %g processor seconds",
            limits->cpu_seconds);
        break;
    case ZG_END_MEMORY:
        set(row, ZG_OUT_OF_MEMORY, "memory_limit", "killed with %.0f MiB at the limit of %g MiB",
            ending->peak_rss_bytes / 1048576, limits->memory_mb);
        break;
    case ZG_END_DISK:
        set(row, ZG_DISK_LIMIT, "disk_limit", "wrote more than the limit of %g MiB",
            limits->disk_mb);
        break;
    case ZG_END_PROCESSES:
        set(row, ZG_CASE_FAILED, "process_limit", "ended at the limit of %zu processes",
            limits->processes);
        break;
    case ZG_END_ASKED:
        set(row, ZG_CASE_TIMEOUT, "run_ended",
            "its run had to end (SIGUSR1), and it did not by itself within %d seconds",
            ZG_ASKED_SECONDS);
        break;
    case ZG_END_LOST:
        set(row, ZG_CASE_FAILED, "lost", "the process that watches over the case was lost");
        break;
    }
    if (row->verdict == ZG_CASE_TIMEOUT)
        add_progress(row, testimony);
    else if (!good)
        forget_numbers(row);
    if (!good) add_output(row, ending->output);
}
