/*
 * admin.h - the commands of sessions with admin rights, and of the daemon itself (session 0, which gets
 * no reports): instruments, phases, accounts, session limits, entitlements, session end, busts.
 */
#ifndef HF_CORE_ADMIN_H
#define HF_CORE_ADMIN_H

#include "core/state.h"

static inline bool
hf_admin_is_command(uint32_t type)
{
    return type >= HF_COMMAND_INSTRUMENT_ADD && type <= HF_COMMAND_REFERENCE;
}

/** Carry out an admin command: DONE, or REJECTED, to the session that asked. */
void hf_admin_apply(struct hf_apply *apply, const struct hf_record *record,
                    const struct hf_record *more);

#endif
