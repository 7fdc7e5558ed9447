/*
 * report.hpp - what the engine answers, seen through typed accessors. A `report` is a view of one or two
 * slots (report.h), which lie in shared memory or in an array: as cheap as a pointer, valid as long as they.
 *
 * An accessor whose field this type of report does not have returns 0: never another field's bits.
 */
#ifndef HOLDFAST_CPP_REPORT_HPP
#define HOLDFAST_CPP_REPORT_HPP

#include <holdfast/cpp/numbers.hpp>
#include <holdfast/error.h>
#include <holdfast/report.h>

#include <cassert>
#include <cstddef>
#include <iterator>
#include <span>

namespace holdfast
{

class report
{
  public:
    /** @param more, copy  its second slot, as hf_more() and hf_copy() give it */
    report(const hf_report &slot, const hf_report_more *more, const hf_report_copy *copy) noexcept
        : slot_{&slot}, more_{more}, copy_{copy}
    {
    }
    /** Of slots that stand in an array, as session::read() gives them. */
    explicit report(std::span<const hf_report> slots) noexcept : slot_{slots.data()}
    {
        assert(!slots.empty());
        if (slots.size() > 1 && slot_->slots == HF_MESSAGE_SLOTS_MAX) {
            const void *second = &slots[1];
            if (slots[1].type == HF_REPORT_COPY) {
                copy_ = static_cast<const hf_report_copy *>(second);
            } else {
                more_ = static_cast<const hf_report_more *>(second);
            }
        }
    }

    /* Of every report */

    [[nodiscard]] hf_report_type
    type() const noexcept
    {
        return static_cast<hf_report_type>(slot_->type);
    }
    /** Position among the reports of the session; a report of two slots takes two numbers. */
    [[nodiscard]] std::uint64_t
    number() const noexcept
    {
        return slot_->number;
    }
    /** Of the command that caused it. */
    [[nodiscard]] holdfast::lsn
    lsn() const noexcept
    {
        return holdfast::lsn{slot_->lsn};
    }
    /** When that command was sequenced: nanoseconds since 1970. */
    [[nodiscard]] std::uint64_t
    time_ns() const noexcept
    {
        return slot_->time_ns;
    }
    [[nodiscard]] holdfast::client_id
    client_id() const noexcept
    {
        return holdfast::client_id{slot_->client_order_id};
    }
    [[nodiscard]] hf_side
    side() const noexcept
    {
        return static_cast<hf_side>(slot_->side);
    }

    /* Of orders */

    /** 0 of a fill, which tells the client id alone, and of a reject. */
    [[nodiscard]] holdfast::order_id
    order_id() const noexcept
    {
        switch (type()) {
        case HF_REPORT_ACCEPTED:
            return holdfast::order_id{slot_->lsn};
        case HF_REPORT_CANCELLED:
        case HF_REPORT_REDUCED:
        case HF_REPORT_TRIGGERED:
            return holdfast::order_id{slot_->order_id};
        default:
            return holdfast::order_id{second(&hf_report_more::order_id, &hf_report_copy::order_id)};
        }
    }
    [[nodiscard]] instrument_id
    instrument() const noexcept
    {
        bool has = is(HF_REPORT_ACCEPTED, HF_REPORT_REPLACED, HF_REPORT_REDUCED,
                      HF_REPORT_TRIGGERED, HF_REPORT_ORDER, HF_REPORT_DONE);
        return instrument_id{has ? slot_->instrument : 0};
    }
    /** Limit of the order; of a fill or a corrected trade, what it traded at. */
    [[nodiscard]] holdfast::price
    price() const noexcept
    {
        bool has = is(HF_REPORT_ACCEPTED, HF_REPORT_REPLACED, HF_REPORT_ORDER, HF_REPORT_FILL,
                      HF_REPORT_BUSTED);
        return holdfast::price{has ? slot_->price : 0};
    }
    /** ACCEPTED: total; FILL: traded now; CANCELLED: cancelled now; REPLACED, REDUCED, TRIGGERED, ORDER:
     *  open from now on; DONE: orders concerned. */
    [[nodiscard]] holdfast::quantity
    quantity() const noexcept
    {
        return holdfast::quantity{slot_->quantity};
    }
    /** What of the order is open behind this report; 0 where no order is. */
    [[nodiscard]] holdfast::quantity
    leaves() const noexcept
    {
        switch (type()) {
        case HF_REPORT_FILL:
            return holdfast::quantity{slot_->leaves};
        case HF_REPORT_ACCEPTED:
        case HF_REPORT_REPLACED:
        case HF_REPORT_REDUCED:
        case HF_REPORT_TRIGGERED:
        case HF_REPORT_ORDER:
            return quantity();
        default:
            return {};
        }
    }
    /** REJECTED, CANCELLED: why. */
    [[nodiscard]] hf_reason
    reason() const noexcept
    {
        bool has = is(HF_REPORT_REJECTED, HF_REPORT_CANCELLED);
        return has ? static_cast<hf_reason>(slot_->reason) : HF_REASON_NONE;
    }
    [[nodiscard]] const char *
    reason_text() const noexcept
    {
        return hf_reason_text(static_cast<std::uint32_t>(reason()));
    }
    /** The command that this answers; 0: nobody asked, or it is a fill or a bust. */
    [[nodiscard]] sequence
    command() const noexcept
    {
        bool has = !is(HF_REPORT_FILL, HF_REPORT_BUSTED);
        return sequence{has ? slot_->command_seq : 0};
    }
    /** REJECTED, DONE: type of that command; HF_RECORD_LOST of record.h: the list behind lost reports. */
    [[nodiscard]] std::uint8_t
    command_type() const noexcept
    {
        bool has = is(HF_REPORT_REJECTED, HF_REPORT_DONE);
        return has ? slot_->command_type : std::uint8_t{0};
    }

    /* Of trades */

    /** FILL: the order was resting. */
    [[nodiscard]] bool
    is_maker() const noexcept
    {
        return type() == HF_REPORT_FILL && (slot_->flags & HF_REPORT_MAKER) != 0;
    }
    [[nodiscard]] bool
    is_auction() const noexcept
    {
        return type() == HF_REPORT_FILL && (slot_->flags & HF_REPORT_AUCTION) != 0;
    }
    /** FILL, BUSTED: with trade_lsn() the trade's id. */
    [[nodiscard]] std::uint32_t
    trade_index() const noexcept
    {
        return is(HF_REPORT_FILL, HF_REPORT_BUSTED) ? slot_->trade_index : 0;
    }
    [[nodiscard]] holdfast::lsn
    trade_lsn() const noexcept
    {
        bool busted = type() == HF_REPORT_BUSTED;
        return holdfast::lsn{busted ? slot_->trade_lsn : type() == HF_REPORT_FILL ? slot_->lsn : 0};
    }

    /* Of two slots: REPLACED and ORDER */

    [[nodiscard]] holdfast::client_id
    previous_client_id() const noexcept
    {
        return holdfast::client_id{second(&hf_report_more::previous_client_order_id,
                                          &hf_report_copy::previous_client_order_id)};
    }
    [[nodiscard]] holdfast::quantity
    total() const noexcept
    {
        return holdfast::quantity{second(&hf_report_more::total, &hf_report_copy::total)};
    }
    [[nodiscard]] holdfast::quantity
    executed() const noexcept
    {
        return holdfast::quantity{second(&hf_report_more::executed, &hf_report_copy::executed)};
    }
    [[nodiscard]] holdfast::price
    stop_price() const noexcept
    {
        return holdfast::price{second(&hf_report_more::stop_price, &hf_report_copy::stop_price)};
    }

    /** DONE of a list of open orders: where the next page begins; 0: that was all. */
    [[nodiscard]] holdfast::order_id
    list_goes_on_behind() const noexcept
    {
        return holdfast::order_id{type() == HF_REPORT_DONE ? slot_->order_id : 0};
    }

    /** Not NULL: it is a drop copy of another session's report, and this says whose. */
    [[nodiscard]] const hf_report_copy *
    copy() const noexcept
    {
        return copy_;
    }
    [[nodiscard]] const hf_report &
    slot() const noexcept
    {
        return *slot_;
    }

  private:
    template <class... Types>
    [[nodiscard]] bool
    is(Types... types) const noexcept
    {
        return ((type() == types) || ...);
    }
    template <class T>
    [[nodiscard]] T
    second(T hf_report_more::*more, T hf_report_copy::*copy) const noexcept
    {
        return more_ != nullptr ? more_->*more : copy_ != nullptr ? copy_->*copy : T{};
    }

    const hf_report *slot_;
    const hf_report_more *more_ = nullptr;
    const hf_report_copy *copy_ = nullptr;
};

/** The reports in an array of slots: `for (report r : reports_in(session.read(buffer)))`. */
class reports_in
{
  public:
    class iterator
    {
      public:
        using value_type = report;
        using difference_type = std::ptrdiff_t;

        iterator() noexcept = default;
        explicit iterator(std::span<const hf_report> rest) noexcept : rest_{rest}
        {
        }
        report
        operator*() const noexcept
        {
            return report{rest_};
        }
        iterator &
        operator++() noexcept
        {
            std::size_t step = rest_[0].slots == HF_MESSAGE_SLOTS_MAX ? HF_MESSAGE_SLOTS_MAX : 1;
            rest_ = rest_.subspan(step < rest_.size() ? step : rest_.size());
            return *this;
        }
        iterator
        operator++(int) noexcept
        {
            iterator before = *this;
            ++*this;
            return before;
        }
        friend bool
        operator==(const iterator &a, std::default_sentinel_t) noexcept
        {
            return a.rest_.empty();
        }

      private:
        std::span<const hf_report> rest_;
    };

    explicit reports_in(std::span<const hf_report> slots) noexcept : slots_{slots}
    {
    }
    [[nodiscard]] iterator
    begin() const noexcept
    {
        return iterator{slots_};
    }
    [[nodiscard]] std::default_sentinel_t
    end() const noexcept
    {
        return {};
    }

  private:
    std::span<const hf_report> slots_;
};

} // namespace holdfast

#endif
