/* What glibc has and other C libraries of Linux (musl) have not. */
#ifndef ZG_BASE_PORTABLE_H
#define ZG_BASE_PORTABLE_H

#include <stdio.h>
#include <string.h>

#ifndef __GLIBC__
#include <linux/fs.h>
#include <sys/syscall.h>
#include <unistd.h>

#define close_range(first, last, flags) syscall(SYS_close_range, (first), (last), (flags))
#define renameat2(from, a, to, b, flags) syscall(SYS_renameat2, (from), (a), (to), (b), (flags))
#ifndef W_EXITCODE
#define W_EXITCODE(status, signal) ((status) << 8 | (signal))
#endif
#define sigdescr_np(number) strsignal(number)
/* Handlers of the parent run in a child that calls exit(): there is no way to know the status. */
#define on_exit(handler, argument) ((void)(handler), (void)(argument))
#endif

/* "SIGINT", or its number where the library has no names. */
static inline void zg_signal_name(int number, char *name, size_t size)
{
#ifdef __GLIBC__
    const char *short_name = sigabbrev_np(number);
    if (short_name) {
        snprintf(name, size, "SIG%s", short_name);
        return;
    }
#endif
    snprintf(name, size, "%d", number);
}

#endif
