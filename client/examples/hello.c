/*
 * hello.c - open a session, enter one order, wait until it is durable, read what became of it.
 *
 *     example_hello [SOCKET]        without SOCKET: the instance "holdfast", started on its defaults
 */
#include <holdfast/holdfast.h>
#include <inttypes.h>
#include <stdio.h>

#define SECOND_NS UINT64_C(1000000000)

int
main(int argc, char **argv)
{
    if (argc > 1 && argv[1][0] == '-') {
        fprintf(stderr, "usage: %s [SOCKET]\n", argv[0]);
        return 64;
    }
    struct hf_client *client;
    struct hf_client_options options = {.size = sizeof(options),
                                        .instance = "holdfast",
                                        .socket_path = argc > 1 ? argv[1] : NULL,
                                        .session = "hello"};
    if (hf_open(&client, &options) != HF_OK) {
        fprintf(stderr, "hello: %s\n", hf_open_error());
        return 1;
    }
    struct hf_instrument_info demo;
    const char *step = "instrument DEMO";
    int result = hf_instrument(client, "DEMO", &demo);
    if (result == HF_OK) {
        step = "the order";
        struct hf_command order = {.type = HF_COMMAND_NEW,
                                   .slots = 1,
                                   .side = HF_BUY,
                                   .order_type = HF_LIMIT,
                                   .time_in_force = HF_GTC,
                                   .instrument = demo.id,
                                   .client_order_id = 1,
                                   .price = 100 * demo.tick,
                                   .quantity = 10 * demo.lot};
        uint64_t seq;
        result = hf_submit(client, &order, &seq); /* from here on it is processed exactly once */
        if (result == HF_OK) {
            result = hf_wait(client, seq, HF_LEVEL_DURABLE, SECOND_NS);
        }
    }
    for (const struct hf_report *report; (report = hf_peek(client)) != NULL; hf_next(client)) {
        printf("report %" PRIu64 " of LSN %" PRIu64 ": order %" PRIu64 " %s\n", report->number,
               report->lsn, report->client_order_id,
               report->type == HF_REPORT_ACCEPTED ? "accepted" : hf_reason_text(report->reason));
    }
    hf_release(client);
    if (result != HF_OK) {
        fprintf(stderr, "hello: %s: %s\n", step, hf_strerror(result));
    }
    hf_close(client); /* cancels the order and ends the session; hf_detach() would leave both */
    return result == HF_OK ? 0 : 1;
}
