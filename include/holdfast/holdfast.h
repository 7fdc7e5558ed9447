/* holdfast.h - everything a client process needs. */
#ifndef HOLDFAST_HOLDFAST_H
#define HOLDFAST_HOLDFAST_H

#include <holdfast/client.h>
#include <holdfast/metrics.h>
#include <holdfast/subscribe.h>

#endif
