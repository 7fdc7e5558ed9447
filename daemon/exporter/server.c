/*
 * server.c - routes, and what goes around an answer.
 *
 * An answer is made in memory under the state's lock, and sent without it. Nothing can be changed over HTTP,
 * and nothing is read from a request but its path and one symbol.
 */
#include "exporter/server.h"

#include "exporter/api.h"
#include "exporter/exposition.h"
#include "exporter/page.h"

#include "base/clock.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define JSON_TYPE "application/json"
#define TEXT_TYPE "text/plain; charset=utf-8"
/** The page may use nothing but what is in it, and read nothing but this server. */
#define PAGE_POLICY                                                                                \
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "                  \
    "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "                     \
    "frame-ancestors 'none'"

#define AUTHORITY_BYTES 300u /* a name of 253, and a port */

#define STRANGE                                                                                    \
    "this is not a name of this server (Host): take localhost or its address in numbers, or name " \
    "it with --host\n"

struct answer {
    unsigned status;
    const char *type;
    char *body; /**< libmicrohttpd frees it */
    size_t size;
};

static struct answer
plain(unsigned status, const char *words)
{
    return (struct answer){
        .status = status, .type = TEXT_TYPE, .body = strdup(words), .size = strlen(words)};
}

static struct answer
json_answer(json_t *json)
{
    char *body = json == NULL ? NULL : json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(15));
    json_decref(json);
    return (struct answer){.status = MHD_HTTP_OK,
                           .type = JSON_TYPE,
                           .body = body,
                           .size = body == NULL ? 0 : strlen(body)};
}

/* Routes; each is called with the lock held. */

typedef struct answer (*route_fn)(struct hf_exporter_state *state,
                                  struct MHD_Connection *connection);

static struct answer
metrics(struct hf_exporter_state *state, struct MHD_Connection *connection)
{
    struct answer answer = {.status = MHD_HTTP_OK, .type = HF_EXPOSITION_TYPE};
    (void)connection;
    FILE *out = open_memstream(&answer.body, &answer.size);
    if (out != NULL) {
        hf_exposition_print(out, state->front, state->looks);
        (void)fclose(out);
    }
    return answer;
}

static struct answer
health(struct hf_exporter_state *state, struct MHD_Connection *connection)
{
    const struct hf_watch_verdict *verdict = &state->front->verdict;
    char words[sizeof(verdict->text) + 32];
    (void)connection;
    (void)snprintf(words, sizeof(words), "%s: %s\n", verdict->word, verdict->text);
    return plain(hf_watch_is_ill(verdict->health) ? MHD_HTTP_SERVICE_UNAVAILABLE : MHD_HTTP_OK,
                 words);
}

static struct answer
view(struct hf_exporter_state *state, struct MHD_Connection *connection)
{
    (void)connection;
    return json_answer(hf_api_view(state->front));
}

/** @return false: not a whole number */
static bool
parse_number(const char *text, uint64_t *number)
{
    char *end = NULL;
    errno = 0;
    *number = strtoull(text, &end, 10);
    return *text >= '0' && *text <= '9' && *end == '\0' && errno == 0;
}

static struct answer
history(struct hf_exporter_state *state, struct MHD_Connection *connection)
{
    const char *from = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "from");
    uint64_t first = 0;
    if (from != NULL && !parse_number(from, &first)) {
        return plain(MHD_HTTP_BAD_REQUEST, "from what? /api/history?from=NUMBER\n");
    }
    return json_answer(hf_api_history(state, first));
}

static struct answer
about(struct hf_exporter_state *state, struct MHD_Connection *connection)
{
    (void)state, (void)connection;
    return json_answer(hf_api_about());
}

static struct answer
book(struct hf_exporter_state *state, struct MHD_Connection *connection)
{
    const char *symbol =
        MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "instrument");
    if (symbol == NULL) {
        return plain(MHD_HTTP_BAD_REQUEST, "which? /api/book?instrument=SYMBOL\n");
    }
    json_t *json = hf_api_book(state->front, symbol);
    return json != NULL ? json_answer(json)
                        : plain(MHD_HTTP_NOT_FOUND, "there is no instrument of this symbol\n");
}

static struct answer
page(struct hf_exporter_state *state, struct MHD_Connection *connection)
{
    struct answer answer = {
        .status = MHD_HTTP_OK, .type = "text/html; charset=utf-8", .size = hf_exporter_page_size};
    (void)state, (void)connection;
    answer.body = malloc(answer.size);
    if (answer.body != NULL) {
        memcpy(answer.body, hf_exporter_page, answer.size);
    }
    return answer;
}

static const struct {
    const char *path;
    route_fn route;
} routes[] = {
    {"/", page},         {"/metrics", metrics},     {"/healthz", health},  {"/api", view},
    {"/api/book", book}, {"/api/history", history}, {"/api/about", about},
};

static struct answer
answer_to(struct hf_exporter_state *state, struct MHD_Connection *connection, const char *path)
{
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
        if (strcmp(routes[i].path, path) == 0) {
            pthread_mutex_lock(&state->lock);
            struct answer answer = routes[i].route(state, connection);
            pthread_mutex_unlock(&state->lock);
            return answer;
        }
    }
    return plain(MHD_HTTP_NOT_FOUND,
                 "there is: / (for people), /metrics (Prometheus), /healthz, /api, /api/history, "
                 "/api/about, /api/book?instrument=SYMBOL\n");
}

static enum MHD_Result
send_answer(struct MHD_Connection *connection, const struct answer *answer)
{
    if (answer->body == NULL) {
        return MHD_NO; /* out of memory */
    }
    struct MHD_Response *response =
        MHD_create_response_from_buffer(answer->size, answer->body, MHD_RESPMEM_MUST_FREE);
    if (response == NULL) {
        free(answer->body);
        return MHD_NO;
    }
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer->type);
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    (void)MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    (void)MHD_add_response_header(response, "Content-Security-Policy", PAGE_POLICY);
    if (answer->status == MHD_HTTP_METHOD_NOT_ALLOWED) {
        (void)MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
    }
    enum MHD_Result result = MHD_queue_response(connection, answer->status, response);
    MHD_destroy_response(response);
    return result;
}

/** Of a request in absolute form (RFC 9112, 3.2.2), "http://HOST/PATH", the host is what stands there, whatever its
 *  header says. @param host  in: of the header; out: `authority`, if it is that form. @return the path */
static const char *
split_target(const char *target, const char **host, char authority[AUTHORITY_BYTES])
{
    static const char scheme[] = "http://";
    if (strncasecmp(target, scheme, sizeof(scheme) - 1) != 0) {
        return target;
    }
    target += sizeof(scheme) - 1;
    size_t len = strcspn(target, "/");
    (void)snprintf(authority, AUTHORITY_BYTES, "%.*s", (int)len, target);
    *host = authority;
    return target[len] == '\0' ? "/" : target + len;
}

/* The headers Host of a request. */
struct naming {
    const char *host; /**< the first; NULL: there is none */
    unsigned count;
};

static enum MHD_Result
on_header(void *context, enum MHD_ValueKind kind, const char *name, const char *value)
{
    struct naming *naming = context;
    (void)kind;
    if (strcasecmp(name, MHD_HTTP_HEADER_HOST) == 0) {
        naming->host = naming->count++ == 0 ? value : naming->host;
    }
    return MHD_YES;
}

/** What a request gets. Whoever stands between may go by another Host than the first of two, or have one for none:
 *  RFC 9112, 3.2 has these refused. HTTP/1.0 need not have any. */
static struct answer
answer_request(const struct hf_exporter_server *server, struct MHD_Connection *connection,
               const char *target, const char *method, const char *version)
{
    struct naming naming = {.count = 0};
    char authority[AUTHORITY_BYTES];
    (void)MHD_get_connection_values(connection, MHD_HEADER_KIND, on_header, &naming);
    if (naming.count > 1 || (naming.count == 0 && strcmp(version, MHD_HTTP_VERSION_1_1) == 0)) {
        return plain(MHD_HTTP_BAD_REQUEST, "a request has one header Host\n");
    }
    const char *path = split_target(target, &naming.host, authority);
    if (!hf_exporter_knows_host(server->hosts, naming.host)) {
        return plain(MHD_HTTP_MISDIRECTED_REQUEST, STRANGE);
    }
    bool reads =
        strcmp(method, MHD_HTTP_METHOD_GET) == 0 || strcmp(method, MHD_HTTP_METHOD_HEAD) == 0;
    return reads ? answer_to(server->state, connection, path)
                 : plain(MHD_HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD\n");
}

static enum MHD_Result
on_request(void *context, struct MHD_Connection *connection, const char *path, const char *method,
           const char *version, const char *upload, size_t *upload_size, void **of_connection)
{
    static int seen;
    (void)upload;
    if (*of_connection == NULL) { /* the first call has the headers alone */
        *of_connection = &seen;
        return MHD_YES;
    }
    if (*upload_size != 0) { /* a body: nobody reads it, and it is answered at its end */
        *upload_size = 0;
        return MHD_YES;
    }
    struct answer answer = answer_request(context, connection, path, method, version);
    return send_answer(connection, &answer);
}

/** Percent signs are undone but in what has a NUL among them: there it would end what the routes compare. */
static size_t
unescape(void *context, struct MHD_Connection *connection, char *text)
{
    (void)context, (void)connection;
    return strstr(text, "%00") != NULL ? strlen(text) : MHD_http_unescape(text);
}

static int
fd_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info == NULL ? -1 : info->connect_fd;
}

static void
on_visit(void *context, struct MHD_Connection *connection, void **of_socket,
         enum MHD_ConnectionNotificationCode code)
{
    struct hf_exporter_server *server = context;
    (void)of_socket;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        hf_exporter_visitors_enter(&server->visitors, fd_of(connection), hf_clock_monotonic_ns());
    } else {
        hf_exporter_visitors_leave(&server->visitors, fd_of(connection));
    }
}

static void
on_served(void *context, struct MHD_Connection *connection, void **of_request,
          enum MHD_RequestTerminationCode code)
{
    struct hf_exporter_server *server = context;
    (void)of_request, (void)code;
    hf_exporter_visitors_served(&server->visitors, fd_of(connection), hf_clock_monotonic_ns());
}

bool
hf_exporter_serve(struct hf_exporter_server *server, struct hf_exporter_state *state,
                  const struct hf_exporter_hosts *hosts, const struct hf_exporter_address *address)
{
    unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL;
    flags |= address->socket.ss_family == AF_INET6 ? MHD_USE_IPv6 : 0;
    *server = (struct hf_exporter_server){.state = state, .hosts = hosts};
    hf_exporter_visitors_init(&server->visitors);
    server->daemon =
        MHD_start_daemon(flags, 0, NULL, NULL, on_request, server, MHD_OPTION_SOCK_ADDR,
                         (const struct sockaddr *)&address->socket, MHD_OPTION_CONNECTION_LIMIT,
                         HF_EXPORTER_VISITORS_MAX, MHD_OPTION_UNESCAPE_CALLBACK, unescape, NULL,
                         MHD_OPTION_NOTIFY_CONNECTION, on_visit, server,
                         MHD_OPTION_NOTIFY_COMPLETED, on_served, server, MHD_OPTION_END);
    return server->daemon != NULL;
}

unsigned
hf_exporter_port(const struct hf_exporter_server *server)
{
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT);
    return info == NULL ? 0 : info->port;
}

void
hf_exporter_tick(struct hf_exporter_server *server)
{
    hf_exporter_visitors_expire(&server->visitors, hf_clock_monotonic_ns());
}

void
hf_exporter_stop(struct hf_exporter_server *server)
{
    MHD_stop_daemon(server->daemon);
    hf_exporter_visitors_destroy(&server->visitors);
}
