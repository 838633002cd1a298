// Events of core/v1 and of events.k8s.io.
#include "api/schemas.hpp"

namespace csrflow::api {

const std::string_view core_event_schemas = R"json({
"io.k8s.api.core.v1.Event": {
  "description": "Event is a report of an event somewhere in the cluster.  Events have a limited retention time and triggers and messages may evolve with time.  Event consumers should not rely on the timing of an event with a given Reason reflecting a consistent underlying trigger, or the continued existence of events with that Reason.  Events should be treated as informative, best-effort, supplemental data.",
  "type": "object",
  "required": ["metadata", "involvedObject"],
  "x-kubernetes-group-version-kind": [{"group": "", "kind": "Event", "version": "v1"}],
  "properties": {
    "action": {"type": "string", "description": "What action was taken/failed regarding to the Regarding object."},
    "apiVersion": {"type": "string", "description": "APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources"},
    "count": {"type": "integer", "format": "int32", "description": "The number of times this event has occurred."},
    "eventTime": {"allOf": [{"$ref": "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime"}], "description": "Time when this Event was first observed."},
    "firstTimestamp": {"allOf": [{"$ref": "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.Time"}], "description": "The time at which the event was first recorded. (Time of server receipt is in TypeMeta.)"},
    "involvedObject": {"default": {}, "allOf": [{"$ref": "#/components/schemas/io.k8s.api.core.v1.ObjectReference"}], "description": "The object that this event is about."},
    "kind": {"type": "string", "description": "Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds"},
    "lastTimestamp": {"allOf": [{"$ref": "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.Time"}], "description": "The time at which the most recent occurrence of this event was recorded."},
    "message": {"type": "string", "description": "A human-readable description of the status of this operation."},
    "metadata": {"default": {}, "allOf": [{"$ref": "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"}], "description": "Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata"},
    "reason": {"type": "string", "description": "This should be a short, machine understandable string that gives the reason for the transition into the object's current status."},
    "related": {"allOf": [{"$ref": "#/components/schemas/io.k8s.api.core.v1.ObjectReference"}], "description": "Optional secondary object for more complex actions."},
    "reportingComponent": {"type": "string", "default": "", "description": "Name of the controller that emitted this Event, e.g. `kubernetes.io/kubelet`."},
    "reportingInstance": {"type": "string", "default": "", "description": "ID of the controller instance, e.g. `kubelet-xyzf`."},
    "series": {"allOf": [{"$ref": "#/components/schemas/io.k8s.api.core.v1.EventSeries"}], "description": "Data about the Event series this event represents or nil if it's a singleton Event."},
    "source": {"default": {}, "allOf": [{"$ref": "#/components/schemas/io.k8s.api.core.v1.EventSource"}], "description": "The component reporting this event. Should be a short machine understandable string."},
    "type": {"type": "string", "description": "Type of this event (Normal, Warning), new types could be added in the future"}
  }
},
"io.k8s.api.core.v1.EventList": {
  "description": "EventList is a list of events.",
  "type": "object",
  "required": ["items"],
  "x-kubernetes-group-version-kind": [{"group": "", "kind": "EventList", "version": "v1"}],
  "properties": {
    "apiVersion": {"type": "string", "description": "APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources"},
    "items": {"type": "array", "items": {"default": {}, "allOf": [{"$ref": "#/components/schemas/io.k8s.api.core.v1.Event"}]}, "description": "List of events"},
    "kind": {"type": "string", "description": "Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds"},
    "metadata": {"default": {}, "allOf": [{"$ref": "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta"}], "description": "Standard list metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds"}
  }
},
"io.k8s.api.core.v1.EventSeries": {
  "description": "EventSeries contain information on series of events, i.e. thing that was/is happening continuously for some time.",
  "type": "object",
  "properties": {
    "count": {"type": "integer", "format": "int32", "description": "Number of occurrences in this series up to the last heartbeat time"},
    "lastObservedTime": {"allOf": [{"$ref": "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime"}], "description": "Time of the last occurrence observed"}
  }
},
"io.k8s.api.core.v1.EventSource": {
  "description": "EventSource contains information for an event.",
  "type": "object",
  "properties": {
    "component": {"type": "string", "description": "Component from which the event is generated."},
    "host": {"type": "string", "description": "Node name on which the event is generated."}
  }
},
"io.k8s.api.core.v1.ObjectReference": {
  "description": "ObjectReference contains enough information to let you inspect or modify the referred object.",
  "type": "object",
  "x-kubernetes-map-type": "atomic",
  "properties": {
    "apiVersion": {"type": "string", "description": "API version of the referent."},
    "fieldPath": {"type": "string", "description": "If referring to a piece of an object instead of an entire object, this string should contain a valid JSON/Go field access statement, such as desiredState.manifest.containers[2]. For example, if the object reference is to a container within a pod, this would take on a value like: \"spec.containers{name}\" (where \"name\" refers to the name of the container that triggered the event) or if no container name is specified \"spec.containers[2]\" (container with index 2 in this pod). This syntax is chosen only to have some well-defined way of referencing a part of an object."},
    "kind": {"type": "string", "description": "Kind of the referent. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds"},
    "name": {"type": "string", "description": "Name of the referent. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#names"},
    "namespace": {"type": "string", "description": "Namespace of the referent. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/"},
    "resourceVersion": {"type": "string", "description": "Specific resourceVersion to which this reference is made, if any. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#concurrency-control-and-consistency"},
    "uid": {"type": "string", "description": "UID of the referent. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#uids"}
  }
},
"io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime": {
  "description": "MicroTime is version of Time with microsecond level precision.",
  "type": "string",
  "format": "date-time"
}
})json";

const std::string_view event_schemas = R"json({
"io.k8s.api.events.v1.Event": {
  "description": "Event is a report of an event somewhere in the cluster. It generally denotes some state change in the system. Events have a limited retention time and triggers and messages may evolve with time.  Event consumers should not rely on the timing of an event with a given Reason reflecting a consistent underlying trigger, or the continued existence of events with that Reason.  Events should be treated as informative, best-effort, supplemental data.",
  "type": "object",
  "required": ["eventTime"],
  "x-kubernetes-group-version-kind": [{"group": "events.k8s.io", "kind": "Event", "version": "v1"}],
  "properties": {
    "action": {"type": "string", "description": "action is what action was taken/failed regarding to the regarding object. It is machine-readable. This field cannot be empty for new Events and it can have at most 128 characters."},
    "apiVersion": {"type": "string", "description": "APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources"},
    "deprecatedCount": {"type": "integer", "format": "int32", "description": "deprecatedCount is the deprecated field assuring backward compatibility with core.v1 Event type."},
    "deprecatedFirstTimestamp": {"allOf": [{"$ref": "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.Time"}], "description": "deprecatedFirstTimestamp is the deprecated field assuring backward compatibility with core.v1 Event type."},
    "deprecatedLastTimestamp": {"allOf": [{"$ref": "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.Time"}], "description": "deprecatedLastTimestamp is the deprecated field assuring backward compatibility with core.v1 Event type."},
    "deprecatedSource": {"default": {}, "allOf": [{"$ref": "#/components/schemas/io.k8s.api.core.v1.EventSource"}], "description": "deprecatedSource is the deprecated field assuring backward compatibility with core.v1 Event type."},
    "eventTime": {"allOf": [{"$ref": "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime"}], "description": "eventTime is the time when this Event was first observed. It is required."},
    "kind": {"type": "string", "description": "Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds"},
    "metadata": {"default": {}, "allOf": [{"$ref": "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"}], "description": "Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata"},
    "note": {"type": "string", "description": "note is a human-readable description of the status of this operation. Maximal length of the note is 1kB, but libraries should be prepared to handle values up to 64kB."},
    "reason": {"type": "string", "description": "reason is why the action was taken. It is human-readable. This field cannot be empty for new Events and it can have at most 128 characters."},
    "regarding": {"default": {}, "allOf": [{"$ref": "#/components/schemas/io.k8s.api.core.v1.ObjectReference"}], "description": "regarding contains the object this Event is about. In most cases it's an Object reporting controller implements, e.g. ReplicaSetController implements ReplicaSets and this event is emitted because it acts on some changes in a ReplicaSet object."},
    "related": {"allOf": [{"$ref": "#/components/schemas/io.k8s.api.core.v1.ObjectReference"}], "description": "related is the optional secondary object for more complex actions. E.g. when regarding object triggers a creation or deletion of related object."},
    "reportingController": {"type": "string", "description": "reportingController is the name of the controller that emitted this Event, e.g. `kubernetes.io/kubelet`. This field cannot be empty for new Events."},
    "reportingInstance": {"type": "string", "description": "reportingInstance is the ID of the controller instance, e.g. `kubelet-xyzf`. This field cannot be empty for new Events and it can have at most 128 characters."},
    "series": {"allOf": [{"$ref": "#/components/schemas/io.k8s.api.events.v1.EventSeries"}], "description": "series is data about the Event series this event represents or nil if it's a singleton Event."},
    "type": {"type": "string", "description": "type is the type of this event (Normal, Warning), new types could be added in the future. It is machine-readable. This field cannot be empty for new Events."}
  }
},
"io.k8s.api.events.v1.EventList": {
  "description": "EventList is a list of Event objects.",
  "type": "object",
  "required": ["items"],
  "x-kubernetes-group-version-kind": [{"group": "events.k8s.io", "kind": "EventList", "version": "v1"}],
  "properties": {
    "apiVersion": {"type": "string", "description": "APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources"},
    "items": {"type": "array", "items": {"default": {}, "allOf": [{"$ref": "#/components/schemas/io.k8s.api.events.v1.Event"}]}, "description": "items is a list of schema objects."},
    "kind": {"type": "string", "description": "Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds"},
    "metadata": {"default": {}, "allOf": [{"$ref": "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta"}], "description": "Standard list metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata"}
  }
},
"io.k8s.api.events.v1.EventSeries": {
  "description": "EventSeries contain information on series of events, i.e. thing that was/is happening continuously for some time. How often to update the EventSeries is up to the event reporters. The default event reporter in \"k8s.io/client-go/tools/events/event_broadcaster.go\" shows how this struct is updated on heartbeats and can guide customized reporter implementations.",
  "type": "object",
  "required": ["count", "lastObservedTime"],
  "properties": {
    "count": {"type": "integer", "format": "int32", "default": 0, "description": "count is the number of occurrences in this series up to the last heartbeat time."},
    "lastObservedTime": {"allOf": [{"$ref": "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime"}], "description": "lastObservedTime is the time when last Event from the series was seen before last heartbeat."}
  }
},
"io.k8s.api.core.v1.EventSource": {
  "description": "EventSource contains information for an event.",
  "type": "object",
  "properties": {
    "component": {"type": "string", "description": "Component from which the event is generated."},
    "host": {"type": "string", "description": "Node name on which the event is generated."}
  }
},
"io.k8s.api.core.v1.ObjectReference": {
  "description": "ObjectReference contains enough information to let you inspect or modify the referred object.",
  "type": "object",
  "x-kubernetes-map-type": "atomic",
  "properties": {
    "apiVersion": {"type": "string", "description": "API version of the referent."},
    "fieldPath": {"type": "string", "description": "If referring to a piece of an object instead of an entire object, this string should contain a valid JSON/Go field access statement, such as desiredState.manifest.containers[2]. For example, if the object reference is to a container within a pod, this would take on a value like: \"spec.containers{name}\" (where \"name\" refers to the name of the container that triggered the event) or if no container name is specified \"spec.containers[2]\" (container with index 2 in this pod). This syntax is chosen only to have some well-defined way of referencing a part of an object."},
    "kind": {"type": "string", "description": "Kind of the referent. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds"},
    "name": {"type": "string", "description": "Name of the referent. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#names"},
    "namespace": {"type": "string", "description": "Namespace of the referent. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/"},
    "resourceVersion": {"type": "string", "description": "Specific resourceVersion to which this reference is made, if any. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#concurrency-control-and-consistency"},
    "uid": {"type": "string", "description": "UID of the referent. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#uids"}
  }
},
"io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime": {
  "description": "MicroTime is version of Time with microsecond level precision.",
  "type": "string",
  "format": "date-time"
}
})json";

}  // namespace csrflow::api
