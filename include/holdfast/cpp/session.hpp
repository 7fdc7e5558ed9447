/*
 * session.hpp - one client's session: submit commands, read reports, wait.
 *
 *     session me = session::open({.session = "me"});              throws `error` with the reason in words
 *     result<sequence> seq = me.submit(new_order{...});           from here on it is processed exactly once
 *     for (report answer : me.reports()) { ... }                  released when the loop has them behind it
 *     hf_error code = me.wait_reports(100ms);                     HF_OK, HF_TIMEOUT, HF_E_NO_DAEMON...
 *
 * Only opening throws, and what says so. All else is noexcept, allocates nothing, and returns codes whose
 * meaning stands at the call of the same name in client.h. So do the rules: a session belongs to one thread
 * at a time, and to the process that opened it.
 */
#ifndef HOLDFAST_CPP_SESSION_HPP
#define HOLDFAST_CPP_SESSION_HPP

#include <holdfast/cpp/c_library.hpp>
#include <holdfast/cpp/command.hpp>
#include <holdfast/cpp/error.hpp>
#include <holdfast/cpp/handle.hpp>
#include <holdfast/cpp/instrument.hpp>
#include <holdfast/cpp/report.hpp>

#include <cassert>
#include <cstddef>
#include <exception>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace holdfast
{

/** As struct hf_client_options; every string may be temporary. */
struct session_options {
    std::string_view session{};
    std::string_view instance = "holdfast";
    std::string_view socket_path{};
    bool cancel_on_disconnect = false;
    bool durable = false; /**< show reports when they are durable only */
    bool create = true;   /**< false: resume only */
    std::uint32_t command_slots = 0;
    std::uint32_t report_slots = 0;
    nanoseconds timeout{};
    std::uint64_t next_report = 0;
    nanoseconds patience{}; /**< how long to try again while the daemon is being restarted, say */
};

namespace detail
{

/** The handle of a session, at a place that stays when the session is moved: ranges look here whether it is there
 *  still. Counted without atomics, because all of them belong to one thread. */
class client_place
{
  public:
    client_place() noexcept = default;
    explicit client_place(hf_client *client) : place_{new place{client, 1}}
    {
    }
    client_place(const client_place &other) noexcept : place_{other.place_}
    {
        if (place_ != nullptr) {
            place_->users++;
        }
    }
    client_place(client_place &&other) noexcept : place_{std::exchange(other.place_, nullptr)}
    {
    }
    client_place &
    operator=(client_place other) noexcept
    {
        std::swap(place_, other.place_);
        return *this;
    }
    ~client_place()
    {
        if (place_ != nullptr && --place_->users == 0) {
            delete place_;
        }
    }
    /** NULL: closed, detached, or moved from. */
    [[nodiscard]] hf_client *
    get() const noexcept
    {
        return place_ != nullptr ? place_->client : nullptr;
    }
    /** Where hf_open() puts it. */
    hf_client **
    receive() noexcept
    {
        return &place_->client;
    }
    hf_client *
    take() noexcept
    {
        return place_ != nullptr ? std::exchange(place_->client, nullptr) : nullptr;
    }

  private:
    struct place {
        hf_client *client;
        std::size_t users;
    };
    place *place_ = nullptr;
};

} // namespace detail

/**
 * The reports that are there now, each once; made by session::reports().
 *
 * A report counts as read when the loop goes on to the next one, and when it ends, by break too; not when an
 * exception leaves the loop: it comes again to the next client of the session. One range at a time. It ends
 * where the session is closed, detached or replaced by another: the report at hand goes with it, and what was not
 * read counts as it did.
 */
class report_range
{
  public:
    class iterator
    {
      public:
        using value_type = report;
        using difference_type = std::ptrdiff_t;

        explicit iterator(report_range *range) noexcept : range_{range}
        {
        }
        report
        operator*() const noexcept
        {
            return *range_->current_;
        }
        iterator &
        operator++() noexcept
        {
            range_->advance();
            return *this;
        }
        void
        operator++(int) noexcept
        {
            range_->advance();
        }
        friend bool
        operator==(const iterator &a, std::default_sentinel_t) noexcept
        {
            return a.is_at_end();
        }

      private:
        [[nodiscard]] bool
        is_at_end() const noexcept
        {
            return !range_->current_.has_value();
        }

        report_range *range_;
    };

    explicit report_range(detail::client_place client) noexcept : client_{std::move(client)}
    {
    }
    report_range(const report_range &) = delete;
    report_range &operator=(const report_range &) = delete;
    ~report_range()
    {
        if (client_.get() != nullptr && std::uncaught_exceptions() == exceptions_) {
            hf_release(client_.get());
        }
    }
    [[nodiscard]] iterator
    begin() noexcept
    {
        advance();
        return iterator{this};
    }
    [[nodiscard]] std::default_sentinel_t
    end() const noexcept
    {
        return {};
    }

  private:
    /** Reports are given back this many at a time: often enough for any ring, rare enough to be cheap. */
    static constexpr unsigned release_every = 32;

    void
    advance() noexcept
    {
        hf_client *client = client_.get();
        if (client != nullptr && ++count_ % release_every == 0) {
            hf_release(client);
        }
        const hf_report *slot = client != nullptr ? hf_peek(client) : nullptr;
        if (slot == nullptr) {
            current_.reset();
            return;
        }
        bool single = slot->slots != HF_MESSAGE_SLOTS_MAX;
        current_.emplace(*slot, single ? nullptr : hf_more(client, slot),
                         single ? nullptr : hf_copy(client, slot));
        hf_next(client); /* its slots stay ours until they are released */
    }

    detail::client_place client_;
    std::optional<report> current_;
    unsigned count_ = 0;
    int exceptions_ = std::uncaught_exceptions();
};

class session
{
  public:
    /** Open a session, or resume it where the last client of that name left off. Throws `error`. */
    [[nodiscard]] static session
    open(const session_options &options)
    {
        detail::client_place client{nullptr};
        hf_error code = try_open(options, client.receive());
        if (code != HF_OK) {
            detail::throw_open_error(code, "session " + std::string{options.session});
        }
        return session{std::move(client)};
    }
    /** The same without an exception; open_error() has the words. */
    [[nodiscard]] static result<session>
    try_open(const session_options &options)
    {
        detail::client_place client{nullptr};
        hf_error code = try_open(options, client.receive());
        if (code != HF_OK) {
            return code;
        }
        return session{std::move(client)};
    }

    /* Moved as a unique_ptr is: what was moved from, detached or closed may only be destroyed, assigned to,
     * detached or closed. The destructor detaches: the session and its orders stay, unless it was opened to cancel
     * on disconnect. */
    session(session &&other) noexcept = default;
    session &
    operator=(session &&other) noexcept
    {
        if (this != &other) {
            detach();
            client_ = std::move(other.client_);
        }
        return *this;
    }
    ~session()
    {
        detach();
    }

    /** End the session, cancel its orders, free its name; as hf_close(). After anything but HF_OK the session
     *  is as it was. HF_E_SESSION: there is none here. */
    [[nodiscard]] hf_error
    close() noexcept
    {
        if (client_.get() == nullptr) {
            return HF_E_SESSION;
        }
        hf_error code = detail::code_of(hf_close(client_.get()));
        if (code == HF_OK) {
            (void)client_.take();
        }
        return code;
    }
    /** What the destructor does, now. */
    void
    detach() noexcept
    {
        hf_detach(client_.take());
    }

    /* Submitting: without a system call, unless the engine sleeps */

    /** @return the command's number; HF_AGAIN: the ring is full; or as hf_submit() */
    result<sequence>
    submit(const command &command) noexcept
    {
        std::uint64_t seq = 0;
        hf_error code = detail::code_of(hf_submit(get(), command.slots().data(), &seq));
        if (code != HF_OK) {
            return code;
        }
        return sequence{seq};
    }
    /** In order, as far as there is room. @return slots submitted, or why none, as hf_submit_many() */
    result<std::size_t>
    submit(std::span<const hf_command> slots) noexcept
    {
        std::int64_t count = hf_submit_many(get(), slots.data(), slots.size(), nullptr);
        if (count < 0) {
            return detail::code_of(static_cast<int>(count));
        }
        return static_cast<std::size_t>(count);
    }

    /* Reading */

    /** For a loop over the reports that are there now, in place. */
    [[nodiscard]] report_range
    reports() noexcept
    {
        assert(client_.get() != nullptr);
        return report_range{client_};
    }
    /** Copy as many as fit and step over them; release() gives them back when they have been acted upon.
     *  @param buffer  at least HF_MESSAGE_SLOTS_MAX slots
     *  @return the part of the buffer that was filled: whole reports, see reports_in */
    [[nodiscard]] std::span<const hf_report>
    read(std::span<hf_report> buffer) noexcept
    {
        return buffer.first(hf_read_many(get(), buffer.data(), buffer.size()));
    }
    /** What was read does not come again. */
    void
    release() noexcept
    {
        hf_release(get());
    }

    /* Waiting */

    /** Until reports() has something; as hf_wait_report(). */
    [[nodiscard]] hf_error
    wait_reports(nanoseconds timeout) noexcept
    {
        return detail::code_of(hf_wait_report(get(), detail::ns_of(timeout)));
    }
    /** Until a command has reached a level; as hf_wait(). */
    [[nodiscard]] hf_error
    wait(sequence seq, hf_level level, nanoseconds timeout) noexcept
    {
        return detail::code_of(hf_wait(get(), seq.value(), level, detail::ns_of(timeout)));
    }
    [[nodiscard]] hf_error
    wait_durable(lsn position, nanoseconds timeout) noexcept
    {
        return detail::code_of(
            hf_wait_durable_lsn(get(), position.value(), detail::ns_of(timeout)));
    }
    [[nodiscard]] lsn
    durable() const noexcept
    {
        return lsn{hf_durable_lsn(get())};
    }
    /** Housekeeping, for who spins on reports() and never waits; as hf_maintain(). */
    [[nodiscard]] hf_error
    maintain() noexcept
    {
        return detail::code_of(hf_maintain(get()));
    }

    /* Facts */

    [[nodiscard]] session_facts
    facts() const noexcept
    {
        session_facts facts;
        hf_facts(get(), &facts);
        return facts;
    }
    /** Whether the answer to `seq` answers all that was submitted; as hf_is_last_command(). */
    [[nodiscard]] bool
    is_last_command(sequence seq) const noexcept
    {
        return hf_is_last_command(get(), seq.value());
    }
    /** After HF_E_HISTORY: submit again what went behind facts.last_submitted. */
    session_facts
    accept_history() noexcept
    {
        session_facts facts;
        hf_accept_history(get(), &facts);
        return facts;
    }
    /** HF_E_UNKNOWN: there is none of this symbol. A symbol that is longer than symbols are is none. */
    [[nodiscard]] result<holdfast::instrument>
    instrument(const char *symbol) const noexcept
    {
        hf_instrument_info info;
        hf_error code = detail::code_of(hf_instrument(get(), symbol, &info));
        if (code != HF_OK) {
            return code;
        }
        return holdfast::instrument{info};
    }
    [[nodiscard]] status_page
    status() const noexcept
    {
        status_page page;
        ::hf_status(get(), &page);
        return page;
    }
    /** The handle, for calls that are not here. */
    [[nodiscard]] hf_client *
    get() const noexcept
    {
        assert(client_.get() != nullptr);
        return client_.get();
    }

  private:
    explicit session(detail::client_place client) noexcept : client_{std::move(client)}
    {
    }
    static hf_error
    try_open(const session_options &options, hf_client **client)
    {
        const std::string name{options.session};
        const std::string instance{options.instance};
        const std::string socket_path{options.socket_path};
        hf_client_options with{};
        with.size = sizeof(with);
        with.instance = detail::text_or_null(instance);
        with.socket_path = detail::text_or_null(socket_path);
        with.session = name.c_str();
        with.flags =
            (options.cancel_on_disconnect ? std::uint32_t{HF_OPEN_CANCEL_ON_DISCONNECT} : 0u) |
            (options.durable ? std::uint32_t{HF_OPEN_DURABLE} : 0u) |
            (options.create ? 0u : std::uint32_t{HF_OPEN_NO_CREATE});
        with.command_slots = options.command_slots;
        with.report_slots = options.report_slots;
        with.timeout_ns = detail::ns_of(options.timeout);
        with.next_report = options.next_report;
        with.patience_ns = detail::ns_of(options.patience);
        return detail::code_of(hf_open(client, &with));
    }

    detail::client_place client_;
};

} // namespace holdfast

#endif
