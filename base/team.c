/* Sums over samples that several processes share (see team.h). */
#include "base/team.h"

#include "base/linalg.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- blocks ---------------------------------------------------------------------------------- */

bool zg_team_block(const zg_team *team, size_t n, size_t i, size_t *first, size_t *rows)
{
    if (i >= (team ? team->blocks : 1)) return false;
    *first = team ? team->start[i] : 0;
    *rows = (team ? team->start[i + 1] : n) - *first;
    return true;
}

size_t zg_team_total(const zg_team *team, size_t n)
{
    return team ? team->total : n;
}

size_t zg_team_depth(const zg_team *team)
{
    size_t depth = 0;
    while (team && ((size_t)1 << depth) < team->all_blocks)
        depth++;
    return team ? depth + 1 : 0; /* what the tree leaves over is added in the end */
}

/* ---- messages -------------------------------------------------------------------------------- */

/* What a collective is about; in front of every sum, so that members which ran apart are found out
 * before they add up different things. */
typedef struct header {
    uint64_t step, kind, count, nodes;
} header;

enum { KIND_SUM = 1, KIND_MAX, KIND_AGREE, KIND_GATHER, KIND_BROADCAST };

static void fail(const zg_team *team, const char *why)
{
    team->transport.fail(team->transport.context, why);
}

static void send_to(zg_team *team, size_t to, const void *data, size_t bytes)
{
    team->messages++;
    team->bytes += bytes;
    team->transport.send(team->transport.context, to, data, bytes);
}

static void receive_from(zg_team *team, size_t from, void *data, size_t bytes)
{
    if (team->transport.receive(team->transport.context, from, data, bytes) != bytes)
        fail(team, "a message between ranks is shorter than it should be");
}

static void spread(zg_team *team, void *data, size_t bytes)
{
    if (team->ranks < 2) return;
    if (team->rank == 0) team->messages++, team->bytes += bytes;
    team->transport.broadcast(team->transport.context, data, bytes);
}

/* Ends the job where the header is not that of the same collective. */
static void check_header(const zg_team *team, size_t from, const header *h, uint64_t kind,
                         size_t count)
{
    char why[320];
    if (h->step == team->steps && h->kind == kind && h->count == count) return;
    snprintf(why, sizeof why,
             "rank %zu is at step %llu (kind %llu, %llu numbers) where rank %zu is at step %llu "
             "(kind %llu, %zu numbers): the ranks computed different numbers, as processors of "
             "different kinds can; OPENBLAS_CORETYPE makes them alike",
             from, (unsigned long long)h->step, (unsigned long long)h->kind,
             (unsigned long long)h->count, team->rank, (unsigned long long)team->steps,
             (unsigned long long)kind, count);
    fail(team, why);
}

/* One step of the way to member 0: whether this member receives from a neighbour (then *other is
 * it), sends to one (then it is done), or rests. */
typedef enum turn { TURN_REST, TURN_RECEIVE, TURN_SEND } turn;

static turn turn_of(const zg_team *team, size_t distance, size_t *other)
{
    if (team->rank % (2 * distance) == distance) {
        *other = team->rank - distance;
        return TURN_SEND;
    }
    *other = team->rank + distance;
    return team->rank % (2 * distance) == 0 && *other < team->ranks ? TURN_RECEIVE : TURN_REST;
}

/* ---- the tree -------------------------------------------------------------------------------- */

static void *room(const zg_team *team, size_t count)
{
    void *value = zg_doubles(count);
    if (!value) fail(team, "there is no memory for a sum over the samples");
    return value;
}

/* The last node goes into the one before it. */
static void merge(zg_sum *sum)
{
    double *left = sum->node[sum->nodes - 2].value, *right = sum->node[sum->nodes - 1].value;
    for (size_t k = 0; k < sum->count; k++)
        left[k] += right[k];
    free(right);
    sum->nodes--;
}

/* Appends a subtree, and adds it to its neighbour as long as both are halves of a larger one. */
static void push(zg_sum *sum, unsigned level, size_t index, double *value)
{
    if (sum->nodes == ZG_TEAM_LEVELS) fail(sum->team, "there are too many blocks");
    sum->node[sum->nodes].level = level;
    sum->node[sum->nodes].index = index;
    sum->node[sum->nodes++].value = value;
    while (sum->nodes > 1) {
        size_t last = sum->nodes - 1;
        bool halves = sum->node[last - 1].level == sum->node[last].level &&
                      sum->node[last - 1].index % 2 == 0 &&
                      sum->node[last - 1].index + 1 == sum->node[last].index;
        if (!halves) return;
        merge(sum);
        sum->node[last - 1].level++;
        sum->node[last - 1].index /= 2;
    }
}

zg_sum zg_sum_begin(zg_team *team, size_t n, size_t count, double *out)
{
    zg_sum sum = {.team = team, .n = n, .count = count, .out = out};
    return sum;
}

bool zg_sum_next(zg_sum *sum, size_t *first, size_t *rows)
{
    zg_team *team = sum->team;
    if (team && sum->part) push(sum, 0, team->first_block + sum->next - 1, sum->part);
    sum->part = NULL;
    if (!zg_team_block(team, sum->n, sum->next, first, rows)) return false;
    sum->next++;
    sum->part = team ? room(team, sum->count) : sum->out;
    if (!team) memset(sum->out, 0, sum->count * sizeof *sum->out);
    return true;
}

/* A message: the header; level and index of each node; their numbers. */
#define HEAD (sizeof(header) / sizeof(double))
#define PLACE ((size_t)2)

/* Nodes that any run of blocks can consist of: two of each level at most. */
static size_t most_nodes(const zg_team *team)
{
    return 2 * zg_team_depth(team);
}

static void send_nodes(zg_sum *sum, size_t to)
{
    size_t size = HEAD + sum->nodes * (PLACE + sum->count);
    double *message = room(sum->team, size), *at = message + HEAD;
    const header h = {sum->team->steps, KIND_SUM, sum->count, sum->nodes};
    memcpy(message, &h, sizeof h);
    for (size_t i = 0; i < sum->nodes; i++, at += PLACE) {
        const uint64_t place[PLACE] = {sum->node[i].level, sum->node[i].index};
        memcpy(at, place, sizeof place);
    }
    for (size_t i = 0; i < sum->nodes; i++, at += sum->count) {
        memcpy(at, sum->node[i].value, sum->count * sizeof *at);
        free(sum->node[i].value);
    }
    sum->nodes = 0;
    send_to(sum->team, to, message, size * sizeof *message);
    free(message);
}

static void receive_nodes(zg_sum *sum, size_t from)
{
    zg_team *team = sum->team;
    size_t most = HEAD + most_nodes(team) * (PLACE + sum->count);
    double *message = room(team, most), *places = message + HEAD;
    header h;
    size_t bytes =
        team->transport.receive(team->transport.context, from, message, most * sizeof *message);
    if (bytes < sizeof h) fail(team, "a message between ranks is shorter than it should be");
    memcpy(&h, message, sizeof h);
    check_header(team, from, &h, KIND_SUM, sum->count);
    if (h.nodes > most_nodes(team) ||
        bytes != (HEAD + h.nodes * (PLACE + sum->count)) * sizeof *message)
        fail(team, "a message between ranks has another size than it says");
    for (size_t i = 0; i < h.nodes; i++) {
        uint64_t place[PLACE];
        double *value = room(team, sum->count);
        memcpy(place, places + i * PLACE, sizeof place);
        memcpy(value, places + h.nodes * PLACE + i * sum->count, sum->count * sizeof *value);
        push(sum, (unsigned)place[0], (size_t)place[1], value);
    }
    free(message);
}

void zg_sum_end(zg_sum *sum)
{
    zg_team *team = sum->team;
    if (!team) return;
    team->steps++;
    team->collectives++;
    bool done = false;
    for (size_t distance = 1; distance < team->ranks && !done; distance *= 2) {
        size_t other;
        turn now = turn_of(team, distance, &other);
        if (now == TURN_SEND) send_nodes(sum, other);
        if (now == TURN_RECEIVE) receive_nodes(sum, other);
        done = now == TURN_SEND;
    }
    while (sum->nodes > 1) /* only on member 0: what is left of a tree that is not full */
        merge(sum);
    memset(sum->out, 0, sum->count * sizeof *sum->out);
    if (sum->nodes == 1) {
        memcpy(sum->out, sum->node[0].value, sum->count * sizeof *sum->out);
        free(sum->node[0].value);
        sum->nodes = 0;
    }
    spread(team, sum->out, sum->count * sizeof *sum->out);
}

double zg_team_norm(zg_team *team, size_t n, const double *x)
{
    if (!team) return zg_norm(n, x);
    double square;
    size_t first, rows;
    zg_sum sum = zg_sum_begin(team, n, 1, &square);
    while (zg_sum_next(&sum, &first, &rows))
        *sum.part += zg_dot(rows, x + first, x + first);
    zg_sum_end(&sum);
    return sqrt(square);
}

/* ---- agreement ------------------------------------------------------------------------------- */

static double larger(double a, double b)
{
    return isnan(a) || a > b ? a : b;
}

void zg_team_max(zg_team *team, size_t count, double *x)
{
    if (!team) return;
    double *message = room(team, HEAD + count), *numbers = message + HEAD;
    size_t bytes = (HEAD + count) * sizeof *message, other;
    bool done = false;
    team->steps++;
    team->collectives++;
    for (size_t distance = 1; distance < team->ranks && !done; distance *= 2) {
        turn now = turn_of(team, distance, &other);
        header h = {team->steps, KIND_MAX, count, 0};
        done = now == TURN_SEND;
        if (done) {
            memcpy(message, &h, sizeof h);
            memcpy(numbers, x, count * sizeof *x);
            send_to(team, other, message, bytes);
        } else if (now == TURN_RECEIVE) {
            size_t got = team->transport.receive(team->transport.context, other, message, bytes);
            if (got < sizeof h) fail(team, "a message between ranks is shorter than it should be");
            memcpy(&h, message, sizeof h);
            check_header(team, other, &h, KIND_MAX, count);
            for (size_t k = 0; k < count; k++)
                x[k] = larger(x[k], numbers[k]);
        }
    }
    free(message);
    spread(team, x, count * sizeof *x);
}

void zg_team_broadcast(zg_team *team, void *data, size_t bytes)
{
    if (!team) return;
    header h = {team->steps + 1, KIND_BROADCAST, bytes, 0};
    team->steps++;
    team->collectives++;
    spread(team, &h, sizeof h);
    if (h.step != team->steps || h.kind != KIND_BROADCAST || h.count != bytes)
        fail(team, "the ranks ran apart: one is at another step than rank 0");
    spread(team, data, bytes);
}

double zg_team_shared(zg_team *team, double x)
{
    zg_team_broadcast(team, &x, sizeof x);
    return x;
}

/* FNV-1a, 64 bits. */
static uint64_t hash_of(const void *data, size_t bytes)
{
    const unsigned char *p = data;
    uint64_t hash = 0xcbf29ce484222325U;
    for (size_t k = 0; k < bytes; k++)
        hash = (hash ^ p[k]) * 0x100000001b3U;
    return hash;
}

void zg_team_agree(zg_team *team, const char *what, const void *data, size_t bytes)
{
    if (!team || team->ranks < 2) return;
    uint64_t hash = hash_of(data, bytes);
    /* Halves of 32 bits are doubles exactly; the largest and, negated, the smallest. */
    double high = (double)(hash >> 32), low = (double)(hash & 0xffffffffU);
    double range[4] = {high, -high, low, -low};
    zg_team_max(team, 4, range);
    if (range[0] == -range[1] && range[2] == -range[3]) return;
    char why[240];
    snprintf(why, sizeof why,
             "the ranks have different numbers for %.80s, as processors of different kinds can; "
             "OPENBLAS_CORETYPE makes them alike",
             what);
    fail(team, why);
}

/* ---- numbers of samples ---------------------------------------------------------------------- */

static void send_size(zg_team *team, size_t n, size_t width)
{
    const header h = {team->steps, KIND_GATHER, n, width};
    send_to(team, 0, &h, sizeof h);
}

/* On member 0: how many samples member `other` has, of the room that is left. */
static size_t samples_of(zg_team *team, size_t other, size_t width, size_t left)
{
    header h;
    receive_from(team, other, &h, sizeof h);
    if (h.step != team->steps || h.kind != KIND_GATHER || h.nodes != width || h.count > left)
        fail(team, "the ranks ran apart: one has other samples than rank 0 expects");
    return (size_t)h.count;
}

void zg_team_gather(zg_team *team, size_t n, size_t width, const double *x, double *all)
{
    team->steps++;
    team->collectives++;
    if (team->rank > 0) {
        send_size(team, n, width);
        send_to(team, 0, x, n * width * sizeof *x);
        return;
    }
    memcpy(all, x, n * width * sizeof *x);
    for (size_t from = 1, at = n; from < team->ranks; from++) {
        size_t theirs = samples_of(team, from, width, team->total - at);
        receive_from(team, from, all + at * width, theirs * width * sizeof *all);
        at += theirs;
    }
}

void zg_team_scatter(zg_team *team, size_t n, size_t width, const double *all, double *x)
{
    team->steps++;
    team->collectives++;
    if (team->rank > 0) {
        send_size(team, n, width);
        receive_from(team, 0, x, n * width * sizeof *x);
        return;
    }
    memcpy(x, all, n * width * sizeof *x);
    for (size_t to = 1, at = n; to < team->ranks; to++) {
        size_t theirs = samples_of(team, to, width, team->total - at);
        send_to(team, to, all + at * width, theirs * width * sizeof *all);
        at += theirs;
    }
}
