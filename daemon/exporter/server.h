/* server.h - HTTP over libmicrohttpd: one thread, GET and HEAD alone. */
#ifndef HF_EXPORTER_SERVER_H
#define HF_EXPORTER_SERVER_H

#include "exporter/state.h"
#include "exporter/visitors.h"

#include <netinet/in.h>
#include <sys/socket.h>

struct MHD_Daemon;

/** Where to listen. */
struct hf_exporter_address {
    struct sockaddr_storage socket;
    char text[80]; /**< as it was given, for messages */
};

/** @param text  "ADDRESS:PORT", "[IPV6]:PORT" or "PORT" (on the loopback). @return NULL, or what is wrong */
const char *hf_exporter_parse_address(const char *text, struct hf_exporter_address *address);

bool hf_exporter_is_loopback(const struct hf_exporter_address *address);

#define HF_EXPORTER_HOSTS_MAX 16u

/** Names that this server goes by. */
struct hf_exporter_hosts {
    const char *names[HF_EXPORTER_HOSTS_MAX]; /**< borrowed */
    unsigned count;
};

/** Whether a host can have this name: 1 to 253 letters, digits, '-', '_', '.'; no port, and no path. */
bool hf_exporter_is_host_name(const char *name);

/** Whether a request was meant for us: for localhost, an address in numbers, the host's own name or one of `hosts`. The
 *  owner of any other name can let it point here, and so let people's browsers read what is on their loopback.
 *  @param header  "HOST" or "HOST:PORT"; NULL: there is none */
bool hf_exporter_knows_host(const struct hf_exporter_hosts *hosts, const char *header);

struct hf_exporter_server {
    struct MHD_Daemon *daemon;
    struct hf_exporter_state *state;
    const struct hf_exporter_hosts *hosts;
    struct hf_exporter_visitors visitors;
};

/** Listen and serve, on a thread of its own. @param state, hosts  borrowed. @return false: errno says why not */
bool hf_exporter_serve(struct hf_exporter_server *server, struct hf_exporter_state *state,
                       const struct hf_exporter_hosts *hosts,
                       const struct hf_exporter_address *address);

/** The port that it listens on: the kernel's choice where 0 was asked for. */
unsigned hf_exporter_port(const struct hf_exporter_server *server);

/** To be called every second or so: ends connections that are waited for too long. */
void hf_exporter_tick(struct hf_exporter_server *server);

void hf_exporter_stop(struct hf_exporter_server *server);

#endif
