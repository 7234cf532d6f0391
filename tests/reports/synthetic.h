/* Synthetic run logs for tests: lines with checksums, and noise like that of real timings. */
#ifndef ZG_TESTS_REPORTS_SYNTHETIC_H
#define ZG_TESTS_REPORTS_SYNTHETIC_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef struct noise {
    uint64_t state; /* any seed */
} noise;

double noise_uniform(noise *source); /* in (0, 1) */
double noise_normal(noise *source);
/* Student's t with 3 degrees of freedom, scaled to unit variance: heavy tails. */
double noise_heavy(noise *source);

/* A path in a fresh temporary folder; the folder lives until scratch_clear. */
const char *scratch_path(const char *name);
void scratch_clear(void);

/* Opens a log for writing and starts a run on it; cpu goes into the provenance. */
FILE *log_open(const char *path, const char *cpu);
/* One event: `members` is the inside of the object without braces; the checksum is added. */
void log_line(FILE *log, const char *members);
/* A case that started and finished; extra (may be "") is more members of case_finished. */
void log_case(FILE *log, const char *name, const char *verdict, size_t count, const double *samples,
              const char *extra);

#endif
