/*
 * own_orders.hpp - what a session has in the market, kept by its reports alone.
 *
 *     own_orders mine;
 *     for (const report &r : me.reports()) { mine.apply(r); }
 *     if (mine.is_current(me)) { ... mine.find(id), mine.position(demo.id()) ... }
 *
 * Fed with all reports of a session from the first on (session_options.next_report = 1), it is complete, and
 * nothing need be kept elsewhere. After HF_LOST: clear(), then submit open_orders{}, whose answer fills it
 * again; positions are then those since. After HF_E_HISTORY what was applied may not have happened: begin anew,
 * with another own_orders and the session opened again from its first report on. Busted trades are not taken out of positions.
 *
 * An order costs an allocation. Who cannot have that does the same with arrays.
 */
#ifndef HOLDFAST_CPP_OWN_ORDERS_HPP
#define HOLDFAST_CPP_OWN_ORDERS_HPP

#include <holdfast/cpp/report.hpp>
#include <holdfast/cpp/session.hpp>

#include <algorithm>
#include <cstdint>
#include <unordered_map>

namespace holdfast
{

struct own_order {
    client_id id{};
    holdfast::order_id order_id{};
    instrument_id instrument{};
    hf_side side = HF_SIDE_NONE;
    holdfast::price price{};      /**< limit; where it was entered as 0, what it traded at first */
    holdfast::price stop_price{}; /**< while it waits for it, as far as reports have told */
    quantity open{};
    quantity executed{};
};

class own_orders
{
  public:
    /** Copies of other sessions' reports are passed over. */
    void
    apply(const report &r)
    {
        if (r.copy() != nullptr) {
            return;
        }
        answered_ = std::max(answered_, r.command());
        switch (r.type()) {
        case HF_REPORT_REPLACED:
            orders_.erase(r.previous_client_id());
            [[fallthrough]];
        case HF_REPORT_ACCEPTED:
        case HF_REPORT_ORDER:
            orders_[r.client_id()] = {r.client_id(), r.order_id(),   r.instrument(), r.side(),
                                      r.price(),     r.stop_price(), r.leaves(),     r.executed()};
            break;
        case HF_REPORT_FILL:
            fill(r);
            break;
        case HF_REPORT_REDUCED:
        case HF_REPORT_TRIGGERED:
            update(r);
            break;
        case HF_REPORT_CANCELLED:
            orders_.erase(r.client_id());
            break;
        default:
            break;
        }
    }

    /** The live order of this id; NULL: there is none. Valid until the next apply(). */
    [[nodiscard]] const own_order *
    find(client_id id) const noexcept
    {
        auto found = orders_.find(id);
        return found == orders_.end() ? nullptr : &found->second;
    }
    /** Any live order of an instrument and side; NULL: there is none. */
    [[nodiscard]] const own_order *
    any(instrument_id instrument, hf_side side) const noexcept
    {
        for (const auto &[id, order] : orders_) {
            if (order.instrument == instrument && order.side == side) {
                return &order;
            }
        }
        return nullptr;
    }
    /** All live orders, by client id. */
    [[nodiscard]] const std::unordered_map<client_id, own_order> &
    all() const noexcept
    {
        return orders_;
    }
    /** Bought less sold, in the instrument's quantity unit. */
    [[nodiscard]] std::int64_t
    position(instrument_id instrument) const noexcept
    {
        auto found = positions_.find(instrument);
        return found == positions_.end() ? 0 : found->second;
    }
    /** Whether every command that the session submitted has been answered. */
    [[nodiscard]] bool
    is_current(const session &session) const noexcept
    {
        return session.is_last_command(answered_);
    }
    void
    clear() noexcept
    {
        orders_.clear();
        positions_.clear();
        answered_ = {};
    }

  private:
    void
    fill(const report &r)
    {
        auto found = orders_.find(r.client_id());
        if (found == orders_.end()) {
            return; /* entered before the first report that was seen */
        }
        own_order &order = found->second;
        const auto traded = static_cast<std::int64_t>(r.quantity().value());
        positions_[order.instrument] += order.side == HF_BUY ? traded : -traded;
        order.executed += r.quantity();
        order.open = r.leaves();
        if (order.price == holdfast::price{}) { /* HF_MARKET_TO_LIMIT: the rest lies there */
            order.price = r.price();
        }
        if (!order.open) {
            orders_.erase(found);
        }
    }
    void
    update(const report &r)
    {
        auto found = orders_.find(r.client_id());
        if (found != orders_.end()) {
            found->second.open = r.leaves();
            if (r.type() == HF_REPORT_TRIGGERED) {
                found->second.stop_price = {};
            }
        }
    }

    std::unordered_map<client_id, own_order> orders_;
    std::unordered_map<instrument_id, std::int64_t> positions_;
    sequence answered_{};
};

} // namespace holdfast

#endif
