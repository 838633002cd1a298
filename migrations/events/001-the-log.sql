-- The log. Insert only: the triggers are against our own bugs; against people there is the Merkle tree.
CREATE TABLE event (
  position     INTEGER PRIMARY KEY CHECK (position > 0),
  stream       TEXT    NOT NULL CHECK (length(stream) BETWEEN 1 AND 4096 AND length(CAST(stream AS BLOB)) = length(stream) AND stream NOT GLOB '*[^!-~]*'),
  version      INTEGER NOT NULL CHECK (version > 0),
  type         TEXT    NOT NULL CHECK (length(type) BETWEEN 1 AND 64 AND length(CAST(type AS BLOB)) = length(type) AND type NOT GLOB '*[^a-z_]*'),
  schema       INTEGER NOT NULL CHECK (schema > 0),
  recorded_at  INTEGER NOT NULL CHECK (recorded_at > 0),          -- UTC microseconds, never decreases
  context_hash BLOB    NOT NULL CHECK (length(context_hash) = 32),
  data_hash    BLOB    NOT NULL CHECK (length(data_hash) = 32),
  salt         BLOB    CHECK (length(salt) = 16),
  context      BLOB,                                              -- JSON bytes as written
  data         BLOB,                                              -- JSON bytes as written
  CHECK ((salt IS NULL) = (context IS NULL) AND (salt IS NULL) = (data IS NULL))
) STRICT;
CREATE UNIQUE INDEX event_stream ON event (stream, version);
CREATE TABLE checkpoint (size INTEGER PRIMARY KEY CHECK (size >= 0), note BLOB NOT NULL) STRICT;
CREATE TRIGGER event_insert BEFORE INSERT ON event
WHEN new.position IS NOT (SELECT coalesce(max(position), 0) + 1 FROM event)
  OR new.version IS NOT (SELECT coalesce(max(version), 0) + 1 FROM event WHERE stream = new.stream)
  OR new.recorded_at < (SELECT recorded_at FROM event ORDER BY position DESC LIMIT 1)
BEGIN SELECT raise(ABORT, 'event log: wrong position, stream version or time'); END;
CREATE TRIGGER event_delete BEFORE DELETE ON event
BEGIN SELECT raise(ABORT, 'event log: events are never deleted'); END;
CREATE TRIGGER event_update BEFORE UPDATE ON event
WHEN NOT (new.position IS old.position AND new.stream IS old.stream AND new.version IS old.version
  AND new.type IS old.type AND new.schema IS old.schema AND new.recorded_at IS old.recorded_at
  AND new.context_hash IS old.context_hash AND new.data_hash IS old.data_hash
  AND new.salt IS NULL AND new.context IS NULL AND new.data IS NULL)
BEGIN SELECT raise(ABORT, 'event log: events never change; their payload can only be erased'); END;
CREATE TRIGGER checkpoint_insert BEFORE INSERT ON checkpoint
WHEN new.size <= (SELECT coalesce(max(size), -1) FROM checkpoint) OR new.size > (SELECT coalesce(max(position), 0) FROM event)
BEGIN SELECT raise(ABORT, 'checkpoints only grow, and never beyond the log'); END;
CREATE TRIGGER checkpoint_update BEFORE UPDATE ON checkpoint BEGIN SELECT raise(ABORT, 'checkpoints never change'); END;
CREATE TRIGGER checkpoint_delete BEFORE DELETE ON checkpoint BEGIN SELECT raise(ABORT, 'checkpoints are never deleted'); END;
