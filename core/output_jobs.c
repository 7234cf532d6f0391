/*
 * Independent outputs in processes of their own.
 *
 * A child sends one message through a pipe: a fixed record, then its dual vector and its neurons.
 * The parent reads all pipes as they fill, so that no child ever waits for another.
 */
#include "core/output_jobs.h"

#include "base/linalg.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct record {
    zg_status status;
    zg_error error;
    size_t neurons;
    bool has_dual;
    zg_solution scalars; /* its pointers are void */
} record;

typedef struct job {
    size_t output;
    pid_t child;
    int pipe;
    char *bytes;
    size_t size, room;
} job;

/* ---- the child ------------------------------------------------------------------------------- */

static bool send_all(int pipe, const void *data, size_t size)
{
    const char *at = data;
    while (size > 0) {
        ssize_t sent = write(pipe, at, size);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) return false;
        at += sent;
        size -= (size_t)sent;
    }
    return true;
}

static bool send_part(const zg_problem *problem, size_t output, const record *head,
                      const zg_solution *part, int pipe)
{
    const zg_network *network = part->network;
    bool fine = send_all(pipe, head, sizeof *head);
    if (head->has_dual)
        fine = fine && send_all(pipe, part->dual + output * problem->samples,
                                problem->samples * sizeof(double));
    for (size_t j = 0; fine && j < head->neurons; j++)
        fine = send_all(pipe, &network->group[j], sizeof network->group[j]) &&
               send_all(pipe, &network->alpha[j * network->outputs + output], sizeof(double)) &&
               send_all(pipe, network->u + j * network->patches.width,
                        network->patches.width * sizeof(double));
    return fine;
}

static int child_main(const zg_problem *problem, size_t output, const zg_value *values,
                      const zg_control *control, zg_solve_output solve_output, int pipe)
{
    zg_control own = *control;
    own.observer = NULL;
    own.jobs = 0;
    zg_stopwatch watch = {.started = -1.0};
    zg_solution part = {.bound = -INFINITY};
    record head = {0};
    zg_stopwatch_start(&watch);
    head.status = solve_output(problem, output, values, &own, &watch, &part, &head.error);
    head.neurons = part.network ? part.network->count : 0;
    head.has_dual = part.dual != NULL;
    head.scalars = part;
    bool sent = send_part(problem, output, &head, &part, pipe);
    zg_solution_clear(&part);
    return sent ? 0 : 1;
}

/* ---- the parent ------------------------------------------------------------------------------ */

static zg_status start(job *j, const zg_problem *problem, const zg_value *values,
                       const zg_control *control, zg_solve_output solve_output, zg_error *error)
{
    int ends[2];
    if (pipe(ends) != 0) return zg_fail(error, ZG_IO, "cannot make a pipe: %s", strerror(errno));
    pid_t parent = getpid();
    j->child = fork();
    if (j->child < 0) {
        close(ends[0]);
        close(ends[1]);
        return zg_fail(error, ZG_IO, "cannot start a process: %s", strerror(errno));
    }
    if (j->child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* nobody would read the answer */
        if (getppid() != parent) _exit(1);
        close(ends[0]);
        _exit(child_main(problem, j->output, values, control, solve_output, ends[1]));
    }
    close(ends[1]);
    j->pipe = ends[0];
    return ZG_OK;
}

/* Takes what has come; false at the end of the stream or when memory is short. */
static bool receive(job *j)
{
    if (j->size == j->room) {
        size_t room = j->room ? 2 * j->room : 65536;
        char *larger = realloc(j->bytes, room);
        if (!larger) return false;
        j->bytes = larger;
        j->room = room;
    }
    ssize_t got = read(j->pipe, j->bytes + j->size, j->room - j->size);
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
    int ended = 0;
    close(j->pipe);
    waitpid(j->child, &ended, 0);
    zg_status status = decode(problem, j, &head, &part);
    if (status == ZG_FAILED)
        zg_fail(error, ZG_FAILED, "the process of output %zu ended without a result (%s %d)",
                j->output, WIFSIGNALED(ended) ? "signal" : "exit status",
                WIFSIGNALED(ended) ? WTERMSIG(ended) : WEXITSTATUS(ended));
    if (status == ZG_OK) {
        status = head.status;
        if (status && error) *error = head.error;
        zg_status taken = done(context, j->output, status, &part);
        if (taken) status = taken;
    }
    zg_solution_clear(&part);
    free(j->bytes);
    memset(j, 0, sizeof *j);
    return status;
}

static void kill_all(job *jobs, size_t count)
{
    for (size_t k = 0; k < count; k++)
        if (jobs[k].child > 0) {
            kill(jobs[k].child, SIGKILL);
            close(jobs[k].pipe);
            waitpid(jobs[k].child, NULL, 0);
            free(jobs[k].bytes);
        }
}

/* Waits until some pipe has something; false when the time is over. */
static bool wait_for_any(job *jobs, size_t count, struct pollfd *polls, double deadline)
{
    for (;;) {
        double left = deadline - zg_monotonic();
        if (left <= 0.0) return false;
        for (size_t k = 0; k < count; k++)
            polls[k] =
                (struct pollfd){.fd = jobs[k].child > 0 ? jobs[k].pipe : -1, .events = POLLIN};
        if (poll(polls, count, left < 1e6 ? (int)(1e3 * left) + 1 : -1) > 0) return true;
    }
}

zg_status zg_solve_output_jobs(const zg_problem *problem, const zg_value *values,
                               const zg_control *control, zg_solve_output solve_output,
                               zg_output_done done, void *context, zg_error *error)
{
    size_t count = control->jobs < problem->outputs ? control->jobs : problem->outputs;
    size_t next = 0, running = 0;
    job *jobs = calloc(count, sizeof *jobs);
    struct pollfd *polls = calloc(count, sizeof *polls);
    zg_status worst = jobs && polls ? ZG_OK : zg_no_memory(error), status;
    double deadline = control->seconds > 0.0 ? zg_monotonic() + control->seconds : (double)INFINITY;
    while (worst != ZG_NO_MEMORY && (next < problem->outputs || running > 0)) {
        for (size_t k = 0; k < count && next < problem->outputs; k++) {
            if (jobs[k].child > 0) continue;
            jobs[k].output = next++;
            status = start(&jobs[k], problem, values, control, solve_output, error);
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
