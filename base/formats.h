/* The file formats of the project and their versions; docs/formats.md says what each promises.
 * The exact checker has its own copy, on purpose. */
#ifndef ZG_BASE_FORMATS_H
#define ZG_BASE_FORMATS_H

#define ZG_MODEL_FORMAT "zerogap-model/1"             /* docs/model.md */
#define ZG_CERTIFICATE_FORMAT "zerogap-certificate/1" /* docs/certificate.md */
#define ZG_ROBUST_FORMAT "zerogap-certificate/2"      /* the same, of robust problems */
#define ZG_POINTS_FORMAT "zerogap-certificate/3"      /* the same, with bands at points */
#define ZG_FUNCTIONALS_FORMAT "zerogap-certificate/4" /* of rows that are no values */
#define ZG_SUMS_FORMAT "zerogap-certificate/5"        /* of sums over the rows alone */
#define ZG_MARGINS_FORMAT "zerogap-margins/1"         /* docs/certificate.md, section 7 */
#define ZG_DISCREPANCY_FORMAT "zerogap-discrepancy/1" /* the same, section 10 */
#define ZG_LYAPUNOV_FORMAT "zerogap-lyapunov/1"       /* the same, section 11 */
#define ZG_EVENTS_FORMAT "zerogap-events/1"           /* docs/events.md */
#define ZG_COMPARISON_FORMAT "zerogap-comparison/1"   /* compare --json */
#define ZG_HISTORY_FORMAT "zerogap-history/1"         /* history --json */
#define ZG_INSTANCE_FORMAT "zerogap-instance/1"       /* the record beside an instance */
#define ZG_BITS_FORMAT "zerogap-bits/1"               /* docs/model.md, packed bits */
#define ZG_CASE_KEY_FORMAT "zerogap-case/1"           /* what the key of a case is a digest of */
#define ZG_CHECKPOINT_FORMAT "zerogap-boxes/3"        /* of branch and bound */
#define ZG_STATE_FORMAT "zerogap-mpi-state/1"         /* docs/mpi.md: a job between two rounds */
#define ZG_RESULT_FORMAT "zerogap-mpi-result/1"       /* docs/mpi.md: what a job leaves */

#endif
