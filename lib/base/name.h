/*
 * name.h - names of instances and sessions: they are parts of the names of shared objects, and of paths.
 */
#ifndef HF_BASE_NAME_H
#define HF_BASE_NAME_H

#include <stdbool.h>

bool hf_name_valid(const char *name); /**< 1 to 23 bytes of [A-Za-z0-9_.-], not "." or ".." */

#endif
