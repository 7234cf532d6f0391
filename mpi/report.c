/* What a job says in the end (see report.h). */
#include "mpi/report.h"

#include "base/clock.h"
#include "base/linalg.h"
#include "base/number.h"
#include "base/replace.h"
#include "cli/json.h"
#include "cli/summary.h"

#include <math.h>
#include <stdlib.h>

static double sum_of(zg_team *team, double x)
{
    double *each = zg_doubles(team->ranks), sum = 0.0;
    if (!each) team->transport.fail(team->transport.context, "out of memory");
    each[team->rank] = x;
    zg_team_max(team, team->ranks, each);
    for (size_t r = 0; r < team->ranks; r++)
        sum += each[r];
    free(each);
    return sum;
}

void zg_mpi_report_measure(zg_ranks *ranks, zg_mpi_report *r)
{
    zg_team *team = &ranks->team;
    /* As they are now: collecting them is not counted. */
    const double messages = (double)team->messages, bytes = (double)team->bytes;
    const double transfer = ranks->transfer.seconds, waiting = ranks->waiting.seconds;
    const double moved = ranks->transfer.processor, waited = ranks->waiting.processor;
    const double processor = zg_processor_seconds();
    r->ranks = team->ranks;
    r->rows = team->total;
    r->measured = ranks->measured;
    r->collectives = (double)team->collectives;
    r->messages = sum_of(team, messages);
    r->bytes = sum_of(team, bytes);
    r->transfer_seconds = zg_ranks_largest(ranks, transfer);
    r->waiting_seconds = zg_ranks_largest(ranks, waiting);
    r->transfer_processor = sum_of(team, moved);
    r->waiting_processor = sum_of(team, waited);
    r->processor = sum_of(team, processor);
    double rows = r->problem ? (double)r->problem->samples : 0.0;
    r->most_rows = (size_t)zg_ranks_largest(ranks, rows);
    r->fewest_rows = (size_t)-zg_ranks_largest(ranks, -rows);
}

static json_t *communication(const zg_mpi_report *r)
{
    json_t *object = json_pack("{s:I, s:I, s:I}", "collectives", (json_int_t)r->collectives,
                               "messages", (json_int_t)r->messages, "bytes", (json_int_t)r->bytes);
    zg_cli_json_number(object, r->measured ? "transfer_seconds" : "seconds", r->transfer_seconds);
    if (!r->measured) return object;
    zg_cli_json_number(object, "waiting_seconds", r->waiting_seconds);
    zg_cli_json_number(object, "transfer_processor_seconds", r->transfer_processor);
    zg_cli_json_number(object, "waiting_processor_seconds", r->waiting_processor);
    return object;
}

static json_t *document(const zg_mpi_report *r, int exit_status)
{
    const zg_training *t = r->training;
    const zg_certificate *c = &t->certificate;
    json_t *root = json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:f, s:b, s:I, s:I}", "format", ZG_RESULT_FORMAT, "command",
        "train", "method", r->method, "verdict", zg_decision_name(r->assessment->decision),
        "bound_source", zg_bound_source_text(c->source), "tolerance", r->tolerance, "certified",
        r->assessment->decision == ZG_DECISION_CERTIFIED, "neurons",
        (json_int_t)t->solution.network->count, "iterations", (json_int_t)t->solution.iterations);
    if (r->assessment->cause[0]) {
        zg_cli_json_text(root, "cause", r->assessment->cause);
        zg_cli_json_text(root, "reason", r->assessment->message);
    }
    zg_cli_json_number(root, "objective", c->objective);
    zg_cli_json_number(root, "rounding", c->rounding);
    zg_cli_json_number(root, "bound", c->bound);
    zg_cli_json_number(root, "gap", c->gap);
    if (r->attainable > 0.0) zg_cli_json_number(root, "attainable_gap", r->attainable);
    zg_cli_json_number(root, "seconds", t->solution.seconds);
    zg_cli_json_number(root, "certification_seconds", t->certification_seconds);
    zg_cli_json_number(root, "load_seconds", r->load_seconds);
    zg_cli_json_number(root, "total_seconds", r->seconds);
    zg_cli_json_number(root, "processor_seconds", r->processor);
    zg_cli_json_number(root, "checkpoint_seconds", r->checkpoint_seconds);
    if (r->digest) zg_cli_json_text(root, "data_digest", r->digest);
    zg_cli_json_text(root, "data_read", r->how);
    json_object_set_new(root, "rows", json_integer((json_int_t)r->rows));
    json_object_set_new(root, "ranks", json_integer((json_int_t)r->ranks));
    json_object_set_new(root, "resumed", json_boolean(r->resumed));
    json_object_set_new(root, "checkpoints", json_integer((json_int_t)r->checkpoints));
    json_object_set_new(root, "communication", communication(r));
    zg_cli_json_text(root, "mpi", zg_ranks_library());
    if (r->model) zg_cli_json_text(root, "model", r->model);
    if (r->certificate) zg_cli_json_text(root, "certificate", r->certificate);
    if (r->trouble) zg_cli_json_text(root, "ended_early", r->trouble);
    if (t->solution.message[0]) zg_cli_json_text(root, "remark", t->solution.message);
    if (r->token) zg_cli_json_text(root, "token", r->token);
    json_object_set_new(root, "exit_status", json_integer(exit_status));
    return root;
}

static void print_text(const zg_mpi_report *r, FILE *out)
{
    const zg_training *t = r->training;
    const zg_certificate *c = &t->certificate;
    char bound[ZG_NUMBER_SIZE], remark[160];
    bool optimal = r->assessment->decision == ZG_DECISION_CERTIFIED;
    fprintf(out, "%-12s %.10g", "objective", c->objective);
    if (r->problem) fprintf(out, "  (loss %.6g, penalty %.6g)", t->loss, t->penalty);
    fputc('\n', out);
    zg_number_bound(c->bound, 10, -1, bound);
    fprintf(out, "%-12s %s  certified: no network of any width %s\n", "bound", bound,
            optimal ? "does better" : "gets below it");
    snprintf(remark, sizeof remark, "%s (tolerance %.0e, bound from the %s)",
             optimal ? "globally optimal" : "NOT proven optimal", r->tolerance,
             zg_bound_source_text(c->source));
    zg_print_gap(c, remark, out);
    zg_print_verdict(r->assessment, out);
    fprintf(out, "%-12s %zu\n", "neurons", t->solution.network->count);
    fprintf(out, "%-12s %zu on %zu ranks", "rows", r->rows, r->ranks);
    if (r->problem) fprintf(out, " (%zu to %zu each)", r->fewest_rows, r->most_rows);
    fprintf(out, ", read %s in %.3f s\n", r->how, r->load_seconds);
    fprintf(out, "%-12s %.3f s by %s, %ld %ss; certificates %.3f s\n", "time", t->solution.seconds,
            r->method, t->solution.iterations, t->solution.unit ? t->solution.unit : "iteration",
            t->certification_seconds);
    fprintf(out, "%-12s %.0f collectives, %.0f messages, %.3g MB; %.3f s%s", "MPI", r->collectives,
            r->messages, r->bytes / 1e6, r->transfer_seconds, r->measured ? " of transfer" : "");
    if (r->measured) fprintf(out, ", %.3f s of waiting", r->waiting_seconds);
    fputc('\n', out);
    if (r->checkpoints)
        fprintf(out, "%-12s %zu times in %.3f s%s\n", "checkpoint", r->checkpoints,
                r->checkpoint_seconds, r->resumed ? "; resumed" : "");
    if (r->model) fprintf(out, "%-12s %s\n", "model", r->model);
    if (r->certificate) fprintf(out, "%-12s %s\n", "certificate", r->certificate);
    if (t->solution.message[0]) fprintf(out, "%-12s %s\n", "remark", t->solution.message);
    if (r->trouble) fprintf(out, "%-12s %s\n", "ended early", r->trouble);
}

void zg_mpi_report_print(const zg_mpi_report *report, bool json, int exit_status, FILE *out)
{
    if (json)
        zg_cli_print_json(document(report, exit_status), out);
    else
        print_text(report, out);
}

zg_status zg_mpi_report_write(const zg_mpi_report *report, const char *path, int exit_status,
                              zg_error *error)
{
    zg_replacement replacement;
    zg_status status = zg_replace_begin(&replacement, path, error);
    if (status != ZG_OK) return status;
    zg_cli_print_json(document(report, exit_status), replacement.file);
    return zg_replace_end(&replacement, ZG_OK, error);
}
