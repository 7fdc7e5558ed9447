/*
 * observer.hpp - looking at an instance without a session: state, instruments, sessions, depth.
 *
 *     observer watch = observer::open({});
 *     std::cout << watch.status().durable_lsn;
 *
 * For tools, not for the hot path: lists are vectors, and may throw std::bad_alloc.
 */
#ifndef HOLDFAST_CPP_OBSERVER_HPP
#define HOLDFAST_CPP_OBSERVER_HPP

#include <holdfast/cpp/c_library.hpp>
#include <holdfast/cpp/error.hpp>
#include <holdfast/cpp/handle.hpp>
#include <holdfast/cpp/instrument.hpp>

#include <cassert>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace holdfast
{

/** A book as of one moment, best levels first. */
struct depth {
    std::vector<hf_depth_level> bids;
    std::vector<hf_depth_level> asks;
    holdfast::lsn lsn;
};

class observer
{
  public:
    /** Throws `error`. @param patience  how long to try again while the daemon is being restarted, say */
    [[nodiscard]] static observer
    open(const target &target, nanoseconds patience = {})
    {
        const std::string instance{target.instance};
        const std::string socket_path{target.socket_path};
        hf_observer *handle = nullptr;
        hf_error code = detail::code_of(
            hf_observe_patiently(&handle, detail::text_or_null(instance),
                                 detail::text_or_null(socket_path), detail::ns_of(patience)));
        if (code != HF_OK) {
            detail::throw_open_error(code, detail::words_of(target));
        }
        return observer{handle};
    }

    [[nodiscard]] status_page
    status() const noexcept
    {
        status_page page;
        hf_observer_status(get(), &page);
        return page;
    }
    [[nodiscard]] result<holdfast::instrument>
    instrument(const char *symbol) const noexcept
    {
        hf_instrument_info info;
        hf_error code = detail::code_of(hf_observer_instrument(get(), symbol, &info));
        if (code != HF_OK) {
            return code;
        }
        return holdfast::instrument{info};
    }
    [[nodiscard]] std::vector<holdfast::instrument>
    instruments() const
    {
        std::vector<hf_instrument_info> rows(status().instruments_max);
        std::size_t count = rows.size();
        hf_observer_instruments(get(), rows.data(), &count);
        return {rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(count)};
    }
    [[nodiscard]] result<std::vector<hf_session_row>>
    sessions() const
    {
        std::size_t capacity = status().sessions_open + 16u; /* that open meanwhile */
        for (;;) {
            std::vector<hf_session_row> rows(capacity);
            std::size_t count = rows.size();
            hf_error code = detail::code_of(hf_observer_sessions(get(), rows.data(), &count));
            if (code != HF_OK) {
                return code;
            }
            if (count < capacity) {
                rows.resize(count);
                return rows;
            }
            capacity *= 2;
        }
    }
    /** At most HF_DEPTH_LEVELS_MAX levels a side; as hf_observer_depth(). */
    [[nodiscard]] result<holdfast::depth>
    depth(instrument_id instrument, std::size_t levels = HF_DEPTH_LEVELS_MAX) const
    {
        holdfast::depth book{
            std::vector<hf_depth_level>(levels), std::vector<hf_depth_level>(levels), {}};
        std::size_t bids = 0;
        std::size_t asks = 0;
        std::uint64_t position = 0;
        hf_error code =
            detail::code_of(hf_observer_depth(get(), instrument.value(), levels, book.bids.data(),
                                              &bids, book.asks.data(), &asks, &position));
        if (code != HF_OK) {
            return code;
        }
        book.bids.resize(bids);
        book.asks.resize(asks);
        book.lsn = lsn{position};
        return book;
    }
    /** The handle, for calls that are not here. */
    [[nodiscard]] hf_observer *
    get() const noexcept
    {
        assert(handle_ != nullptr);
        return handle_.get();
    }

  private:
    struct closer {
        void
        operator()(hf_observer *handle) const noexcept
        {
            hf_observer_close(handle);
        }
    };

    explicit observer(hf_observer *handle) noexcept : handle_{handle}
    {
    }

    std::unique_ptr<hf_observer, closer> handle_;
};

} // namespace holdfast

#endif
