/* Preloaded: an OpenBLAS that does not know the processor, unless it is told which kernels to
 * take.  They are the real library's all the same; only the name it gives them is another one. */
#include <stdlib.h>

char *openblas_get_corename(void);

char *openblas_get_corename(void)
{
    static char old[] = "Prescott";
    char *told = getenv("OPENBLAS_CORETYPE");
    return told ? told : old;
}
