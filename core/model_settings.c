/* Model settings: their defaults and their parsing. */
#include "core/model_settings.h"

#include "core/neuron_set.h"

#include <math.h>
#include <string.h>

static const struct {
    const char *name, *fallback;
} settings[ZG_MODEL_SETTINGS] = {
    [ZG_MODEL_ACTIVATION] = {"activation", ZG_DEFAULT_ACTIVATION},
    [ZG_MODEL_LOSS] = {"loss", ZG_DEFAULT_LOSS},
    [ZG_MODEL_ARCHITECTURE] = {"architecture", ZG_DEFAULT_ARCHITECTURE},
    [ZG_MODEL_PENALTY] = {"penalty", ZG_DEFAULT_PENALTY},
    [ZG_MODEL_NEURON_SET] = {"neuron_set", ZG_DEFAULT_NEURON_SET},
};

const char *zg_model_setting_name(zg_model_setting setting)
{
    return settings[setting].name;
}

const char *zg_model_setting_default(zg_model_setting setting)
{
    return settings[setting].fallback;
}

static zg_status parse_penalty(const char *text, zg_penalty *out, zg_error *error)
{
    static const char *const names[] = {ZG_DEFAULT_PENALTY, ZG_WEIGHT_DECAY_NAME};
    if (strcmp(text, names[0]) == 0)
        *out = (zg_penalty){.kind = ZG_PENALTY_L1};
    else if (strcmp(text, names[1]) == 0)
        *out = (zg_penalty){ZG_PENALTY_WEIGHT_DECAY, 2.0 / 3.0};
    else
        return zg_fail_unknown(error, "penalty", text, names, 2);
    return ZG_OK;
}

zg_status zg_model_setting_apply(zg_model_setting setting, const char *text, size_t inputs,
                                 zg_model_options *model, zg_penalty *penalty, zg_error *error)
{
    if (!text) text = settings[setting].fallback;
    switch (setting) {
    case ZG_MODEL_ACTIVATION:
        return zg_activation_parse(text, &model->activation, error);
    case ZG_MODEL_LOSS:
        return zg_loss_parse(text, &model->loss, error);
    case ZG_MODEL_ARCHITECTURE:
        return zg_architecture_parse(text, inputs, &model->architecture, error);
    case ZG_MODEL_NEURON_SET:
        return zg_neuron_set_parse(text, &model->neuron_set, error);
    default:
        return parse_penalty(text, penalty, error);
    }
}

double zg_model_default_beta(zg_loss loss)
{
    return zg_loss_has(loss.kind, ZG_LOSS_EXACT) ? 1.0 : NAN;
}
