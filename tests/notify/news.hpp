// A notification, and files of a test's own.
#pragma once

#include "engine/notification.hpp"
#include "tests/agent/folder.hpp"

namespace csrflow::notify::test {

using agent::test::contents;
using agent::test::Folder;
using agent::test::put;

/// 2026-09-01T12:00:00.000250Z
constexpr engine::Timestamp noon{1'788'264'000'000'250};

inline engine::Notification news(std::string title = "web-1 was not rotated") {
  return {.id = "ops/4711",
          .kind = engine::Notable::rotation_failed,
          .at = noon,
          .position = {4711},
          .stream = "csr/web-1",
          .title = std::move(title),
          .text = "The signer is away.\nThe next attempt is at 13:00."};
}

/// A file that only its owner can read.
inline std::string secret_in(const Folder& folder, const std::string& text) {
  put(folder / "secret", text, 0600);
  return folder / "secret";
}

}  // namespace csrflow::notify::test
