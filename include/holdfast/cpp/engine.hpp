/*
 * engine.hpp - the matching engine as an object, without daemon, shared memory or disk: for back-tests and
 * simulators. The same rules, and the same reports, as the daemon's.
 *
 *     engine venue;
 *     instrument_id acme = venue.add_instrument({...}).value();
 *     engine::session_id me = venue.open_session("me").value();
 *     for (auto [to, answer] : venue.apply(me, new_order{...}, time_ns)) { ... }
 */
#ifndef HOLDFAST_CPP_ENGINE_HPP
#define HOLDFAST_CPP_ENGINE_HPP

#include <holdfast/cpp/command.hpp>
#include <holdfast/cpp/error.hpp>
#include <holdfast/cpp/report.hpp>
#include <holdfast/engine.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace holdfast
{

class engine
{
  public:
    using session_id = identifier<struct engine_session_tag, std::uint32_t>;

    /** A report, and the session that it is for. */
    struct answer {
        session_id to;
        holdfast::report report;
    };

    /** As HF_ENGINE_LIMITS_DEFAULT. */
    [[nodiscard]] static hf_engine_limits
    default_limits() noexcept
    {
        hf_engine_limits limits;
        hf_engine_limits_default(&limits);
        return limits;
    }

    /** Throws `error`: a limit is out of its range, or there is not enough memory. */
    explicit engine(const hf_engine_limits &limits = default_limits())
    {
        hf_engine *handle = nullptr;
        check(detail::code_of(hf_engine_create(&handle, &limits)), "engine");
        handle_.reset(handle);
    }
    [[nodiscard]] result<instrument_id>
    add_instrument(const hf_instrument_info &info) noexcept
    {
        std::uint32_t id = 0;
        hf_error code = detail::code_of(hf_engine_add_instrument(get(), &info, &id));
        if (code != HF_OK) {
            return code;
        }
        return instrument_id{id};
    }
    /** HF_E_ARGUMENT: the name is bad or in use, or no slot is free. */
    [[nodiscard]] result<session_id>
    open_session(const std::string &name) noexcept
    {
        std::uint32_t id = hf_engine_open_session(get(), name.c_str());
        if (id == 0) {
            return HF_E_ARGUMENT;
        }
        return session_id{id};
    }
    /** Apply a command. @return its reports; valid until the next call. Throws `error` when there is no such
     *  session, std::bad_alloc when a command makes more reports than ever before and memory is short */
    std::span<const answer>
    apply(session_id session, const command &command, std::uint64_t time_ns)
    {
        slots_.clear();
        owners_.clear();
        check(detail::code_of(hf_engine_apply(get(), session.value(), command.slots().data(),
                                              time_ns, &engine::collect, this)),
              "engine: no such session");
        return view();
    }
    /** Let time pass: GTD orders expire. */
    std::span<const answer>
    tick(std::uint64_t time_ns)
    {
        slots_.clear();
        owners_.clear();
        hf_engine_tick(get(), time_ns, &engine::collect, this);
        return view();
    }
    /** Best levels of one side. @return the part of `levels` that was filled */
    [[nodiscard]] std::span<const hf_depth_level>
    depth(instrument_id instrument, hf_side side, std::span<hf_depth_level> levels) const noexcept
    {
        return levels.first(
            hf_engine_depth(get(), instrument.value(), side, levels.data(), levels.size()));
    }
    /** Equal digests mean equal outputs. */
    [[nodiscard]] std::uint64_t
    digest() const noexcept
    {
        return hf_engine_digest(get());
    }
    /** The handle, for calls that are not here. */
    [[nodiscard]] hf_engine *
    get() const noexcept
    {
        return handle_.get();
    }

  private:
    struct destroyer {
        void
        operator()(hf_engine *handle) const noexcept
        {
            hf_engine_destroy(handle);
        }
    };

    /** Called from C, through which no exception may pass: out of memory ends the program here. */
    static void
    collect(void *context, std::uint32_t session, const hf_report *report) noexcept
    {
        auto *self = static_cast<engine *>(context);
        for (std::size_t i = 0; i < report->slots; i++) {
            self->slots_.push_back(report[i]);
            self->owners_.push_back(session_id{session});
        }
    }
    std::span<const answer>
    view()
    {
        answers_.clear();
        std::span<const hf_report> rest{slots_};
        for (std::size_t i = 0; i < rest.size(); i += rest[i].slots) {
            answers_.push_back({owners_[i], report{rest.subspan(i)}});
        }
        return answers_;
    }

    std::unique_ptr<hf_engine, destroyer> handle_;
    std::vector<hf_report> slots_;
    std::vector<session_id> owners_;
    std::vector<answer> answers_;
};

} // namespace holdfast

#endif
