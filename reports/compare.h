/*
 * Comparison of two sides, case by case: times with statistics, everything else exactly.
 *
 * Times: Mann-Whitney's test on the repetitions, exact for small samples, with Benjamini and
 * Hochberg's control over all cases; the Hodges-Lehmann estimate of the ratio on logarithms must
 * exceed both the allowance and the case's own noise floor.  The floor is the largest of: how far
 * the two halves of either side's repetitions lie apart (drift), and the standard error that the
 * repetitions' spread gives the ratio.  "Same" is a finding too: the interval excludes a slowdown
 * beyond the allowance, and the floor lies within it; what is neither is unknown.
 */
#ifndef ZG_REPORTS_COMPARE_H
#define ZG_REPORTS_COMPARE_H

#include "reports/side.h"
#include "reports/text.h"

typedef struct zg_compare_options {
    double allowance;           /* slowdown that is allowed, as a share: 0.05 */
    double level;               /* false-discovery rate over all cases: 0.05 */
    double counter_allowance;   /* growth of deterministic counters allowed, as a share: 0 */
    bool no_timing;             /* compare verdicts, gaps, accuracy and counters only */
    bool any_machine;           /* compare times even where provenance differs */
    bool subset;                /* cases may be missing from the new side */
    double objective_allowance; /* growth of objectives that is allowed, as a share: 0.001 */
} zg_compare_options;

zg_compare_options zg_compare_defaults(void);

typedef enum zg_change { ZG_SAME, ZG_FASTER, ZG_SLOWER, ZG_UNKNOWN, ZG_CHANGES } zg_change;

const char *zg_change_name(zg_change change);

typedef struct zg_compared {
    const zg_measurement *base, *new; /* NULL: only on the other side */
    zg_change change;
    char reason[240]; /* why the change is unknown, else empty */
    double ratio;     /* new / base time, Hodges-Lehmann; NAN when not computed, like all below */
    double low, high; /* 95 % confidence interval of the ratio */
    double p;         /* of this case alone */
    double q;         /* adjusted for the number of cases */
    double floor;     /* noise floor, as a share */
    bool blind;   /* unknown: noise or interval do not rule out a slowdown that is asked about */
    bool broken;  /* ran in base or was not there, and does not run in new */
    bool nowhere; /* came to nothing on both sides */
    bool uncertified; /* certified in base, not in new */
    bool wrong;       /* wrong in new, or the two sides contradict each other */
    bool contradicts; /* an objective of one side lies below the other side's certified bound */
    bool counters;    /* a deterministic counter grew beyond its allowance */
    bool worse;       /* the objective grew beyond its allowance */
} zg_compared;

typedef struct zg_comparison {
    zg_compare_options options;
    zg_side base, new;
    zg_compared *rows; /* cases of base in order, then those only in new */
    size_t count, matched;
    size_t changes[ZG_CHANGES]; /* of the matched */
    size_t part;                /* the one part of a run that both sides are, or 0 */
    char provenance[240];       /* what differs, or empty */
    const char *picture; /* address of the drawing, for the Markdown; the caller's, or NULL */
    int exit_status;     /* 0 fine, 1 slower or worse, 2 wrong, 3 not all measured, 5 broken */
} zg_comparison;

/* Reads both sides and compares them. */
zg_status zg_compare(const char *base, const char *new, const zg_compare_options *options,
                     zg_comparison *out, zg_error *error);
void zg_comparison_clear(zg_comparison *comparison);

/* Two lists of repetitions alone; `level` decides on this one test.  *out needs zero-initialising;
 * false when memory ran out. */
bool zg_compare_samples(size_t base_count, const double *base, size_t new_count, const double *new,
                        const zg_compare_options *options, zg_compared *out);

/* Outputs: a table for people, JSON, Markdown for a pull request and a picture for it, GitHub
 * annotations. */
void zg_compare_text(const zg_comparison *in, zg_text *out);
void zg_compare_json(const zg_comparison *in, zg_text *out);
void zg_compare_markdown(const zg_comparison *in, zg_text *out);
void zg_compare_svg(const zg_comparison *in, zg_text *out);
void zg_compare_annotations(const zg_comparison *in, zg_text *out);

#endif
