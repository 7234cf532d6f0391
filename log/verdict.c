/* Verdicts: their names, and what follows from them. */
#include "log/verdict.h"

#include <string.h>

static const struct {
    const char *name, *words; /* words: NULL when the name serves people as well */
} verdicts[ZG_VERDICT_COUNT] = {
    [ZG_PROVEN] = {"proven", NULL},
    [ZG_CERTIFIED] = {"certified", NULL},
    [ZG_UNCERTIFIED] = {"uncertified", NULL},
    [ZG_WRONG] = {"wrong", NULL},
    [ZG_CASE_FAILED] = {"failed", NULL},
    [ZG_CASE_TIMEOUT] = {"timeout", NULL},
    [ZG_OUT_OF_MEMORY] = {"out_of_memory", "out of memory"},
    [ZG_DISK_LIMIT] = {"disk_limit", "over its disk limit"},
    [ZG_SKIPPED] = {"skipped", NULL},
    [ZG_UNFINISHED] = {"unfinished", NULL},
};

static bool is_known(zg_verdict verdict)
{
    return (int)verdict >= 0 && verdict < ZG_VERDICT_COUNT;
}

const char *zg_verdict_name(zg_verdict verdict)
{
    return is_known(verdict) ? verdicts[verdict].name : "unknown";
}

const char *zg_verdict_words(zg_verdict verdict)
{
    const char *words = is_known(verdict) ? verdicts[verdict].words : NULL;
    return words ? words : zg_verdict_name(verdict);
}

zg_verdict zg_verdict_parse(const char *name)
{
    int i = 0;
    while (i < ZG_VERDICT_COUNT && (!name || strcmp(name, verdicts[i].name) != 0))
        i++;
    return (zg_verdict)i;
}

bool zg_verdict_certified(zg_verdict verdict)
{
    return verdict == ZG_PROVEN || verdict == ZG_CERTIFIED;
}

bool zg_verdict_ran(zg_verdict verdict)
{
    return zg_verdict_certified(verdict) || verdict == ZG_UNCERTIFIED;
}

int zg_verdict_exit(const size_t counts[ZG_VERDICT_COUNT])
{
    if (counts[ZG_WRONG] > 0) return 2;
    if (counts[ZG_CASE_FAILED] + counts[ZG_CASE_TIMEOUT] + counts[ZG_OUT_OF_MEMORY] +
            counts[ZG_DISK_LIMIT] >
        0)
        return 5;
    if (counts[ZG_PROVEN] + counts[ZG_CERTIFIED] + counts[ZG_UNCERTIFIED] == 0) return 3;
    return 0;
}

int zg_verdict_exit_strict(const size_t counts[ZG_VERDICT_COUNT])
{
    int exit_status = zg_verdict_exit(counts);
    return exit_status == 0 && counts[ZG_SKIPPED] > 0 ? 5 : exit_status;
}
