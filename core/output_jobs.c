/*
 * Independent outputs in processes of their own.
 *
 * A child sends one message through its channel: a fixed record, then its dual vector and its
 * neurons. The parent reads all channels as they fill, so that no child ever waits for another.
 */
#include "core/output_jobs.h"

#include "base/child.h"
#include "base/linalg.h"
#include "base/memory.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE ((size_t)64 * 1024) /* of a stream, read at once at least */

typedef struct record {
    zg_status status;
    zg_error error;
    size_t neurons;
    bool has_dual, has_claim;
    zg_claim claim;
    zg_solution scalars; /* its pointers are void */
} record;

typedef struct job {
    size_t output;
    zg_child child;
    char *bytes;
    size_t size, room;
} job;

/* ---- the child ------------------------------------------------------------------------------- */

static bool send_part(const zg_problem *problem, size_t output, const record *head,
                      const zg_solution *part, int channel)
{
    const zg_network *network = part->network;
    bool fine = zg_write_all(channel, head, sizeof *head);
    if (head->has_dual)
        fine = fine && zg_write_all(channel, part->dual + output * problem->samples,
                                    problem->samples * sizeof(double));
    for (size_t j = 0; fine && j < head->neurons; j++)
        fine =
            zg_write_all(channel, &network->group[j], sizeof network->group[j]) &&
            zg_write_all(channel, &network->alpha[j * network->outputs + output], sizeof(double)) &&
            zg_write_all(channel, network->u + j * network->patches.width,
                         network->patches.width * sizeof(double));
    return fine;
}

/* What a child is to do. */
typedef struct order {
    const zg_problem *problem;
    size_t output;
    const zg_value *values;
    const zg_control *control;
    zg_solve_output solve_output;
} order;

/* A zg_child_body. */
static int child_main(void *context, int channel)
{
    const order *o = context;
    zg_control own = *o->control;
    own.observer = NULL;
    own.jobs = 0;
    zg_stopwatch watch = {.started = -1.0};
    zg_solution part = {.bound = -INFINITY};
    record head = {0};
    zg_stopwatch_start(&watch);
    head.status =
        o->solve_output(o->problem, o->output, o->values, &own, &watch, &part, &head.error);
    head.neurons = part.network ? part.network->count : 0;
    head.has_dual = part.dual != NULL;
    head.has_claim = part.claimed && part.claimed[o->output];
    if (head.has_claim) head.claim = part.claims[o->output];
    head.scalars = part;
    bool sent = send_part(o->problem, o->output, &head, &part, channel);
    zg_solution_clear(&part);
    return sent ? 0 : 1;
}

/* ---- the parent ------------------------------------------------------------------------------ */

static zg_status start(job *j, order *o, zg_error *error)
{
    const zg_child_plan plan = {.body = child_main, .context = o, .channel = true};
    o->output = j->output;
    return zg_child_start(&plan, &j->child, error);
}

/* Takes what has come; false at the end of the stream or when memory is short. */
static bool receive(job *j)
{
    char *larger = zg_grow(j->bytes, &j->room, j->size + PIECE, 1);
    if (!larger) return false;
    j->bytes = larger;
    ssize_t got = read(j->child.channel, j->bytes + j->size, j->room - j->size);
    if (got < 0) return errno == EINTR;
    j->size += (size_t)got;
    return got > 0;
}

/* The solution that the bytes stand for. */
static zg_status decode(const zg_problem *problem, const job *j, record *head, zg_solution *part)
{
    size_t width = problem->patches.width, n = problem->samples;
    if (j->size < sizeof *head) return ZG_FAILED;
    memcpy(head, j->bytes, sizeof *head);
    size_t dual = head->has_dual ? n * sizeof(double) : 0;
    size_t each = sizeof(size_t) + (1 + width) * sizeof(double);
    if (j->size != sizeof *head + dual + head->neurons * each) return ZG_FAILED;
    *part = head->scalars;
    part->network = NULL;
    part->dual = NULL;
    part->claimed = NULL;
    part->claims = NULL;
    if (head->has_claim &&
        zg_solution_claim(part, problem->outputs, j->output, &head->claim) != ZG_OK)
        return ZG_NO_MEMORY;
    const char *at = j->bytes + sizeof *head;
    if (zg_network_create(problem, &part->network, NULL)) return ZG_NO_MEMORY;
    if (dual) {
        part->dual = zg_doubles(n * problem->outputs);
        if (!part->dual) return ZG_NO_MEMORY;
        memcpy(part->dual + j->output * n, at, dual);
        at += dual;
    }
    double *u = zg_doubles(width);
    zg_status status = u ? ZG_OK : ZG_NO_MEMORY;
    for (size_t k = 0; status == ZG_OK && k < head->neurons; k++, at += each) {
        size_t group;
        double alpha;
        memcpy(&group, at, sizeof group);
        memcpy(&alpha, at + sizeof group, sizeof alpha);
        memcpy(u, at + sizeof group + sizeof alpha, width * sizeof *u);
        status = zg_network_add(part->network, group, u, j->output, alpha);
    }
    free(u);
    return status;
}

static zg_status finish(const zg_problem *problem, job *j, zg_output_done done, void *context,
                        zg_error *error)
{
    record head = {0};
    zg_solution part = {.bound = -INFINITY};
    (void)zg_child_wait(&j->child, -1);
    zg_status status = decode(problem, j, &head, &part);
    if (status == ZG_FAILED) {
        char how[96];
        zg_child_describe(j->child.wait_status, how, sizeof how);
        zg_fail(error, ZG_FAILED, "the process of output %zu %s, without a result", j->output, how);
    }
    if (status == ZG_OK) {
        status = head.status;
        if (status && error) *error = head.error;
        zg_status taken = done(context, j->output, status, &part);
        if (taken) status = taken;
    }
    zg_solution_clear(&part);
    zg_child_clear(&j->child);
    free(j->bytes);
    *j = (job){.child = {.channel = -1}};
    return status;
}

static void kill_all(job *jobs, size_t count)
{
    for (size_t k = 0; k < count; k++) {
        if (jobs[k].child.pid > 0) zg_child_clear(&jobs[k].child);
        free(jobs[k].bytes);
    }
}

/* Waits until some channel has something; false when the time is over. */
static bool wait_for_any(job *jobs, size_t count, struct pollfd *polls, double deadline)
{
    for (;;) {
        double left = deadline - zg_monotonic();
        if (left <= 0.0) return false;
        for (size_t k = 0; k < count; k++)
            polls[k] = (struct pollfd){.fd = jobs[k].child.pid > 0 ? jobs[k].child.channel : -1,
                                       .events = POLLIN};
        if (poll(polls, count, left < 1e6 ? (int)(1e3 * left) + 1 : -1) > 0) return true;
    }
}

zg_status zg_solve_output_jobs(const zg_problem *problem, const zg_value *values,
                               const zg_control *control, zg_solve_output solve_output,
                               zg_output_done done, void *context, zg_error *error)
{
    size_t count = control->jobs < problem->outputs ? control->jobs : problem->outputs;
    size_t next = 0, running = 0;
    order task = {problem, 0, values, control, solve_output};
    job *jobs = calloc(count, sizeof *jobs);
    struct pollfd *polls = calloc(count, sizeof *polls);
    zg_status worst = jobs && polls ? ZG_OK : zg_no_memory(error), status;
    double deadline = control->seconds > 0.0 ? zg_monotonic() + control->seconds : (double)INFINITY;
    while (worst != ZG_NO_MEMORY && (next < problem->outputs || running > 0)) {
        for (size_t k = 0; k < count && next < problem->outputs; k++) {
            if (jobs[k].child.pid > 0) continue;
            jobs[k].output = next++;
            status = start(&jobs[k], &task, error);
            if (status) worst = status;
            running += status == ZG_OK;
        }
        if (running == 0) break;
        if (!wait_for_any(jobs, count, polls, deadline)) {
            worst = zg_fail(error, ZG_TIMEOUT, "the time limit of %g s ended it", control->seconds);
            break;
        }
        for (size_t k = 0; k < count; k++) {
            if (!polls[k].revents || receive(&jobs[k])) continue;
            status = finish(problem, &jobs[k], done, context, error);
            if (status) worst = status;
            running--;
        }
    }
    if (jobs) kill_all(jobs, count);
    free(jobs);
    free(polls);
    return worst;
}
