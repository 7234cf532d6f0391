/* What the public interface's options of training come to: a method, its values, a control. */
#ifndef ZG_TRAIN_PLAN_H
#define ZG_TRAIN_PLAN_H

#include "core/method.h"

typedef struct zg_plan {
    const zg_method *method;
    zg_value *values;
    zg_control control;
} zg_plan;

/* options as zg_sized_read gave them.  The plan is to be cleared, whatever is returned. */
zg_status zg_plan_make(const zg_problem *problem, const zg_train_options *options, zg_plan *out,
                       zg_error *error);
void zg_plan_clear(zg_plan *plan);

#endif
