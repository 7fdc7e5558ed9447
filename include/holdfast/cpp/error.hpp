/*
 * error.hpp - what calls return: the codes of error.h, as values on the hot path and as exceptions where
 * things are opened.
 *
 *   hf_error      what a call without a result returns; HF_OK is 0
 *   result<T>     a T, or why there is none
 *   error         the exception: a std::system_error with the words of the daemon or the library
 *
 * hf_error is an error-code enumeration of the standard library: std::error_code{HF_E_BUSY}.
 */
#ifndef HOLDFAST_CPP_ERROR_HPP
#define HOLDFAST_CPP_ERROR_HPP

#include <holdfast/cpp/c_library.hpp>

#include <cassert>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>

template <> struct std::is_error_code_enum<hf_error> : std::true_type {
};

namespace holdfast
{

inline const std::error_category &
category() noexcept
{
    static const class : public std::error_category
    {
      public:
        [[nodiscard]] const char *
        name() const noexcept override
        {
            return "holdfast";
        }
        [[nodiscard]] std::string
        message(int code) const override
        {
            return hf_strerror(code);
        }
    } instance;
    return instance;
}

class error : public std::system_error
{
  public:
    error(hf_error code, const std::string &what) : std::system_error{code, category(), what}
    {
    }
    /** @param words  why, in place of what the code says by itself; may begin with `what`, or be empty */
    error(hf_error code, const std::string &what, const std::string &words) : error{code, what}
    {
        if (!words.empty()) {
            words_ = std::make_shared<const std::string>(
                words.starts_with(what + ":") ? words : what + ": " + words);
        }
    }
    [[nodiscard]] const char *
    what() const noexcept override
    {
        return words_ != nullptr ? words_->c_str() : std::system_error::what();
    }
    [[nodiscard]] hf_error
    value() const noexcept
    {
        return static_cast<hf_error>(code().value());
    }

  private:
    std::shared_ptr<const std::string>
        words_; /**< shared, because copying an exception may not throw */
};

/** Why the last open of this thread failed, in words; empty when it did not. */
[[nodiscard]] inline std::string_view
open_error() noexcept
{
    return hf_open_error();
}

/** Whether the same call may go well later although the caller does nothing about it. */
[[nodiscard]] inline bool
is_retriable(hf_error code) noexcept
{
    return hf_error_is_retriable(code);
}

/** Throw unless all is well: for callers who do not look at codes. */
inline void
check(hf_error code, const char *what)
{
    if (code != HF_OK) {
        throw error{code, what};
    }
}

/** A value, or the code that says why there is none. */
template <class T> class [[nodiscard]] result
{
  public:
    constexpr result(T value) noexcept(std::is_nothrow_move_constructible_v<T>)
        : value_{std::move(value)}
    {
    }
    constexpr result(hf_error code) noexcept : code_{code}
    {
        assert(code != HF_OK);
    }
    [[nodiscard]] constexpr bool
    has_value() const noexcept
    {
        return value_.has_value();
    }
    [[nodiscard]] constexpr explicit operator bool() const noexcept
    {
        return has_value();
    }
    /** HF_OK when there is a value. */
    [[nodiscard]] constexpr hf_error
    code() const noexcept
    {
        return code_;
    }
    /** The value; there must be one. */
    [[nodiscard]] constexpr T &
    operator*() &noexcept
    {
        assert(has_value());
        return *value_;
    }
    [[nodiscard]] constexpr const T &
    operator*() const &noexcept
    {
        assert(has_value());
        return *value_;
    }
    [[nodiscard]] constexpr T &&
    operator*() &&noexcept
    {
        assert(has_value());
        return *std::move(value_);
    }
    [[nodiscard]] constexpr T *
    operator->() noexcept
    {
        assert(has_value());
        return &*value_;
    }
    [[nodiscard]] constexpr const T *
    operator->() const noexcept
    {
        assert(has_value());
        return &*value_;
    }
    /** The value; throws `error` when there is none. */
    [[nodiscard]] constexpr T
    value() &&
    {
        check(code_, "holdfast");
        return *std::move(value_);
    }
    [[nodiscard]] constexpr const T &
    value() const &
    {
        check(code_, "holdfast");
        return *value_;
    }

  private:
    std::optional<T> value_;
    hf_error code_ = HF_OK;
};

namespace detail
{

/** What the C library returned. */
[[nodiscard]] inline hf_error
code_of(int returned) noexcept
{
    return static_cast<hf_error>(returned);
}

} // namespace detail
} // namespace holdfast

/** Found by std::error_code, because hf_error lives in the global namespace. */
[[nodiscard]] inline std::error_code
make_error_code(hf_error code) noexcept
{
    return {code, holdfast::category()};
}

#endif
