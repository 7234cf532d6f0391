/* Where the suites that come with the program lie. */
#include "cli/suite_files.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Relative to the program, so that an installed tree can be moved: above the build directory, or
 * above two where one lies in another (whose own folder of that name holds no suites), or where
 * `meson install` puts them. */
static bool suites_folder(char *folder, size_t size)
{
    static const char *const places[] = {"../suites", "../../suites", "../share/zerogap/suites"};
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

bool zg_cli_suite_files(glob_t *found)
{
    char folder[PATH_MAX], pattern[PATH_MAX + 16];
    if (!suites_folder(folder, sizeof folder)) return false;
    snprintf(pattern, sizeof pattern, "%s/*.yaml", folder);
    int first = glob(pattern, 0, NULL, found);
    snprintf(pattern, sizeof pattern, "%s/*/*.yaml", folder);
    int second = glob(pattern, first == 0 ? GLOB_APPEND : 0, NULL, found);
    return first == 0 || second == 0;
}

void zg_cli_suite_path(const char *word, char *path, size_t size)
{
    static const char *const endings[] = {"", ".yaml"};
    char folder[PATH_MAX];
    if (access(word, F_OK) != 0 && suites_folder(folder, sizeof folder)) {
        for (size_t i = 0; i < 2; i++) {
            int written = snprintf(path, size, "%s/%s%s", folder, word, endings[i]);
            struct stat facts;
            bool fits = written > 0 && (size_t)written < size;
            if (fits && stat(path, &facts) == 0 && S_ISREG(facts.st_mode)) return;
        }
    }
    snprintf(path, size, "%s", word);
}
