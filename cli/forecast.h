/*
 * Before a solve: how long it may take, where that is long, and what would be faster.
 *
 * The estimate: multiply-adds of about 15 interior-point iterations, counted from the sizes
 * (solvers/ipm.h), over the rate of a matrix product that is measured on the spot, with the threads
 * and beside whatever else the machine does at that moment.
 */
#ifndef ZG_CLI_FORECAST_H
#define ZG_CLI_FORECAST_H

#include "core/method.h"

/* Says on standard error what is to be expected of so many solves of the problem, at_once of which
 * run at the same time, when that is more than some seconds.  Methods of another kind than ipm go
 * at their own pace, and nothing is said. */
void zg_forecast(const zg_problem *problem, const zg_method *method, size_t solves, size_t at_once);

#endif
