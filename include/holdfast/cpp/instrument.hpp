/* instrument.hpp - reference data of an instrument, typed. */
#ifndef HOLDFAST_CPP_INSTRUMENT_HPP
#define HOLDFAST_CPP_INSTRUMENT_HPP

#include <holdfast/cpp/numbers.hpp>
#include <holdfast/status.h>

#include <string_view>

namespace holdfast
{

/** A copy, as of the moment when it was looked up. */
class instrument
{
  public:
    instrument() noexcept = default;
    explicit instrument(const hf_instrument_info &info) noexcept : info_{info}
    {
    }
    [[nodiscard]] instrument_id
    id() const noexcept
    {
        return instrument_id{info_.id};
    }
    [[nodiscard]] std::string_view
    symbol() const noexcept
    {
        std::string_view field{info_.symbol, sizeof(info_.symbol)};
        return field.substr(0, field.find('\0'));
    }
    [[nodiscard]] price
    tick() const noexcept
    {
        return price{info_.tick};
    }
    [[nodiscard]] quantity
    lot() const noexcept
    {
        return quantity{info_.lot};
    }
    [[nodiscard]] price
    price_min() const noexcept
    {
        return price{info_.price_min};
    }
    [[nodiscard]] price
    price_max() const noexcept
    {
        return price{info_.price_max};
    }
    [[nodiscard]] quantity
    quantity_max() const noexcept
    {
        return quantity{info_.quantity_max};
    }
    [[nodiscard]] hf_phase
    phase() const noexcept
    {
        return static_cast<hf_phase>(info_.phase);
    }
    /** Everything, collar and limits too. */
    [[nodiscard]] const hf_instrument_info &
    info() const noexcept
    {
        return info_;
    }

  private:
    hf_instrument_info info_{};
};

} // namespace holdfast

#endif
