/* Modules: one that is missing, foreign or of another build is refused with the reason. */
#include "base/module.h"
#include "tests/support/support.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The build leaves the fixtures beside this program. */
static void fixture(const char *name, char *path, size_t size)
{
    assert_int_not_equal(readlink("/proc/self/exe", path, size - 1), -1);
    char *slash = strrchr(path, '/');
    assert_non_null(slash);
    snprintf(slash, size - (size_t)(slash - path), "/%s.so", name);
}

static void a_module_of_this_version_is_loaded(void **state)
{
    (void)state;
    char path[PATH_MAX] = "";
    zg_error error = {0};
    fixture("module_same", path, sizeof path);
    const zg_module *module = zg_module_open(path, "zg_module_fixture", &error);
    assert_non_null(module);
    assert_string_equal(module->version, ZG_VERSION);
    assert_ptr_equal(zg_module_open(path, "zg_module_fixture", &error), module);
}

static void refused(const char *path, const char *symbol, const char *reason)
{
    zg_error error = {0};
    assert_null(zg_module_open(path, symbol, &error));
    assert_int_equal(error.status, ZG_FAILED);
    if (!strstr(error.message, reason)) fail_msg("%s does not say %s", error.message, reason);
}

static void a_module_of_another_version_is_refused(void **state)
{
    (void)state;
    char path[PATH_MAX] = "";
    fixture("module_other", path, sizeof path);
    refused(path, "zg_module_fixture", "is of version 0.0.1");
}

static void an_object_that_shows_something_else_is_refused(void **state)
{
    (void)state;
    char path[PATH_MAX] = "";
    fixture("module_same", path, sizeof path);
    refused(path, "zg_module_csdp", "it has no zg_module_csdp");
    refused("libm.so.6", "zg_module_csdp", "it has no zg_module_csdp");
}

static void what_is_no_shared_object_is_refused(void **state)
{
    (void)state;
    char path[] = "/tmp/zerogap-module-XXXXXX";
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    assert_int_equal(write(descriptor, "\177ELF and no more", 16), 16);
    close(descriptor);
    refused(path, "zg_module_fixture", "cannot be loaded");
    unlink(path);
    refused(path, "zg_module_fixture", "cannot be loaded");
}

static void a_module_that_is_nowhere_names_its_package(void **state)
{
    (void)state;
    char path[PATH_MAX];
    zg_error error = {0};
    assert_int_equal(zg_module_find("nothing-of-that-name", path, sizeof path, &error), ZG_MISSING);
    assert_string_equal(path, "");
    assert_non_null(strstr(error.message, "package zerogap-nothing-of-that-name"));
}

/* Programs of the build look in its folder of modules. */
static void a_module_in_the_folder_of_the_build_is_found(void **state)
{
    (void)state;
    char folder[PATH_MAX] = "", path[PATH_MAX], found[PATH_MAX];
    fixture("", folder, sizeof folder);
    *strrchr(folder, '/') = '\0';
    snprintf(path, sizeof path, "%s/modules", folder);
    mkdir(path, 0755);
    snprintf(path, sizeof path, "%s/modules/test-of-search.so", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fclose(file);
    assert_int_equal(zg_module_find("test-of-search", found, sizeof found, NULL), ZG_OK);
    assert_string_equal(found, path);
    assert_int_equal(zg_module_find("test-of-search", found, 8, NULL), ZG_MISSING);
    unlink(path);
    assert_int_equal(zg_module_find("test-of-search", found, sizeof found, NULL), ZG_MISSING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_module_of_this_version_is_loaded),
        cmocka_unit_test(a_module_of_another_version_is_refused),
        cmocka_unit_test(an_object_that_shows_something_else_is_refused),
        cmocka_unit_test(what_is_no_shared_object_is_refused),
        cmocka_unit_test(a_module_that_is_nowhere_names_its_package),
        cmocka_unit_test(a_module_in_the_folder_of_the_build_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
