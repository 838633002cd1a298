// The verbs. Each is called once the request is authenticated, authorised and its path known; it answers the
// call, now or later.
#pragma once

#include "api/call.hpp"

namespace csrflow::api {

void get_object(const CallPtr&);
void list_objects(const CallPtr&);
void watch_objects(const CallPtr&);
void create_object(const CallPtr&);
void update_object(const CallPtr&);
void patch_object(const CallPtr&);
void delete_object(const CallPtr&);
void delete_collection(const CallPtr&);

void review_self(const CallPtr&);
/// SelfSubjectAccessReview, SubjectAccessReview, LocalSubjectAccessReview.
void review_access(const CallPtr&);
/// SelfSubjectRulesReview.
void review_rules(const CallPtr&);
void review_token(const CallPtr&);

/// Everything that is no resource: discovery, OpenAPI, version, health.
void system_path(const CallPtr&);

/// Goes on once everything up to `version` is committed; 504 when that takes too long.
void once_committed(const CallPtr&, std::optional<engine::Position> version,
                    std::move_only_function<void()> go_on);

/// Of a list, a watch or a deletion of many: what of the query chooses objects.
std::expected<WatchSelector, Status> selector_of(const Call&, const ListOptions&);

}  // namespace csrflow::api
