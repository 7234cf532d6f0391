/* How far every global optimum can be from a network: on its training rows and at others. */
#ifndef ZG_CLI_BANDS_H
#define ZG_CLI_BANDS_H

#include "cli/inputs.h"
#include "core/certificate.h"
#include "core/vicinity.h"

#include <jansson.h>
#include <stdio.h>

/* One line where zg_vicinity is a number. */
void zg_print_vicinity(const zg_problem *problem, const zg_certificate *c, FILE *out);

/* The rows of a table for --points, matched by name as those to predict are; *rows is the caller's,
 * and must outlive the bands. */
zg_status zg_points_load(const zg_inputs *inputs, const char *path, const zg_network *network,
                         const zg_problem *problem, zg_dataset **rows, zg_bands *out,
                         zg_error *error);

/* The bands of rows that test, where they cost little and there are any; else none, and no word. */
void zg_bands_of_test(const zg_problem *problem, const zg_dataset *test, zg_bands *out);

/* One line with the range, or a member "bands" of root with every row's; nothing where there are
 * none or no gap.  In the target's own units where there is one. */
void zg_bands_print(const zg_bands *bands, const zg_problem *problem, const zg_certificate *c,
                    FILE *out);
void zg_bands_json(const zg_bands *bands, const zg_problem *problem, const zg_certificate *c,
                   json_t *root);

#endif
