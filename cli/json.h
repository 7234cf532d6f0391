/* JSON on standard output: always a document, whatever the numbers are. */
#ifndef ZG_CLI_JSON_H
#define ZG_CLI_JSON_H

#include <jansson.h>
#include <stdio.h>

/* Prints a document and releases it. */
void zg_cli_print_json(json_t *root, FILE *out);
/* Sets a member; JSON knows no NaN and no infinity, so what is not finite is left out. */
void zg_cli_json_number(json_t *object, const char *key, double value);
/* Sets a member; texts that are not UTF-8 are said to be so. */
void zg_cli_json_text(json_t *object, const char *key, const char *text);

#endif
