/* What a solver wrote about a semidefinite program, in any of four formats. */
#ifndef ZG_SOLVERS_ANSWER_H
#define ZG_SOLVERS_ANSWER_H

#include "solvers/sdp.h"

/* "No X" and "no y" are the two sides of the pair in sdp.h. */
typedef enum zg_claim_kind {
    ZG_CLAIM_NONE, /* nothing said */
    ZG_CLAIM_OPTIMAL,
    ZG_CLAIM_INFEASIBLE,   /* one of the two sides */
    ZG_CLAIM_X_INFEASIBLE, /* no X: (D) is unbounded or has no y either */
    ZG_CLAIM_Y_INFEASIBLE  /* no y */
} zg_claim_kind;

typedef enum zg_answer_format {
    ZG_ANSWER_SDPA,
    ZG_ANSWER_CSDP, /* DSDP's -save, too */
    ZG_ANSWER_CBF,
    ZG_ANSWER_JSON,
    ZG_ANSWER_DETECT /* by its content */
} zg_answer_format;

typedef struct zg_answer {
    zg_answer_format format;
    zg_claim_kind claim; /* what the file says */
    zg_sdp_point point;
    bool has_y, has_x, has_z;
    double stated_primal, stated_dual; /* of <C, X> and cost'y as printed; NAN: not */
    size_t digits;                     /* the most that a value of y was written with; 0: unknown */
} zg_answer;

const char *zg_claim_kind_name(zg_claim_kind kind);
zg_status zg_claim_kind_parse(const char *text, zg_claim_kind *out, zg_error *error);
const char *zg_answer_format_name(zg_answer_format format);
zg_status zg_answer_format_parse(const char *text, zg_answer_format *out, zg_error *error);

/* Reads a solution; numbers that are not finite are refused.  ZG_FAILED, with file:line:column
 * where there is one, for a file that is missing, malformed or not all of a solution: out then
 * still has the format and what is known of the claim.  Clear it in any case. */
zg_status zg_answer_read(const char *path, zg_answer_format format, const zg_sdp *sdp,
                         zg_answer *out, zg_error *error);
void zg_answer_clear(zg_answer *answer);

#endif
