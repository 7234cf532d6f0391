/* Members of events, by a path of names: "objective", "provenance.cpu". */
#ifndef ZG_LOG_MEMBER_H
#define ZG_LOG_MEMBER_H

#include <jansson.h>

/* Whatever it is; NULL when absent.  Borrowed. */
json_t *zg_log_member(const json_t *event, const char *path);
/* The same as text; NULL when it is absent or no string. */
const char *zg_log_text(const json_t *event, const char *path);
/* The same as a number; NAN when it is absent or no number. */
double zg_log_number(const json_t *event, const char *path);

#endif
