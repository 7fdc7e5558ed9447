/*
 * command.hpp - what a client asks, field by field. Each struct below becomes a `command`: one or two slots
 * as in command.h, where every field is explained.
 *
 *     session.submit(new_order{.instrument = demo.id(), .id = client_id{1}, .side = HF_BUY,
 *                              .price = demo.tick() * 100, .quantity = demo.lot() * 5});
 *     session.submit(replace_order{.target = client_id{1}, .id = client_id{2}, ...});
 *     session.submit(cancel_order{.id = client_id{2}});
 *
 * What is left out is 0, or what is said here. Nothing is checked: the engine answers.
 */
#ifndef HOLDFAST_CPP_COMMAND_HPP
#define HOLDFAST_CPP_COMMAND_HPP

#include <holdfast/command.h>
#include <holdfast/cpp/numbers.hpp>
#include <holdfast/error.h>

#include <array>
#include <bit>
#include <cstddef>
#include <span>

namespace holdfast
{

struct new_order {
    instrument_id instrument{};
    client_id id{};
    hf_side side = HF_SIDE_NONE;
    holdfast::price price{}; /**< 0 for market orders */
    holdfast::quantity quantity{};
    hf_order_type type = HF_LIMIT;
    hf_time_in_force time_in_force = HF_GTC; /**< a market order needs HF_IOC or HF_FOK */
    bool post_only = false;
    account_id account{};
    holdfast::quantity display{}; /**< iceberg: what is shown of it */
    holdfast::price stop_price{};
    holdfast::quantity minimum{};
    std::uint64_t expire_ns = 0; /**< HF_GTD: nanoseconds since 1970 */
};

struct cancel_order {
    client_id id{};
    order_id order{}; /**< in place of `id` */
};

struct replace_order {
    client_id target{}; /**< the live order */
    client_id id{};     /**< its id from now on; may be the same */
    holdfast::price price{};
    holdfast::quantity quantity{}; /**< new total: executed and open */
};

struct reduce_order {
    client_id id{};
    order_id order{};              /**< in place of `id` */
    holdfast::quantity quantity{}; /**< how much less */
};

/** All orders of the session that match; what is left out matches everything. */
struct mass_cancel {
    instrument_id instrument{};
    account_id account{};
    hf_side side = HF_SIDE_NONE;
};

/** A page of the session's open orders, oldest first: HF_REPORT_ORDER for each, then HF_REPORT_DONE. */
struct open_orders {
    order_id behind{};           /**< what the last page's DONE bore */
    std::uint64_t count_max = 0; /**< 0: HF_OPEN_ORDERS_MAX */
};

/** One command, ready to be submitted: one or two slots. */
class command
{
  public:
    /** Any command that has no struct here: those of administrators, say. */
    explicit command(const hf_command &first) noexcept : slots_{first}
    {
        slots_[0].slots = 1;
    }
    command(const hf_command &first, const hf_command_more &second) noexcept
        : slots_{first, std::bit_cast<hf_command>(second)}
    {
        slots_[0].slots = 2;
        slots_[1].type = HF_COMMAND_MORE;
        slots_[1].slots = 1;
    }

    command(const new_order &order) noexcept
    {
        hf_command &slot = begin(HF_COMMAND_NEW);
        slot.side = byte(order.side);
        slot.order_type = byte(order.type);
        slot.time_in_force = byte(order.time_in_force);
        slot.flags = order.post_only ? byte(HF_POST_ONLY) : byte(0);
        slot.instrument = order.instrument.value();
        slot.account = order.account.value();
        slot.client_order_id = order.id.value();
        slot.price = order.price.value();
        slot.quantity = order.quantity.value();
        if (order.display || order.stop_price || order.minimum || order.expire_ns != 0) {
            add_more(order);
        }
    }
    command(const cancel_order &order) noexcept
    {
        name(begin(HF_COMMAND_CANCEL), order.id, order.order);
    }
    command(const replace_order &order) noexcept
    {
        hf_command &slot = begin(HF_COMMAND_REPLACE);
        slot.target_client_order_id = order.target.value();
        slot.client_order_id = order.id.value();
        slot.price = order.price.value();
        slot.quantity = order.quantity.value();
    }
    command(const reduce_order &order) noexcept
    {
        hf_command &slot = begin(HF_COMMAND_REDUCE);
        name(slot, order.id, order.order);
        slot.quantity = order.quantity.value();
    }
    command(const mass_cancel &filter) noexcept
    {
        hf_command &slot = begin(HF_COMMAND_MASS_CANCEL);
        slot.side = byte(filter.side);
        slot.instrument = filter.instrument.value();
        slot.account = filter.account.value();
    }
    command(const open_orders &page) noexcept
    {
        hf_command &slot = begin(HF_COMMAND_OPEN_ORDERS);
        slot.client_order_id = page.behind.value();
        slot.quantity = page.count_max;
    }

    [[nodiscard]] std::span<const hf_command>
    slots() const noexcept
    {
        return {slots_.data(), slots_[0].slots};
    }
    /** HF_REASON_NONE, or why the engine would call its form malformed. */
    [[nodiscard]] hf_reason
    check() const noexcept
    {
        return static_cast<hf_reason>(hf_command_check(slots_.data()));
    }

  private:
    template <class Enum>
    static constexpr std::uint8_t
    byte(Enum value) noexcept
    {
        return static_cast<std::uint8_t>(value);
    }
    hf_command &
    begin(hf_command_type type) noexcept
    {
        slots_[0].type = byte(type);
        slots_[0].slots = 1;
        return slots_[0];
    }
    static void
    name(hf_command &slot, client_id id, order_id order) noexcept
    {
        slot.flags = order ? byte(HF_BY_ORDER_ID) : byte(0);
        slot.client_order_id = order ? order.value() : id.value();
    }
    void
    add_more(const new_order &order) noexcept
    {
        hf_command_more more{};
        more.type = HF_COMMAND_MORE;
        more.slots = 1;
        more.display = order.display.value();
        more.stop_price = order.stop_price.value();
        more.minimum = order.minimum.value();
        more.expire_ns = order.expire_ns;
        slots_[0].slots = 2;
        slots_[1] = std::bit_cast<hf_command>(more);
    }

    std::array<hf_command, HF_MESSAGE_SLOTS_MAX> slots_{};
};

/** Commands that are submitted together, in memory of its own: no allocation. */
template <std::size_t Slots> class batch
{
  public:
    /** @return false: it does not fit, and was not added */
    [[nodiscard]] bool
    add(const command &added) noexcept
    {
        std::span<const hf_command> more = added.slots();
        if (count_ + more.size() > Slots) {
            return false;
        }
        for (const hf_command &slot : more) {
            slots_[count_++] = slot;
        }
        return true;
    }
    [[nodiscard]] std::span<const hf_command>
    slots() const noexcept
    {
        return {slots_.data(), count_};
    }
    void
    clear() noexcept
    {
        count_ = 0;
    }

  private:
    std::array<hf_command, Slots> slots_{};
    std::size_t count_ = 0;
};

} // namespace holdfast

#endif
