/*
 * owner.h - whose an object in shared memory is, in words: anybody may put anything under a name there.
 */
#ifndef HF_DAEMON_OWNER_H
#define HF_DAEMON_OWNER_H

#include <stdbool.h>
#include <stddef.h>

#define HF_OWNER_TEXT_BYTES 160

/** Say why an object cannot be trusted and what to do: "belongs to user 'nobody' (65534): ...". */
void hf_owner_text(const char *name, char *text, size_t len_bytes);

/** Whether somebody else made the object of this name; false: it is ours, or there is none. */
bool hf_owner_is_foreign(const char *name);

#endif
