// What the kinds of csrflow's own group have in common: a spec that is kept as it was sent and read as a
// whole, so that all that is wrong with it is told at once.
#pragma once

#include <initializer_list>

#include "api/config_format.hpp"
#include "api/resource.hpp"
#include "policies/problem.hpp"

namespace csrflow::api {

std::unique_ptr<BodyReader> spec_reader();
FieldErrors allow_any_change(const engine::ConfigObject&, const engine::ConfigObject&);

/// A row of a table, as JSON; the age comes last.
std::string cells(std::initializer_list<std::string> texts);

/// Cluster-wide, with all verbs; the last column is the age.
Resource own_kind(const std::string& kind, const std::string& plural, std::string_view schemas,
                  std::vector<Column> columns, const ConfigFormat&, std::string_view category);

/// The document's errors, and those of a name that is no DNS label, which are told once, in Kubernetes'
/// words.
FieldErrors document_errors(const engine::ConfigObject&, const policies::Problems&);

}  // namespace csrflow::api
