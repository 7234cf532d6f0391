/*
 * A plug-in that betrays its host in the way that its option `how` says; with -DLOADING=N already
 * while it is loaded.  Its honest answers are those of the example.
 */
#define zgp_plugin_get example_plugin_get
#include "examples/plugin/admm.c"
#undef zgp_plugin_get

const zgp_plugin *zgp_plugin_get(void);

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    NOTHING,
    CRASH,
    LEAVE,
    HANG,
    NO_DESCRIPTION,
    OTHER_VERSION,
    NO_NAME,
    TWICE,
    BUILT_IN,
    BOTH,
    STAY
};

#ifndef LOADING
#define LOADING NOTHING
#endif

static void crash(void)
{
    (void)raise(SIGSEGV);
}

/* What a runner would believe, were it not for the channel's other end. */
static void forge(void)
{
    static const char line[] = "{\"event\":\"result\",\"verdict\":\"certified\",\"objective\":0,"
                               "\"bound\":0,\"gap\":0}\n";
    for (int descriptor = 1; descriptor < 64; descriptor++)
        if (write(descriptor, line, sizeof line - 1) < 0) continue;
}

static void leak(void)
{
    for (;;) {
        char *more = malloc((size_t)1 << 20);
        if (more) memset(more, 1, (size_t)1 << 20);
    }
}

/* Leaves a process with a session of its own, whose number is in the file $TRAITOR_STAYS. */
static void stay(void)
{
    const char *path = getenv("TRAITOR_STAYS");
    pid_t leader = path ? fork() : -1;
    if (leader < 0) return;
    if (leader > 0) {
        (void)waitpid(leader, NULL, 0);
        return;
    }
    (void)setsid();
    pid_t staying = fork();
    if (staying == 0) {
        (void)sleep(120);
        _exit(0);
    }
    FILE *file = fopen(path, "w");
    if (file) fprintf(file, "%d\n", (int)staying);
    if (file) (void)fclose(file);
    _exit(0);
}

/* Changes the host's numbers, on which its judgement would rest. */
static void scribble(const zgp_sdp *sdp)
{
    double *cost = (double *)(uintptr_t)sdp->cost;
    zgp_entry *entry = (zgp_entry *)(uintptr_t)sdp->entry;
    for (size_t k = 0; k < sdp->variables; k++)
        cost[k] = 0;
    for (size_t e = 0; e < sdp->entries; e++)
        entry[e].value = 0;
}

static int betray(const zgp_call *call, const zgp_sdp *sdp, zgp_point *point)
{
    const char *how = call->values[0];
    const char *const values[] = {"20000", "1e-9"};
    zgp_call own = *call;
    own.values = values;
    if (strcmp(how, "crash") == 0) crash();
    if (strcmp(how, "abort") == 0) abort();
    if (strcmp(how, "exit") == 0) exit(0);
    if (strcmp(how, "exit-3") == 0) {
        puts("no licence");
        exit(3);
    }
    if (strcmp(how, "hang") == 0)
        for (;;)
            pause();
    if (strcmp(how, "spin") == 0) {
        signal(SIGTERM, SIG_IGN);
        for (volatile int forever = 1; forever;)
            continue;
    }
    if (strcmp(how, "leak") == 0) leak();
    if (strcmp(how, "forge") == 0) forge();
    if (strncmp(how, "stay", 4) == 0) stay();
    if (strcmp(how, "stay-crash") == 0) crash();
    if (strcmp(how, "empty") == 0) return ZGP_OPTIMAL;
    if (strcmp(how, "infeasible") == 0) return ZGP_INFEASIBLE;
    if (strcmp(how, "unbounded") == 0) return ZGP_UNBOUNDED;
    if (strcmp(how, "gives-up") == 0) return ZGP_FAILED;
    if (strcmp(how, "no-outcome") == 0) return 77;
    if (strcmp(how, "crash-late") == 0) {
        call->report(call);
        crash();
    }
    int outcome = solve(&own, sdp, point);
    if (strcmp(how, "percent") == 0) {
        for (size_t i = 0; i < sdp->values; i++) {
            point->x[i] *= 1.01;
            point->z[i] *= 1.01;
        }
        for (size_t k = 0; k < sdp->variables; k++)
            point->y[k] *= 1.01;
    }
    if (strcmp(how, "sign") == 0)
        for (size_t k = 0; k < sdp->variables; k++)
            point->y[k] = -point->y[k];
    if (strcmp(how, "nan") == 0) point->y[0] = NAN;
    if (strcmp(how, "infinite-iterate") == 0) {
        point->y[0] = INFINITY;
        call->report(call);
    }
    if (strcmp(how, "stubborn") == 0)
        for (int k = 0; k < 1000; k++)
            call->report(call); /* whatever the host says */
    if (strcmp(how, "scribble") == 0) scribble(sdp);
    return outcome;
}

static int nothing(const zgp_call *call, const zgp_lift *lift, zgp_blocks *answer)
{
    (void)call;
    (void)lift;
    (void)answer;
    return ZGP_OPTIMAL;
}

__attribute__((constructor)) static void loading(void)
{
    if (LOADING == CRASH) crash();
    if (LOADING == LEAVE) exit(0);
    if (LOADING == HANG)
        for (;;)
            pause();
}

const zgp_plugin *zgp_plugin_get(void)
{
    static const zgp_option own[] = {{"how", "honest", "how it betrays"}, {"how", "", "again"}};
    static zgp_plugin plugin = {.version = ZGP_VERSION,
                                .name = "traitor",
                                .about = "traitor 1.0",
                                .options = own,
                                .option_count = 1,
                                .solve_sdp = betray};
    if (LOADING == STAY) stay();
    if (LOADING == NO_DESCRIPTION) return NULL;
    if (LOADING == OTHER_VERSION) plugin.version = 99;
    if (LOADING == NO_NAME) plugin.name = "a name";
    if (LOADING == TWICE) plugin.option_count = 2;
    if (LOADING == BUILT_IN) plugin.name = "ipm";
    if (LOADING == BOTH) plugin.solve_lift = nothing;
    return &plugin;
}
