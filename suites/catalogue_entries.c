/* The table of the catalogue: what each data set is, where it comes from, what to know before use.
 */
#include "suites/catalogue_read.h"

#define COUNTS(...)                                                                                \
    (const size_t[])                                                                               \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }
#define NAMES(...)                                                                                 \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }

#define SKLEARN "usr/lib/python3/dist-packages/sklearn/datasets/"

static const zg_package sklearn = {
    .kind = ZG_PACKAGE_DEBIAN,
    .name = "python3-sklearn",
    .version = "1.2.1+dfsg-1",
    .file = "python3-sklearn_1.2.1+dfsg-1_all.deb",
    .bytes = 2102964,
    .sha256 = "ca0c6be401d14871c7e93cfdd8d1f561595dc65e6e2ad2501d568aee7f7efc58",
    .licence = "BSD-3-Clause",
    .files = {SKLEARN "data/breast_cancer.csv", SKLEARN "data/wine_data.csv",
              SKLEARN "data/digits.csv.gz", SKLEARN "data/boston_house_prices.csv",
              SKLEARN "data/diabetes_data_raw.csv.gz", SKLEARN "data/diabetes_target.csv.gz",
              SKLEARN "tests/data/openml/id_3/data-v1-dl-3.arff.gz"},
};

static const zg_package liblinear = {
    .kind = ZG_PACKAGE_DEBIAN,
    .name = "liblinear-tools",
    .version = "2.3.0+dfsg-5",
    .file = "liblinear-tools_2.3.0+dfsg-5_amd64.deb",
    .bytes = 23352,
    .sha256 = "b1b7e46436b73dbca33011349a4f62ca5a950ad42eb8a120f5f5c0513517b3cf",
    .licence = "BSD-3-Clause",
    .files = {"usr/share/doc/liblinear-tools/examples/heart_scale"},
};

static const zg_catalogue_entry entries[] = {
    {
        .name = "wdbc",
        .about = "Wisconsin diagnostic breast cancer: cell nuclei, malignant or benign",
        .task = ZG_BINARY,
        .rows = 569,
        .inputs = 30,
        .targets = 1,
        .class_count = 2,
        .class_names = NAMES("malignant", "benign"),
        .class_rows = COUNTS(212, 357),
        .sha256 = "14097db854ada35f5ea9fa205a26daef0189f2e522c7a3d05d61cf6422e62b2e",
        .package = &sklearn,
        .licence = "BSD-3-Clause (the package); UCI is the source",
        .read = zg_read_plain_csv,
        .files = {"breast_cancer.csv"},
        .skip = 1,
        .input_names = "x1..",
        .target_names = "class",
    },
    {
        .name = "boston",
        .about = "Boston house prices: median value by district",
        .task = ZG_REGRESSION,
        .rows = 506,
        .inputs = 13,
        .targets = 1,
        .remarks = "documented ethical problem: column b is built on the share of black residents; "
                   "kept for comparison with the literature only",
        .sha256 = "24ec814c9b6c5bb1cae0f6d203636413195ade13a34b62920787599f63eefd7e",
        .package = &sklearn,
        .licence = "BSD-3-Clause (the package); StatLib is the source",
        .read = zg_read_plain_csv,
        .files = {"boston_house_prices.csv"},
        .skip = 2,
        .input_names = "crim,zn,indus,chas,nox,rm,age,dis,rad,tax,ptratio,b,lstat",
        .target_names = "medv",
    },
    {
        .name = "diabetes442",
        .about = "Diabetes progression after one year (Efron et al. 2004), raw features",
        .task = ZG_REGRESSION,
        .rows = 442,
        .inputs = 10,
        .targets = 1,
        .sha256 = "b90a6d8bdcf121b2a6118663b844e3da884f3f3b2e6e03f5c17554df61f0a0e3",
        .package = &sklearn,
        .licence = "BSD-3-Clause (the package)",
        .read = zg_read_blank_separated,
        .files = {"diabetes_data_raw.csv.gz", "diabetes_target.csv.gz"},
        .input_names = "age,sex,bmi,bp,s1,s2,s3,s4,s5,s6",
        .target_names = "y",
    },
    {
        .name = "wine",
        .about = "Chemical analysis of wines of three cultivars",
        .task = ZG_MULTICLASS,
        .rows = 178,
        .inputs = 13,
        .targets = 1,
        .class_count = 3,
        .class_names = NAMES("class_0", "class_1", "class_2"),
        .class_rows = COUNTS(59, 71, 48),
        .sha256 = "1003c64abf0e7370052c32701982c099ca1379019b5e1e8a39e0aa53e33e76e1",
        .package = &sklearn,
        .licence = "BSD-3-Clause (the package); UCI is the source",
        .read = zg_read_plain_csv,
        .files = {"wine_data.csv"},
        .skip = 1,
        .input_names = "x1..",
        .target_names = "class",
    },
    {
        .name = "digits",
        .about = "Handwritten digits, 8 x 8 pixels from 0 to 16",
        .task = ZG_MULTICLASS,
        .rows = 1797,
        .inputs = 64,
        .targets = 1,
        .class_count = 10,
        .class_names = NAMES("0", "1", "2", "3", "4", "5", "6", "7", "8", "9"),
        .class_rows = COUNTS(178, 182, 177, 183, 181, 182, 181, 179, 174, 180),
        .remarks = "the test part of UCI optdigits only; the 3823 training rows are not in the "
                   "package; pixels 1, 33 and 40 are 0 in every row",
        .sha256 = "c7fa13d32adb4009e6196e89d0dc5cb475179cc14912d135fe73264030b3d33d",
        .package = &sklearn,
        .licence = "BSD-3-Clause (the package); UCI is the source",
        .read = zg_read_plain_csv,
        .files = {"digits.csv.gz"},
        .input_names = "p0..",
        .target_names = "class",
    },
    {
        .name = "heart",
        .about = "Statlog heart disease, absent or present",
        .task = ZG_BINARY,
        .rows = 270,
        .inputs = 13,
        .targets = 1,
        .class_count = 2,
        .class_names = NAMES("absent", "present"),
        .class_rows = COUNTS(150, 120),
        .remarks = "features are scaled to [-1, 1] at the source; an index that is not in the file "
                   "means 0",
        .sha256 = "4fff40e26938336885eea659f26f044046bef777655e29def2209ad1ae13def9",
        .package = &liblinear,
        .licence = "BSD-3-Clause (the package)",
        .read = zg_read_libsvm,
        .files = {"heart_scale"},
        .input_names = "x1..",
        .target_names = "class",
    },
};

const zg_catalogue_entry *zg_catalogue(size_t *count)
{
    *count = sizeof entries / sizeof *entries;
    return entries;
}
