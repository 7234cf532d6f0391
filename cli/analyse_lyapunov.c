/* A Lyapunov function and a map: what the exact checker decides about them. */
#include "base/number.h"
#include "base/scratch.h"
#include "cli/analyse.h"
#include "cli/json.h"
#include "core/lyapunov.h"
#include "runner/checker.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What was decided; open where there was nothing to ask about. */
typedef struct decision {
    zg_lyapunov claim;
    zg_checked checked;
} decision;

/* The checker runs in another folder. */
static zg_status ask_checker(const char *certificate, const char *map, const char *folder,
                             zg_checked *out, zg_error *error)
{
    char *proof = realpath(certificate, NULL), *data = realpath(map, NULL);
    zg_status status = proof && data ? ZG_OK
                                     : zg_fail(error, ZG_IO, "cannot find %.300s or %.300s: %s",
                                               certificate, map, strerror(errno));
    if (status == ZG_OK) status = zg_checker_run(proof, data, folder, out, error);
    free(proof);
    free(data);
    return status;
}

static zg_status decide(const zg_analysis *a, const zg_map *map, decision *out, zg_error *error)
{
    zg_scratch scratch = {0};
    char path[ZG_SCRATCH_SIZE + 32];
    zg_status status = zg_scratch_make(&scratch, error);
    snprintf(path, sizeof path, "%s/lyapunov.json", scratch.path);
    const char *certificate = a->certificate ? a->certificate : path;
    if (status == ZG_OK)
        status = zg_lyapunov_write(certificate, a->network, map, &out->claim, error);
    if (status == ZG_OK && out->claim.quadratic && isnan(out->claim.radius)) {
        out->checked.judgement = ZG_JUDGED_OPEN;
        snprintf(out->checked.message, sizeof out->checked.message,
                 "no radius: V or its decrease along Ax is not positive beyond rounding");
    } else if (status == ZG_OK) {
        status = ask_checker(certificate, a->lyapunov, scratch.path, &out->checked, error);
    }
    zg_scratch_remove(&scratch);
    return status;
}

static const char *const verdicts[] = {[ZG_JUDGED_PROVEN] = "proven",
                                       [ZG_JUDGED_OPEN] = "not proven",
                                       [ZG_JUDGED_REFUTED] = "refuted"};

static void print_decision(const zg_analysis *a, const decision *found)
{
    const zg_lyapunov *claim = &found->claim;
    char radius[ZG_NUMBER_SIZE];
    printf("%-12s eigenvalues %.8g .. %.8g of P, V(x) = x'Px\n", "value", claim->value[0],
           claim->value[1]);
    printf("%-12s eigenvalues %.8g .. %.8g of P - A'PA\n", "decrease", claim->decrease[0],
           claim->decrease[1]);
    if (found->checked.judgement != ZG_JUDGED_PROVEN) {
        printf("%-12s %s: %s\n", "verdict", verdicts[found->checked.judgement],
               found->checked.message);
        return;
    }
    if (claim->quadratic) {
        zg_number_bound(claim->radius, 8, -1, radius);
        printf("%-12s proven in exact arithmetic: V > 0, and V decreases where 0 < |x| < %s\n",
               "verdict", radius);
    } else {
        printf("%-12s proven in exact arithmetic: V > 0, and V decreases everywhere but at 0\n",
               "verdict");
    }
    if (a->certificate)
        printf("%-12s zerogap verify %s --data %s\n", "check with", a->certificate, a->lyapunov);
}

static void put_decision(const decision *found, json_t *root)
{
    const zg_lyapunov *claim = &found->claim;
    bool proven = found->checked.judgement == ZG_JUDGED_PROVEN;
    json_t *object = json_object();
    zg_cli_json_text(object, "map", claim->quadratic ? "quadratic" : "linear");
    zg_cli_json_text(object, "verdict", verdicts[found->checked.judgement]);
    if (!proven) zg_cli_json_text(object, "message", found->checked.message);
    zg_cli_json_number(object, "least_value", claim->value[0]);
    zg_cli_json_number(object, "largest_value", claim->value[1]);
    zg_cli_json_number(object, "least_decrease", claim->decrease[0]);
    if (proven && claim->quadratic) zg_cli_json_number(object, "radius", claim->radius);
    json_object_set_new(root, "lyapunov", object);
}

zg_status zg_analyse_lyapunov(zg_analysis *a, json_t *root, zg_error *error)
{
    zg_map map;
    decision found = {0};
    zg_status status = zg_map_read(a->lyapunov, &map, error);
    if (status == ZG_OK) status = decide(a, &map, &found, error);
    zg_map_clear(&map);
    if (status != ZG_OK) return status;
    a->undecided = found.checked.judgement != ZG_JUDGED_PROVEN;
    if (root)
        put_decision(&found, root);
    else
        print_decision(a, &found);
    return ZG_OK;
}
