/* Where the suites that come with the program lie. */
#include "cli/suite_files.h"

#include "base/shipped.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

bool zg_cli_suite_files(glob_t *found)
{
    char folder[PATH_MAX], pattern[PATH_MAX + 16];
    if (!zg_shipped_suites(folder, sizeof folder)) return false;
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
    struct stat facts;
    bool given = stat(word, &facts) == 0 && !S_ISDIR(facts.st_mode);
    if (!given && zg_shipped_suites(folder, sizeof folder)) {
        for (size_t i = 0; i < 2; i++) {
            int written = snprintf(path, size, "%s/%s%s", folder, word, endings[i]);
            bool fits = written > 0 && (size_t)written < size;
            if (fits && stat(path, &facts) == 0 && S_ISREG(facts.st_mode)) return;
        }
    }
    snprintf(path, size, "%s", word);
}
