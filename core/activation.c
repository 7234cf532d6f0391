/* Activations by name or by coefficients. */
#include "base/status.h"

#include <string.h>

zg_status zg_activation_parse(const char *text, zg_activation *out, zg_error *error)
{
    static const char *const names[] = {"relu2", "quadratic"};
    static const zg_activation known[] = {{0.09, 0.5, 0.47}, {1.0, 0.0, 0.0}};
    for (size_t i = 0; i < 2; i++)
        if (strcmp(text, names[i]) == 0) {
            *out = known[i];
            return ZG_OK;
        }
    if (!strchr(text, ',')) return zg_fail_unknown(error, "activation", text, names, 2);
    char copy[256];
    double value[3];
    size_t count = 0;
    if (strlen(text) < sizeof copy) {
        memcpy(copy, text, strlen(text) + 1);
        char *rest = copy, *part;
        while ((part = strsep(&rest, ",")) && count < 4)
            if (count++ < 3 && !zg_parse_double(part, &value[count - 1])) count = 5;
    }
    if (count != 3)
        return zg_fail(error, ZG_BAD_INPUT,
                       "activation \"%.80s\": expected relu2, quadratic or three numbers A,B,C of "
                       "A t^2 + B t + C",
                       text);
    if (value[0] == 0.0 && value[1] == 0.0 && value[2] == 0.0)
        return zg_fail(error, ZG_BAD_INPUT, "activation \"%.80s\" is identically zero", text);
    *out = (zg_activation){value[0], value[1], value[2]};
    return ZG_OK;
}
