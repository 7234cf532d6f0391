/* The exact checker, zerogap-verify, as a judge: runs it on a certificate and reads its verdict. */
#ifndef ZG_RUNNER_CHECKER_H
#define ZG_RUNNER_CHECKER_H

#include "base/status.h"

typedef enum zg_judgement { ZG_JUDGED_PROVEN, ZG_JUDGED_OPEN, ZG_JUDGED_REFUTED } zg_judgement;

typedef struct zg_checked {
    zg_judgement judgement;
    char message[400];   /* why not, where it is not proven */
    double lower, upper; /* that were proven; NAN where none */
} zg_checked;

/* The checker beside this program, or its bare name for PATH to find. */
void zg_checker_find(char *path, size_t size);

/* Runs the checker beside this program, or the one in PATH, on a certificate and its data file.
 * folder gets a file with its output.  ZG_MISSING when there is no checker, ZG_FAILED when it could
 * not judge. */
zg_status zg_checker_run(const char *certificate, const char *data, const char *folder,
                         zg_checked *out, zg_error *error);

#endif
