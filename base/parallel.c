/* Parts in threads (see parallel.h). */
#include "base/parallel.h"

#include <pthread.h>
#include <stdbool.h>

typedef struct part {
    void (*work)(void *context, size_t k);
    void *context;
    size_t k;
} part;

static void *run(void *context)
{
    const part *p = context;
    p->work(p->context, p->k);
    return NULL;
}

void zg_parallel(size_t parts, void (*work)(void *context, size_t k), void *context)
{
    pthread_t thread[ZG_MOST_PARTS];
    bool started[ZG_MOST_PARTS] = {false};
    part all[ZG_MOST_PARTS];
    for (size_t k = 1; k < parts; k++) {
        all[k] = (part){work, context, k};
        started[k] = pthread_create(&thread[k], NULL, run, &all[k]) == 0;
    }
    if (parts > 0) work(context, 0);
    for (size_t k = 1; k < parts; k++) {
        if (started[k])
            pthread_join(thread[k], NULL);
        else
            work(context, k);
    }
}
