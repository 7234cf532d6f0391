/* The one way from a problem to a judged result: method, certificate, best bound.  Used by
 * `train`, by every case of a suite and by the public zg_train. */
#ifndef ZG_TRAIN_TRAINING_H
#define ZG_TRAIN_TRAINING_H

#include "train/monitor.h"

typedef struct zg_training {
    zg_solution solution;
    zg_certificate certificate; /* of solution.network; all NAN when nothing was measured */
    zg_assessment assessment;   /* what it is worth: nobody compares a gap with a tolerance */
    double *dual;               /* outputs x samples: behind the bound; NULL when v = 0 */
    double certification_seconds;
    double loss, penalty; /* the two parts of the objective */
    double miss;          /* with loss interpolate: the largest |f - y| / max |y|; else NAN */
} zg_training;

/* Runs the method, evaluates its network on the problem and certifies it with the best of: the
 * method's dual vector, every iterate's, the residual, the method's own bound.  interval: seconds
 * between iterates that are looked at; with 0 each one is, and the same run has the same result to
 * the last bit, while above 0 the clock has a say in which dual vector is the best one seen.
 * listener may be NULL.  On ZG_TIMEOUT and ZG_STOPPED *out may hold a network and is certified all
 * the same. The network's training record (objective, bound, gap, dual) is filled in.
 * out->assessment is the verdict, whatever the status; place-holders of a method that measured
 * nothing are no network. */
zg_status zg_training_run(const zg_problem *problem, const zg_method *method,
                          const zg_value *values, const zg_control *control, double target,
                          double interval, zg_listener listener, void *context, zg_training *out,
                          zg_error *error);
void zg_training_clear(zg_training *training);

/* Trains for count values of beta, best from large to small (problem->beta does not count): with
 * ipm in one pass with warm starts, with other methods one by one.  Every result is judged as
 * above.  An observer of the control hears of iterates, and may stop each.  trainings: count, the
 * caller's to clear, also on an error. */
zg_status zg_training_path(const zg_problem *problem, const zg_method *method,
                           const zg_value *values, const zg_control *control, size_t count,
                           const double *betas, zg_training *trainings, zg_error *error);

#endif
