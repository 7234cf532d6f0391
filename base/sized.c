/* Structures that grow (see sized.h). */
#include "base/sized.h"

#include <string.h>

zg_status zg_sized_read(const char *name, const void *options, void *own, size_t own_size,
                        zg_error *error)
{
    size_t size;
    memset(own, 0, own_size);
    if (!options) return ZG_OK;
    memcpy(&size, options, sizeof size);
    if (size < sizeof size)
        return zg_fail(error, ZG_BAD_INPUT, "%s.size is %zu, expected sizeof(%s)", name, size,
                       name);
    const unsigned char *bytes = options;
    for (size_t k = own_size; k < size; k++)
        if (bytes[k] != 0)
            return zg_fail(error, ZG_UNSUPPORTED,
                           "%s has an option that this library, version %s, does not know", name,
                           zg_version());
    memcpy(own, options, size < own_size ? size : own_size);
    return ZG_OK;
}

void zg_sized_write(const void *own, size_t own_size, void *out)
{
    size_t size;
    if (!out) return;
    memcpy(&size, out, sizeof size);
    if (size < sizeof size) return;
    size_t common = size < own_size ? size : own_size;
    memcpy((unsigned char *)out + sizeof size, (const unsigned char *)own + sizeof size,
           common - sizeof size);
}
