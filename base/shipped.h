/* Where the files that come with the program lie. */
#ifndef ZG_BASE_SHIPPED_H
#define ZG_BASE_SHIPPED_H

#include <stdbool.h>
#include <stddef.h>

/* The folder of suites, found from where the program lies, so that an installed tree can be moved:
 * in the source tree around the build folder, or where `meson install` puts them.  false when there
 * is none. */
bool zg_shipped_suites(char *folder, size_t size);

#endif
