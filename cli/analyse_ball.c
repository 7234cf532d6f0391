/* One ball: the range of each output, how steep it is, and what each input can do. */
#include "base/linalg.h"
#include "base/number.h"
#include "cli/analyse.h"
#include "cli/json.h"
#include "core/ball.h"
#include "core/margins.h"
#include "core/sensitivity.h"
#include "data/catalogue.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct region {
    zg_analysis *a;
    size_t inputs;
    double *centre;      /* in the units of radii */
    double *origin;      /* of the forms' inputs: the centre, or 0 where they are moves from it */
    double *half;        /* the box of sensitivities: half its width */
    double *sensitivity; /* inputs */
} region;

/* The first row of --centre; else 0 as the network sees it. */
static zg_status find_centre(region *r, zg_error *error)
{
    zg_analysis *a = r->a;
    const zg_preprocess *own = &a->network->preprocess;
    size_t d = r->inputs;
    if (!a->centre) {
        for (size_t k = 0; a->raw && own->mean && k < d; k++)
            r->centre[k] = own->mean[k];
        return ZG_OK;
    }
    zg_data_options options;
    zg_schema schema = zg_model_schema(own, &a->network->encoding);
    schema.lenient = true;
    zg_dataset *rows = NULL;
    zg_inputs own_inputs = a->inputs;
    own_inputs.data = a->centre;
    zg_status status = zg_inputs_data_settings(&own_inputs, &options, error);
    options.schema = &schema;
    if (status == ZG_OK) status = zg_catalogue_load(a->centre, &options, &rows, error);
    if (status == ZG_OK) {
        double *wide = zg_doubles(zg_preprocess_width(own));
        status = wide ? ZG_OK : zg_no_memory(error);
        if (wide) zg_preprocess_apply(own, 1, rows->x, wide);
        if (wide) memcpy(r->centre, a->raw ? rows->x : wide, d * sizeof *wide);
        free(wide);
    }
    zg_dataset_free(rows);
    return status;
}

typedef struct facts {
    double low, high, lipschitz; /* all certified */
    bool limited;                /* the range is made of rounding more than of the network */
} facts;

static zg_status range_of(const region *r, const zg_quadratic_form *form, facts *out,
                          zg_error *error)
{
    zg_ball_form ball;
    zg_ball_centres centre;
    zg_ball_minimum end;
    zg_status status = zg_ball_form_create(form, &ball, error);
    if (status != ZG_OK) return status;
    status = zg_ball_centres_create(&ball, 1, r->origin, NULL, &centre, error);
    if (status == ZG_OK) {
        zg_ball_minimise(&centre, 0, 1, r->a->ball_radius, &end);
        out->low = end.bound;
        double slack = end.slack;
        zg_ball_minimise(&centre, 0, -1, r->a->ball_radius, &end);
        out->high = -end.bound;
        slack = fmax(slack, end.slack);
        /* An output that is 0 has slack, too: of numbers below the normal ones. */
        out->limited = slack > 1e-6 * fmax(fabs(out->low), fabs(out->high)) && slack > 1e-290;
        zg_ball_centres_clear(&centre);
        status = zg_lipschitz(form, r->origin, r->a->ball_radius, &out->lipschitz, error);
        if (status == ZG_OK &&
            !(isfinite(out->low) && isfinite(out->high) && isfinite(out->lipschitz)))
            status = zg_fail(error, ZG_BAD_INPUT,
                             "what the network does within %g of the centre is beyond the range of "
                             "double precision",
                             r->a->ball_radius);
    }
    zg_ball_form_clear(&ball);
    return status;
}

static void print_facts(const region *r, size_t output, const facts *f)
{
    char name[128], low[ZG_NUMBER_SIZE], high[ZG_NUMBER_SIZE], steep[ZG_NUMBER_SIZE];
    const zg_network *network = r->a->network;
    zg_analysis_output(network, output, name);
    zg_number_bound(f->low, 8, -1, low);
    zg_number_bound(f->high, 8, 1, high);
    zg_number_bound(f->lipschitz, 8, 1, steep);
    printf("%s, within %g of the centre, %s units:\n", name, r->a->ball_radius,
           zg_analysis_units(r->a));
    printf("  %-12s %s .. %s  (certified, and %s)\n", "range", low, high,
           f->limited ? "decided by rounding: it may be much narrower" : "attained to rounding");
    printf("  %-12s %s  (no two points of the ball differ by more per distance)\n", "Lipschitz",
           steep);
    size_t most = 0;
    printf("  %-12s", "steepest in");
    for (size_t shown = 0; shown < 5 && shown < r->inputs; shown++) {
        for (size_t k = 0; k < r->inputs; k++)
            if (r->sensitivity[k] > r->sensitivity[most]) most = k;
        if (network->preprocess.names)
            printf(" %s: %.4g", network->preprocess.names[most], r->sensitivity[most]);
        else
            printf(" x%zu: %.4g", most + 1, r->sensitivity[most]);
        r->sensitivity[most] = -1;
    }
    puts("  (largest slope, each input within the radius)");
}

static void put_facts(const region *r, size_t output, const facts *f, json_t *array)
{
    char name[128];
    json_t *object = json_object(), *slopes = json_array();
    zg_analysis_output(r->a->network, output, name);
    zg_cli_json_text(object, "output", name);
    zg_cli_json_number(object, "low", f->low);
    zg_cli_json_number(object, "high", f->high);
    zg_cli_json_number(object, "lipschitz", f->lipschitz);
    json_object_set_new(object, "limited_by_rounding", json_boolean(f->limited));
    for (size_t k = 0; k < r->inputs; k++)
        json_array_append_new(slopes, json_real(r->sensitivity[k]));
    json_object_set_new(object, "sensitivities", slopes);
    json_array_append_new(array, object);
}

static zg_status analyse_outputs(region *r, json_t *array, zg_error *error)
{
    zg_status status = find_centre(r, error);
    for (size_t k = 0; k < r->inputs; k++)
        r->half[k] = r->a->ball_radius;
    for (size_t c = 0; status == ZG_OK && c < r->a->network->outputs; c++) {
        zg_quadratic_form form;
        facts f = {0};
        status = zg_margin_form(r->a->network, c, r->a->raw ? r->centre : NULL, &form, error);
        if (status != ZG_OK) break;
        status = range_of(r, &form, &f, error);
        if (status == ZG_OK) zg_sensitivities(&form, r->origin, r->half, r->sensitivity);
        if (status == ZG_OK && array)
            put_facts(r, c, &f, array);
        else if (status == ZG_OK)
            print_facts(r, c, &f);
        zg_quadratic_form_clear(&form);
    }
    return status;
}

zg_status zg_analyse_ball(zg_analysis *a, json_t *root, zg_error *error)
{
    size_t d = a->network->inputs - a->network->preprocess.bias;
    region r = {.a = a, .inputs = d, .centre = zg_doubles(4 * d)};
    if (!r.centre) return zg_no_memory(error);
    r.half = r.centre + d;
    r.sensitivity = r.half + d;
    r.origin = a->raw ? r.sensitivity + d : r.centre;
    json_t *array = root ? json_array() : NULL;
    zg_status status = analyse_outputs(&r, array, error);
    if (root) {
        json_t *ball = json_object();
        zg_cli_json_number(ball, "radius", a->ball_radius);
        json_object_set_new(ball, "outputs", array);
        json_object_set_new(root, "ball", ball);
    }
    free(r.centre);
    return status;
}
