/* Signals to look at (see signals.h). */
#include "runner/signals.h"

#include <errno.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

zg_status zg_signals_catch(zg_signals *out, zg_error *error)
{
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGINT);
    sigaddset(&mask, SIGTERM);
    sigaddset(&mask, SIGHUP);
    out->descriptor = -1;
    if (sigprocmask(SIG_BLOCK, &mask, &out->old_mask) != 0)
        return zg_fail(error, ZG_IO, "cannot block signals: %s", strerror(errno));
    out->descriptor = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
    if (out->descriptor >= 0) return ZG_OK;
    zg_status status = zg_fail(error, ZG_IO, "cannot watch signals: %s", strerror(errno));
    (void)sigprocmask(SIG_SETMASK, &out->old_mask, NULL);
    return status;
}

int zg_signals_taken(const zg_signals *signals)
{
    struct signalfd_siginfo info;
    bool taken = read(signals->descriptor, &info, sizeof info) == (ssize_t)sizeof info;
    return taken ? (int)info.ssi_signo : 0;
}

void zg_signals_release(zg_signals *signals)
{
    if (signals->descriptor < 0) return;
    close(signals->descriptor);
    signals->descriptor = -1;
    (void)sigprocmask(SIG_SETMASK, &signals->old_mask, NULL);
}
