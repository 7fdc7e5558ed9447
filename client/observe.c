/*
 * observe.c - looking at an instance without a session, for tools.
 *
 * One request and one answer at a time. A connection that failed is closed, and the next call connects
 * anew: so an observer outlives restarts of the daemon.
 */
#include "connection.h"
#include "handle.h"
#include "page.h"

#include "base/atomic.h"

#include <holdfast/metrics.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct hf_observer {
    int socket_fd; /* -1: connect at the next call */
    struct hf_region status_region;
    struct hf_region metrics_region; /* not mapped: nobody has asked yet */
    char path[HF_CONNECTION_PATH_BYTES];
};

/* Replace the mapping of the status object by what HELLO brought. */
static int
adopt_status(struct hf_observer *observer, const struct hf_control_answer *answer, int fd)
{
    struct hf_region region = {.fd = -1};
    int result = hf_region_map_fd(&region, fd, answer->status_bytes, false);
    if (result == HF_OK) {
        result = hf_page_check(&region);
    }
    if (result != HF_OK) {
        hf_region_detach(&region);
        return result == HF_E_CORRUPT ? HF_E_PROTOCOL : result;
    }
    hf_region_detach(&observer->status_region);
    observer->status_region = region;
    return HF_OK;
}

static int
hello(struct hf_observer *observer, uint64_t deadline_ns, struct hf_control_answer *answer)
{
    int fds[HF_CONNECTION_FDS_MAX];
    unsigned fd_count = 0;
    struct hf_control_request request = hf_connection_request(HF_CONTROL_HELLO);
    int result =
        hf_connection_ask(observer->socket_fd, &request, deadline_ns, answer, fds, &fd_count);
    if (result != HF_OK) {
        return result;
    }
    if (answer->code != HF_OK) {
        hf_open_error_set("%s", answer->text);
        return answer->code;
    }
    for (unsigned i = 1; i < fd_count; i++) {
        hf_connection_close(&fds[i]);
    }
    return fd_count >= 1 ? adopt_status(observer, answer, fds[0]) : HF_E_PROTOCOL;
}

static int
observer_connect(struct hf_observer *observer, uint64_t deadline_ns)
{
    struct hf_control_answer answer;
    hf_open_error_set("%s", "");
    int result = hf_connection_connect(observer->path, deadline_ns, &observer->socket_fd);
    if (result == HF_OK) {
        result = hello(observer, deadline_ns, &answer);
    }
    if (result != HF_OK) {
        if (hf_open_error()[0] == '\0') {
            hf_open_error_of(observer->path, result);
        }
        hf_connection_close(&observer->socket_fd);
    }
    return result;
}

static int
observe_once(struct hf_observer **observer, const char *instance, const char *socket_path)
{
    struct hf_observer *made = calloc(1, sizeof(*made));
    if (made == NULL) {
        return HF_E_MEMORY;
    }
    made->socket_fd = -1;
    made->status_region.fd = -1;
    made->metrics_region.fd = -1;
    int result = hf_open_path(made->path, instance, socket_path);
    if (result == HF_OK) {
        result = observer_connect(made, hf_connection_deadline(HF_CONNECTION_TIMEOUT_NS_DEFAULT));
    }
    if (result != HF_OK) {
        hf_observer_close(made);
        return result;
    }
    *observer = made;
    return HF_OK;
}

int
hf_observe_patiently(struct hf_observer **observer, const char *instance, const char *socket_path,
                     uint64_t patience_ns)
{
    uint64_t deadline_ns = hf_connection_deadline(patience_ns);
    int code;
    *observer = NULL;
    do {
        code = observe_once(observer, instance, socket_path);
    } while (hf_connection_again(code, deadline_ns));
    return code;
}

int
hf_observe(struct hf_observer **observer, const char *instance, const char *socket_path)
{
    return hf_observe_patiently(observer, instance, socket_path, 0);
}

void
hf_observer_close(struct hf_observer *observer)
{
    if (observer == NULL) {
        return;
    }
    hf_connection_close(&observer->socket_fd);
    hf_region_detach(&observer->status_region);
    hf_region_detach(&observer->metrics_region);
    free(observer);
}

void
hf_observer_status(const struct hf_observer *observer, struct hf_status *status)
{
    hf_page_copy(observer->status_region.base, status);
}

int
hf_observer_instrument(const struct hf_observer *observer, const char *symbol,
                       struct hf_instrument_info *info)
{
    return hf_page_instrument(&observer->status_region, symbol, info);
}

/* Ask, over a new connection where the old one has ended. */
static int
observer_ask_for(struct hf_observer *observer, const struct hf_control_request *request,
                 struct hf_control_answer *answer, int *fds, unsigned *fd_count)
{
    uint64_t deadline_ns = hf_connection_deadline(HF_CONNECTION_TIMEOUT_NS_DEFAULT);
    if (observer->socket_fd >= 0 && hf_connection_ended(observer->socket_fd)) {
        hf_connection_close(&observer->socket_fd);
    }
    int result = HF_OK;
    if (observer->socket_fd < 0) {
        result = observer_connect(observer, deadline_ns);
    }
    if (result == HF_OK) {
        result =
            hf_connection_ask(observer->socket_fd, request, deadline_ns, answer, fds, fd_count);
    }
    if (result != HF_OK) {
        hf_connection_close(&observer->socket_fd); /* a late answer would fit no request */
    }
    int code = result != HF_OK ? result : answer->code;
    return code == HF_AGAIN ? HF_E_NO_DAEMON : code; /* it is restarting */
}

static int
observer_ask(struct hf_observer *observer, const struct hf_control_request *request,
             struct hf_control_answer *answer)
{
    return observer_ask_for(observer, request, answer, NULL, NULL);
}

/* Metrics */

static int
check_metrics(const struct hf_region *region)
{
    const struct hf_metrics *metrics = region->base;
    /* Pairs with the release in daemon/meter.c. */
    if (region->len_bytes < sizeof(*metrics) ||
        hf_load_acquire(&metrics->magic) != HF_METRICS_MAGIC) {
        return HF_E_PROTOCOL;
    }
    if (metrics->version != HF_METRICS_VERSION || metrics->sub_bits != HF_HISTOGRAM_SUB_BITS) {
        return HF_E_VERSION;
    }
    uint64_t sessions = (metrics->sessions_max + (uint64_t)1) * sizeof(struct hf_metrics_session);
    uint64_t ladders = (metrics->ladders_max + (uint64_t)1) * sizeof(struct hf_metrics_ladder);
    bool fits = metrics->sessions_offset >= sizeof(*metrics) &&
                metrics->sessions_offset <= region->len_bytes &&
                sessions <= region->len_bytes - metrics->sessions_offset &&
                metrics->ladders_offset <= region->len_bytes &&
                ladders <= region->len_bytes - metrics->ladders_offset;
    return fits ? HF_OK : HF_E_PROTOCOL;
}

static int
adopt_metrics(struct hf_observer *observer, uint64_t len_bytes, int fd)
{
    struct hf_region region = {.fd = -1};
    int result = hf_region_map_fd(&region, fd, len_bytes, false);
    if (result == HF_OK) {
        result = check_metrics(&region);
    }
    if (result != HF_OK) {
        hf_region_detach(&region);
        return result == HF_E_CORRUPT ? HF_E_PROTOCOL : result;
    }
    hf_region_detach(&observer->metrics_region);
    observer->metrics_region = region;
    return HF_OK;
}

/* The status object comes along: after --abandon-shm it is another one. */
static int
ask_metrics(struct hf_observer *observer)
{
    struct hf_control_answer answer;
    int fds[HF_CONNECTION_FDS_MAX];
    unsigned fd_count = 0;
    struct hf_control_request request = hf_connection_request(HF_CONTROL_METRICS);
    int result = observer_ask_for(observer, &request, &answer, fds, &fd_count);
    if (result == HF_OK && fd_count == 2) {
        result = adopt_status(observer, &answer, fds[0]);
        int metrics_result = adopt_metrics(observer, answer.market_bytes, fds[1]);
        return result == HF_OK ? metrics_result : result;
    }
    for (unsigned i = 0; i < fd_count; i++) {
        hf_connection_close(&fds[i]);
    }
    return result == HF_OK ? HF_E_PROTOCOL : result;
}

/* Whether what is mapped is that of the daemon that the status page speaks of. */
static bool
metrics_are_current(const struct hf_observer *observer)
{
    const struct hf_metrics *metrics = observer->metrics_region.base;
    const struct hf_status *status = observer->status_region.base;
    return metrics != NULL && status != NULL && metrics->epoch == hf_load_acquire(&status->epoch) &&
           hf_load_acquire(&status->state) != HF_STATE_ABANDONED;
}

int
hf_observer_metrics(struct hf_observer *observer, const struct hf_metrics **metrics)
{
    /* What was checked when it was mapped may have been damaged since. */
    int result = metrics_are_current(observer) ? check_metrics(&observer->metrics_region)
                                               : ask_metrics(observer);
    *metrics = result == HF_OK ? observer->metrics_region.base : NULL;
    return result;
}

static size_t
copy_levels(struct hf_depth_level *to, const struct hf_depth_level *from, size_t count,
            size_t capacity)
{
    size_t copied = count < capacity ? count : capacity;
    if (copied != 0) {
        memcpy(to, from, copied * sizeof(*to));
    }
    return copied;
}

int
hf_observer_depth(struct hf_observer *observer, uint32_t instrument, size_t capacity,
                  struct hf_depth_level *bids, size_t *bid_count, struct hf_depth_level *asks,
                  size_t *ask_count, uint64_t *lsn)
{
    struct hf_control_answer answer;
    struct hf_control_request request = hf_connection_request(HF_CONTROL_DEPTH);
    request.instrument = instrument;
    request.first = capacity < HF_DEPTH_LEVELS_MAX ? (uint32_t)capacity : HF_DEPTH_LEVELS_MAX;
    int result = observer_ask(observer, &request, &answer);
    if (result != HF_OK) {
        return result;
    }
    if (answer.bid_count > HF_DEPTH_LEVELS_MAX || answer.ask_count > HF_DEPTH_LEVELS_MAX) {
        return HF_E_PROTOCOL;
    }
    *bid_count = copy_levels(bids, answer.bids, answer.bid_count, capacity);
    *ask_count = copy_levels(asks, answer.asks, answer.ask_count, capacity);
    if (lsn != NULL) {
        *lsn = answer.lsn;
    }
    return HF_OK;
}

/* Take the rows of one answer over into the caller's array. */
typedef void (*take_row_fn)(void *rows, size_t at, const struct hf_control_answer *answer,
                            uint32_t row);

/* A table in as many answers as it takes. @param count in: capacity; out: rows written */
static int
observer_list(struct hf_observer *observer, enum hf_control_type type, uint32_t rows_max,
              take_row_fn take, void *rows, size_t *count)
{
    struct hf_control_answer answer;
    struct hf_control_request request = hf_connection_request(type);
    size_t capacity = *count;
    *count = 0;
    do {
        int result = observer_ask(observer, &request, &answer);
        if (result != HF_OK) {
            return result;
        }
        bool onward = answer.next_slot == 0 || answer.next_slot > request.first;
        if (answer.row_count > rows_max || !onward) {
            return HF_E_PROTOCOL;
        }
        for (uint32_t i = 0; i < answer.row_count && *count < capacity; i++) {
            take(rows, (*count)++, &answer, i);
        }
        request.first = answer.next_slot;
    } while (answer.next_slot != 0 && *count < capacity);
    return HF_OK;
}

static void
take_session(void *rows, size_t at, const struct hf_control_answer *answer, uint32_t row)
{
    struct hf_session_row *to = (struct hf_session_row *)rows + at;
    *to = answer->rows[row];
    to->name[HF_NAME_BYTES - 1] = '\0';
}

int
hf_observer_sessions(struct hf_observer *observer, struct hf_session_row *rows, size_t *count)
{
    return observer_list(observer, HF_CONTROL_SESSIONS, HF_SESSION_ROWS_MAX, take_session, rows,
                         count);
}

static void
take_entitlement(void *rows, size_t at, const struct hf_control_answer *answer, uint32_t row)
{
    struct hf_entitlement_row *to = (struct hf_entitlement_row *)rows + at;
    *to = answer->entitlements[row];
    to->name[HF_NAME_BYTES - 1] = '\0';
}

int
hf_observer_entitlements(struct hf_observer *observer, struct hf_entitlement_row *rows,
                         size_t *count)
{
    return observer_list(observer, HF_CONTROL_ENTITLEMENTS, HF_ENTITLEMENT_ROWS_MAX,
                         take_entitlement, rows, count);
}

static void
take_limits(void *rows, size_t at, const struct hf_control_answer *answer, uint32_t row)
{
    struct hf_limits_row *to = (struct hf_limits_row *)rows + at;
    *to = answer->limits[row];
    to->name[HF_NAME_BYTES - 1] = '\0';
}

int
hf_observer_limits(struct hf_observer *observer, struct hf_limits_row *rows, size_t *count)
{
    return observer_list(observer, HF_CONTROL_LIMITS, HF_LIMITS_ROWS_MAX, take_limits, rows, count);
}

int
hf_observer_account(struct hf_observer *observer, uint32_t account, struct hf_account_row *row)
{
    struct hf_control_answer answer;
    struct hf_control_request request = hf_connection_request(HF_CONTROL_ACCOUNT);
    request.first = account;
    int result = observer_ask(observer, &request, &answer);
    if (result == HF_OK) {
        *row = answer.account;
    }
    return result;
}

void
hf_observer_instruments(const struct hf_observer *observer, struct hf_instrument_info *rows,
                        size_t *count)
{
    *count = hf_page_instruments(&observer->status_region, rows, *count);
}
