/* The checkpoint of a job (see keep.h). */
#include "mpi/keep.h"

#include "base/bytes.h"
#include "base/formats.h"
#include "base/linalg.h"
#include "base/replace.h"

#include <errno.h>
#include <sha2.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define END "end "

/* ---- writing ------------------------------------------------------------------------------------- */

typedef struct writer {
    FILE *file;
    SHA2_CTX digest;
} writer;

static void put(writer *w, const void *data, size_t bytes)
{
    SHA256Update(&w->digest, data, bytes);
    (void)fwrite(data, 1, bytes, w->file);
}

static void put_head(const zg_keep *keep, writer *w)
{
    char line[64];
    put(w, ZG_STATE_FORMAT "\n", strlen(ZG_STATE_FORMAT "\n"));
    put(w, keep->identity, strlen(keep->identity));
    snprintf(line, sizeof line, "\n%zu\n", keep->outputs);
    put(w, line, strlen(line));
}

/* One output's numbers and, from all ranks, its vector: rank 0 writes, the others send. */
static void put_state(const zg_keep *keep, size_t c, writer *w, double *all)
{
    const zg_keep_state *s = &keep->state[c];
    zg_team *team = &keep->ranks->team;
    bool there = s->numbers != NULL;
    if (there) zg_team_gather(team, keep->samples, 1, s->v, all);
    if (!w) return;
    char line[96];
    snprintf(line, sizeof line, "output %zu %zu\n", s->count, there ? team->total : 0);
    put(w, line, strlen(line));
    put(w, s->numbers, s->count * sizeof *s->numbers);
    if (there) put(w, all, team->total * sizeof *all);
}

static void write_file(zg_keep *keep)
{
    zg_team *team = &keep->ranks->team;
    if (team->rank > 0) {
        for (size_t c = 0; c < keep->outputs; c++)
            put_state(keep, c, NULL, NULL);
        return;
    }
    zg_replacement replacement;
    zg_error error = {0};
    double *all = zg_doubles(team->total);
    if (!all) zg_ranks_abort(keep->ranks, 5, "there is no memory for the checkpoint");
    if (zg_replace_begin(&replacement, keep->path, &error) != ZG_OK)
        zg_ranks_abort(keep->ranks, 5, error.message);
    writer w = {.file = replacement.file};
    SHA256Init(&w.digest);
    put_head(keep, &w);
    for (size_t c = 0; c < keep->outputs; c++)
        put_state(keep, c, &w, all);
    char hex[SHA256_DIGEST_STRING_LENGTH];
    SHA256End(&w.digest, hex);
    fprintf(w.file, END "%s\n", hex);
    free(all);
    if (zg_replace_end(&replacement, ZG_OK, &error) != ZG_OK)
        zg_ranks_abort(keep->ranks, 5, error.message);
}

static bool replace_numbers(double **to, size_t count, const double *from)
{
    double *copy = zg_doubles(count);
    if (!copy) return false;
    if (count) memcpy(copy, from, count * sizeof *copy);
    free(*to);
    *to = copy;
    return true;
}

static void keep_state(void *context, size_t output, size_t count, const double *numbers,
                       const double *v)
{
    zg_keep *keep = context;
    zg_keep_state *s = &keep->state[output];
    double before = zg_ranks_clock();
    s->count = count;
    if (!replace_numbers(&s->numbers, count, numbers) || !replace_numbers(&s->v, keep->samples, v))
        zg_ranks_abort(keep->ranks, 5, "there is no memory for the checkpoint");
    write_file(keep);
    keep->written++;
    keep->seconds += zg_ranks_clock() - before;
}

static bool recall_state(void *context, size_t output, size_t *count, double **numbers, double *v)
{
    const zg_keep *keep = context;
    const zg_keep_state *s = &keep->state[output];
    if (!s->numbers) return false;
    *numbers = zg_doubles(s->count);
    if (!*numbers) zg_ranks_abort(keep->ranks, 5, "there is no memory for the checkpoint");
    memcpy(*numbers, s->numbers, s->count * sizeof **numbers);
    memcpy(v, s->v, keep->samples * sizeof *v);
    *count = s->count;
    return true;
}

/* ---- reading ------------------------------------------------------------------------------------- */

typedef struct reader {
    const unsigned char *at, *end;
} reader;

/* The next line, without its end, as a text of the caller's; NULL: there is none. */
static char *take_line(reader *r)
{
    const unsigned char *stop = memchr(r->at, '\n', (size_t)(r->end - r->at));
    if (!stop) return NULL;
    char *line = strndup((const char *)r->at, (size_t)(stop - r->at));
    r->at = stop + 1;
    return line;
}

static bool take_text(reader *r, const char *expected)
{
    char *line = take_line(r);
    bool same = line && strcmp(line, expected) == 0;
    free(line);
    return same;
}

static bool take_numbers(reader *r, size_t count, double **out)
{
    if (count > (size_t)(r->end - r->at) / sizeof **out) return false;
    *out = zg_doubles(count);
    if (!*out) return false;
    memcpy(*out, r->at, count * sizeof **out);
    r->at += count * sizeof **out;
    return true;
}

/* Whether the last line is the digest of all before it; *end is then that of the content. */
static bool is_whole(const zg_bytes *bytes, const unsigned char **end)
{
    char hex[SHA256_DIGEST_STRING_LENGTH];
    size_t tail = strlen(END) + SHA256_DIGEST_STRING_LENGTH; /* with the line's end */
    SHA2_CTX digest;
    if (bytes->size < tail) return false;
    *end = bytes->data + bytes->size - tail;
    SHA256Init(&digest);
    SHA256Update(&digest, bytes->data, bytes->size - tail);
    SHA256End(&digest, hex);
    return memcmp(*end, END, strlen(END)) == 0 && (*end)[tail - 1] == '\n' &&
           memcmp(*end + strlen(END), hex, strlen(hex)) == 0;
}

/* On rank 0: the states, with vectors (all, total each) of all samples. */
static zg_status read_file(const zg_keep *keep, zg_keep_state *states, zg_error *error)
{
    zg_bytes bytes = {0};
    zg_status status = zg_bytes_read(keep->path, SIZE_MAX, &bytes, error);
    if (status != ZG_OK) return status;
    reader r = {.at = bytes.data};
    char outputs[32];
    snprintf(outputs, sizeof outputs, "%zu", keep->outputs);
    bool sound = is_whole(&bytes, &r.end) && take_text(&r, ZG_STATE_FORMAT);
    bool ours = sound && take_text(&r, keep->identity) && take_text(&r, outputs);
    for (size_t c = 0; ours && sound && c < keep->outputs; c++) {
        size_t count, samples;
        char *line = take_line(&r);
        sound = line && sscanf(line, "output %zu %zu", &count, &samples) == 2 &&
                (samples == 0 || samples == keep->ranks->team.total);
        free(line);
        if (!sound || samples == 0) continue;
        states[c].count = count;
        sound =
            take_numbers(&r, count, &states[c].numbers) && take_numbers(&r, samples, &states[c].v);
    }
    zg_bytes_clear(&bytes);
    if (sound && ours) return ZG_OK;
    return sound ? zg_fail(error, ZG_BAD_INPUT,
                           "--resume: %.300s is the state of another problem: of other rows, or of "
                           "another model",
                           keep->path)
                 : zg_fail(error, ZG_BAD_INPUT,
                           "--resume: %.300s is no whole state, \"" ZG_STATE_FORMAT
                           "\" and the digest of its content",
                           keep->path);
}

/* One output's state from rank 0 to all. */
static bool spread(zg_keep *keep, size_t c, const zg_keep_state *read)
{
    zg_team *team = &keep->ranks->team;
    zg_keep_state *s = &keep->state[c];
    double count = zg_team_shared(team, read[c].numbers ? (double)read[c].count : -1.0);
    if (count < 0.0) return false;
    s->count = (size_t)count;
    s->numbers = zg_doubles(s->count);
    s->v = zg_doubles(keep->samples);
    if (!s->numbers || !s->v)
        zg_ranks_abort(keep->ranks, 5, "there is no memory for the checkpoint");
    if (team->rank == 0) memcpy(s->numbers, read[c].numbers, s->count * sizeof *s->numbers);
    zg_team_broadcast(team, s->numbers, s->count * sizeof *s->numbers);
    zg_team_scatter(team, keep->samples, 1, read[c].v, s->v);
    return true;
}

bool zg_keep_resume(zg_keep *keep)
{
    zg_error error = {0};
    zg_status status = ZG_OK;
    bool any = false, here = keep->ranks->team.rank == 0 && access(keep->path, F_OK) == 0;
    if (zg_team_shared(&keep->ranks->team, here ? 1.0 : 0.0) == 0.0) return false;
    zg_keep_state *read = calloc(keep->outputs, sizeof *read);
    if (!read) status = zg_no_memory(&error);
    if (status == ZG_OK && here) status = read_file(keep, read, &error);
    zg_ranks_settle(keep->ranks, status, &error);
    for (size_t c = 0; c < keep->outputs; c++)
        any = spread(keep, c, read) || any;
    for (size_t c = 0; c < keep->outputs; c++) {
        free(read[c].numbers);
        free(read[c].v);
    }
    free(read);
    return any;
}

/* ---- life ---------------------------------------------------------------------------------------- */

zg_status zg_keep_create(zg_ranks *ranks, const char *path, char *identity, size_t outputs,
                         size_t samples, zg_keep **out)
{
    zg_keep *keep = calloc(1, sizeof *keep);
    *out = keep;
    if (!keep) return ZG_NO_MEMORY;
    *keep = (zg_keep){.ranks = ranks,
                      .path = path,
                      .identity = identity,
                      .outputs = outputs,
                      .samples = samples,
                      .state = calloc(outputs, sizeof *keep->state),
                      .keeper = {keep_state, recall_state, keep}};
    return keep->state && identity ? ZG_OK : ZG_NO_MEMORY;
}

void zg_keep_free(zg_keep *keep)
{
    if (!keep) return;
    for (size_t c = 0; keep->state && c < keep->outputs; c++) {
        free(keep->state[c].numbers);
        free(keep->state[c].v);
    }
    free(keep->state);
    free(keep->identity);
    free(keep);
}
