/* The files beside journals that methods may keep their state in, LOG.KEY.state: what a case that
 * was killed or timed out goes on from. */
#ifndef ZG_RUNNER_STATE_FILE_H
#define ZG_RUNNER_STATE_FILE_H

#include "runner/runner.h"

/* The path of the case's, beside the journal of the options, for the caller to free.  One that is
 * left of another run is removed, unless resumed is set.  Where there is none, the newest of those
 * beside options->earlier is copied.  They stay: the program that wrote one may
 * still live. */
zg_status zg_state_place(const zg_run_options *options, const char *key, bool resumed, char **out,
                         zg_error *error);

#endif
