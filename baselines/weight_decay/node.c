/* Nodes of a branch and bound. */
#include "baselines/weight_decay/node.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

zg_decay_node *zg_decay_node_create(size_t columns, size_t basis_size, const double *lower,
                                    const double *upper)
{
    zg_decay_node *node = calloc(1, sizeof *node);
    if (!node) return NULL;
    node->lower = calloc(1, 2 * columns * sizeof(double) + basis_size + 1);
    if (!node->lower) {
        free(node);
        return NULL;
    }
    node->upper = node->lower + columns;
    node->basis = (unsigned char *)(node->upper + columns);
    node->bound = -INFINITY;
    memcpy(node->lower, lower, columns * sizeof *lower);
    memcpy(node->upper, upper, columns * sizeof *upper);
    return node;
}

void zg_decay_node_free(void *node)
{
    zg_decay_node *own = node;
    if (!own) return;
    free(own->lower);
    free(own);
}

zg_status zg_decay_node_open(zg_decay_node *node, zg_heap *open)
{
    zg_status status = zg_heap_push(open, node->bound, node);
    if (status != ZG_OK) zg_decay_node_free(node);
    return status;
}
