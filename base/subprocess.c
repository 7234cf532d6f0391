/* Running another program: fork, redirect, exec, wait. */
#include "base/subprocess.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TICK_NANOSECONDS 50000000 /* 50 ms */

/* In the child: only calls that are safe after fork.  The cause of a failure goes up the pipe. */
static void become(const zg_subprocess *subprocess, int report)
{
    int input = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int output = open(subprocess->log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (input >= 0 && output >= 0 && dup2(input, 0) >= 0 && dup2(output, 1) >= 0 &&
        dup2(output, 2) >= 0 && chdir(subprocess->directory) == 0)
        execvp(subprocess->arguments[0], (char *const *)(void *)subprocess->arguments);
    int cause = errno;
    ssize_t written = write(report, &cause, sizeof cause);
    _exit(written == (ssize_t)sizeof cause ? 127 : 126);
}

static zg_status wait_for(pid_t child, const zg_subprocess *subprocess, int *exit_status,
                          zg_error *error)
{
    for (;;) {
        int state;
        pid_t ended = waitpid(child, &state, subprocess->tick ? WNOHANG : 0);
        if (ended == child) {
            *exit_status = WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
            return ZG_OK;
        }
        if (ended < 0 && errno != EINTR)
            return zg_fail(error, ZG_IO, "cannot wait for %.100s: %s", subprocess->arguments[0],
                           strerror(errno));
        if (ended != 0 || !subprocess->tick) continue;
        subprocess->tick(subprocess->context);
        nanosleep(&(struct timespec){0, TICK_NANOSECONDS}, NULL);
    }
}

zg_status zg_subprocess_run(const zg_subprocess *subprocess, int *exit_status, zg_error *error)
{
    int report[2];
    if (pipe2(report, O_CLOEXEC) != 0)
        return zg_fail(error, ZG_IO, "cannot make a pipe: %s", strerror(errno));
    pid_t child = fork();
    if (child == 0) become(subprocess, report[1]);
    int fork_cause = errno;
    close(report[1]);
    if (child < 0) {
        close(report[0]);
        return zg_fail(error, ZG_IO, "cannot start a process: %s", strerror(fork_cause));
    }
    int cause = 0;
    bool failed = read(report[0], &cause, sizeof cause) == (ssize_t)sizeof cause;
    close(report[0]);
    zg_status status = wait_for(child, subprocess, exit_status, error);
    if (status != ZG_OK || !failed) return status;
    return zg_fail(error, cause == ENOENT ? ZG_MISSING : ZG_IO, "cannot run %.100s: %s",
                   subprocess->arguments[0], strerror(cause));
}
