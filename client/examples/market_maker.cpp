/*
 * market_maker.cpp - quotes one tick around the last price. Filled, it moves its quotes; a daemon that is
 * restarted it waits for; killed and started again it has the position that it had. It keeps no file: the
 * reports of its session, read again from the first, tell all that it has done.
 *
 *     example_market_maker_cpp [SOCKET [SYMBOL]]        SIGTERM ends it; its quotes are cancelled then
 */
#include <csignal>
#include <holdfast/holdfast.hpp>
#include <iostream>
#include <optional>
#include <string>
#include <thread>

using namespace holdfast;
using namespace std::chrono_literals;

static volatile std::sig_atomic_t stopped = 0;

/* One side's quote as it should be. */
static void
quote(session &me, const own_orders &mine, const instrument &what, hf_side side, price want)
{
    const quantity size = what.lot() * 10;
    const client_id id{me.facts().last_submitted + 1}; /* never used before */
    if (const own_order *live = mine.any(what.id(), side); live == nullptr) {
        (void)me.submit(new_order{
            .instrument = what.id(), .id = id, .side = side, .price = want, .quantity = size});
    } else if (live->price != want || live->open != size) {
        (void)me.submit(replace_order{
            .target = live->id, .id = id, .price = want, .quantity = live->executed + size});
    }
}

/* Opens, again while the daemon is being restarted, say; nothing when told to stop meanwhile. An open itself has
 * little patience, because no signal ends it. */
template <class Open>
static auto
open_unless_stopped(Open open) -> std::optional<decltype(open())>
{
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    while (stopped == 0) {
        try {
            return open();
        } catch (const error &problem) {
            if (!is_retriable(problem.value()) || std::chrono::steady_clock::now() > deadline) {
                throw;
            }
        }
    }
    return std::nullopt;
}

static instrument
find(const session &me, const char *symbol)
{
    auto found = me.instrument(symbol);
    check(found.code(), (std::string{"instrument "} + symbol).c_str());
    return *found;
}

/* Returns when told to stop, or why it cannot go on with this session. */
static hf_error
make_market(const session_options &options, const char *symbol)
{
    auto opened = open_unless_stopped([&] { return session::open(options); });
    auto listening = open_unless_stopped([&] {
        return market::open({.socket_path = options.socket_path, .patience = options.patience});
    });
    if (!opened || !listening) {
        return HF_OK;
    }
    session me = std::move(*opened);
    market data = std::move(*listening);
    const instrument what = find(me, symbol);
    const market_book book = data.book(what.id()).value();
    own_orders mine;
    while (stopped == 0) {
        if (hf_error code = me.wait_reports(20ms);
            code == HF_LOST) { /* the log of them was removed */
            mine.clear();
            (void)me.submit(open_orders{}); /* the position counts from now on */
        } else if (code != HF_OK && !is_retriable(code)) {
            return code;
        }
        for (const report &r : me.reports()) {
            mine.apply(r);
            if (r.type() == HF_REPORT_FILL) {
                std::cout << (r.side() == HF_BUY ? "bought " : "sold ") << r.quantity().value()
                          << " at " << r.price().value() << ", position "
                          << mine.position(what.id()) << std::endl;
            } else if (r.type() == HF_REPORT_REJECTED) {
                std::cout << "refused: " << r.reason_text() << std::endl;
                std::this_thread::sleep_for(100ms); /* not again at once */
            }
        }
        (void)data.poll(); /* the book follows what has happened */
        if (book.is_whole() && mine.is_current(me)) {
            const price middle = book.last().value_or(what.tick() * 100);
            quote(me, mine, what, HF_BUY, middle - what.tick());
            quote(me, mine, what, HF_SELL, middle + what.tick());
        }
    }
    return HF_OK;
}

int
main(int argc, char **argv)
try {
    if (argc > 1 && argv[1][0] == '-') {
        std::cerr << "usage: " << argv[0] << " [SOCKET [SYMBOL]]\n";
        return 64;
    }
    std::signal(SIGTERM, [](int) { stopped = 1; });
    std::signal(SIGINT, [](int) { stopped = 1; });
    const session_options options{.session = "maker_cpp",
                                  .socket_path = argc > 1 ? argv[1] : "",
                                  .cancel_on_disconnect = true,
                                  .next_report = 1, /* all of them again: see above */
                                  .patience = 200ms};
    hf_error code;
    do { /* anew, when a tail of the log was lost or the session was taken away */
        code = make_market(options, argc > 2 ? argv[2] : "DEMO");
    } while (code == HF_E_HISTORY || code == HF_E_SESSION);
    check(code, "market maker");
    return 0;
} catch (const std::exception &problem) {
    std::cerr << problem.what() << std::endl;
    return 1;
}
