/* Estimating how long a solve takes, and saying so. */
#include "cli/forecast.h"

#include "base/linalg.h"
#include "cli/progress.h"
#include "solvers/ipm.h"
#include "train/registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONG_SECONDS 20.0
#define LEAST_WORK 2e10 /* multiply-adds that take no machine that long: nothing is measured */
#define SIDE 384        /* of the matrices whose product is timed */
#define MEASURED_SECONDS 0.25
#define KINKED 4.0    /* losses that are not squared: more iterations, and more in each */
#define FEW_INPUTS 60 /* up to as many the low-rank method is no faster */

/* Multiply-adds a second of matrix products, over a time that is long enough to show what else the
 * machine does.  0: unknown. */
static double measure_rate(void)
{
    double *a = zg_doubles((size_t)SIDE * SIDE), *c = zg_doubles((size_t)SIDE * SIDE);
    double begin = zg_monotonic(), seconds = 0, work = 0;
    for (size_t k = 0; a && k < (size_t)SIDE * SIDE; k++)
        a[k] = (double)(k % 17) - 8;
    while (a && c && seconds < MEASURED_SECONDS) {
        zg_gemm(false, true, SIDE, SIDE, SIDE, 1, a, SIDE, a, SIDE, 0, c, SIDE);
        work += (double)SIDE * SIDE * SIDE;
        seconds = zg_monotonic() - begin;
    }
    free(a);
    free(c);
    return seconds > 0 ? work / seconds : 0;
}

static bool treats(const char *name, const zg_problem *problem)
{
    const zg_method *method;
    zg_value *values;
    zg_error ignored;
    if (zg_method_find(name, NULL, &method, &ignored) != ZG_OK ||
        zg_values_create(method, &values, &ignored) != ZG_OK)
        return false;
    bool able = zg_method_accepts(method, problem, values, &ignored) == ZG_OK;
    zg_values_free(method, values);
    return able;
}

/* What helps here, most effective first. */
static void print_advice(const zg_problem *problem, const zg_ipm_effort *effort, size_t solves,
                         size_t at_once)
{
    fputs("note: faster:", stderr);
    if (problem->lift->order > FEW_INPUTS && treats("low-rank", problem))
        fputs(" --solver low-rank, certified too;", stderr);
    if (solves > 1 && at_once < 2) fputs(" --jobs N, N solves at once;", stderr);
    fprintf(stderr, " fewer %s;",
            effort->features ? "inputs (--columns): it grows with their sixth power"
                             : "rows (--split): it grows with their third power");
    fputs(" without a proof, --solver adam\n", stderr);
}

void zg_forecast(const zg_problem *problem, const zg_method *method, size_t solves, size_t at_once)
{
    if (strcmp(method->name, "ipm") != 0) return;
    zg_ipm_effort effort = zg_ipm_foresee(problem);
    double work = effort.work * (double)solves / (double)at_once;
    if (!zg_loss_has(problem->loss.kind, ZG_LOSS_QUADRATIC)) work *= KINKED;
    if (!(work > LEAST_WORK)) return;
    double rate = measure_rate(), seconds = rate > 0 ? work / rate : 0;
    if (!(seconds > LONG_SECONDS)) return;
    char time[32];
    zg_progress_time("", seconds, "", time, sizeof time);
    fprintf(stderr,
            "note: this will take about %s: %.1e multiply-adds with a matrix of order %.0f (%s), "
            "%.1e a second as measured just now; %.2g GB of memory\n",
            time, work, effort.order, effort.features ? "features" : "samples", rate,
            effort.bytes / 1e9);
    print_advice(problem, &effort, solves, at_once);
}
