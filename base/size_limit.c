/* Limits on what a file may grow to in memory. */
#include "base/size_limit.h"

#include <math.h>
#include <stdint.h>

#define RATIO 200
#define ALWAYS ((size_t)64 << 20)

/* Mebibytes, rounded up, as the option counts them. */
static double megabytes(double bytes)
{
    return ceil(bytes / 1048576.0);
}

zg_status zg_size_check(const char *name, size_t rows, size_t columns, size_t limit,
                        zg_error *error)
{
    double bytes = (double)rows * (double)columns * (double)sizeof(double);
    if (limit == 0) limit = ZG_SIZE_LIMIT;
    if (bytes <= (double)limit) return ZG_OK;
    return zg_fail(error, ZG_BAD_INPUT,
                   "%.400s: expected at most %.0f MB of numbers, found %zu rows x %zu columns, "
                   "which take %.0f MB (--max-data-mb %.0f allows them)",
                   name, megabytes((double)limit), rows, columns, megabytes(bytes),
                   megabytes(bytes));
}

size_t zg_size_unpacked(size_t packed, size_t limit)
{
    if (limit) return limit;
    size_t allowed = packed < ZG_SIZE_LIMIT / RATIO ? packed * RATIO : ZG_SIZE_LIMIT;
    return allowed > ALWAYS ? allowed : ALWAYS;
}

zg_status zg_size_unpacked_fail(const char *name, size_t packed, size_t allowed, zg_error *error)
{
    return zg_fail(error, ZG_BAD_INPUT,
                   "%.400s: expected its %zu packed bytes to become at most %.0f MB, found more "
                   "(--max-data-mb N allows N MB)",
                   name, packed, megabytes((double)allowed));
}
