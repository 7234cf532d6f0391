/* Solutions of other solvers, in every format, of a program with symmetric and diagonal blocks. */
#include "solvers/answer.h"
#include "solvers/sdpa_format.h"
#include "tests/fuzz/fuzz.h"

/* One sample, one input, absolute loss: variables v, rho, rho'; two blocks of order 2 and the two
 * bounds. */
static const zg_sdp *the_program(void)
{
    static zg_sdp *sdp;
    if (sdp) return sdp;
    double x[] = {2}, y[] = {3};
    zg_architecture dense = {0};
    zg_problem *problem;
    zg_error error;
    fuzz_demand(zg_problem_from_arrays(1, 1, x, 1, y, NULL, (zg_activation){1, 1, 0.5}, &dense,
                                       (zg_loss){ZG_LOSS_ABSOLUTE, 0}, (zg_penalty){0}, 0.25,
                                       &problem, &error) == ZG_OK,
                "no problem");
    zg_program program = zg_problem_program(problem, 0);
    fuzz_demand(zg_sdp_create(&program, ZG_SDP_PLAIN, &sdp, &error) == ZG_OK, "no program");
    zg_problem_free(problem);
    return sdp;
}

static void try_answer(const char *path, zg_answer_format format)
{
    zg_answer answer;
    zg_error error = {0};
    zg_status status = zg_answer_read(path, format, the_program(), &answer, &error);
    if (status != ZG_OK) fuzz_refusal(status, &error);
    zg_answer_clear(&answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    const zg_sdp *sdp = the_program();
    const char *path = fuzz_file(input, size);
    zg_stated primal, dual;
    for (int format = ZG_FORMAT_SDPA; format <= ZG_FORMAT_CSDP; format++) {
        zg_sdp_point point;
        zg_error error = {0};
        zg_claim claim;
        size_t digits;
        fuzz_demand(zg_sdp_point_create(sdp, &point) == ZG_OK, "no memory");
        zg_status status =
            zg_solution_read((zg_solution_format)format, path, sdp, &point, &digits, &error);
        if (status == ZG_OK) {
            fuzz_demand(zg_sdp_point_finite(sdp, &point), "a point that is not finite");
            zg_sdp_claim(sdp, &point, digits, 1e-6, &claim);
        } else {
            fuzz_refusal(status, &error);
        }
        zg_sdp_point_clear(&point);
    }
    zg_solution_stated(path, "objValPrimal", "objValDual", &primal, &dual);
    for (int format = 0; format <= ZG_ANSWER_DETECT; format++)
        try_answer(path, (zg_answer_format)format);
    return 0;
}
