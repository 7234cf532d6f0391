/* Running another program to its end (see command.h). */
#include "base/command.h"

#include "base/portable.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TICK_MILLISECONDS 50

/* In the worker. */
static int become(void *context, int pipe)
{
    const zg_command *command = context;
    int log = open(command->log, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644);
    bool ready =
        log >= 0 && dup2(log, 1) >= 0 && dup2(log, 2) >= 0 && chdir(command->directory) == 0;
    return zg_child_become(ready ? command->arguments : NULL, pipe);
}

zg_status zg_command_run(const zg_command *command, zg_ending *out, zg_error *error)
{
    zg_worker worker;
    const zg_job job = {.work = become,
                        .context = (void *)command,
                        .folder = command->folder,
                        .limits = {.seconds = command->seconds}};
    zg_status status = zg_worker_start(&job, &worker, error);
    if (status != ZG_OK) return status;
    struct pollfd ended = {.fd = worker.supervisor.channel, .events = POLLIN};
    while (poll(&ended, 1, command->tick ? TICK_MILLISECONDS : -1) <= 0) {
        if (!command->tick || command->tick(command->context)) continue;
        zg_worker_kill(&worker);
        close(worker.events);
        return zg_fail(error, ZG_STOPPED, "%.100s was stopped", command->arguments[0]);
    }
    zg_worker_finish(&worker, out);
    return zg_child_became(worker.events, command->arguments[0], error);
}

int zg_command_status(const zg_ending *ending)
{
    return ending->end == ZG_END_EXIT ? ending->code : 128 + ending->code;
}

void zg_ending_describe(const zg_ending *ending, char *text, size_t size)
{
    if (ending->end == ZG_END_EXIT)
        zg_child_describe(W_EXITCODE(ending->code, 0), text, size);
    else if (ending->end == ZG_END_SIGNAL)
        zg_child_describe(W_EXITCODE(0, ending->code), text, size);
    else
        snprintf(text, size, "was lost");
}
