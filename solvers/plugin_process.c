/* The process of a plug-in (see plugin_process.h). */
#include "solvers/plugin_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

typedef struct start {
    int (*body)(void *context, int channel);
    void *context;
    const char *folder;
} start;

/* In the worker. */
static int run_body(void *context, int channel)
{
    const start *s = context;
    if (s->folder) {
        if (chdir(s->folder) != 0) return 1;
        int output = open("output", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if (output < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0) return 1;
        close(output);
    }
    return s->body(s->context, channel);
}

zg_status zg_plugin_start(int (*body)(void *context, int channel), void *context,
                          const char *folder, zg_plugin_process *out, zg_error *error)
{
    start s = {body, context, folder};
    const zg_job job = {.work = run_body, .context = &s, .two_way = true, .folder = folder};
    *out = (zg_plugin_process){0};
    zg_status status = zg_worker_start(&job, &out->worker, error);
    out->running = status == ZG_OK;
    return status;
}

zg_status zg_plugin_read(const zg_plugin_process *process, void *buffer, size_t size,
                         double seconds)
{
    return zg_read_within(process->worker.events, buffer, size, seconds);
}

bool zg_plugin_write(const zg_plugin_process *process, const void *buffer, size_t size)
{
    return zg_write_all(process->worker.events, buffer, size);
}

void zg_plugin_end(zg_plugin_process *process, double patience)
{
    if (!process->running) return;
    struct pollfd ended = {.fd = process->worker.supervisor.channel, .events = POLLIN};
    if (poll(&ended, 1, (int)(patience * 1000)) > 0) {
        zg_worker_finish(&process->worker, &process->ending);
    } else {
        zg_worker_kill(&process->worker);
        process->ending = (zg_ending){.end = ZG_END_SIGNAL, .code = SIGKILL};
    }
    close(process->worker.events);
    process->running = false;
}
