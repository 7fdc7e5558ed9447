/*
 * c_library.hpp - the C headers, and names for those of their structs that share theirs with a function.
 */
#ifndef HOLDFAST_CPP_C_LIBRARY_HPP
#define HOLDFAST_CPP_C_LIBRARY_HPP

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow" /* a struct and a function of one name are meant */
#endif
#include <holdfast/client.h>
#include <holdfast/subscribe.h>
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

namespace holdfast
{

using status_page = struct ::hf_status;
using session_facts = struct ::hf_session_facts;
using market_facts = struct ::hf_market_facts;
using market_book_facts = struct ::hf_market_book_facts;
using market_event = struct ::hf_market_event;

} // namespace holdfast

#endif
