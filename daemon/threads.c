/*
 * threads.c - the daemon's threads: each loops over one stage with a wait strategy.
 *
 *   engine   sequencer          spins, yields, then sleeps on the doorbells of all connected clients at once; the
 *            kernel takes 127 of them. With more it naps, 1, 2, 4... 10 ms while nothing comes: the first command
 *            after a pause may wait that long, and an idle daemon still uses next to no processor
 *   writer   WAL writer         while the log is busy it naps, so that the engine need not wake it;
 *   sync     sync               sleeps until its dead line, until a batch is full, or until a client waits for
 *            records, which it then writes itself if the writer has not
 *   prepare  segment preparer   low priority, woken by time
 *   waker    wakes clients
 *   gap      gap service, low priority
 *   checkpoint  only when nobody else wants the processor (SCHED_IDLE); looks at the log four times a
 *            second, and goes on at once while it finds work
 *   control  the calling thread; it also tells the service manager that the engine's heart beats
 */
#include "daemon/backlog.h"
#include "daemon/control.h"
#include "daemon/daemon.h"
#include "daemon/notify.h"
#include "daemon/reload.h"
#include "daemon/sampler.h"

#include "base/clock.h"
#include "base/futex.h"
#include "base/idle.h"
#include "base/log.h"
#include "base/numa.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <urcu-qsbr.h>

#define HEARTBEAT_NS 100000000u /* clients call a heartbeat older than 1 s stuck */
#define LOOKS 8u                /* of an idle engine, between two rounds: some 250 ns */
#define NAP_NS 50000u
#define SLICE_NS 100000u           /* the shortest that the kernel takes */
#define BUSY_NS 20000000u          /* the log counts as busy this long after its last record */
#define MANY_NAP_FIRST_NS 1000000u /* of an engine that cannot sleep on all doorbells */
#define MANY_NAP_LAST_NS 10000000u /* 100 looks a second, each at all rings */
#define PREPARE_BUSY_NS 2000000u
#define CHECKPOINT_NICE 19
#define CHECKPOINT_NAP_NS 250000000u /* a quarter of a second of records is no more than one step */
#define GAP_NICE 15                  /* behind everybody who trades, before who only idles */

struct threads {
    struct hf_daemon *daemon;
    uint32_t stop;
    uint32_t writing; /**< 1: a thread is in the WAL writer's stage */
    enum hf_idle_strategy engine_wait;
    enum hf_idle_strategy wal_wait;
};

static bool
stopping(const struct threads *threads)
{
    return hf_load_acquire(&threads->stop) != 0; /* pairs with the release in hf_daemon_run() */
}

static void
pin(int64_t cpu, const char *what)
{
    int code = cpu < 0 ? 0 : hf_numa_pin_thread((int)cpu);
    if (code != 0) {
        hf_log(HF_LOG_WARNING, "cannot pin the %s thread to CPU %lld: %s", what, (long long)cpu,
               strerror(-code));
    }
    (void)pthread_setname_np(pthread_self(), what);
}

/** For threads that others wait for, and that work for microseconds at a time: with a slice so short the
 *  kernel lets them run when they are woken, and not only when who runs there has had his turn (Linux 6.12
 *  and later; a wish). Whoever has given the daemon another policy knows better. */
static void
ask_for_short_slice(void)
{
    const struct { /* the kernel's struct sched_attr: its header and glibc's do not go together */
        uint32_t size;
        uint32_t policy;
        uint64_t flags;
        int32_t nice;
        uint32_t priority;
        uint64_t runtime_ns;
        uint64_t deadline_ns;
        uint64_t period_ns;
    } attr = {.size = sizeof(attr),
              .policy = SCHED_OTHER,
              .nice = getpriority(PRIO_PROCESS, (id_t)gettid()),
              .runtime_ns = SLICE_NS};
    if (sched_getscheduler(0) == SCHED_OTHER) {
        (void)syscall(SYS_sched_setattr, 0, &attr, 0);
    }
}

/* Engine */

struct doorbells {
    struct hf_futex_word words[HF_FUTEX_WAIT_MAX]; /**< [0] is the engine's own bell */
    unsigned count;
    bool all; /**< nobody else can ring */
};

/** Whose client has gone rings no more: a session may stay open for years without one. */
static void
collect_doorbells(const struct hf_sequencer *s, struct doorbells *bells)
{
    bells->count = 1;
    bells->all = true;
    for (uint32_t i = 0; i < s->links->count && bells->all; i++) {
        const struct hf_link *link = s->links->dense[i];
        if (link->command_object == NULL || link->frozen || link->condemned != HF_OK) {
            continue;
        }
        bells->all = bells->count < HF_FUTEX_WAIT_MAX;
        if (bells->all) {
            const uint32_t *word = &link->command_object->doorbell;
            bells->words[bells->count++] =
                (struct hf_futex_word){.word = word, .expected = hf_load_seq_cst(word)};
        }
    }
}

/** How long to sleep at most. @param nap_ns  the next nap of a daemon with very many clients */
static uint64_t
sleep_ns(const struct doorbells *bells, uint64_t *nap_ns)
{
    uint64_t nap = *nap_ns;
    if (bells->all) {
        return HEARTBEAT_NS;
    }
    *nap_ns = 2 * nap < MANY_NAP_LAST_NS ? 2 * nap : MANY_NAP_LAST_NS;
    return nap;
}

/** T1 with many callers: clients load the status page's `parked` after they published
 *  (hf_client_ring_doorbell); the doorbells are read between the store and the last look. */
static void
park_engine(struct hf_sequencer *s, uint64_t *nap_ns)
{
    struct doorbells bells;
    hf_store_seq_cst(&s->status->parked, 1);
    bells.words[0].word = &s->bell.doorbell;
    bells.words[0].expected = hf_bell_prepare(&s->bell, HF_PARKED);
    collect_doorbells(s, &bells);
    if (!hf_sequencer_has_work(s)) {
        hf_meter_sleep(&s->meter);
        rcu_thread_offline();
        (void)hf_futex_wait_any(bells.words, bells.count, sleep_ns(&bells, nap_ns));
        rcu_thread_online();
    }
    hf_store_relaxed(&s->status->parked, 0);
    hf_bell_cancel(&s->bell);
}

/** Before the next round: some looks at the rings alone, for a command that comes to an idle engine would wait for half
 *  of all else that a round does. The clock is all the pause there is: so the time is there when a command is.
 *  @return it */
static uint64_t
watch_rings(const struct hf_sequencer *s, struct hf_idle *idle)
{
    uint64_t now_ns = hf_clock_monotonic_ns();
    for (unsigned look = 1; look < LOOKS && hf_sequencer_is_quiet(s); look++) {
        hf_idle_looked(idle);
        now_ns = hf_clock_monotonic_ns();
    }
    return now_ns;
}

static void *
run_engine(void *context)
{
    struct threads *threads = context;
    struct hf_sequencer *s = &threads->daemon->sequencer;
    struct hf_idle idle;
    uint64_t nap_ns = MANY_NAP_FIRST_NS;
    pin(threads->daemon->config.threads_engine_cpu, "hf-engine");
    ask_for_short_slice();
    hf_idle_init(&idle, threads->engine_wait);
    rcu_register_thread();
    uint64_t now_ns = hf_clock_monotonic_ns();
    while (!stopping(threads)) {
        if (hf_sequencer_do_work(s, now_ns) > 0) {
            hf_idle_reset(&idle);
            nap_ns = MANY_NAP_FIRST_NS;
        } else if (hf_idle_wait(&idle)) {
            park_engine(s, &nap_ns);
        }
        now_ns = watch_rings(s, &idle);
        rcu_quiescent_state();
    }
    rcu_unregister_thread();
    return NULL;
}

/* WAL writer */

/** A client waits for it. */
static bool
flush_is_wished(const struct hf_daemon *daemon)
{
    uint64_t durable = hf_load_relaxed(&daemon->status->durable_lsn);
    return hf_load_seq_cst(&daemon->sequencer.durable_wanted) > durable;
}

static bool
flush_is_urgent(const struct hf_daemon *daemon)
{
    const struct hf_status *status = daemon->status;
    uint64_t durable = hf_load_relaxed(&status->durable_lsn);
    uint64_t written = hf_load_relaxed(&status->written_lsn);
    return written - durable >= hf_wal_flush_records(daemon->wal) || flush_is_wished(daemon);
}

/** The writer's stage, for one thread at a time. Where another is at it, that one rings for what we came for:
 *  having left it (seq_cst) it looks at the wish (seq_cst) that we saw before we found it there. */
static int64_t
write_records(struct threads *threads)
{
    struct hf_daemon *daemon = threads->daemon;
    if (hf_exchange_seq_cst(&threads->writing, 1u) != 0) { /* acquires what the last one left */
        return 0;
    }
    int64_t work = hf_wal_writer_do_work(daemon->wal);
    hf_store_seq_cst(&threads->writing, 0u);
    if (work < 0) {
        hf_halt(&daemon->halt, (int)work, "%s", hf_wal_error_text(daemon->wal));
    } else if (work > 0) {
        hf_bell_ring(&daemon->sync_bell, flush_is_urgent(daemon));
        hf_bell_ring(&daemon->prepare_bell, 0);
    }
    return work;
}

static void
park_writer(struct threads *threads)
{
    struct hf_daemon *daemon = threads->daemon;
    const struct hf_queue_object *queue = daemon->queue_region.base;
    uint32_t seen = hf_bell_prepare(&daemon->writer_bell, HF_PARKED);
    hf_ring_catch_up(&queue->head); /* T1; partner: finish_records() */
    if (write_records(threads) != 0) {
        hf_bell_cancel(&daemon->writer_bell);
        return;
    }
    hf_bell_sleep(&daemon->writer_bell, seen, HEARTBEAT_NS);
}

static void *
run_writer(void *context)
{
    struct threads *threads = context;
    struct hf_daemon *daemon = threads->daemon;
    struct hf_idle idle;
    uint64_t busy_until_ns = 0;
    pin(daemon->config.threads_writer_cpu, "hf-wal-writer");
    ask_for_short_slice();
    hf_idle_init(&idle, threads->wal_wait);
    while (!stopping(threads) && !hf_halted(&daemon->halt)) {
        if (write_records(threads) > 0) {
            hf_idle_reset(&idle);
            busy_until_ns = hf_clock_monotonic_ns() + BUSY_NS;
        } else if (hf_idle_wait(&idle)) {
            if (threads->wal_wait == HF_IDLE_ADAPTIVE && hf_clock_monotonic_ns() < busy_until_ns) {
                hf_clock_sleep_ns(NAP_NS);
            } else {
                park_writer(threads);
            }
        }
    }
    return NULL;
}

/* Sync */

/** What a client waits for is written by us, without a wait for the writer: that may be in its nap, and a wake
 *  from thread to thread costs more than to write a few records. */
static void
write_wished(struct threads *threads)
{
    const struct hf_daemon *daemon = threads->daemon;
    uint64_t wanted = hf_load_seq_cst(&daemon->sequencer.durable_wanted); /* T1; note_wish() */
    /* Relaxed: an older value only lets us look into the queue in vain. */
    while (hf_load_relaxed(&daemon->status->written_lsn) < wanted && write_records(threads) > 0) {
    }
}

static int64_t
sync_records(struct threads *threads, uint64_t now_ns)
{
    struct hf_daemon *daemon = threads->daemon;
    write_wished(threads);
    int64_t work = hf_wal_sync_do_work(daemon->wal, now_ns);
    if (work < 0) {
        hf_halt(&daemon->halt, (int)work, "%s", hf_wal_error_text(daemon->wal));
    } else if (work > 0) {
        /* Clients sleep on the watermark itself; the engine on queue slots, or on what sync mode holds. */
        hf_futex_wake((const uint32_t *)&daemon->status->durable_lsn);
        hf_bell_ring(&daemon->sequencer.bell, 1);
        (void)sched_yield(); /* they may have to share our processor, and we only tidy up now */
    }
    return work;
}

static void
park_sync(struct threads *threads)
{
    struct hf_daemon *daemon = threads->daemon;
    uint64_t due = hf_wal_sync_due_ns(daemon->wal);
    uint32_t seen =
        hf_bell_prepare(&daemon->sync_bell, due == UINT64_MAX ? HF_PARKED : HF_PARKED_TIMED);
    uint64_t now = hf_clock_monotonic_ns();
    if (sync_records(threads, now) != 0 || hf_wal_sync_due_ns(daemon->wal) != due) {
        hf_bell_cancel(&daemon->sync_bell);
        return;
    }
    uint64_t until = due < now + HEARTBEAT_NS ? due : now + HEARTBEAT_NS;
    hf_bell_sleep(&daemon->sync_bell, seen, until > now ? until - now : 0);
}

static void *
run_sync(void *context)
{
    struct threads *threads = context;
    struct hf_daemon *daemon = threads->daemon;
    pin(daemon->config.threads_sync_cpu, "hf-sync");
    ask_for_short_slice();
    while (!stopping(threads) && !hf_halted(&daemon->halt)) {
        if (sync_records(threads, hf_clock_monotonic_ns()) == 0) {
            park_sync(threads);
        }
    }
    if (hf_halted(&daemon->halt)) { /* only now: a flush that was under way has been counted */
        hf_log(HF_LOG_ERROR, "nothing beyond LSN %llu is called durable",
               (unsigned long long)hf_load_relaxed(&daemon->status->durable_lsn));
    }
    return NULL;
}

/* Preparer */

static void
note_space(struct hf_daemon *daemon)
{
    uint32_t low = hf_wal_low(daemon->wal);
    if (low != daemon->status->disk_low) {
        hf_log(low ? HF_LOG_WARNING : HF_LOG_NOTICE,
               low ? "log space is low in %s: new orders are refused, cancels are not; free space "
                     "(before a restart: a start needs room for a segment)"
                   : "log space in %s is sufficient again",
               daemon->config.instance_directory);
        hf_store_relaxed(&daemon->status->disk_low,
                         low); /* the engine may learn it a round later */
    }
}

static void *
run_prepare(void *context)
{
    struct threads *threads = context;
    struct hf_daemon *daemon = threads->daemon;
    pin(-1, "hf-prepare");
    while (!stopping(threads) && !hf_halted(&daemon->halt)) {
        uint64_t now = hf_clock_monotonic_ns();
        int64_t work = hf_wal_prepare_do_work(daemon->wal, now);
        note_space(daemon);
        hf_sampler_prepare(daemon->metrics_region.base, daemon->config.instance_directory, now);
        if (work < 0) {
            hf_halt(&daemon->halt, (int)work, "%s", hf_wal_error_text(daemon->wal));
        } else if (work == 0) {
            uint32_t seen = hf_bell_prepare(&daemon->prepare_bell, HF_PARKED);
            hf_clock_sleep_ns(
                PREPARE_BUSY_NS); /* a floor, so that a busy log wakes us 500 times a s */
            hf_bell_sleep(&daemon->prepare_bell, seen, HEARTBEAT_NS);
        }
    }
    return NULL;
}

/* Waker */

static void *
run_waker(void *context)
{
    struct threads *threads = context;
    struct hf_waker *waker = &threads->daemon->waker;
    pin(-1, "hf-waker");
    ask_for_short_slice();
    rcu_register_thread();
    while (!stopping(threads)) {
        uint32_t seen = hf_bell_prepare(&waker->bell, HF_PARKED);
        if (hf_waker_do_work(waker) > 0) {
            hf_bell_cancel(&waker->bell);
        } else {
            rcu_thread_offline();
            hf_bell_sleep(&waker->bell, seen, HEARTBEAT_NS);
            rcu_thread_online();
        }
        rcu_quiescent_state();
    }
    rcu_unregister_thread();
    return NULL;
}

/* Gap service */

static void *
run_gap(void *context)
{
    struct threads *threads = context;
    struct hf_gap *gap = &threads->daemon->gap;
    pin(-1, "hf-gap");
    (void)setpriority(PRIO_PROCESS, (id_t)gettid(), GAP_NICE); /* of this thread alone; a wish */
    while (!stopping(threads)) {
        uint32_t seen = hf_bell_prepare(&gap->bell, HF_PARKED);
        if (hf_gap_do_work(gap) > 0) {
            hf_bell_cancel(&gap->bell);
        } else {
            hf_bell_sleep(&gap->bell, seen, HEARTBEAT_NS);
        }
    }
    return NULL;
}

/* Checkpointer */

static void
run_when_idle(void)
{
    const struct sched_param none = {.sched_priority = 0};
    if (pthread_setschedparam(pthread_self(), SCHED_IDLE, &none) != 0) {
        (void)setpriority(PRIO_PROCESS, (id_t)gettid(), CHECKPOINT_NICE); /* wishes, both */
    }
}

/** The end of a step is waited for: on a busy host the checkpointer would not come to it by itself. */
static void
run_to_the_end(pthread_t thread)
{
    const struct sched_param none = {.sched_priority = 0};
    (void)pthread_setschedparam(thread, SCHED_OTHER, &none);
}

static void
note_checkpoint(struct hf_daemon *daemon)
{
    const struct hf_checkpoint *checkpoint = &daemon->checkpoint;
    /* Relaxed: statistics, only this thread stores them. */
    hf_store_relaxed(&daemon->status->snapshot_lsn, checkpoint->snapshot_lsn);
    hf_store_relaxed(&daemon->status->snapshots, checkpoint->snapshots);
    hf_store_relaxed(&daemon->status->snapshot_failures, checkpoint->failures);
}

/** The configuration may turn it off while it runs, and on again. */
static int64_t
checkpoint_step(struct hf_checkpoint *checkpoint)
{
    if (hf_checkpoint_wanted(checkpoint)) {
        return hf_checkpoint_do_work(checkpoint, hf_clock_monotonic_ns());
    }
    if (checkpoint->begun) {
        hf_checkpoint_free(checkpoint);
    }
    return 0;
}

static void *
run_checkpoint(void *context)
{
    struct threads *threads = context;
    struct hf_daemon *daemon = threads->daemon;
    struct hf_checkpoint *checkpoint = &daemon->checkpoint;
    pin(-1, "hf-checkpoint");
    run_when_idle();
    while (!stopping(threads) && !hf_halted(&daemon->halt)) {
        uint32_t seen = hf_bell_prepare(&daemon->checkpoint_bell, HF_PARKED);
        int64_t work = checkpoint_step(checkpoint);
        note_checkpoint(daemon);
        if (work > 0) {
            hf_bell_cancel(&daemon->checkpoint_bell);
        } else {
            hf_bell_sleep(&daemon->checkpoint_bell, seen, CHECKPOINT_NAP_NS);
        }
    }
    return NULL;
}

/* All */

static void *(*const THREADS[])(void *) = {run_engine, run_writer, run_sync,      run_prepare,
                                           run_waker,  run_gap,    run_checkpoint};
#define THREAD_COUNT (sizeof(THREADS) / sizeof(THREADS[0]))

static void
ring_all(struct hf_daemon *daemon)
{
    hf_bell_ring(&daemon->sequencer.bell, 1);
    hf_bell_ring(&daemon->writer_bell, 1);
    hf_bell_ring(&daemon->sync_bell, 1);
    hf_bell_ring(&daemon->prepare_bell, 1);
    hf_bell_ring(&daemon->waker.bell, 1);
    hf_store_relaxed(&daemon->gap.cancel, 1); /* it looks at every record */
    hf_bell_ring(&daemon->gap.bell, 1);
    hf_bell_ring(&daemon->checkpoint_bell, 1);
}

static int
start_threads(struct threads *threads, pthread_t *ids, unsigned *count)
{
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    sigdelset(&all, SIGBUS); /* the guard must see it in whatever thread it strikes */
    pthread_sigmask(SIG_BLOCK, &all, &before); /* signals go to the control thread */
    int code = 0;
    for (*count = 0; *count < THREAD_COUNT && code == 0; *count += code == 0) {
        code = pthread_create(&ids[*count], NULL, THREADS[*count], threads);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return code == 0 ? HF_OK
                     : hf_start_failed(threads->daemon, HF_E_SYSTEM, "cannot start a thread: %s",
                                       strerror(code));
}

int
hf_daemon_run(struct hf_daemon *daemon, const int *stop)
{
    struct threads threads = {.daemon = daemon};
    struct hf_control control;
    struct hf_watchdog watchdog;
    pthread_t ids[THREAD_COUNT];
    unsigned count = 0;
    (void)hf_idle_parse(daemon->config.threads_engine_wait, &threads.engine_wait);
    (void)hf_idle_parse(daemon->config.threads_wal_wait, &threads.wal_wait);
    int code = hf_gap_init(&daemon->gap);
    if (code != HF_OK) {
        return hf_start_failed(daemon, code, "eventfd: %s", strerror(errno));
    }
    daemon->checkpoint.cancel = &threads.stop;
    daemon->needed_lsn = hf_backlog_needed_lsn(&daemon->registry); /* before anything may go */
    code = hf_control_init(&control, daemon);
    if (code == HF_OK) {
        code = start_threads(&threads, ids, &count);
    }
    if (code == HF_OK) {
        hf_watchdog_init(&watchdog);
        hf_notify_ready(daemon);
    }
    while (code == HF_OK && hf_load_acquire(stop) == 0) { /* pairs with the signal handler */
        (void)hf_control_do_work(&control, HEARTBEAT_NS / 1000000);
        if (daemon->reload != NULL && hf_exchange_seq_cst(daemon->reload, 0) != 0) { /* of main.c */
            hf_notify_reloading();
            hf_reload(&control);
            hf_notify_reloaded();
        }
        hf_sampler_control(daemon->metrics_region.base, &daemon->registry, hf_clock_monotonic_ns());
        hf_store_relaxed(&daemon->needed_lsn, hf_backlog_needed_lsn(&daemon->registry));
        (void)hf_watchdog_do_work(&watchdog, daemon->status, hf_clock_monotonic_ns());
    }
    hf_notify_stopping();
    hf_store_release(&threads.stop, 1);
    ring_all(daemon);
    for (unsigned i = 0; i < count; i++) {
        if (THREADS[i] == run_checkpoint) {
            run_to_the_end(ids[i]);
        }
        pthread_join(ids[i], NULL);
    }
    daemon->checkpoint.cancel = NULL;
    hf_control_destroy(&control);
    hf_control_unlisten(daemon); /* nobody is to wait for the end of the flushes */
    return code;
}
