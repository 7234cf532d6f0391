/* The ways to the global optimum. */
#ifndef ZG_SOLVERS_SOLVER_H
#define ZG_SOLVERS_SOLVER_H

#include "core/method.h"

extern const zg_method zg_method_columns;    /* column generation, for finite sets of neurons */
extern const zg_method zg_method_csdp;       /* present when built with -Dcsdp=enabled */
extern const zg_method zg_method_external;   /* any command-line SDP solver */
extern const zg_method zg_method_ipm;        /* the structured interior-point method */
extern const zg_method zg_method_exchange;   /* robust problems, by attacked copies */
extern const zg_method zg_method_relaxation; /* of finite sets: their bound, rounded */
extern const zg_method zg_method_low_rank;   /* descent on a factor, for large inputs */

#endif
