/* Paths as people write them. */
#ifndef ZG_BASE_PATH_H
#define ZG_BASE_PATH_H

#include "base/status.h"

/* A copy (malloc) of a path in which ~ or ~USER in front, $NAME and ${NAME} stand for what a shell
 * puts in their place.  A variable that is not set, or a user who does not exist, is
 * ZG_BAD_INPUT. */
zg_status zg_path_expand(const char *path, char **out, zg_error *error);

#endif
