/* greeter.c - answers while the daemon recovers (greeter.h). */
#include "daemon/greeter.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define LOOK_MS 1000 /* the event wakes it before that */

static void *
run(void *context)
{
    struct hf_greeter *greeter = context;
    (void)pthread_setname_np(pthread_self(), "hf-greeter");
    while (hf_load_acquire(&greeter->stop) == 0) { /* pairs with hf_greeter_stop() */
        (void)hf_control_do_work(&greeter->control, LOOK_MS);
        hf_notify_recovering(&greeter->told, greeter->control.daemon);
    }
    (void)hf_control_do_work(&greeter->control, 0); /* who has asked already is answered */
    return NULL;
}

static int
start_thread(struct hf_greeter *greeter)
{
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before); /* signals go to the starting thread */
    int error = pthread_create(&greeter->thread, NULL, run, greeter);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

int
hf_greeter_start(struct hf_greeter *greeter, struct hf_daemon *daemon)
{
    *greeter = (struct hf_greeter){0};
    int code = hf_control_init(&greeter->control, daemon);
    greeter->control.recovering = true;
    greeter->control.event_fd = -1;
    int error = 0;
    if (code == HF_OK) {
        greeter->control.event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        error = greeter->control.event_fd < 0 ? errno : start_thread(greeter);
    }
    if (error != 0) {
        code = hf_start_failed(daemon, HF_E_SYSTEM, "cannot answer callers during recovery: %s",
                               strerror(error));
    }
    greeter->runs = code == HF_OK;
    if (!greeter->runs) {
        int event_fd = greeter->control.event_fd;
        hf_control_destroy(&greeter->control);
        if (event_fd >= 0) {
            close(event_fd);
        }
    }
    return code;
}

void
hf_greeter_stop(struct hf_greeter *greeter)
{
    if (!greeter->runs) {
        return;
    }
    const uint64_t one = 1;
    hf_store_release(&greeter->stop, 1);
    ssize_t written = write(greeter->control.event_fd, &one, sizeof(one));
    HF_ASSERT("an event of 1 fits", written == (ssize_t)sizeof(one));
    pthread_join(greeter->thread, NULL);
    close(greeter->control.event_fd);
    hf_control_destroy(&greeter->control);
    greeter->runs = false;
}
