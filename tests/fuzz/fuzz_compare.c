/* Both sides of a comparison, run logs or Google Benchmark's JSON: the input is compared with
 * itself. */
#include "reports/compare.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    static void (*const writers[])(const zg_comparison *, zg_text *) = {
        zg_compare_text, zg_compare_json, zg_compare_markdown, zg_compare_annotations};
    const zg_compare_options options = zg_compare_defaults();
    const char *path = fuzz_file(input, size);
    zg_comparison comparison = {0};
    zg_error error = {0};
    zg_status status = zg_compare(path, path, &options, &comparison, &error);
    for (size_t i = 0; status == ZG_OK && i < sizeof writers / sizeof *writers; i++) {
        zg_text text = {0};
        writers[i](&comparison, &text);
        zg_text_clear(&text);
    }
    if (status != ZG_OK) fuzz_refusal(status, &error);
    zg_comparison_clear(&comparison);
    return 0;
}
