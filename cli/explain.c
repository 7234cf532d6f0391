/* What the convex program of a training problem looks like, in words and numbers. */
#include "cli/explain.h"

#include "base/linalg.h"
#include "cli/json.h"
#include "core/certificate.h"
#include "core/neuron_set.h"
#include "core/rank_reduction.h"
#include "train/choice.h"

#include <math.h>

/* What `--solver auto` takes, and why. */
static void print_choice(const zg_problem *p, FILE *out)
{
    zg_choice choice = zg_choose_method(p);
    if (!choice.method) return;
    fprintf(out, "method        auto takes %s", choice.method->name);
    if (isfinite(choice.ipm) && isfinite(choice.low_rank))
        fprintf(out, ": about %.1e multiply-adds by ipm, %.1e by low-rank", choice.ipm,
                choice.low_rank);
    fputc('\n', out);
}

/* Of the sphere's cones; a finite set has none, and networks of as many neurons as it asks for. */
static void print_neurons(const zg_problem *p, FILE *out)
{
    char set[ZG_NEURON_SET_SIZE];
    size_t most = zg_problem_pataki_bound(p);
    zg_neuron_set_format(p->neuron_set, set);
    if (most)
        fprintf(out,
                "neurons       some optimum has at most %zu per output (ranks with sum r (r + 1) / "
                "2 <= %zu), every optimum of the solvers at most %zu\n",
                most / p->outputs, zg_problem_equations(p), 2 * p->lift->groups * p->lift->order);
    else
        fprintf(out,
                "neurons       of the set %s, by column generation: the cones above are those of "
                "the relaxation to all neurons\n",
                set);
}

void zg_explain(const zg_problem *p, FILE *out)
{
    const zg_lift *lift = p->lift;
    char loss[64], architecture[256];
    zg_loss_format(p->loss, loss, sizeof loss);
    zg_architecture_format(&p->architecture, architecture, sizeof architecture);
    size_t multipliers = lift->bordered ? 2 * lift->groups : 0;
    fprintf(out, "data          %zu samples, %zu inputs, %zu output%s%s\n", p->samples, p->inputs,
            p->outputs, p->outputs == 1 ? "" : "s",
            p->outputs == 1 ? "" : ": as many independent programs");
    fprintf(out, "architecture  %s: %zu group%s of %zu patch%s of %zu inputs\n", architecture,
            lift->groups, lift->groups == 1 ? "" : "s", lift->patches,
            lift->patches == 1 ? "" : "es", lift->width);
    fprintf(out, "cones         %zu positive semidefinite, of order %zu (%s)\n", 2 * lift->groups,
            lift->order,
            lift->bordered ? "inputs of a patch and a border"
                           : "no border: the activation is a t^2, the penalty a nuclear norm");
    fprintf(out, "dual          %zu variables v, one per sample, and %zu multiplier%s\n",
            p->samples, multipliers, multipliers == 1 ? "" : "s");
    fprintf(out, "loss          %s, penalty weight beta %g\n", loss, p->beta);
    fprintf(out, "features      %zu per group: %s\n", zg_svec_size(lift->order),
            p->robust > 0.0 ? "all of them count, whatever the samples, where rows may move"
            : p->samples > lift->groups * zg_svec_size(lift->order)
                ? "fewer than samples, so a squared loss needs no more rows than that"
                : "at least as many as samples");
    print_neurons(p, out);
    print_choice(p, out);
    for (size_t c = 0; c < p->outputs && c < 10; c++) {
        zg_program program = zg_problem_program(p, c);
        double beta_max;
        if (zg_program_beta_max(&program, &beta_max) == ZG_OK)
            fprintf(out, "beta_max      %.6g%s%s\n", beta_max,
                    c ? "" : ": from there on the zero network is optimal",
                    c == 9 && p->outputs > 10 ? " (first 10 outputs)" : "");
    }
}

void zg_explain_json(const zg_problem *p, FILE *out)
{
    const zg_lift *lift = p->lift;
    char loss[64], architecture[256];
    zg_loss_format(p->loss, loss, sizeof loss);
    zg_architecture_format(&p->architecture, architecture, sizeof architecture);
    size_t most = zg_problem_pataki_bound(p);
    json_t *root = json_pack(
        "{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b}", "command", "train", "samples",
        (json_int_t)p->samples, "inputs", (json_int_t)p->inputs, "outputs", (json_int_t)p->outputs,
        "groups", (json_int_t)lift->groups, "patches", (json_int_t)lift->patches, "cones",
        (json_int_t)(2 * lift->groups), "cone_order", (json_int_t)lift->order, "features",
        (json_int_t)zg_svec_size(lift->order), "border", lift->bordered);
    if (most) {
        json_object_set_new(root, "neurons_some_optimum",
                            json_integer((json_int_t)(most / p->outputs)));
        json_object_set_new(root, "neurons_most",
                            json_integer((json_int_t)(2 * lift->groups * lift->order)));
    }
    zg_cli_json_text(root, "architecture", architecture);
    zg_cli_json_text(root, "loss", loss);
    zg_cli_json_number(root, "beta", p->beta);
    zg_choice choice = zg_choose_method(p);
    if (choice.method) zg_cli_json_text(root, "auto", choice.method->name);
    if (isfinite(choice.ipm)) zg_cli_json_number(root, "ipm_work", choice.ipm);
    if (isfinite(choice.low_rank)) zg_cli_json_number(root, "low_rank_work", choice.low_rank);
    json_t *limits = json_array();
    for (size_t c = 0; c < p->outputs; c++) {
        zg_program program = zg_problem_program(p, c);
        double beta_max;
        bool known = zg_program_beta_max(&program, &beta_max) == ZG_OK && isfinite(beta_max);
        json_array_append_new(limits, known ? json_real(beta_max) : json_null());
    }
    json_object_set_new(root, "beta_max", limits);
    zg_cli_print_json(root, out);
}
