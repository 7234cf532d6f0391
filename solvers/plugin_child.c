/* The child's side of a plug-in: loads it, describes it, runs a solve (see plugin_parts.h). */
#include "solvers/plugin_parts.h"

#include "base/child.h"
#include "base/linalg.h"
#include "zerogap-plugin.h"

#include <ctype.h>
#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- loading ---------------------------------------------------------------------------------- */

__attribute__((format(printf, 3, 4))) static bool refuse(char *trouble, size_t size,
                                                         const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(trouble, size, format, arguments);
    va_end(arguments);
    return false;
}

/* The plug-in's description, as far as its version can be read; NULL with the reason. */
static const zgp_plugin *load(const char *path, char *trouble, size_t size)
{
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!object) {
        const char *reason = dlerror();
        refuse(trouble, size, "is no plug-in: %s", reason ? reason : "it cannot be loaded");
        return NULL;
    }
    const zgp_plugin *(*get)(void);
    void *symbol = dlsym(object, "zgp_plugin_get");
    if (!symbol) {
        refuse(trouble, size,
               "is no plug-in: it has no function zgp_plugin_get (see "
               "zerogap-plugin.h)");
        return NULL;
    }
    memcpy(&get, &symbol, sizeof get); /* what ISO C has no cast for */
    const zgp_plugin *plugin = get();
    if (!plugin)
        refuse(trouble, size, "is no plug-in: zgp_plugin_get returned nothing");
    else if (plugin->version != ZGP_VERSION)
        refuse(trouble, size,
               "is a plug-in of version %d of the interface, this program has "
               "version %d: compile it with the header of this program",
               plugin->version, ZGP_VERSION);
    else
        return plugin;
    return NULL;
}

static bool is_name(const char *text, const char *more)
{
    if (!text || !*text || strlen(text) > 60) return false;
    for (; *text; text++)
        if (!isalnum((unsigned char)*text) && !strchr(more, *text)) return false;
    return true;
}

static bool check(const zgp_plugin *plugin, char *trouble, size_t size)
{
    if (!is_name(plugin->name, "-_"))
        return refuse(trouble, size, "has no name of letters, digits, - and _");
    if (!plugin->about) return refuse(trouble, size, "does not say what it is about");
    if (plugin->option_count > ZG_PLUGIN_OPTIONS || (plugin->option_count && !plugin->options))
        return refuse(trouble, size, "has more than %d options", ZG_PLUGIN_OPTIONS);
    if (!plugin->solve_sdp == !plugin->solve_lift)
        return refuse(trouble, size, "must have one of solve_sdp and solve_lift");
    for (size_t i = 0; i < plugin->option_count; i++) {
        const zgp_option *option = &plugin->options[i];
        if (!is_name(option->name, "_") || !option->fallback || !option->help)
            return refuse(trouble, size,
                          "has an option (number %zu) without a name of letters, "
                          "digits and _, a default or a help text",
                          i + 1);
    }
    return true;
}

int zg_plugin_describe_child(void *context, int channel)
{
    zg_plugin_description about = {.magic = ZG_PLUGIN_MAGIC};
    const zgp_plugin *plugin = load(context, about.trouble, sizeof about.trouble);
    if (plugin && check(plugin, about.trouble, sizeof about.trouble)) {
        about.count = (uint32_t)plugin->option_count;
        snprintf(about.name, sizeof about.name, "%s", plugin->name);
        snprintf(about.about, sizeof about.about, "%s", plugin->about);
    }
    bool sent = zg_write_all(channel, &about, sizeof about);
    for (size_t i = 0; sent && i < about.count; i++) {
        zg_plugin_option option = {0};
        snprintf(option.name, sizeof option.name, "%s", plugin->options[i].name);
        snprintf(option.fallback, sizeof option.fallback, "%s", plugin->options[i].fallback);
        snprintf(option.help, sizeof option.help, "%s", plugin->options[i].help);
        sent = zg_write_all(channel, &option, sizeof option);
    }
    return sent ? ZG_PLUGIN_DONE : ZG_PLUGIN_CHANNEL;
}

/* ---- what a solve is given -------------------------------------------------------------------- */

typedef struct session {
    const zg_plugin_job *job;
    int channel;
    bool lift;
    double *answer; /* y, X, Z or v, Z, Z' */
    size_t doubles;
    double *work; /* of the lift's maps */
} session;

static bool send_answer(const session *s, int result, int outcome)
{
    const zg_plugin_header header = {ZG_PLUGIN_MAGIC, result, outcome, s->lift, s->doubles};
    return zg_write_all(s->channel, &header, sizeof header) &&
           zg_write_all(s->channel, s->answer, s->doubles * sizeof *s->answer);
}

static int report(const zgp_call *call)
{
    const session *s = call->host;
    char byte = ZG_PLUGIN_STOP;
    if (!send_answer(s, 0, 0) || !zg_read_all(s->channel, &byte, 1)) _exit(ZG_PLUGIN_CHANNEL);
    return byte == ZG_PLUGIN_CONTINUE;
}

/* The arrays of a program; false without memory.  They go with the process. */
static bool fill_sdp(const zg_sdp *from, zgp_sdp *to)
{
    int *orders = calloc(from->block_count + 1, sizeof *orders);
    size_t *offsets = calloc(from->block_count + 1, sizeof *offsets);
    zgp_entry *entries = calloc(from->entry_count + 1, sizeof *entries);
    if (!orders || !offsets || !entries) return false;
    for (size_t b = 0; b < from->block_count; b++) {
        int order = (int)from->blocks[b].order;
        orders[b] = from->blocks[b].diagonal ? -order : order;
        offsets[b] = from->blocks[b].offset;
    }
    for (size_t p = 0; p < from->piece_count; p++) {
        const zg_sdp_piece *piece = &from->pieces[p];
        for (size_t e = piece->first; e < piece->first + piece->count; e++)
            entries[e] = (zgp_entry){(int)piece->matrix, (int)piece->block, from->row[e] - 1,
                                     from->column[e] - 1, from->value[e]};
    }
    *to = (zgp_sdp){from->variables, from->cost,         from->block_count, orders,
                    offsets,         from->block_values, from->entry_count, entries};
    return true;
}

static void apply(const zgp_lift *lift, size_t group, const double *z, double scale, double *f)
{
    const session *s = lift->host;
    zg_lift_apply(s->job->conic->posed->lift, group, z, scale, f, s->work);
}

static void adjoint(const zgp_lift *lift, size_t group, const double *v, double *t)
{
    const session *s = lift->host;
    zg_lift_adjoint(s->job->conic->posed->lift, group, v, t, s->work);
}

/* ---- a solve ---------------------------------------------------------------------------------- */

static int solve_sdp(session *s, const zgp_plugin *plugin, const zgp_call *call)
{
    zgp_sdp sdp;
    const zg_sdp *own = s->job->sdp;
    if (!fill_sdp(own, &sdp)) _exit(ZG_PLUGIN_STORAGE);
    zgp_point point = {s->answer, s->answer + own->variables,
                       s->answer + own->variables + own->block_values};
    return plugin->solve_sdp(call, &sdp, &point);
}

static int solve_lift(session *s, const zgp_plugin *plugin, const zgp_call *call)
{
    char loss[64];
    const zg_program *program = s->job->conic->posed;
    const zg_lift *lift = program->lift;
    size_t blocks = lift->groups * lift->order * lift->order;
    zg_loss_format(program->loss, loss, sizeof loss);
    const zgp_lift given = {.samples = lift->samples,
                            .groups = lift->groups,
                            .order = lift->order,
                            .bordered = lift->bordered,
                            .beta = program->beta,
                            .loss = loss,
                            .targets = program->y,
                            .weights = program->weights,
                            .host = s,
                            .apply = apply,
                            .adjoint = adjoint};
    zgp_blocks answer = {s->answer, s->answer + lift->samples, s->answer + lift->samples + blocks};
    return plugin->solve_lift(call, &given, &answer);
}

size_t zg_plugin_lift_size(const zg_program *program)
{
    const zg_lift *lift = program->lift;
    return lift->samples + 2 * lift->groups * lift->order * lift->order;
}

int zg_plugin_solve_child(void *context, int channel)
{
    const zg_plugin_job *job = context;
    char trouble[400];
    const char *values[ZG_PLUGIN_OPTIONS];
    session s = {.job = job, .channel = channel};
    if (job->threads > 0) zg_blas_set_threads(job->threads);
    const zgp_plugin *plugin = load(job->path, trouble, sizeof trouble);
    if (!plugin || !check(plugin, trouble, sizeof trouble) ||
        plugin->option_count != job->method->option_count - ZG_PLUGIN_OWN)
        return ZG_PLUGIN_CHANGED;
    for (size_t i = 0; i < plugin->option_count; i++)
        values[i] = job->values[ZG_PLUGIN_OWN + i].text;
    s.lift = plugin->solve_lift != NULL;
    s.doubles = s.lift ? zg_plugin_lift_size(job->conic->posed) : zg_sdp_point_size(job->sdp);
    s.answer = zg_doubles(s.doubles);
    s.work = zg_doubles(zg_lift_work(job->conic->posed->lift) + 1);
    if (!s.answer || !s.work) return ZG_PLUGIN_STORAGE;
    const zgp_call call = {.values = values,
                           .tolerance = job->tolerance,
                           .seconds = job->seconds,
                           .threads = job->threads,
                           .host = &s,
                           .report = report};
    int outcome = (s.lift ? solve_lift : solve_sdp)(&s, plugin, &call);
    return send_answer(&s, 1, outcome) ? ZG_PLUGIN_DONE : ZG_PLUGIN_CHANNEL;
}
