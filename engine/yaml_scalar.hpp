// What a plain scalar of YAML 1.1 means to kubectl (sigs.k8s.io/yaml): `yes` is a boolean, `010` is eight.
#pragma once

#include <string>
#include <string_view>

namespace csrflow::engine {

struct YamlScalar {
  enum class Kind { null, boolean, number, text };
  Kind kind = Kind::null;
  bool boolean = false;
  std::string text;  ///< of a text; of a number as JSON has it
};

YamlScalar plain_yaml_scalar(const std::string& text);

}  // namespace csrflow::engine
