// Kubernetes' Status: every answer that is not an object, as a value. The words are those of
// kube-apiserver 1.35, since clients test for some of them and people search for the rest.
#pragma once

#include <optional>

#include "engine/types.hpp"

namespace csrflow::api {

// ---- field errors (k8s.io/apimachinery util/validation/field) -----------------------------------

enum class FieldErrorType {
  not_found,
  required,
  duplicate,
  invalid,
  not_supported,
  forbidden,
  too_long,
  too_many,
  internal,
  type_invalid
};

/// What is wrong with one field.
struct FieldError {
  FieldErrorType type{};
  std::string field;  ///< `spec.usages[0]`
  std::string value;  ///< as printed: `"x"`, `599`, `null`; not shown for required, forbidden and too long
  std::string detail;
  bool operator==(const FieldError&) const = default;

  /// `Invalid value: "x": why`: the cause's message.
  std::string body() const;
  /// `FieldValueInvalid`: the cause's reason.
  std::string_view reason() const;
};
using FieldErrors = std::vector<FieldError>;

namespace field {
FieldError required(std::string path, std::string detail = {});
/// `value` is text and gets quoted.
FieldError invalid(std::string path, std::string_view value, std::string detail);
/// `printed` is the value as it shall be shown.
FieldError invalid_printed(std::string path, std::string printed, std::string detail);
FieldError duplicate(std::string path, std::string_view value);
FieldError forbidden(std::string path, std::string detail);
FieldError too_long(std::string path, std::size_t max_bytes);
/// `printed` as above; `supported` in the order in which they are shown.
FieldError not_supported(std::string path, std::string printed, const std::vector<std::string>& supported);
}  // namespace field

/// Go's %q: double quotes, backslash escapes, \x, \u and \U for what cannot be printed.
std::string go_quote(std::string_view);
/// `&`, `<` and `>` as HTML entities.
std::string escape_html(std::string_view);

// ---- the Status ---------------------------------------------------------------------------------

struct StatusCause {
  std::string reason, message, field;
};
struct StatusDetails {
  std::string name, group, kind, uid;
  std::vector<StatusCause> causes;
  int retry_after_seconds = 0;
};
struct Status {
  int code = 500;      ///< of HTTP; not written when `success`
  std::string reason;  ///< empty: none is written
  std::string message;
  std::optional<StatusDetails> details;
  bool success = false;

  /// One line of JSON without a newline.
  std::string json() const;
};

/// A resource or a kind with its group, as error texts name it:
/// `certificatesigningrequests.certificates.k8s.io`, `pods` in the core group.
struct GroupName {
  std::string group, name;
  std::string text() const;
};

namespace status {

Status bad_request(std::string message);
Status unauthorized();
/// 401 whose reason may be told, since it helps nobody but the credential's owner.
Status unauthorized(std::string why);
/// `GR "NAME" is forbidden: <why>`; `why` is HTML-escaped. Name empty: for a collection.
Status forbidden(const GroupName& resource, const std::string& name, const std::string& why);
/// What RBAC says of a request that it refuses; `subresource` may be empty; a namespace may be.
Status forbidden_resource(const GroupName& resource, const std::string& subresource, const std::string& name,
                          const std::string& namespace_name, const std::string& user, const std::string& verb,
                          const std::string& evaluation_problem = {});
Status forbidden_path(const std::string& user, const std::string& verb, const std::string& path,
                      const std::string& evaluation_problem = {});
/// `the server could not find the requested resource`: an unknown resource or subresource.
Status no_such_resource();
Status not_found(const GroupName& resource, const std::string& name);
Status method_not_allowed();
Status already_exists(const GroupName& resource, const std::string& name);
/// The holder of the name is being deleted.
Status still_terminating(const GroupName& resource, const std::string& name);
Status generated_name_taken(const GroupName& resource, const std::string& name);
/// `Operation cannot be fulfilled on GR "NAME": <why>`.
Status conflict(const GroupName& resource, const std::string& name, const std::string& why);
/// 409 `AlreadyReplaced`: the certificate that the request follows has a successor. client-go counts a 409
/// whose reason it does not know as a conflict, and neither retries it nor takes the object for its own, as
/// it does with `AlreadyExists`.
Status already_replaced(const GroupName& resource, const std::string& name, const std::string& why);
/// The object has moved past the version that the client knew.
Status modified(const GroupName& resource, const std::string& name);
/// DELETE's preconditions; these two name the kind, as Kubernetes does.
Status uid_precondition(const GroupName& kind, const std::string& name, const std::string& sent,
                        const std::string& found);
Status version_precondition(const GroupName& kind, const std::string& name, const std::string& sent,
                            const std::string& found);
/// PUT with another uid.
Status uid_conflict(const GroupName& resource, const std::string& name, const std::string& sent,
                    const std::string& found);
Status invalid(const GroupName& kind, const std::string& name, const FieldErrors&);
/// A JSON patch that does not apply: the fixed sentence, no causes.
Status unprocessable();
Status too_large(std::size_t limit_bytes);
Status unsupported_media_type();
/// PATCH with a content type that is none of the patches.
Status unsupported_patch_type();
/// 500 without class: no reason, no details.
Status plain_error(std::string message);
Status internal(const std::string& message);
Status unavailable(const std::string& message);
/// The log cannot grow: 507, nothing was written.
Status disk_full(const std::string& message);
/// A version from the future; `Retry-After: 1` belongs to it.
Status too_large_resource_version(engine::Position asked, engine::Position current);
/// DELETE went through.
Status deleted(const GroupName& resource, const std::string& name, const engine::Uid&);

}  // namespace status
}  // namespace csrflow::api
