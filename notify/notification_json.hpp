// A notification as webhooks and commands get it.
#pragma once

#include <string>

#include "engine/notification.hpp"

namespace csrflow::notify {

/// One line:
/// {"apiVersion":"csrflow.io/v1","kind":"Notification","id":"ops/4711","event":"rotation-failed",
///  "at":"2026-09-01T12:00:00.000000Z","position":4711,"stream":"csr/web-1","object":"web-1","title":…,"text":…}
std::string notification_json(const engine::Notification&);

}  // namespace csrflow::notify
