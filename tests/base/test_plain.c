/* Texts from strangers: what a terminal obeys goes, everything else stays. */
#include "base/plain.h"
#include "tests/support/support.h"

#include <stdio.h>
#include <string.h>

/* Encodes a code point; returns the number of bytes. */
static size_t encode(unsigned code, char out[5])
{
    size_t count = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char first[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = count; i-- > 1; code >>= 6)
        out[i] = (char)(0x80 | (code & 0x3f));
    out[0] = (char)(first[count] | code);
    out[count] = '\0';
    return count;
}

/* The Unicode standard's own list: general categories Cc, Zl and Zp, and Bidi_Control. */
static bool is_control(unsigned code)
{
    return code < 0x20 || (code >= 0x7f && code <= 0x9f) || code == 0x61c || code == 0x200e ||
           code == 0x200f || code == 0x2028 || code == 0x2029 ||
           (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) ||
           code == 0xfeff;
}

static void every_code_point_is_treated_by_its_kind(void **state)
{
    (void)state;
    for (unsigned code = 1; code < 0x110000; code++) {
        char text[16], expected[16], bytes[5];
        if (code >= 0xd800 && code < 0xe000) continue;
        encode(code, bytes);
        snprintf(text, sizeof text, "a%sz", bytes);
        snprintf(expected, sizeof expected, "a%sz", is_control(code) ? "?" : bytes);
        assert_int_equal(zg_is_plain(text), !is_control(code));
        zg_make_plain(text);
        assert_string_equal(text, expected);
    }
}

/* Text that ends in the middle of a character is not read beyond its end. */
static void cut_characters_are_left_alone(void **state)
{
    (void)state;
    char text[] = "a\xe2\x80", other[] = "\xc2";
    zg_make_plain(text);
    zg_make_plain(other);
    assert_string_equal(text, "a\xe2\x80");
    assert_string_equal(other, "\xc2");
    assert_true(zg_is_plain(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_code_point_is_treated_by_its_kind),
                                       cmocka_unit_test(cut_characters_are_left_alone)};
    return cmocka_run_group_tests_name("plain", tests, NULL, NULL);
}
