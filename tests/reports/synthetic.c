/* Synthetic run logs for tests: lines with checksums, and noise like that of real timings. */
#include "synthetic.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

/* splitmix64 */
double noise_uniform(noise *source)
{
    uint64_t z = (source->state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    z ^= z >> 31;
    return ((double)(z >> 11) + 0.5) / 9007199254740992.0;
}

double noise_normal(noise *source)
{
    double u = noise_uniform(source), v = noise_uniform(source);
    return sqrt(-2 * log(u)) * cos(6.283185307179586 * v);
}

double noise_heavy(noise *source)
{
    double chi = 0;
    for (int i = 0; i < 3; i++) {
        double z = noise_normal(source);
        chi += z * z;
    }
    return noise_normal(source) / sqrt(chi / 3) / sqrt(3);
}

static char folder[64];

const char *scratch_path(const char *name)
{
    static char paths[16][160];
    static size_t next;
    if (!folder[0]) {
        snprintf(folder, sizeof folder, "/tmp/zerogap-reports-XXXXXX");
        if (!mkdtemp(folder)) abort();
    }
    char *path = paths[next++ % 16];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

void scratch_clear(void)
{
    char command[128];
    if (!folder[0]) return;
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    if (system(command) != 0) fprintf(stderr, "cannot remove %s\n", folder);
    folder[0] = '\0';
}

void log_line(FILE *log, const char *members)
{
    size_t size = strlen(members) + 2;
    char *line = malloc(size);
    if (!line) abort();
    snprintf(line, size, "{%s", members);
    unsigned long crc = crc32(0L, (const Bytef *)line, (uInt)strlen(line));
    fprintf(log, "%s,\"crc\":\"%08lx\"}\n", line, crc);
    free(line);
}

FILE *log_open(const char *path, const char *cpu)
{
    FILE *log = fopen(path, "wb");
    if (!log) abort();
    char members[512];
    snprintf(members, sizeof members,
             "\"event\":\"run_started\",\"t\":0,\"format\":\"zerogap-events/1\",\"suite\":\"s\","
             "\"started\":\"2024-01-01T00:00:00Z\",\"provenance\":{\"version\":\"1\",\"commit\":"
             "\"abc\",\"cpu\":\"%s\",\"blas\":{\"name\":\"B\",\"threads\":1}}",
             cpu);
    log_line(log, members);
    return log;
}

void log_case(FILE *log, const char *name, const char *verdict, size_t count, const double *samples,
              const char *extra)
{
    char members[8192];
    size_t used = 0;
    snprintf(members, sizeof members,
             "\"event\":\"case_started\",\"t\":0,\"case\":\"%s\",\"key\":\"key-%s\",\"data\":{"
             "\"name\":\"%s\",\"n\":10},\"model\":{\"beta\":1},\"method\":{\"method\":\"ipm\"}",
             name, name, name);
    log_line(log, members);
    used =
        (size_t)snprintf(members, sizeof members,
                         "\"event\":\"case_finished\",\"t\":1,\"case\":\"%s\",\"key\":\"key-%s\","
                         "\"verdict\":\"%s\"",
                         name, name, verdict);
    if (count)
        used += (size_t)snprintf(members + used, sizeof members - used,
                                 ",\"seconds\":%.17g,\"samples\":[", samples[0]);
    for (size_t i = 0; i < count; i++)
        used += (size_t)snprintf(members + used, sizeof members - used, "%s%.17g", i ? "," : "",
                                 samples[i]);
    snprintf(members + used, sizeof members - used, "%s%s", count ? "]" : "", extra);
    log_line(log, members);
}
