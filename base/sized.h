/* Structures of the public interface that grow: their first member is their size as the caller
 * knows them. */
#ifndef ZG_BASE_SIZED_H
#define ZG_BASE_SIZED_H

#include "base/status.h"

/* Reads options (NULL: none) into own, own_size bytes, zero where the caller's are shorter.  What
 * a newer caller sets and this library does not know is refused. */
zg_status zg_sized_read(const char *name, const void *options, void *own, size_t own_size,
                        zg_error *error);
/* Gives as much of own as the caller's structure, whose size is set, has room for; out may be
 * NULL. */
void zg_sized_write(const void *own, size_t own_size, void *out);

#endif
