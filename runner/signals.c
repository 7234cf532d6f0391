/* Signals to look at (see signals.h). */
#include "runner/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static const int caught[ZG_SIGNALS] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1};

/* A handler has no other way to know. */
static volatile sig_atomic_t channel = -1;

static void note(int number)
{
    int before = errno;
    unsigned char byte = (unsigned char)number;
    ssize_t ignored = write(channel, &byte, 1);
    (void)ignored;
    errno = before;
}

zg_status zg_signals_catch(zg_signals *out, zg_error *error)
{
    int ends[2];
    *out = (zg_signals){.descriptor = -1, .written = -1};
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
        return zg_fail(error, ZG_IO, "cannot watch signals: %s", strerror(errno));
    out->descriptor = ends[0];
    out->written = ends[1];
    channel = ends[1];
    for (int i = 0; i < ZG_SIGNALS; i++) {
        struct sigaction act = {.sa_handler = note, .sa_flags = SA_RESTART};
        (void)sigaction(caught[i], &act, &out->old[i]);
        if (caught[i] == SIGHUP && out->old[i].sa_handler == SIG_IGN)
            (void)sigaction(caught[i], &out->old[i], NULL);
    }
    return ZG_OK;
}

int zg_signals_taken(const zg_signals *signals)
{
    unsigned char number;
    return read(signals->descriptor, &number, 1) == 1 ? number : 0;
}

void zg_signals_release(zg_signals *signals)
{
    if (signals->descriptor < 0) return;
    for (int i = 0; i < ZG_SIGNALS; i++)
        (void)sigaction(caught[i], &signals->old[i], NULL);
    channel = -1;
    close(signals->descriptor);
    close(signals->written);
    signals->descriptor = signals->written = -1;
}
