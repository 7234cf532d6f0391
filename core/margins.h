/*
 * What a network keeps in balls round rows: its margins, and how far its decisions are from others.
 *
 * Each row makes statements s g >= margin, g a quadratic form and s a sign (core/ball.h):
 *   binary       one: y f, y = -1 or 1
 *   multiclass   outputs - 1: f_own - f_rival, rivals in the order of the classes
 *   regression   two an output: f >= margin, then -f >= margin: both ends of what f can be
 * in the units of the targets.  A constant input does not move.
 */
#ifndef ZG_CORE_MARGINS_H
#define ZG_CORE_MARGINS_H

#include "core/ball.h"

typedef struct zg_margin {
    double here;               /* s g at the row, as evaluated */
    double bound;              /* safe: <= s g within the radius */
    double mu;                 /* the multiplier behind it */
    double error;              /* of the form that it is best for (core/ball.h); of balls */
    double slack;              /* what rounding took from the bound */
    zg_ball_distance distance; /* to s g <= 0; regression: none, all NAN */
    const char *name;          /* of the bound: "ball", or one of core/box.h */
} zg_margin;

typedef struct zg_margin_options {
    double radius;
    bool box;       /* of boxes |p_j - x_j| <= radius in the place of balls; no mu, no distances */
    bool raw;       /* rows and radius in the data's own units, not in those the network sees */
    bool distances; /* else all NAN */
    bool nearest;   /* of several rivals only the least distance of a row is wanted: those of the
                     * others may be given as no less than that, attained at infinity */
    /* Bounds from which rounding takes more than 1e-12 are found with more digits (core/
     * ball_refine.h), for networks of at most 128 inputs and their own units.  They hold for the
     * network's numbers as they are, others also where every u is divided by |u|. */
    bool refine;
} zg_margin_options;

size_t zg_margin_statements(const zg_encoding *encoding);
/* Which class statement k of a row of class `own` compares it with (multiclass). */
size_t zg_margin_rival(size_t own, size_t k);
/* The index of the label that encoded targets (outputs x n) give row i. */
size_t zg_margin_class(const zg_encoding *encoding, size_t n, const double *y, size_t i);

/* x (n x inputs): preprocessed rows without the constant input, or raw ones; y (outputs x n):
 * encoded targets, which regression does without (NULL).  out: n x statements.  Forms are held
 * one at a time where those of all classes are large: inputs^2 doubles a few times.
 * O(forms inputs^3 + statements inputs^2). */
zg_status zg_margins(const zg_network *network, size_t n, const double *x, const double *y,
                     const zg_margin_options *options, zg_margin *out, zg_error *error);

/* The least bound of a row, and the nearest distances: a row is robust where that is positive.  Of
 * a class only. */
zg_margin zg_margin_least(size_t statements, const zg_margin *of_row);

/* The form of one output, in the target's units: of preprocessed inputs (around: NULL), or of moves
 * from a raw row. */
zg_status zg_margin_form(const zg_network *network, size_t output, const double *around,
                         zg_quadratic_form *out, zg_error *error);

#endif
