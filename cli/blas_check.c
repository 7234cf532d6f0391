/* Whether BLAS works at all (see blas_check.h). */
#include "cli/blas_check.h"

#include "base/child.h"
#include "cli/options.h"

#include <cblas.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define ORDER 256 /* large enough that all threads take part */
#define PATIENCE 3

/* Written by a signal handler, and so made before. */
static char sentence[512], document[640];

/* In the middle of a library that spins: only what is safe there.  Its own end would spin, too. */
static void give_up(int number)
{
    (void)number;
    (void)zg_write_all(2, sentence, strlen(sentence));
    (void)zg_write_all(1, document, strlen(document));
    _exit(ZG_EXIT_FAILED);
}

void zg_cli_check_blas(const char *command, bool json)
{
    static double a[ORDER * ORDER], b[ORDER * ORDER];
    struct rlimit limit;
    char text[320];
    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return;
    snprintf(text, sizeof text,
             "out of memory: the limit of %llu MiB of address space (ulimit -v) leaves no room for "
             "the buffers of OpenBLAS, which would ask for them for ever; raise the limit, or set "
             "OPENBLAS_NUM_THREADS=1",
             (unsigned long long)limit.rlim_cur >> 20);
    snprintf(sentence, sizeof sentence, "zerogap %.40s: %s\n", command, text);
    if (json)
        snprintf(document, sizeof document,
                 "{\"command\": \"%.40s\", \"error\": \"%s\", \"exit_status\": %d}\n", command,
                 text, ZG_EXIT_FAILED);
    struct sigaction old, act = {.sa_handler = give_up};
    (void)sigaction(SIGALRM, &act, &old);
    (void)alarm(PATIENCE);
    cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, ORDER, ORDER, ORDER, 1.0, a, ORDER, a,
                ORDER, 0.0, b, ORDER);
    (void)alarm(0);
    (void)sigaction(SIGALRM, &old, NULL);
}
