/* cpu.c - what the build's compiler options stand for (CMakeLists.txt), asked of the processor. */
#include "base/cpu.h"

#include <stddef.h>

#define WHAT_TO_DO ", which this build needs: build it with -DHF_PORTABLE=ON"

const char *
hf_cpu_lacks(void)
{
#ifdef __AES__
    if (!__builtin_cpu_supports("aes")) {
        return "this processor has no AES instructions" WHAT_TO_DO;
    }
#endif
#ifdef __SSE4_2__
    if (!__builtin_cpu_supports("sse4.2")) {
        return "this processor has no SSE4.2 instructions" WHAT_TO_DO;
    }
#endif
    return NULL;
}
