/* Which version this is: the one word that meson.build says it in. */
#include "zerogap.h"

const char *zg_version(void)
{
    return ZG_VERSION;
}
