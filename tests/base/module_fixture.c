/* A module for the loader's test: FIXTURE_VERSION is what it says of itself. */
#include "base/module.h"

extern const zg_module zg_module_fixture;
const zg_module zg_module_fixture = {FIXTURE_VERSION};
