/* How far every global optimum can be from a network, for people and as JSON (see bands.h). */
#include "cli/bands.h"

#include "base/number.h"
#include "cli/json.h"
#include "cli/model_rows.h"

#include <math.h>
#include <stdlib.h>

#define MOST_FEATURES 500 /* of bands that nobody asked for */
#define MOST_WORK 2e9     /* rows times features squared, likewise */

void zg_print_vicinity(const zg_problem *problem, const zg_certificate *c, FILE *out)
{
    double vicinity = zg_vicinity(problem, c);
    char number[ZG_NUMBER_SIZE];
    if (!isfinite(vicinity)) return;
    zg_number_bound(vicinity, 3, 1, number);
    fprintf(out,
            "%-12s %s  no global optimum's predictions on these rows are farther off (root of the "
            "sum of squares%s)\n",
            "vicinity", number, problem->encoding.scale ? ", units trained on" : "");
}

zg_status zg_points_load(const zg_inputs *inputs, const char *path, const zg_network *network,
                         const zg_problem *problem, zg_dataset **rows, zg_bands *out,
                         zg_error *error)
{
    zg_inputs own = *inputs;
    own.data = path;
    own.train = NULL;
    zg_status status = zg_model_rows_load(&own, network, true, error);
    *rows = own.train;
    if (status == ZG_OK)
        status = zg_bands_create(problem, own.train->rows, own.train->x, out, error);
    return status;
}

void zg_bands_of_test(const zg_problem *problem, const zg_dataset *test, zg_bands *out)
{
    double p = (double)zg_band_features(problem);
    zg_error ignored;
    *out = (zg_bands){0};
    if (!test || !test->rows || p == 0 || p > MOST_FEATURES || test->gaps ||
        (double)(problem->samples + test->rows) * p * p > MOST_WORK)
        return;
    (void)zg_bands_create(problem, test->rows, test->x, out, &ignored);
}

static int ascending(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Every row's band; NULL where there is none.  The caller's. */
static double *values_of(const zg_bands *bands, const zg_problem *problem, const zg_certificate *c)
{
    if (!bands->points || !isfinite(zg_vicinity(problem, c))) return NULL;
    double *values = calloc(bands->points, sizeof *values);
    double upper = nextafter(c->objective + c->rounding, INFINITY);
    double scale =
        problem->outputs == 1 && problem->encoding.scale ? problem->encoding.scale[0] : 1;
    for (size_t k = 0; values && k < bands->points; k++)
        values[k] = scale == 1 ? zg_band(bands, k, upper, c->bound)
                               : nextafter(scale * zg_band(bands, k, upper, c->bound), INFINITY);
    return values;
}

static const char *units_of(const zg_problem *problem)
{
    return problem->encoding.scale && problem->outputs > 1 ? ", units trained on" : "";
}

void zg_bands_print(const zg_bands *bands, const zg_problem *problem, const zg_certificate *c,
                    FILE *out)
{
    double *values = values_of(bands, problem, c);
    char least[ZG_NUMBER_SIZE], middle[ZG_NUMBER_SIZE], most[ZG_NUMBER_SIZE];
    if (!values) return;
    qsort(values, bands->points, sizeof *values, ascending);
    zg_number_bound(values[0], 3, 1, least);
    zg_number_bound(values[bands->points / 2], 3, 1, middle);
    zg_number_bound(values[bands->points - 1], 3, 1, most);
    fprintf(out,
            "%-12s %s .. %s, median %s  no global optimum is farther off at the %zu other rows%s\n",
            "band", least, most, middle, bands->points, units_of(problem));
    free(values);
}

void zg_bands_json(const zg_bands *bands, const zg_problem *problem, const zg_certificate *c,
                   json_t *root)
{
    double *values = values_of(bands, problem, c);
    if (!values) return;
    json_t *object = json_object(), *array = json_array();
    for (size_t k = 0; k < bands->points; k++)
        json_array_append_new(array, json_real(values[k]));
    zg_cli_json_number(object, "modulus", bands->modulus);
    json_object_set_new(object, "values", array);
    json_object_set_new(root, "bands", object);
    free(values);
}
