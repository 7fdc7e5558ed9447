/* server.h - HTTP over libmicrohttpd: one thread, GET and HEAD alone. */
#ifndef HF_EXPORTER_SERVER_H
#define HF_EXPORTER_SERVER_H

#include "exporter/state.h"

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

/** Listen and serve, on a thread of its own. @return NULL: errno says why not */
struct MHD_Daemon *hf_exporter_serve(struct hf_exporter_state *state,
                                     const struct hf_exporter_address *address);

/** The port that it listens on: the kernel's choice where 0 was asked for. */
unsigned hf_exporter_port(struct MHD_Daemon *server);

void hf_exporter_stop(struct MHD_Daemon *server);

#endif
