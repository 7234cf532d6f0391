/* The baseline "rounded": it trains first, so it stands above solvers and baselines. */
#ifndef ZG_TRAIN_ROUNDED_H
#define ZG_TRAIN_ROUNDED_H

#include "core/method.h"

extern const zg_method zg_method_rounded;

#endif
