/* plant.c - HF_PLANT=NAME in the environment plants that bug (base/planted.h) in power_daemon. */
#include "base/planted.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum hf_planted_bug hf_planted;

__attribute__((constructor)) static void
plant(void)
{
    static const char *const names[] = {[HF_PLANTED_NONE] = "",
#define PLANT_NAME(name, text) [HF_PLANTED_##name] = #name,
                                        HF_PLANTED_BUGS(PLANT_NAME)
#undef PLANT_NAME
    };
    const char *wanted = getenv("HF_PLANT");
    if (wanted == NULL) {
        return;
    }
    for (int bug = 0; bug < HF_PLANTED_COUNT; bug++) {
        if (strcmp(names[bug], wanted) == 0) {
            hf_planted = (enum hf_planted_bug)bug;
            return;
        }
    }
    (void)fprintf(stderr, "power_daemon: no bug is named %s\n", wanted);
    _exit(2);
}
