/*
 * What is trained, as texts: one table of defaults and one parser for the options of commands
 * (--loss) and the keys of suites (loss).
 */
#ifndef ZG_CORE_MODEL_SETTINGS_H
#define ZG_CORE_MODEL_SETTINGS_H

#include "core/problem.h"

#define ZG_DEFAULT_ACTIVATION "relu2"
#define ZG_DEFAULT_LOSS "squared"
#define ZG_DEFAULT_ARCHITECTURE "dense"
#define ZG_DEFAULT_PENALTY "l1"
#define ZG_WEIGHT_DECAY_NAME "weight-decay"
#define ZG_PENALTY_NAMES ZG_DEFAULT_PENALTY "," ZG_WEIGHT_DECAY_NAME

typedef enum zg_model_setting {
    ZG_MODEL_ACTIVATION,
    ZG_MODEL_LOSS,
    ZG_MODEL_ARCHITECTURE,
    ZG_MODEL_PENALTY,
    ZG_MODEL_NEURON_SET,
    ZG_MODEL_SETTINGS
} zg_model_setting;

/* "activation", "loss", "architecture", "penalty", "neuron_set". */
const char *zg_model_setting_name(zg_model_setting setting);
/* What a setting is where nothing is said. */
const char *zg_model_setting_default(zg_model_setting setting);

/* Sets one of them; NULL is the default.  inputs as for zg_architecture_parse; penalty may be NULL
 * but for ZG_MODEL_PENALTY. */
zg_status zg_model_setting_apply(zg_model_setting setting, const char *text, size_t inputs,
                                 zg_model_options *model, zg_penalty *penalty, zg_error *error);

/* beta where it is not given: 1 under a constraint, which it only scales; else NAN, it is needed.
 */
double zg_model_default_beta(zg_loss loss);

#endif
