/* A world for tests of suites: stub methods and two tiny data sources. */
#ifndef ZG_TESTS_STUB_H
#define ZG_TESTS_STUB_H

#include "runner/world.h"

/* Methods named like the real ones, with options of every type, for tests of reading; and one
 * method per way of going wrong, for tests of the runner. */
void zg_stub_world(zg_world *out);

#endif
