/*
 * numbers.hpp - numbers that cannot be taken for each other: a price is no quantity, an order id no client
 * order id. They cost nothing: each is its integer.
 *
 *     price bid = demo.tick() * 100;          identifiers are compared and hashed;
 *     quantity size = demo.lot() * 5;         amounts are added, and multiplied by plain numbers
 *     bid.value()                             the integer, for everything else
 */
#ifndef HOLDFAST_CPP_NUMBERS_HPP
#define HOLDFAST_CPP_NUMBERS_HPP

#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace holdfast
{

/** A number that names something; 0 names nothing. */
template <class Tag, std::integral Rep> class identifier
{
  public:
    using rep = Rep;

    constexpr identifier() noexcept = default;
    constexpr explicit identifier(Rep value) noexcept : value_{value}
    {
    }
    [[nodiscard]] constexpr Rep
    value() const noexcept
    {
        return value_;
    }
    [[nodiscard]] constexpr explicit operator bool() const noexcept
    {
        return value_ != 0;
    }
    friend constexpr auto operator<=>(const identifier &, const identifier &) noexcept = default;

  private:
    Rep value_{};
};

/** A number that is calculated with; overflow is the caller's to avoid, as with any integer. */
template <class Tag, std::integral Rep> class amount
{
  public:
    using rep = Rep;

    constexpr amount() noexcept = default;
    constexpr explicit amount(Rep value) noexcept : value_{value}
    {
    }
    [[nodiscard]] constexpr Rep
    value() const noexcept
    {
        return value_;
    }
    [[nodiscard]] constexpr explicit operator bool() const noexcept
    {
        return value_ != 0;
    }
    friend constexpr auto operator<=>(const amount &, const amount &) noexcept = default;

    constexpr amount &
    operator+=(amount other) noexcept
    {
        value_ += other.value_;
        return *this;
    }
    constexpr amount &
    operator-=(amount other) noexcept
    {
        value_ -= other.value_;
        return *this;
    }
    friend constexpr amount
    operator+(amount a, amount b) noexcept
    {
        return amount{a.value_ + b.value_};
    }
    friend constexpr amount
    operator-(amount a, amount b) noexcept
    {
        return amount{a.value_ - b.value_};
    }
    friend constexpr amount
    operator*(amount a, Rep times) noexcept
    {
        return amount{a.value_ * times};
    }
    friend constexpr amount
    operator*(Rep times, amount a) noexcept
    {
        return a * times;
    }
    /** How often `b` goes into `a`: `bid / demo.tick()`. */
    friend constexpr Rep
    operator/(amount a, amount b) noexcept
    {
        return a.value_ / b.value_;
    }
    friend constexpr amount
    operator%(amount a, amount b) noexcept
    {
        return amount{a.value_ % b.value_};
    }

  private:
    Rep value_{};
};

/** In the instrument's price unit; a valid one is a multiple of the instrument's tick. */
using price = amount<struct price_tag, std::int64_t>;
/** In the instrument's quantity unit; a valid one is a multiple of the instrument's lot. */
using quantity = amount<struct quantity_tag, std::uint64_t>;

/** The client's own name for an order; unique among the live orders of its session, never 0. */
using client_id = identifier<struct client_id_tag, std::uint64_t>;
/** The engine's name for an order, for all its life: the LSN of the command that entered it. */
using order_id = identifier<struct order_id_tag, std::uint64_t>;
using instrument_id = identifier<struct instrument_id_tag, std::uint32_t>;
using account_id = identifier<struct account_id_tag, std::uint32_t>;
/** Number of a command within its session: 1, 2, 3... */
using sequence = identifier<struct sequence_tag, std::uint64_t>;
/** Log sequence number: 1, 2, 3... over the life of an instance. */
using lsn = identifier<struct lsn_tag, std::uint64_t>;

} // namespace holdfast

template <class Tag, std::integral Rep> struct std::hash<holdfast::identifier<Tag, Rep>> {
    std::size_t
    operator()(holdfast::identifier<Tag, Rep> id) const noexcept
    {
        return std::hash<Rep>{}(id.value());
    }
};

template <class Tag, std::integral Rep> struct std::hash<holdfast::amount<Tag, Rep>> {
    std::size_t
    operator()(holdfast::amount<Tag, Rep> number) const noexcept
    {
        return std::hash<Rep>{}(number.value());
    }
};

#endif
