/*
 * hello.cpp - open a session, enter one order, wait until it is durable, read what became of it.
 *
 *     example_hello_cpp [SOCKET]        without SOCKET: the instance "holdfast", started on its defaults
 */
#include <holdfast/holdfast.hpp>
#include <iostream>

using namespace holdfast;
using namespace std::chrono_literals;

int
main(int argc, char **argv)
try {
    if (argc > 1 && argv[1][0] == '-') {
        std::cerr << "usage: " << argv[0] << " [SOCKET]\n";
        return 64;
    }
    session me = session::open({.session = "hello_cpp", .socket_path = argc > 1 ? argv[1] : ""});
    const auto found = me.instrument("DEMO");
    check(found.code(), "instrument DEMO");
    const instrument demo = *found;
    const sequence seq = me.submit(new_order{.instrument = demo.id(),
                                             .id = client_id{1},
                                             .side = HF_BUY,
                                             .price = demo.tick() * 100,
                                             .quantity = demo.lot() * 10})
                             .value(); /* from here on it is processed exactly once */
    check(me.wait(seq, HF_LEVEL_DURABLE, 1s), "waiting");
    for (const report &r : me.reports()) {
        std::cout << "report " << r.number() << " of LSN " << r.lsn().value() << ": order "
                  << r.client_id().value() << ' '
                  << (r.type() == HF_REPORT_ACCEPTED ? "accepted" : r.reason_text()) << '\n';
    }
    check(me.close(), "closing"); /* cancels the order, too; the destructor would leave both */
    return 0;
} catch (const error &problem) {
    std::cerr << problem.what() << '\n';
    return 1;
}
