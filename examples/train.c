/* Trains a network to the global optimum, and proves it.  With the library installed:
 *     cc train.c -o train $(pkg-config --cflags --libs zerogap) && ./train */
#include <stdio.h>
#include <zerogap.h>

#define N 40

int main(void)
{
    zg_error error = {0};
    zg_dataset *data = NULL;
    zg_problem *problem = NULL;
    zg_network *network = NULL;
    zg_certificate proof = {0};
    bool certified = false;
    double x[N * 2], y[N]; /* points of a grid, and a saddle to be learned */
    for (int i = 0; i < N; i++) {
        int row = i / 8, column = i % 8;
        x[2 * i] = column - 3.5;
        x[2 * i + 1] = row - 2.0;
        y[i] = x[2 * i] * x[2 * i + 1];
    }
    zg_model_options model = {.activation = {0.09, 0.5, 0.47}, .beta = 0.1};
    if (zg_dataset_create(N, 2, x, 1, y, &data, &error) == ZG_OK &&
        zg_problem_create(data, &model, &problem, &error) == ZG_OK &&
        zg_train(problem, NULL, 1e-6, &network, &error) == ZG_OK &&
        zg_certify(problem, network, &proof, &error) == ZG_OK) {
        certified = zg_certificate_decide(&proof, 1e-6) == ZG_DECISION_CERTIFIED;
        printf("objective %.6f, no network is below %.6f: gap %.0e, %zu neurons\n", proof.objective,
               proof.bound, proof.gap, zg_network_neurons(network));
    } else {
        fprintf(stderr, "%s\n", error.message);
    }
    zg_network_free(network);
    zg_problem_free(problem);
    zg_dataset_free(data);
    return certified ? 0 : 1;
}
