/* How much memory the numbers of one data set may take: checked before anything is allocated. */
#ifndef ZG_BASE_SIZE_LIMIT_H
#define ZG_BASE_SIZE_LIMIT_H

#include "base/status.h"

#define ZG_SIZE_LIMIT_MB 1024 /* unless zg_data_options.size_limit says otherwise */
#define ZG_SIZE_LIMIT ((size_t)ZG_SIZE_LIMIT_MB << 20)

/* Refuses rows x columns doubles above the limit (bytes; 0: ZG_SIZE_LIMIT), naming the size and the
 * option that raises the limit. */
zg_status zg_size_check(const char *name, size_t rows, size_t columns, size_t limit,
                        zg_error *error);

/* How many bytes `packed` bytes may unpack to: at most the limit; where the limit is the default
 * one, also at most 64 MiB or 200 times as many, whichever is more. */
size_t zg_size_unpacked(size_t packed, size_t limit);
zg_status zg_size_unpacked_fail(const char *name, size_t packed, size_t allowed, zg_error *error);

#endif
