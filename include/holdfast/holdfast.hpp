/*
 * holdfast.hpp - Holdfast from C++20: handles that close themselves, numbers that cannot be confused, spans
 * over reports, and no exception on the hot path. Header only, over the C library: link with -lholdfast.
 *
 *   session    open, submit, reports, wait          (cpp/session.hpp; commands: cpp/command.hpp)
 *   own_orders what a session has in the market     (cpp/own_orders.hpp)
 *   market     events, level books                  (cpp/market.hpp)
 *   observer   state, sessions, depth               (cpp/observer.hpp)
 *   engine     the matching engine as an object     (cpp/engine.hpp; not included here)
 *
 * The enumerations and codes are those of the C headers (HF_BUY, HF_TIMEOUT), and the contract of each call
 * stands there, once: a method is the C call of its name. Every handle can be moved, not copied.
 */
#ifndef HOLDFAST_HOLDFAST_HPP
#define HOLDFAST_HOLDFAST_HPP

#if __cplusplus < 202002L
#error "holdfast.hpp needs C++20 (-std=c++20); the C headers work from C++17"
#endif

#include <holdfast/cpp/command.hpp>
#include <holdfast/cpp/error.hpp>
#include <holdfast/cpp/market.hpp>
#include <holdfast/cpp/numbers.hpp>
#include <holdfast/cpp/observer.hpp>
#include <holdfast/cpp/own_orders.hpp>
#include <holdfast/cpp/report.hpp>
#include <holdfast/cpp/session.hpp>

#endif
