/* handle.hpp - what the classes over handles of the C library share. */
#ifndef HOLDFAST_CPP_HANDLE_HPP
#define HOLDFAST_CPP_HANDLE_HPP

#include <holdfast/cpp/error.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast
{

using std::chrono::nanoseconds;

/** Which instance is meant. */
struct target {
    std::string_view instance = "holdfast";
    std::string_view socket_path{}; /**< in place of the instance's usual one */
};

namespace detail
{

/** The C library counts in unsigned nanoseconds; less than nothing is nothing. */
[[nodiscard]] constexpr std::uint64_t
ns_of(nanoseconds duration) noexcept
{
    return duration.count() > 0 ? static_cast<std::uint64_t>(duration.count()) : 0;
}

/** An empty string is NULL to the C library. */
[[nodiscard]] inline const char *
text_or_null(const std::string &text) noexcept
{
    return text.empty() ? nullptr : text.c_str();
}

[[nodiscard]] inline std::string
words_of(const target &target)
{
    return target.socket_path.empty() ? "instance " + std::string{target.instance}
                                      : std::string{target.socket_path};
}

[[noreturn]] inline void
throw_open_error(hf_error code, const std::string &what)
{
    throw error{code, what, std::string{open_error()}};
}

} // namespace detail
} // namespace holdfast

#endif
