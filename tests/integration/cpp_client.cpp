/*
 * cpp_client.cpp - every class of holdfast.hpp against a real daemon: what goes in comes out, what throws
 * throws, what is moved is moved, and what a loop does not finish is neither lost nor seen twice.
 *
 *   cpp_client SOCKET            instrument DEMO, whose book is empty; prints "ok" when all is as it should be
 *   cpp_client restart SOCKET    trades for as long as standard input stays open, over restarts of the daemon;
 *                                prints "ready", and in the end the reports that it has read
 *   cpp_client lost SOCKET       falls behind by more than session.lag_max, 1024, and goes on with its open orders
 */
#include <holdfast/cpp/engine.hpp>
#include <holdfast/holdfast.hpp>

#include <array>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <poll.h>
#include <set>
#include <stdexcept>
#include <type_traits>
#include <unistd.h>
#include <vector>

using namespace holdfast;
using namespace std::chrono_literals;

static constexpr auto patience = 60s;

#define EXPECT(condition)                                                                          \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            std::cout << __FILE__ << ":" << __LINE__ << ": " #condition << std::endl;              \
            std::exit(1);                                                                          \
        }                                                                                          \
    } while (0)

[[noreturn]] static void
unreachable(const char *what)
{
    std::cout << what << std::endl;
    std::exit(1);
}

/* Numbers */

static_assert(!std::is_convertible_v<std::int64_t, price>);
static_assert(!std::is_convertible_v<price, quantity>);
static_assert(!std::is_constructible_v<client_id, order_id>);
static_assert(!std::is_copy_constructible_v<session>);
static_assert(std::is_nothrow_move_constructible_v<session>);
static_assert(!std::is_copy_constructible_v<market_book>);
static_assert(sizeof(price) == 8 && sizeof(instrument_id) == 4);
static_assert(price{3} * 4 + price{1} == price{13} && price{13} / price{4} == 3);
static_assert(price{13} % price{4} == price{1} && price{-1} < price{});
static_assert(std::input_iterator<reports_in::iterator>);

static void
check_errors()
{
    std::error_code code = HF_E_BUSY;
    EXPECT(code.category() == category() && code.message() == hf_strerror(HF_E_BUSY));
    EXPECT(is_retriable(HF_TIMEOUT) && !is_retriable(HF_LOST));
    result<int> none{HF_AGAIN};
    EXPECT(!none && none.code() == HF_AGAIN);
    try {
        (void)std::move(none).value();
        unreachable("a value out of nothing");
    } catch (const error &thrown) {
        EXPECT(thrown.value() == HF_AGAIN);
    }
    EXPECT(std::string{hf_version()} == std::to_string(HF_VERSION_MAJOR) + "." +
                                            std::to_string(HF_VERSION_MINOR) + "." +
                                            std::to_string(HF_VERSION_PATCH));
    EXPECT(result<int>{7}.value() == 7 && result<int>{7}.code() == HF_OK);
}

/* A session */

static session_options
options(std::string_view socket, std::string_view name)
{
    return {.session = name, .socket_path = socket, .patience = patience};
}

/* The next report; it must come. The slot is copied, so that it outlives its release. */
class answers
{
  public:
    explicit answers(session &from) : from_{from}
    {
    }
    report
    next()
    {
        while (!range_.contains()) {
            EXPECT(from_.wait_reports(patience) == HF_OK);
            range_.fill(from_);
        }
        return range_.take();
    }

  private:
    struct buffer {
        std::array<hf_report, 64> slots;
        std::span<const hf_report> rest;

        bool
        contains() const
        {
            return !rest.empty();
        }
        void
        fill(session &from)
        {
            rest = from.read(slots);
            from.release();
        }
        report
        take()
        {
            report taken{rest};
            rest = rest.subspan(taken.slot().slots);
            return taken;
        }
    };
    session &from_;
    buffer range_{};
};

static void
check_opening(const char *socket)
{
    try {
        (void)session::open({.session = "no spaces", .socket_path = socket});
        unreachable("a session of a bad name");
    } catch (const error &thrown) {
        EXPECT(thrown.value() == HF_E_ARGUMENT);
        EXPECT(std::strstr(thrown.what(), "session no spaces: the session's name must be") !=
               nullptr);
    }
    auto none = session::try_open({.session = "x", .socket_path = "/nonexistent"});
    EXPECT(!none && none.code() == HF_E_NO_DAEMON && !open_error().empty());
    EXPECT(session::try_open({.session = "x", .socket_path = socket, .create = false}).code() ==
           HF_E_UNKNOWN);
    session first = session::open(options(socket, "first"));
    EXPECT(session::try_open({.session = "first", .socket_path = socket}).code() == HF_E_BUSY);
    session second = std::move(first);
    EXPECT(second.facts().resumed == 0);
    second.detach();
    second = session::open(options(socket, "first"));
    EXPECT(second.facts().resumed == 1);
    EXPECT(second.close() == HF_OK);
    try {
        (void)market::open({.socket_path = "/nonexistent", .patience = 30ms});
        unreachable("market data of nothing");
    } catch (const error &thrown) {
        EXPECT(thrown.value() == HF_E_NO_DAEMON);
    }
}

static void
check_orders(session &me, const instrument &demo)
{
    answers from{me};
    const price bid = demo.tick() * 100;
    auto seq = me.submit(new_order{.instrument = demo.id(),
                                   .id = client_id{1},
                                   .side = HF_BUY,
                                   .price = bid,
                                   .quantity = demo.lot() * 5});
    EXPECT(seq && me.wait(*seq, HF_LEVEL_DURABLE, patience) == HF_OK);
    report r = from.next();
    EXPECT(r.type() == HF_REPORT_ACCEPTED && r.client_id() == client_id{1} && r.side() == HF_BUY);
    EXPECT(r.price() == bid && r.quantity() == demo.lot() * 5 && r.command() == *seq);
    EXPECT(r.instrument() == demo.id() && r.order_id() && r.lsn() <= me.durable());
    EXPECT(me.wait_durable(r.lsn(), patience) == HF_OK);
    const order_id entered = r.order_id();

    EXPECT(me.submit(replace_order{.target = client_id{1},
                                   .id = client_id{2},
                                   .price = bid - demo.tick(),
                                   .quantity = demo.lot() * 8}));
    r = from.next();
    EXPECT(r.type() == HF_REPORT_REPLACED && r.previous_client_id() == client_id{1});
    EXPECT(r.client_id() == client_id{2} && r.order_id() == entered && r.total() == demo.lot() * 8);
    EXPECT(me.submit(reduce_order{.order = entered, .quantity = demo.lot() * 2}));
    r = from.next();
    EXPECT(r.type() == HF_REPORT_REDUCED && r.leaves() == demo.lot() * 6 && r.price() == price{});

    EXPECT(me.submit(new_order{.instrument = demo.id(),
                               .id = client_id{3},
                               .side = HF_SELL,
                               .quantity = demo.lot(),
                               .type = HF_MARKET,
                               .time_in_force = HF_IOC}));
    EXPECT(from.next().type() == HF_REPORT_ACCEPTED);
    r = from.next();
    EXPECT(r.type() == HF_REPORT_FILL && r.is_maker() && r.side() == HF_BUY && !r.is_auction());
    EXPECT(r.price() == bid - demo.tick() && r.leaves() == demo.lot() * 5 && !r.command());
    const lsn trade = r.trade_lsn();
    r = from.next();
    EXPECT(r.type() == HF_REPORT_FILL && !r.is_maker() && r.trade_lsn() == trade && !r.leaves());

    EXPECT(me.submit(open_orders{}));
    r = from.next();
    EXPECT(r.type() == HF_REPORT_ORDER && r.order_id() == entered && r.executed() == demo.lot());
    r = from.next();
    EXPECT(r.type() == HF_REPORT_DONE && r.command_type() == HF_COMMAND_OPEN_ORDERS);
    EXPECT(r.quantity() == quantity{1} && !r.list_goes_on_behind() && r.price() == price{});

    EXPECT(me.submit(cancel_order{.id = client_id{77}}));
    r = from.next();
    EXPECT(r.type() == HF_REPORT_REJECTED && r.reason() == HF_REASON_UNKNOWN_ORDER);
    EXPECT(std::string_view{r.reason_text()} == hf_reason_text(HF_REASON_UNKNOWN_ORDER));
    EXPECT(me.submit(cancel_order{.order = entered}));
    r = from.next();
    EXPECT(r.type() == HF_REPORT_CANCELLED && r.reason() == HF_REASON_REQUESTED);
    EXPECT(r.order_id() == entered && r.leaves() == quantity{});
}

static void
check_two_slots(session &me, const instrument &demo)
{
    answers from{me};
    EXPECT(me.submit(new_order{.instrument = demo.id(),
                               .id = client_id{10},
                               .side = HF_BUY,
                               .quantity = demo.lot() * 4,
                               .type = HF_STOP,
                               .stop_price = demo.tick() * 500}));
    EXPECT(from.next().type() == HF_REPORT_ACCEPTED);
    const command iceberg = new_order{.instrument = demo.id(),
                                      .id = client_id{11},
                                      .side = HF_BUY,
                                      .price = demo.tick() * 90,
                                      .quantity = demo.lot() * 20,
                                      .post_only = true,
                                      .display = demo.lot() * 5};
    EXPECT(iceberg.slots().size() == 2 && iceberg.check() == HF_REASON_NONE);
    EXPECT(me.submit(iceberg));
    EXPECT(from.next().type() == HF_REPORT_ACCEPTED);
    EXPECT(command{cancel_order{}}.check() == HF_REASON_MALFORMED_ID);

    batch<4> many;
    EXPECT(many.add(iceberg) && many.add(cancel_order{.id = client_id{10}}) && !many.add(iceberg));
    EXPECT(many.add(mass_cancel{.side = HF_BUY}) && many.slots().size() == 4);
    auto taken = me.submit(many.slots());
    EXPECT(taken && *taken == 4);
    report r = from.next();
    EXPECT(r.type() == HF_REPORT_REJECTED && r.reason() == HF_REASON_DUPLICATE_ID);
    r = from.next();
    EXPECT(r.type() == HF_REPORT_CANCELLED && r.client_id() == client_id{10});
    r = from.next();
    EXPECT(r.type() == HF_REPORT_CANCELLED && r.reason() == HF_REASON_MASS_CANCELLED);
    EXPECT(from.next().type() == HF_REPORT_DONE);
}

/* The loop over reports in place: broken off, left by an exception, finished. */
static void
check_ranges(const char *socket, session &me, const instrument &demo)
{
    std::uint64_t before = me.facts().last_report;
    for (std::uint64_t id = 100; id < 200; id++) {
        EXPECT(me.submit(new_order{.instrument = demo.id(),
                                   .id = client_id{id},
                                   .side = HF_BUY,
                                   .price = demo.tick(),
                                   .quantity = demo.lot()}));
    }
    EXPECT(me.wait(sequence{me.facts().last_submitted}, HF_LEVEL_DURABLE, patience) == HF_OK);
    std::uint64_t expected = before;
    for (const report &r : me.reports()) {
        EXPECT(r.number() == ++expected);
        if (expected == before + 40) {
            break;
        }
    }
    EXPECT(me.facts().last_released == before + 40);
    try {
        for (const report &r : me.reports()) {
            EXPECT(r.number() == ++expected);
            if (expected == before + 50) {
                throw std::runtime_error{"half-way"};
            }
        }
        unreachable("a loop without its exception");
    } catch (const std::runtime_error &) {
        EXPECT(me.facts().last_released < before + 50);
    }
    expected = me.facts().last_released;
    me.detach();
    me = session::open(options(socket, "me"));
    own_orders mine;
    for (const report &r : me.reports()) {
        EXPECT(r.number() == ++expected);
        mine.apply(r);
    }
    EXPECT(expected == before + 100 && me.facts().last_released == expected);
    EXPECT(mine.is_current(me) && mine.find(client_id{199}) != nullptr);
}

/* A loop over reports whose body takes the session away: it ends, and touches nothing that is gone. */
static void
check_taken_away(const char *socket, const instrument &demo)
{
    auto with_reports = [&] {
        session opened = session::open(options(socket, "away"));
        for (std::uint64_t id = 1; id <= 3; id++) {
            EXPECT(opened.submit(cancel_order{.id = client_id{id}}));
        }
        const sequence last{opened.facts().last_submitted};
        EXPECT(opened.wait(last, HF_LEVEL_SEQUENCED, patience) == HF_OK);
        EXPECT(opened.wait_reports(patience) == HF_OK && demo.id());
        return opened;
    };
    unsigned seen = 0;
    session me = with_reports();
    for (const report &r : me.reports()) {
        seen += r.type() == HF_REPORT_REJECTED;
        EXPECT(me.close() == HF_OK);
    }
    EXPECT(seen == 1 && me.close() == HF_E_SESSION);
    me = with_reports();
    for (const report &r : me.reports()) {
        seen += r.type() == HF_REPORT_REJECTED;
        me.detach();
    }
    EXPECT(seen == 2);
    me = session::open(options(socket, "away"));
    session other = session::open(options(socket, "other"));
    for (const report &r : me.reports()) {
        seen += r.type() == HF_REPORT_REJECTED;
        me = std::move(other);
    }
    EXPECT(seen == 3 && me.close() == HF_OK && other.close() == HF_E_SESSION);
    me = session::open(options(socket, "away"));
    session moved = std::move(me);
    EXPECT(me.close() == HF_E_SESSION && moved.close() == HF_OK);
}

/* A command of two slots is answered under its first one's number. */
static void
check_current_after_two_slots(const char *socket, const instrument &demo)
{
    session me = session::open(options(socket, "current"));
    answers from{me};
    own_orders mine;
    EXPECT(mine.is_current(me));
    EXPECT(me.submit(new_order{.instrument = demo.id(),
                               .id = client_id{1},
                               .side = HF_BUY,
                               .quantity = demo.lot() * 4,
                               .type = HF_STOP,
                               .stop_price = demo.tick() * 500}));
    EXPECT(!mine.is_current(me));
    mine.apply(from.next());
    EXPECT(mine.is_current(me) && mine.find(client_id{1}) != nullptr);
    EXPECT(me.submit(cancel_order{.id = client_id{1}}));
    EXPECT(!mine.is_current(me));
    mine.apply(from.next());
    EXPECT(mine.is_current(me) && me.close() == HF_OK);
}

/* What own_orders makes of all reports from the first on is what the engine has. */
static void
check_own_orders(const char *socket, const instrument &demo)
{
    session me = session::open(
        {.session = "me", .socket_path = socket, .next_report = 1, .patience = patience});
    own_orders mine;
    while (!mine.is_current(me)) {
        hf_error code = me.wait_reports(patience);
        EXPECT(code == HF_OK || code == HF_GAP);
        for (const report &r : me.reports()) {
            mine.apply(r);
        }
    }
    EXPECT(mine.all().size() == 100 && mine.position(demo.id()) == 0); /* it traded with itself */
    const own_order *order = mine.any(demo.id(), HF_BUY);
    EXPECT(order != nullptr && order->open == demo.lot() && order->price == demo.tick());
    EXPECT(mine.any(demo.id(), HF_SELL) == nullptr && mine.find(client_id{1}) == nullptr);
    EXPECT(me.maintain() == HF_OK);
}

/* Market data, observer */

static void
check_market(const char *socket, session &me, const instrument &demo)
{
    market data = market::open({.socket_path = socket, .patience = patience});
    EXPECT(data.instrument("DEMO")->id() == demo.id());
    EXPECT(data.instrument("NONE").code() == HF_E_UNKNOWN && data.next().code() == HF_AGAIN);
    auto book = std::optional{data.book(demo.id()).value()};
    EXPECT(data.book(demo.id()).code() == HF_E_BUSY);
    for (auto end = std::chrono::steady_clock::now() + patience; !book->is_whole();) {
        EXPECT(data.poll() && std::chrono::steady_clock::now() < end);
    }
    EXPECT(book->best(HF_BUY)->price == demo.tick() && book->best(HF_BUY)->orders == 100);
    EXPECT(!book->best(HF_SELL) && book->last() == demo.tick() * 99);
    std::uint64_t seen = data.facts().number;
    EXPECT(me.submit(new_order{.instrument = demo.id(),
                               .id = client_id{300},
                               .side = HF_SELL,
                               .price = demo.tick() * 105,
                               .quantity = demo.lot() * 3}));
    EXPECT(data.wait(patience) == HF_OK);
    std::array<market_event, 8> buffer;
    auto events = data.read(buffer);
    EXPECT(events && events->size() == 1);
    EXPECT((*events)[0].type == HF_MARKET_ADD && (*events)[0].number == seen + 1);
    std::array<hf_depth_level, 4> asks;
    EXPECT(book->levels(HF_SELL, asks)->size() == 1);
    EXPECT(asks[0].price == 105 * demo.tick().value() && asks[0].orders == 1);
    EXPECT(data.wait(1ms) == HF_TIMEOUT && data.status().state == HF_STATE_RUNNING);
    market moved = std::move(data);
    market_book kept = std::move(*book);
    book.reset();
    EXPECT(moved.poll() && kept.best(HF_SELL)->price == demo.tick() * 105);
}

static void
check_observer(const char *socket, const instrument &demo)
{
    observer watch = observer::open({.socket_path = socket});
    EXPECT(watch.status().trades == 1 && watch.instrument("DEMO")->tick() == demo.tick());
    EXPECT(watch.instruments().size() == 1 && watch.instruments()[0].symbol() == "DEMO");
    auto sessions = watch.sessions();
    EXPECT(sessions && sessions->size() == 1 && std::string_view{(*sessions)[0].name} == "me");
    auto book = watch.depth(demo.id());
    EXPECT(book && book->bids.size() == 1 && book->asks.size() == 1 && book->lsn);
    EXPECT(watch.depth(instrument_id{99}).code() == HF_E_UNKNOWN);
}

static void
check_engine()
{
    engine venue;
    hf_instrument_info info{};
    std::strcpy(info.symbol, "ACME");
    info.tick = 1;
    info.lot = 1;
    info.price_min = 1;
    info.price_max = 1000;
    info.quantity_max = 1000;
    const instrument_id acme = venue.add_instrument(info).value();
    EXPECT(venue.add_instrument(info).code() == HF_E_BUSY);
    const auto alice = venue.open_session("alice").value();
    const auto bob = venue.open_session("bob").value();
    EXPECT(venue.open_session("bob").code() == HF_E_ARGUMENT);
    EXPECT(venue
               .apply(alice,
                      new_order{.instrument = acme,
                                .id = client_id{1},
                                .side = HF_BUY,
                                .price = price{50},
                                .quantity = quantity{7}},
                      1)
               .size() == 1);
    std::array<hf_depth_level, 2> levels;
    EXPECT(venue.depth(acme, HF_BUY, levels).size() == 1 && levels[0].quantity == 7);
    std::uint64_t before = venue.digest();
    auto answers = venue.apply(bob,
                               new_order{.instrument = acme,
                                         .id = client_id{1},
                                         .side = HF_SELL,
                                         .price = price{50},
                                         .quantity = quantity{7}},
                               2);
    EXPECT(answers.size() == 3 && venue.digest() != before);
    EXPECT(answers[0].to == bob && answers[0].report.type() == HF_REPORT_ACCEPTED);
    EXPECT(answers[1].to == alice && answers[1].report.is_maker());
    EXPECT(answers[2].to == bob && answers[2].report.price() == price{50});
    EXPECT(venue.tick(3).empty());
}

static int
check_all(const char *socket)
{
    check_errors();
    check_engine();
    check_opening(socket);
    session me = session::open(options(socket, "me"));
    const instrument demo = me.instrument("DEMO").value();
    EXPECT(demo.symbol() == "DEMO" && demo.phase() == HF_PHASE_OPEN);
    EXPECT(me.instrument("NONE").code() == HF_E_UNKNOWN);
    EXPECT(me.status().state == HF_STATE_RUNNING && me.wait_reports(1ms) == HF_TIMEOUT);
    check_orders(me, demo);
    check_two_slots(me, demo);
    check_taken_away(socket, demo);
    check_current_after_two_slots(socket, demo);
    check_ranges(socket, me, demo);
    me.detach();
    check_own_orders(socket, demo);
    me = session::open(options(socket, "me"));
    check_market(socket, me, demo);
    check_observer(socket, demo);
    EXPECT(me.close() == HF_OK);
    std::cout << "ok" << std::endl;
    return 0;
}

static bool
input_is_open()
{
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    return poll(&input, 1, 0) == 0;
}

/* Every order is accepted once and numbered on, whatever happens to the daemon. */
static int
trade_over_restarts(const char *socket)
{
    session me = session::open(options(socket, "restart"));
    const instrument demo = me.instrument("DEMO").value();
    std::uint64_t reports = 0;
    std::set<hf_error> troubles;
    std::cout << "ready" << std::endl;
    while (input_is_open() || reports < me.facts().last_submitted) {
        if (input_is_open()) {
            std::uint64_t next = me.facts().last_submitted + 1;
            auto seq = me.submit(new_order{.instrument = demo.id(),
                                           .id = client_id{next},
                                           .side = HF_BUY,
                                           .price = demo.tick(),
                                           .quantity = demo.lot(),
                                           .time_in_force = HF_IOC});
            EXPECT((seq && seq->value() == next) || seq.code() == HF_AGAIN);
        }
        hf_error code = me.wait_reports(2ms);
        EXPECT(code == HF_OK || is_retriable(code));
        troubles.insert(code);
        for (const report &r : me.reports()) {
            if (r.type() == HF_REPORT_ACCEPTED) {
                EXPECT(r.client_id().value() == ++reports);
            } else {
                EXPECT(r.type() == HF_REPORT_CANCELLED && r.client_id().value() == reports);
            }
        }
    }
    EXPECT(troubles.contains(HF_E_NO_DAEMON));
    std::cout << "reports " << reports << std::endl;
    return me.close() == HF_OK ? 0 : 1;
}

/* A maker that sleeps through 3000 fills. Who takes reads, or it would not be read from. */
static int
fall_behind(const char *socket)
{
    session maker =
        session::open({.session = "sleeper", .socket_path = socket, .report_slots = 64});
    session taker = session::open(options(socket, "taker"));
    const instrument demo = maker.instrument("DEMO").value();
    EXPECT(maker.submit(new_order{.instrument = demo.id(),
                                  .id = client_id{1},
                                  .side = HF_BUY,
                                  .price = demo.tick(),
                                  .quantity = demo.lot() * 5000}));
    EXPECT(maker.wait(sequence{1}, HF_LEVEL_SEQUENCED, patience) == HF_OK);
    std::uint64_t fills = 0;
    for (std::uint64_t id = 1; fills < 3000;) {
        if (id <= 3000 && taker.submit(new_order{.instrument = demo.id(),
                                                 .id = client_id{id},
                                                 .side = HF_SELL,
                                                 .price = demo.tick(),
                                                 .quantity = demo.lot(),
                                                 .time_in_force = HF_IOC})) {
            id++;
        } else {
            EXPECT(taker.wait_reports(patience) == HF_OK);
        }
        for (const report &r : taker.reports()) {
            fills += r.type() == HF_REPORT_FILL ? 1 : 0;
        }
    }
    own_orders mine;
    std::uint64_t expected = 1;
    while (!mine.is_current(maker) || maker.facts().lost_first == 0) {
        hf_error code = maker.wait_reports(patience);
        EXPECT(code == HF_OK || code == HF_GAP || code == HF_LOST);
        if (code == HF_LOST) {
            EXPECT(maker.facts().lost_first == expected && maker.facts().lost_last > expected);
            expected = maker.facts().lost_last + 1;
            mine.clear();
            EXPECT(maker.submit(open_orders{}));
        }
        for (const report &r : maker.reports()) {
            EXPECT(r.number() == expected);
            expected += r.slot().slots;
            mine.apply(r);
        }
    }
    const own_order *order = mine.find(client_id{1});
    EXPECT(order != nullptr && order->executed == demo.lot() * 3000);
    EXPECT(order->open == demo.lot() * 2000 && order->side == HF_BUY);
    EXPECT(maker.close() == HF_OK && taker.close() == HF_OK);
    std::cout << "ok" << std::endl;
    return 0;
}

int
main(int argc, char **argv)
{
    if (argc == 3 && std::string_view{argv[1]} == "lost") {
        return fall_behind(argv[2]);
    }
    if (argc == 3 && std::string_view{argv[1]} == "restart") {
        return trade_over_restarts(argv[2]);
    }
    EXPECT(argc == 2);
    return check_all(argv[1]);
}
