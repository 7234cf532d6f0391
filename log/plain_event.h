/* Events whose texts a terminal may show: a log may come from a stranger. */
#ifndef ZG_LOG_PLAIN_EVENT_H
#define ZG_LOG_PLAIN_EVENT_H

#include <jansson.h>
#include <stdbool.h>

/* Takes control characters out of all texts and keys of an event, however deep.  False when memory
 * ran out. */
bool zg_event_make_plain(json_t *event);

#endif
