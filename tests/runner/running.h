/* Suites from text, run over the stub methods into a journal in a folder of the test's own. */
#ifndef ZG_TESTS_RUNNER_RUNNING_H
#define ZG_TESTS_RUNNER_RUNNING_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "runner/runner.h"
#include "stub.h"

extern char folder[32], suite_path[64], log_path[64];

/* A fresh folder, which is TMPDIR too; and its end. */
int set_up(void **state);
int tear_down(void **state);

double now(void);

#define HEAD                                                                                       \
    "suite: t\nprogress_seconds: 0\ndata:\n  - {name: p, generator: planted, n: 10, d: 2, "        \
    "neurons: 1}\n"                                                                                \
    "model: [{beta: 1}]\n"

zg_suite *load_suite(const zg_world *world, const char *text);

/* Runs a suite from text into a fresh journal. */
void run_text(const char *text, zg_run_options options, zg_run_result *result);

/* Every line of the journal is an event with the right checksum; returns how many of a kind. */
size_t count_events(const char *kind);

#endif
