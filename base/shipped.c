/* Where the files that come with the program lie. */
#include "base/shipped.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Relative to the program: above the build directory, or above two where one lies in another (whose
 * own folder of that name holds no suites), or where `meson install` puts them.  Programs of the
 * build that lie deeper, as tests do, find the tree one folder further up. */
bool zg_shipped_suites(char *folder, size_t size)
{
    static const char *const places[] = {"../suites", "../../suites", "../../../suites",
                                         "../share/zerogap/suites"};
    char program[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    if (length <= 0) return false;
    program[length] = '\0';
    char *slash = strrchr(program, '/');
    if (!slash) return false;
    *slash = '\0';
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        int written = snprintf(folder, size, "%s/%s/quick.yaml", program, places[i]);
        if (written < 0 || (size_t)written >= size) continue;
        if (access(folder, R_OK) != 0) continue;
        *strrchr(folder, '/') = '\0';
        return true;
    }
    return false;
}
