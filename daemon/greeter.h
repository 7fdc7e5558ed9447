/*
 * greeter.h - a thread that answers the control socket while the daemon recovers (N5): how far it is, and
 * that one is to try again; the service manager is told, too. It is gone before the control thread begins.
 */
#ifndef HF_DAEMON_GREETER_H
#define HF_DAEMON_GREETER_H

#include "daemon/control.h"
#include "daemon/notify.h"

#include <pthread.h>

struct hf_greeter {
    struct hf_control control;
    struct hf_notify_recovery told;
    bool runs;
    uint32_t stop; /**< stored by the starting thread */
    pthread_t thread;
};

/** Begin. The daemon listens. @return 0, or a code with daemon->text: nothing runs then */
int hf_greeter_start(struct hf_greeter *greeter, struct hf_daemon *daemon);

/** Answer what has been asked, end all connections and the thread. Safe on a zeroed greeter. */
void hf_greeter_stop(struct hf_greeter *greeter);

#endif
