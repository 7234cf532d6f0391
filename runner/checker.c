/* The exact checker, zerogap-verify, as a judge: runs it on a certificate and reads its verdict. */
#include "runner/checker.h"

#include "base/command.h"

#include <jansson.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHECKER "zerogap-verify"

/* Beside this program: an installed or a built one; else what PATH finds. */
void zg_checker_find(char *path, size_t size)
{
    char folder[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", folder, sizeof folder - 1);
    folder[length > 0 ? length : 0] = '\0';
    char *slash = strrchr(folder, '/');
    if (slash) {
        *slash = '\0';
        int written = snprintf(path, size, "%s/" CHECKER, folder);
        if (written > 0 && (size_t)written < size && access(path, X_OK) == 0) return;
    }
    snprintf(path, size, CHECKER);
}

/* A hexadecimal float: the decimal beside it is rounded outwards. */
static double bound_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? strtod(text, NULL) : NAN;
}

/* The checker's JSON document, which is all that it prints. */
static zg_status read_verdict(const char *path, int exit_status, zg_checked *out, zg_error *error)
{
    json_t *root = json_load_file(path, 0, NULL);
    const char *verdict = json_string_value(json_object_get(root, "verdict"));
    const char *message = json_string_value(json_object_get(root, "message"));
    zg_status status = ZG_OK;
    *out = (zg_checked){.lower = bound_of(root, "lower_hex"), .upper = bound_of(root, "upper_hex")};
    snprintf(out->message, sizeof out->message, "%.399s", message ? message : "");
    if (verdict && strcmp(verdict, "proven") == 0 && exit_status == 0)
        out->judgement = ZG_JUDGED_PROVEN;
    else if (verdict && strcmp(verdict, "refuted") == 0)
        out->judgement = ZG_JUDGED_REFUTED;
    else if (verdict && strcmp(verdict, "not proven") == 0)
        out->judgement = ZG_JUDGED_OPEN;
    else
        status = zg_fail(error, ZG_FAILED, "the exact checker gave no verdict (exit status %d)%s%s",
                         exit_status, message ? ": " : "", message ? message : "");
    json_decref(root);
    return status;
}

zg_status zg_checker_run(const char *certificate, const char *data, const char *folder,
                         zg_checked *out, zg_error *error)
{
    char checker[PATH_MAX], log[PATH_MAX];
    const char *const words[] = {checker, certificate, "--data", data, "--json", NULL};
    zg_ending ending;
    zg_checker_find(checker, sizeof checker);
    int written = snprintf(log, sizeof log, "%s/checker.json", folder);
    if (written < 0 || (size_t)written >= sizeof log)
        return zg_fail(error, ZG_BAD_INPUT, "the path of the temporary folder is too long");
    const zg_command command = {.arguments = words, .directory = folder, .log = log};
    zg_status status = zg_command_run(&command, &ending, error);
    if (status != ZG_OK) return status;
    return read_verdict(log, zg_command_status(&ending), out, error);
}
