/* Benchmarks of reading and writing: CSV, YAML, events, run logs, reports. */
#include "bench/groups.h"
#include "bench/harness.h"
#include "bench/sample.h"

#include "base/yaml.h"
#include "data/csv.h"
#include "log/event.h"
#include "log/verdict.h"
#include "reports/html.h"
#include "reports/text.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void csv_read(zg_bench *bench)
{
    zg_dataset *dataset = zg_bench_dataset(zg_bench_n(bench), zg_bench_d(bench));
    FILE *file = tmpfile();
    const zg_data_options options = {0};
    long length = 0;
    if (!dataset || !file || zg_csv_write(file, dataset, NULL) != ZG_OK)
        zg_bench_fail(bench, "cannot write the file");
    else
        length = ftell(file);
    zg_dataset_free(dataset);
    while (zg_bench_next(bench)) {
        dataset = NULL;
        rewind(file);
        if (zg_csv_read(file, "bench.csv", &options, &dataset, NULL) != ZG_OK)
            zg_bench_fail(bench, "cannot read the file");
        zg_dataset_free(dataset);
    }
    zg_bench_bytes(bench, (size_t)length);
    if (file) fclose(file);
}

static void yaml_parse(zg_bench *bench)
{
    zg_text text = {0};
    zg_text_add(&text, "suite: bench\nlimits: {seconds: 60, memory_mb: 4096}\ndata:\n");
    for (size_t i = 0; i < zg_bench_n(bench); i++)
        zg_text_format(&text,
                       "  - {name: set%zu, generator: planted, n: %zu, d: 20, noise: 0.1, seed: "
                       "[0, 1, 2]}\n",
                       i, 100 + i);
    if (text.failed) zg_bench_fail(bench, "out of memory");
    while (zg_bench_next(bench)) {
        zg_arena arena = {0};
        const zg_yaml *root = NULL;
        if (zg_yaml_parse("bench.yaml", text.bytes, text.length, &arena, &root, NULL) != ZG_OK)
            zg_bench_fail(bench, "cannot parse");
        zg_bench_keep(root);
        zg_arena_clear(&arena);
    }
    zg_bench_bytes(bench, text.length);
    zg_text_clear(&text);
}

static void make_progress(zg_event *event, size_t i)
{
    double x = (double)i + 1;
    zg_event_start(event, "progress");
    zg_event_number(event, "t", 0.001 * x);
    zg_event_text(event, "case", "official/relu2,squared,beta=0.1/ipm");
    zg_event_number(event, "seconds", 0.00093 * x);
    zg_event_number(event, "objective", 5.501878789 + 1 / x);
    zg_event_number(event, "bound", 5.501878789 - 1 / x);
    zg_event_number(event, "iteration", x);
}

/* Building, sealing and writing one event, without waiting for the disk. */
static void event_write(zg_bench *bench)
{
    zg_event event = {0};
    FILE *file = tmpfile();
    size_t i = 0;
    if (!file) zg_bench_fail(bench, "cannot open a file");
    while (zg_bench_next(bench)) {
        make_progress(&event, i++);
        if (zg_event_seal(&event, NULL) != ZG_OK ||
            write(fileno(file), event.text, event.length) < 0)
            zg_bench_fail(bench, "cannot write");
    }
    zg_bench_items(bench, 1);
    zg_event_clear(&event);
    if (file) fclose(file);
}

/* A log of n cases with d progress events each, in a file whose name goes to path. */
static bool write_log(size_t n, size_t d, char *path)
{
    int descriptor = mkstemp(path);
    FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "wb");
    zg_event event = {0};
    char name[64];
    for (size_t i = 0; file && i < n; i++) {
        for (size_t k = 0; k < d; k++) {
            make_progress(&event, k);
            if (zg_event_seal(&event, NULL) == ZG_OK) fputs(event.text, file);
        }
        snprintf(name, sizeof name, "%zu", i);
        zg_event_start(&event, "case_finished");
        zg_event_text(&event, "case", "official/relu2,squared,beta=0.1/ipm");
        zg_event_text(&event, "key", name);
        zg_event_text(&event, "verdict", zg_verdict_name(ZG_CERTIFIED));
        zg_event_number(&event, "objective", 5.5);
        zg_event_number(&event, "seconds", 0.1);
        if (zg_event_seal(&event, NULL) == ZG_OK) fputs(event.text, file);
    }
    zg_event_clear(&event);
    return file && fclose(file) == 0;
}

static void log_read(zg_bench *bench)
{
    char path[] = "/tmp/zerogap-bench-XXXXXX";
    if (!write_log(zg_bench_n(bench), zg_bench_d(bench), path))
        zg_bench_fail(bench, "cannot write a log");
    while (zg_bench_next(bench)) {
        zg_log log = {0};
        if (zg_log_read(&log, path, NULL) != ZG_OK) zg_bench_fail(bench, "cannot read the log");
        zg_log_clear(&log);
    }
    zg_bench_items(bench, zg_bench_n(bench) * (zg_bench_d(bench) + 1));
    unlink(path);
}

static void html_write(zg_bench *bench)
{
    char path[] = "/tmp/zerogap-bench-XXXXXX";
    zg_log log = {0};
    zg_study study = {0};
    if (!write_log(zg_bench_n(bench), zg_bench_d(bench), path) ||
        zg_log_read(&log, path, NULL) != ZG_OK || zg_study_create(&log, &study, NULL) != ZG_OK)
        zg_bench_fail(bench, "cannot make a log");
    while (zg_bench_next(bench)) {
        zg_text page = {0};
        if (zg_report_html(&study, "", &page, NULL) != ZG_OK) zg_bench_fail(bench, "no page");
        zg_text_clear(&page);
    }
    zg_study_clear(&study);
    zg_log_clear(&log);
    unlink(path);
}

void zg_bench_files(void)
{
    ZG_BENCHMARK(csv_read, csv_read, {1000, 30}, {10000, 30});
    ZG_BENCHMARK(yaml_parse, yaml_parse, {10, 0}, {100, 0});
    ZG_BENCHMARK(event_write, event_write, {1, 0});
    ZG_BENCHMARK(log_read, log_read, {100, 20}, {1000, 100});
    ZG_BENCHMARK(html_write, html_write, {100, 20});
}
