/* The best bound on a problem (see tight.h). */
#include "train/tight.h"

#include <math.h>
#include <stdlib.h>

/* Certifies the network anew with another dual vector (outputs x samples): objective, rounding and
 * bound belong together, since how much a network that misses its targets may save depends on the
 * vector. */
static zg_status certify_with(const zg_problem *problem, double *dual, zg_network *network,
                              zg_certificate *out, zg_error *error)
{
    double *own = network->training.dual;
    size_t samples = network->training.samples;
    network->training.dual = dual;
    network->training.samples = problem->samples;
    zg_status status = zg_certify(problem, network, out, error);
    network->training.dual = own;
    network->training.samples = samples;
    return status;
}

zg_status zg_tighten(const zg_problem *problem, const zg_method *method, const zg_value *values,
                     const zg_control *control, zg_listener listener, void *context,
                     zg_network *network, zg_certificate *certificate, double **dual,
                     zg_error *error)
{
    zg_training training;
    zg_status status = zg_training_run(problem, method, values, control, 0.0, 0.0, listener,
                                       context, &training, error);
    bool sound = training.assessment.decision != ZG_DECISION_WRONG;
    if (training.solution.network) status = ZG_OK; /* a bound is a bound, however it ended */
    zg_certificate tight = {.bound = -INFINITY};
    bool robust = problem->robust > 0.0 && training.solution.network;
    if (robust && sound && status == ZG_OK) {
        status = zg_attacks_copy(&training.solution.network->training.attacks,
                                 &network->training.attacks);
        if (status == ZG_OK) status = zg_certify(problem, network, &tight, error);
    } else if (training.dual && sound && status == ZG_OK)
        status = certify_with(problem, training.dual, network, &tight, error);
    if (status == ZG_OK && tight.bound > certificate->bound) {
        *certificate = tight;
        certificate->source = ZG_BOUND_TIGHT;
        *dual = training.dual;
        training.dual = NULL;
    }
    zg_training_clear(&training);
    return status;
}
