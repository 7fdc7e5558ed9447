/* host.c - whether a request was meant for this server. */
#include "exporter/server.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define NAME_LEN_MAX 253u /* of a host, by DNS */
#define NAME_BYTES 256

/** Without its port and, of an IPv6 address, without brackets. @return false: no host at all */
static bool
strip(const char *header, char host[NAME_BYTES])
{
    bool bracketed = header[0] == '[';
    const char *from = bracketed ? header + 1 : header;
    size_t len = strcspn(from, bracketed ? "]" : ":");
    if (len == 0 || len >= NAME_BYTES) {
        return false;
    }
    memcpy(host, from, len);
    host[len] = '\0';
    return true;
}

static bool
is_number(const char *host)
{
    struct in6_addr address; /* big enough for both */
    return inet_pton(AF_INET, host, &address) == 1 || inet_pton(AF_INET6, host, &address) == 1;
}

static bool
is_own_name(const char *host)
{
    char own[NAME_BYTES] = "";
    return gethostname(own, sizeof(own) - 1) == 0 && own[0] != '\0' && strcasecmp(host, own) == 0;
}

bool
hf_exporter_is_host_name(const char *name)
{
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");
    return len > 0 && len <= NAME_LEN_MAX && name[len] == '\0';
}

bool
hf_exporter_knows_host(const struct hf_exporter_hosts *hosts, const char *header)
{
    char host[NAME_BYTES];
    if (header == NULL) {
        return true; /* no browser leaves it out */
    }
    if (!strip(header, host)) {
        return false;
    }
    bool known = strcasecmp(host, "localhost") == 0 || is_number(host) || is_own_name(host);
    for (unsigned i = 0; i < hosts->count && !known; i++) {
        known = strcasecmp(host, hosts->names[i]) == 0;
    }
    return known;
}
