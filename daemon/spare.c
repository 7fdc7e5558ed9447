/* spare.c - descriptors held back. */
#include "daemon/spare.h"

#include <fcntl.h>
#include <unistd.h>

bool
hf_spare_hold(struct hf_spare *spare)
{
    while (spare->count < HF_SPARE_DESCRIPTORS) {
        int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
        if (fd < 0) {
            return false;
        }
        spare->fds[spare->count++] = fd;
    }
    return true;
}

void
hf_spare_lend(struct hf_spare *spare)
{
    while (spare->count > 0) {
        close(spare->fds[--spare->count]);
    }
}
