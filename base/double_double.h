/*
 * Unevaluated sums of two doubles: some 104 bits.
 *
 * Sums and products of doubles leave errors that are doubles themselves (T. J. Dekker, Numerische
 * Mathematik 18, 1971; D. E. Knuth, TAOCP 2, 4.2.2).  Each operation below is off by at most
 * ZG_DD_UNIT times its result (M. Joldes, J.-M. Muller, V. Popescu, ACM TOMS 44, 2017, have
 * 3 units, 7 units and 15 units of 2^-106), as long as nothing over- or underflows: then products
 * are off by as much as the smallest doubles, too, and infinities become NaN.
 */
#ifndef ZG_BASE_DOUBLE_DOUBLE_H
#define ZG_BASE_DOUBLE_DOUBLE_H

#define ZG_DD_UNIT 0x1p-100

typedef struct zg_dd {
    double high, low;
} zg_dd;

static inline zg_dd zg_dd_sum_of(double a, double b)
{
    double sum = a + b, part = sum - a;
    return (zg_dd){sum, (a - (sum - part)) + (b - part)};
}

/* The same where |a| >= |b|. */
static inline zg_dd zg_dd_renormal(double a, double b)
{
    double sum = a + b;
    return (zg_dd){sum, b - (sum - a)};
}

/* The upper 26 bits. */
static inline double zg_dd_upper(double a)
{
    double moved = 134217729.0 * a; /* 2^27 + 1 */
    return moved - (moved - a);
}

static inline zg_dd zg_dd_product_of(double a, double b)
{
    double product = a * b, ah = zg_dd_upper(a), bh = zg_dd_upper(b), al = a - ah, bl = b - bh;
    return (zg_dd){product, al * bl - (((product - ah * bh) - al * bh) - ah * bl)};
}

static inline zg_dd zg_dd_add(zg_dd a, zg_dd b)
{
    zg_dd high = zg_dd_sum_of(a.high, b.high), low = zg_dd_sum_of(a.low, b.low);
    high = zg_dd_renormal(high.high, high.low + low.high);
    return zg_dd_renormal(high.high, high.low + low.low);
}

static inline zg_dd zg_dd_negative(zg_dd a)
{
    return (zg_dd){-a.high, -a.low};
}

static inline zg_dd zg_dd_multiply(zg_dd a, zg_dd b)
{
    zg_dd product = zg_dd_product_of(a.high, b.high);
    return zg_dd_renormal(product.high, product.low + (a.high * b.low + a.low * b.high));
}

static inline zg_dd zg_dd_times(zg_dd a, double b)
{
    zg_dd product = zg_dd_product_of(a.high, b);
    return zg_dd_renormal(product.high, product.low + a.low * b);
}

static inline void zg_dd_increase(zg_dd *a, zg_dd b)
{
    *a = zg_dd_add(*a, b);
}

/* a - b as a double. */
static inline double zg_dd_rest(zg_dd a, double b)
{
    zg_dd rest = zg_dd_add(a, (zg_dd){-b, 0});
    return rest.high + rest.low;
}

static inline zg_dd zg_dd_divide(zg_dd a, zg_dd b)
{
    double first = a.high / b.high;
    zg_dd rest = zg_dd_add(a, zg_dd_negative(zg_dd_multiply((zg_dd){first, 0}, b)));
    return zg_dd_renormal(first, (rest.high + rest.low) / b.high);
}

#endif
