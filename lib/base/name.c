/* name.c - which names there can be (name.h). */
#include "base/name.h"

#include <holdfast/units.h>
#include <stddef.h>
#include <string.h>

static bool
name_byte_valid(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
}

bool
hf_name_valid(const char *name)
{
    size_t len = 0;
    for (; name[len] != '\0'; len++) {
        if (len == HF_NAME_BYTES - 1 || !name_byte_valid(name[len])) {
            return false; /* never reads past HF_NAME_BYTES: the field of a peer may lack its NUL */
        }
    }
    return len > 0 && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}
