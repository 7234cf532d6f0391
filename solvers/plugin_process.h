/*
 * The process of a plug-in, under a supervisor: nothing that a plug-in starts outlives its solve or
 * its description, not even by a session of its own.
 */
#ifndef ZG_SOLVERS_PLUGIN_PROCESS_H
#define ZG_SOLVERS_PLUGIN_PROCESS_H

#include "base/supervisor.h"

typedef struct zg_plugin_process {
    zg_worker worker;
    bool running;
    zg_ending ending; /* once it is over */
} zg_plugin_process;

/* Runs body in a process of its own, with its end of a two-way channel.  With a folder (or NULL) it
 * runs there and prints into its file "output"; the folder goes should this process die. */
zg_status zg_plugin_start(int (*body)(void *context, int channel), void *context,
                          const char *folder, zg_plugin_process *out, zg_error *error);

/* As zg_read_within and zg_write_all of the channel. */
zg_status zg_plugin_read(const zg_plugin_process *process, void *buffer, size_t size,
                         double seconds);
bool zg_plugin_write(const zg_plugin_process *process, const void *buffer, size_t size);

/* Waits up to that many seconds for it to end by itself, and ends all that is left of it then. */
void zg_plugin_end(zg_plugin_process *process, double patience);

#endif
