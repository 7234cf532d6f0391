/* Work that is cut into a few parts, each of which may have a thread of its own. */
#ifndef ZG_BASE_PARALLEL_H
#define ZG_BASE_PARALLEL_H

#include <stddef.h>

/* More parts than this make no sense on any machine of today. */
#define ZG_MOST_PARTS 64

/* Does work(context, k) for all k < parts (at most ZG_MOST_PARTS) and returns when all is done.
 * The first part, and any that gets no thread of its own, runs in this one. */
void zg_parallel(size_t parts, void (*work)(void *context, size_t k), void *context);

#endif
