// What every document of csrflow.io/v1 has around its spec. Internal to the documents' .cpp files.
#pragma once

#include <algorithm>
#include <functional>
#include <iterator>

#include "policies/field_codec.hpp"

namespace csrflow::policies {

/// Reads apiVersion, kind, metadata.name and the names of the fields, and calls `read_spec` at a spec that is
/// an object. `bytes`: of the document. Returns the name; empty when there is none.
std::string read_envelope(Reading&, const Tree& document, std::size_t bytes, std::string_view kind,
                          const std::function<void(const Tree& spec)>& read_spec);

/// The canonical document: JSON with sorted keys.
std::string canonical_document(std::string_view kind, std::string_view name, Tree spec);

/// The documents of a file of bounded length, and how many bytes each has, whatever its comments and
/// indentation.
struct FileDocuments {
  struct Document {
    Tree tree;
    std::size_t bytes = 0;
  };
  std::vector<Document> documents;
  Problems problems;
};
FileDocuments read_yaml_file(std::string_view yaml);
FileDocuments read_json_file(std::string_view json);

/// What each document of a YAML file is, into its `list`, and what is wrong with the others.
template <class File, class List, class Read>
File read_documents(std::string_view yaml, List File::*list, Read read) {
  FileDocuments documents = read_yaml_file(yaml);
  File file;
  file.problems = std::move(documents.problems);
  for (const auto& document : documents.documents) {
    if (auto one = read(document)) {
      (file.*list).push_back(std::move(*one));
    } else {
      std::ranges::move(one.error(), std::back_inserter(file.problems));
    }
  }
  return file;
}

}  // namespace csrflow::policies
