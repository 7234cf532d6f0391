/*
 * The child's side of CSDP: its structures filled, its parameter file written, its hook answered.
 *
 * user_exit is CSDP's own name for a hook that programs may replace: it is called with every
 * iterate and has no argument for a context, hence the one static pointer of this project, set in
 * a process that makes a single solve and ends.
 */
#include "solvers/csdp.h"

#include "base/child.h"
#include "base/linalg.h"

#include <csdp/declarations.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct session {
    const zg_sdp *sdp;
    int channel;
    double *buffer; /* a point */
} session;

static session *current;

/* ---- CSDP's structures ---------------------------------------------------------------------- */

typedef struct structures {
    struct blockmatrix c;
    double *a;
    struct constraintmatrix *constraints;
    struct sparseblock *nodes; /* one per piece */
} structures;

static void free_structures(structures *s)
{
    for (int b = 1; s->c.blocks && b <= s->c.nblocks; b++)
        free(s->c.blocks[b].data.mat);
    free(s->c.blocks);
    free(s->a);
    free(s->constraints);
    free(s->nodes);
}

static bool make_blocks(const zg_sdp *sdp, struct blockmatrix *c)
{
    c->nblocks = (int)sdp->block_count;
    c->blocks = calloc(sdp->block_count + 1, sizeof *c->blocks);
    if (!c->blocks) return false;
    for (size_t b = 0; b < sdp->block_count; b++) {
        const zg_sdp_block *block = &sdp->blocks[b];
        size_t count = block->diagonal ? block->order + 1 : block->order * block->order;
        double *values = zg_doubles(count);
        if (!values) return false;
        struct blockrec *to = &c->blocks[b + 1];
        to->blocksize = (int)block->order;
        to->blockcategory = block->diagonal ? DIAG : MATRIX;
        to->data.mat = values;
    }
    return true;
}

static void fill_c(const zg_sdp *sdp, struct blockmatrix *c)
{
    for (size_t p = 0; p < sdp->piece_count && sdp->pieces[p].matrix == 0; p++) {
        const zg_sdp_piece *piece = &sdp->pieces[p];
        const struct blockrec *to = &c->blocks[piece->block + 1];
        double *values = to->data.mat; /* or vec, by its other name */
        for (size_t e = piece->first; values && e < piece->first + piece->count; e++) {
            int i = sdp->row[e], j = sdp->column[e], order = to->blocksize;
            if (to->blockcategory == DIAG) {
                values[i] = sdp->value[e];
            } else {
                values[ijtok(i, j, order)] = sdp->value[e];
                values[ijtok(j, i, order)] = sdp->value[e];
            }
        }
    }
}

/* The entries stay in the arrays of sdp: CSDP counts from 1, and pieces of C come before. */
static void fill_constraints(const zg_sdp *sdp, structures *s)
{
    for (size_t p = sdp->piece_count; p-- > 0;) { /* backwards: lists are built from the front */
        const zg_sdp_piece *piece = &sdp->pieces[p];
        if (piece->matrix == 0) break;
        struct sparseblock *node = &s->nodes[p];
        node->entries = sdp->value + piece->first - 1;
        node->iindices = sdp->row + piece->first - 1;
        node->jindices = sdp->column + piece->first - 1;
        node->numentries = (int)piece->count;
        node->blocknum = (int)piece->block + 1;
        node->blocksize = (int)sdp->blocks[piece->block].order;
        node->constraintnum = (int)piece->matrix;
        node->next = s->constraints[piece->matrix].blocks;
        s->constraints[piece->matrix].blocks = node;
    }
}

static bool make_structures(const zg_sdp *sdp, structures *s)
{
    s->a = zg_doubles(sdp->variables + 1);
    s->constraints = calloc(sdp->variables + 1, sizeof *s->constraints);
    s->nodes = calloc(sdp->piece_count, sizeof *s->nodes);
    if (!s->a || !s->constraints || !s->nodes || !make_blocks(sdp, &s->c)) return false;
    memcpy(s->a + 1, sdp->cost, sdp->variables * sizeof *s->a);
    fill_c(sdp, &s->c);
    fill_constraints(sdp, s);
    return true;
}

static bool write_parameters(const zg_csdp_parameters *p)
{
    FILE *file = fopen("param.csdp", "w");
    if (!file) return false;
    fprintf(file,
            "axtol=%.3e\natytol=%.3e\nobjtol=%.3e\npinftol=1.0e8\ndinftol=1.0e8\nmaxiter=%d\n"
            "minstepfrac=%.3f\nmaxstepfrac=%.3f\nminstepp=1.0e-8\nminstepd=1.0e-8\nusexzgap=1\n"
            "tweakgap=0\naffine=0\nprintlevel=0\nperturbobj=0\nfastmode=0\n",
            p->accuracy, p->accuracy, p->accuracy, p->iterations, p->step_low, p->step_high);
    return fclose(file) == 0;
}

/* ---- points --------------------------------------------------------------------------------- */

static void copy_blocks(const zg_sdp *sdp, const struct blockmatrix *from, double *to)
{
    for (size_t b = 0; b < sdp->block_count; b++) {
        const zg_sdp_block *block = &sdp->blocks[b];
        const union blockdatarec *data = &from->blocks[b + 1].data;
        if (block->diagonal)
            memcpy(to + block->offset, data->vec + 1, block->order * sizeof *to);
        else
            memcpy(to + block->offset, data->mat, block->order * block->order * sizeof *to);
    }
}

static bool send_point(const session *s, int result, int code, double primal, double dual,
                       const struct blockmatrix *x, const double *y, const struct blockmatrix *z)
{
    zg_csdp_header header = {ZG_CSDP_MAGIC, result, code, 0, primal, dual};
    memcpy(s->buffer, y + 1, s->sdp->variables * sizeof *y);
    copy_blocks(s->sdp, x, s->buffer + s->sdp->variables);
    copy_blocks(s->sdp, z, s->buffer + s->sdp->variables + s->sdp->block_values);
    return zg_write_all(s->channel, &header, sizeof header) &&
           zg_write_all(s->channel, s->buffer, zg_sdp_point_size(s->sdp) * sizeof(double));
}

/* The hook: 0 goes on, 2 ends the solve with what has been reached. */
// NOLINTNEXTLINE(readability-non-const-parameter): the library's declaration
int user_exit(int n, int k, struct blockmatrix c, double *a, double dobj, double pobj,
              double constant_offset, struct constraintmatrix *constraints, struct blockmatrix x,
              double *y, struct blockmatrix z, struct paramstruc params)
{
    (void)n, (void)k, (void)c, (void)a, (void)constant_offset, (void)constraints, (void)params;
    char answer = ZG_CSDP_STOP;
    if (!current) return 0;
    if (!send_point(current, 0, 0, pobj, dobj, &x, y, &z) ||
        !zg_read_all(current->channel, &answer, 1))
        _Exit(ZG_CSDP_CHANNEL);
    return answer == ZG_CSDP_CONTINUE ? 0 : 2;
}

/* ---- the solve ------------------------------------------------------------------------------ */

/* CSDP's own starting point grows with the number of blocks, far above what an equilibrated program
 * needs: there, multiples of the identity of size one are nearer, with the exact slack where v = 0
 * is within its bounds.  That saves about a fifth of the iterations. */
static void start_near(const struct blockmatrix *c, struct blockmatrix *x, struct blockmatrix *z)
{
    for (int b = 1; b <= c->nblocks; b++) {
        int size = c->blocks[b].blocksize;
        for (int i = 1; i <= size; i++) {
            if (c->blocks[b].blockcategory == DIAG) {
                double slack = fmax(1, -c->blocks[b].data.vec[i]);
                z->blocks[b].data.vec[i] = slack;
                x->blocks[b].data.vec[i] = 1 / slack;
            } else {
                z->blocks[b].data.mat[ijtok(i, i, size)] = 1;
                x->blocks[b].data.mat[ijtok(i, i, size)] = 1;
            }
        }
    }
}

static int solve(session *s, bool near, const structures *p)
{
    const zg_sdp *sdp = s->sdp;
    int n = 0, k = (int)sdp->variables;
    for (size_t b = 0; b < sdp->block_count; b++)
        n += (int)sdp->blocks[b].order;
    struct blockmatrix x = {0}, z = {0};
    double *y = NULL, primal = 0, dual = 0;
    initsoln(n, k, p->c, p->a, p->constraints, &x, &y, &z);
    if (near) start_near(&p->c, &x, &z);
    current = s;
    int code = easy_sdp(n, k, p->c, p->a, p->constraints, 0, &x, &y, &z, &primal, &dual);
    bool sent = send_point(s, 1, code, primal, dual, &x, y, &z);
    current = NULL;
    return sent ? ZG_CSDP_DONE : ZG_CSDP_CHANNEL;
}

/* What CSDP allocated for the solution is freed with the process. */
int zg_csdp_child(void *context, int channel)
{
    const zg_csdp_job *job = context;
    if (job->parameters.threads > 0) zg_blas_set_threads(job->parameters.threads);
    if (!write_parameters(&job->parameters)) return ZG_CSDP_FILE;
    session s = {job->sdp, channel, zg_doubles(zg_sdp_point_size(job->sdp))};
    structures p = {0};
    int status = ZG_CSDP_STORAGE;
    if (s.buffer && make_structures(job->sdp, &p))
        status = solve(&s, job->parameters.start_near, &p);
    free_structures(&p);
    free(s.buffer);
    return status;
}
