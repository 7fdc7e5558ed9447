/*
 * market.hpp - market data: every event in order, and level books that keep themselves right.
 *
 *     market data = market::open({});
 *     market_book book = data.book(demo.id()).value();
 *     (void)data.wait(100ms);
 *     (void)data.poll();                                  reads what is there, builds and follows the books
 *     if (std::optional<level> bid = book.best(HF_BUY)) { ... bid->price ... }
 *
 * As session.hpp: opening throws, all else is noexcept and returns codes, explained in subscribe.h.
 */
#ifndef HOLDFAST_CPP_MARKET_HPP
#define HOLDFAST_CPP_MARKET_HPP

#include <holdfast/cpp/c_library.hpp>
#include <holdfast/cpp/error.hpp>
#include <holdfast/cpp/handle.hpp>
#include <holdfast/cpp/instrument.hpp>

#include <cassert>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace holdfast
{

struct market_options {
    std::string_view instance = "holdfast";
    std::string_view socket_path{};
    bool durable = false; /**< show what is durable only */
    nanoseconds patience{};
};

/** One price level of a book. */
struct level {
    holdfast::price price;
    holdfast::quantity quantity; /**< shown */
    std::uint32_t orders;
};

/** The level book of one instrument. It keeps its market's handle alive, and belongs to the same thread. */
class market_book
{
  public:
    market_book(market_book &&other) noexcept
        : market_{std::move(other.market_)}, book_{std::exchange(other.book_, nullptr)}
    {
    }
    market_book &
    operator=(market_book &&other) noexcept
    {
        std::swap(market_, other.market_);
        std::swap(book_, other.book_);
        return *this;
    }
    ~market_book()
    {
        hf_market_book_close(book_);
    }

    /** The best levels of one side, best first.
     *  @return the part of `levels` that was filled; HF_AGAIN: the book is being built, poll() goes on */
    [[nodiscard]] result<std::span<const hf_depth_level>>
    levels(hf_side side, std::span<hf_depth_level> levels) const noexcept
    {
        std::int64_t count = hf_market_book_levels(book_, side, levels.data(), levels.size());
        if (count < 0) {
            return detail::code_of(static_cast<int>(count));
        }
        return std::span<const hf_depth_level>{levels.first(static_cast<std::size_t>(count))};
    }
    /** Nothing: that side is empty, or the book is being built (facts().whole). */
    [[nodiscard]] std::optional<level>
    best(hf_side side) const noexcept
    {
        hf_depth_level top;
        if (hf_market_book_levels(book_, side, &top, 1) != 1) {
            return std::nullopt;
        }
        return level{price{top.price}, quantity{top.quantity}, top.orders};
    }
    /** Price of the last trade, or of an operator's reference; nothing: there is none. */
    [[nodiscard]] std::optional<price>
    last() const noexcept
    {
        market_book_facts now = facts();
        return now.has_last != 0 ? std::optional{price{now.last_price}} : std::nullopt;
    }
    [[nodiscard]] market_book_facts
    facts() const noexcept
    {
        market_book_facts facts;
        ::hf_market_book_facts(book_, &facts);
        return facts;
    }
    /** Whether the book is what the engine's was: false while it is being built. */
    [[nodiscard]] bool
    is_whole() const noexcept
    {
        return facts().whole != 0;
    }

  private:
    friend class market;

    market_book(std::shared_ptr<hf_market> market, hf_market_book *book) noexcept
        : market_{std::move(market)}, book_{book}
    {
    }

    std::shared_ptr<hf_market> market_;
    hf_market_book *book_;
};

class market
{
  public:
    /** Throws `error`. The first event will be the next that happens. */
    [[nodiscard]] static market
    open(const market_options &options)
    {
        hf_market *handle = nullptr;
        hf_error code = try_open(options, &handle);
        if (code != HF_OK) {
            detail::throw_open_error(code,
                                     "market data of " +
                                         detail::words_of({options.instance, options.socket_path}));
        }
        return market{handle};
    }
    /** The same without an exception for what the daemon says; open_error() has the words. */
    [[nodiscard]] static result<market>
    try_open(const market_options &options)
    {
        hf_market *handle = nullptr;
        hf_error code = try_open(options, &handle);
        if (code != HF_OK) {
            return code;
        }
        return market{handle};
    }

    /** The next event; as hf_market_next(): HF_AGAIN, HF_LAPPED, HF_E_HISTORY, HF_E_NO_DAEMON... */
    [[nodiscard]] result<market_event>
    next() noexcept
    {
        market_event event;
        hf_error code = detail::code_of(hf_market_next(get(), &event));
        if (code != HF_OK) {
            return code;
        }
        return event;
    }
    /** Read what is there, for the books alone. @return how many events; or as hf_market_poll() */
    result<std::size_t>
    poll() noexcept
    {
        return counted(hf_market_poll(get(), nullptr, nullptr));
    }
    /** The same with copies of the events, as many as fit. @return the part that was filled */
    [[nodiscard]] result<std::span<const market_event>>
    read(std::span<market_event> buffer) noexcept
    {
        auto count = counted(hf_market_read_many(get(), buffer.data(), buffer.size()));
        if (!count) {
            return count.code();
        }
        return std::span<const market_event>{buffer.first(*count)};
    }
    [[nodiscard]] hf_error
    wait(nanoseconds timeout) noexcept
    {
        return detail::code_of(hf_market_wait(get(), detail::ns_of(timeout)));
    }
    /** Keep the level book of an instrument; as hf_market_book_open(). Not for the hot path. */
    [[nodiscard]] result<market_book>
    book(instrument_id instrument)
    {
        hf_market_book *book = nullptr;
        hf_error code = detail::code_of(hf_market_book_open(get(), instrument.value(), &book));
        if (code != HF_OK) {
            return code;
        }
        return market_book{handle_, book};
    }
    [[nodiscard]] result<holdfast::instrument>
    instrument(const char *symbol) const noexcept
    {
        hf_instrument_info info;
        hf_error code = detail::code_of(hf_market_instrument(get(), symbol, &info));
        if (code != HF_OK) {
            return code;
        }
        return holdfast::instrument{info};
    }
    [[nodiscard]] market_facts
    facts() const noexcept
    {
        market_facts facts;
        ::hf_market_facts(get(), &facts);
        return facts;
    }
    [[nodiscard]] status_page
    status() const noexcept
    {
        status_page page;
        hf_market_status(get(), &page);
        return page;
    }
    /** The handle, for calls that are not here. */
    [[nodiscard]] hf_market *
    get() const noexcept
    {
        assert(handle_ != nullptr);
        return handle_.get();
    }

  private:
    explicit market(hf_market *handle) : handle_{handle, &hf_market_close}
    {
    }
    static result<std::size_t>
    counted(std::int64_t count) noexcept
    {
        if (count < 0) {
            return detail::code_of(static_cast<int>(count));
        }
        return static_cast<std::size_t>(count);
    }
    static hf_error
    try_open(const market_options &options, hf_market **handle)
    {
        const std::string instance{options.instance};
        const std::string socket_path{options.socket_path};
        return detail::code_of(hf_market_open_patiently(
            handle, detail::text_or_null(instance), detail::text_or_null(socket_path),
            options.durable ? std::uint32_t{HF_MARKET_DURABLE} : 0u,
            detail::ns_of(options.patience)));
    }

    std::shared_ptr<hf_market> handle_;
};

} // namespace holdfast

#endif
