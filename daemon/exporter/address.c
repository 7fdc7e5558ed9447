/* address.c - where to listen. */
#include "exporter/server.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PORT_MAX 65535ul

/** @return false: not a number of a port */
static bool
parse_port(const char *text, uint16_t *port)
{
    char *end = NULL;
    unsigned long number = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0' || number > PORT_MAX) {
        return false;
    }
    *port = (uint16_t)number;
    return true;
}

static bool
parse_host(const char *host, uint16_t port, struct hf_exporter_address *address)
{
    struct sockaddr_in *four = (struct sockaddr_in *)&address->socket;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)&address->socket;
    if (inet_pton(AF_INET, host, &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
        four->sin_port = htons(port);
        return true;
    }
    if (inet_pton(AF_INET6, host, &six->sin6_addr) == 1) {
        six->sin6_family = AF_INET6;
        six->sin6_port = htons(port);
        return true;
    }
    return false;
}

const char *
hf_exporter_parse_address(const char *text, struct hf_exporter_address *address)
{
    char host[INET6_ADDRSTRLEN + 2] = "127.0.0.1";
    const char *colon = strrchr(text, ':');
    uint16_t port = 0;
    memset(address, 0, sizeof(*address));
    if (!parse_port(colon == NULL ? text : colon + 1, &port)) {
        return "the port is not a number from 0 to 65535";
    }
    if (colon != NULL) {
        bool bracketed = text[0] == '[' && colon > text + 1 && colon[-1] == ']';
        const char *from = bracketed ? text + 1 : text;
        size_t len = (size_t)(colon - from) - (bracketed ? 1 : 0);
        if (len >= sizeof(host)) {
            return "the address is too long";
        }
        memcpy(host, from, len);
        host[len] = '\0';
    }
    (void)snprintf(address->text, sizeof(address->text), "%s", text);
    return parse_host(host, port, address)
               ? NULL
               : "the address is not a number: 127.0.0.1:9630, [::1]:9630, or 9630 alone";
}

bool
hf_exporter_is_loopback(const struct hf_exporter_address *address)
{
    const struct sockaddr_in *four = (const struct sockaddr_in *)&address->socket;
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)&address->socket;
    return address->socket.ss_family == AF_INET ? (ntohl(four->sin_addr.s_addr) >> 24) == 127
                                                : IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
}
