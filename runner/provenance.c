/* Where measurements come from: program, compiler, machine, libraries. */
#include "runner/provenance.h"

#include "base/blas_core.h"
#include "runner/build_info.h"

#include <jansson.h>
#include <limits.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <yaml.h>
#include <zlib.h>
#ifdef __GLIBC__
#include <gnu/libc-version.h>
#endif

const char *zg_program_commit(void)
{
    return ZG_BUILD_COMMIT;
}

/* The value of the first line of /proc/cpuinfo that begins with name. */
static void cpu_field(const char *name, char *out, size_t size)
{
    char line[512];
    FILE *file = fopen("/proc/cpuinfo", "re");
    snprintf(out, size, "unknown");
    while (file && fgets(line, sizeof line, file)) {
        const char *colon = strchr(line, ':');
        if (!colon || strncmp(line, name, strlen(name)) != 0) continue;
        snprintf(out, size, "%.*s", (int)strcspn(colon + 2, "\n"), colon + 2);
        break;
    }
    if (file) (void)fclose(file);
}

static void write_program(zg_event *event)
{
    const char *commit = zg_program_commit(), *dirty = strstr(commit, "-dirty");
    char clean[64];
    snprintf(clean, sizeof clean, "%.*s", (int)(dirty ? dirty - commit : 63), commit);
    zg_event_text(event, "version", zg_version());
    zg_event_text(event, "commit", clean);
    zg_event_flag(event, "dirty", dirty != NULL);
    zg_event_text(event, "compiler", "gcc-compatible " __VERSION__);
    zg_event_text(event, "flags", ZG_BUILD_FLAGS);
}

double zg_machine_load(void)
{
    double load;
    return getloadavg(&load, 1) == 1 ? load : NAN;
}

static void write_machine(zg_event *event)
{
    char cpu[256];
    struct utsname name;
    cpu_set_t set;
    cpu_field("model name", cpu, sizeof cpu);
    zg_event_text(event, "cpu", cpu);
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        zg_event_number(event, "cores", CPU_COUNT(&set));
    /* Of the machine, however few this process may use: the load average is measured against
     * them. */
    zg_event_number(event, "processors", (double)sysconf(_SC_NPROCESSORS_ONLN));
    zg_event_number(event, "load", zg_machine_load());
    zg_event_number(event, "memory_bytes",
                    (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE));
    if (uname(&name) == 0) {
        zg_event_text(event, "os", name.sysname);
        zg_event_text(event, "kernel", name.release);
    }
}

static void write_libraries(zg_event *event, double threads)
{
    char name[PATH_MAX];
    zg_blas_name(name, sizeof name);
    zg_event_open(event, "blas");
    zg_event_text(event, "name", name);
    zg_event_text(event, "core", zg_blas_core());
    const char *fallback = getenv(ZG_BLAS_FALLBACK_VARIABLE);
    if (fallback) zg_event_text(event, "fallback", fallback);
    zg_event_number(event, "threads", threads);
    zg_event_close(event);
    zg_event_open(event, "libraries");
#ifdef __GLIBC__
    zg_event_text(event, "libc", gnu_get_libc_version());
#endif
    zg_event_text(event, "jansson", jansson_version_str());
    zg_event_text(event, "libyaml", yaml_get_version_string());
    zg_event_text(event, "zlib", zlibVersion());
    zg_event_close(event);
}

void zg_provenance_write(zg_event *event, double threads)
{
    zg_event_open(event, "provenance");
    write_program(event);
    write_machine(event);
    write_libraries(event, threads);
    zg_event_close(event);
}
