// The body of a review's POST.
#pragma once

#include "api/write_call.hpp"

namespace csrflow::api {

/// Accept, Content-Type, size, the options of a creation, and the body as `decode` reads it, with its
/// warnings; nothing when the call was refused. The answer is never a Table.
template <class Decode>
auto decoded_question(const CallPtr& call, const Decode& decode)
    -> std::optional<typename decltype(decode(Format(), std::string_view(), FieldValidation()))::value_type> {
  const auto format = read_body_format(call);
  call->form = {.format = call->form.format, .pretty = call->form.pretty};
  if (!format) return std::nullopt;
  const auto options = create_options(call->query);
  if (!options) {
    call->fail(options.error());
    return std::nullopt;
  }
  auto sent = decode(*format, call->request().body, options->field_validation);
  if (!sent) {
    call->fail(sent.error());
    return std::nullopt;
  }
  warn(*call, sent->warnings);
  return std::move(*sent);
}

}  // namespace csrflow::api
