/* zerogap-bench: times of the parts that everything else is made of.  --benchmark_filter=REGEX
 * chooses, --benchmark_repetitions=15 --benchmark_out=F --benchmark_out_format=json writes what
 * `zerogap compare` reads. */
#include "base/linalg.h"
#include "bench/groups.h"
#include "bench/harness.h"

int main(int argc, char **argv)
{
    zg_blas_set_threads(1); /* figures of one core, comparable between machines */
    zg_bench_lift();
    zg_bench_schur();
    zg_bench_methods();
    zg_bench_files();
    return zg_bench_run(&argc, argv);
}
