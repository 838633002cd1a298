-- What is computed from the log; deleted and rebuilt at will. Instants are UTC microseconds.

-- One row: what the other tables show, and whether they can be trusted after a power loss.
CREATE TABLE reached (
  id       INTEGER PRIMARY KEY CHECK (id = 1),
  position INTEGER NOT NULL,
  boot     TEXT    NOT NULL,  -- the kernel's boot id when it was opened for writing last
  maker    TEXT    NOT NULL,  -- the program whose rendering the rows are
  clean    INTEGER NOT NULL   -- 1 = closed and synced
) STRICT;
INSERT INTO reached VALUES (1, 0, '', '', 0);

-- Objects, ready to be sent. A deleted one stays as a tombstone with an empty tail.
CREATE TABLE object (
  resource         TEXT    NOT NULL,
  name             TEXT    NOT NULL,
  uid              TEXT    NOT NULL,
  resource_version INTEGER NOT NULL,
  creation         INTEGER NOT NULL,
  labels           TEXT    NOT NULL,  -- JSON object of texts
  fields           TEXT    NOT NULL,  -- JSON object of texts
  cells            TEXT    NOT NULL,
  tail             BLOB    NOT NULL,
  metadata_bytes   INTEGER NOT NULL,
  deleted_at       INTEGER            -- position of its deletion
) STRICT;
CREATE UNIQUE INDEX object_name ON object (resource, name);
-- Names alone: how many follow is counted without touching the objects.
CREATE INDEX object_live ON object (resource, name) WHERE deleted_at IS NULL;
CREATE INDEX object_version ON object (resource_version);

-- Every certificate that the log knows: requests', csrflow's own, the CA's.
CREATE TABLE certificate (
  signed_at   INTEGER PRIMARY KEY,  -- position
  stream      TEXT    NOT NULL,
  uid         TEXT    NOT NULL,     -- empty for csrflow's own and the CA's
  serial      TEXT    NOT NULL,     -- lower-case hex
  fingerprint TEXT    NOT NULL,     -- SHA-256, lower-case hex
  not_before  INTEGER NOT NULL,
  not_after   INTEGER NOT NULL,
  foreign_ca  INTEGER NOT NULL      -- 1 = set by a signer that is not ours
) STRICT;
CREATE INDEX certificate_serial ON certificate (serial);
CREATE INDEX certificate_fingerprint ON certificate (fingerprint);
CREATE INDEX certificate_stream ON certificate (stream, uid);
CREATE INDEX certificate_not_after ON certificate (not_after);

CREATE TABLE timer (
  stream    TEXT    NOT NULL,
  kind      TEXT    NOT NULL,
  cause     INTEGER NOT NULL,
  attempt   INTEGER NOT NULL,
  due       INTEGER NOT NULL,
  not_after INTEGER NOT NULL,
  PRIMARY KEY (stream, kind, cause, attempt)
) STRICT, WITHOUT ROWID;
CREATE INDEX timer_due ON timer (due, cause);
CREATE INDEX timer_kind ON timer (kind);

-- Each successor with what it follows; completed once it was signed.
CREATE TABLE lineage (
  uid                TEXT    NOT NULL PRIMARY KEY,
  name               TEXT    NOT NULL,
  base_name          TEXT    NOT NULL,  -- name of generation 1
  began_with         TEXT    NOT NULL,  -- its uid
  generation         INTEGER NOT NULL,
  predecessor        TEXT    NOT NULL,
  predecessor_uid    TEXT    NOT NULL,
  predecessor_serial TEXT    NOT NULL,
  created_at         INTEGER NOT NULL,  -- position
  serial             TEXT,
  rotated_at         INTEGER            -- position
) STRICT, WITHOUT ROWID;
CREATE INDEX lineage_base ON lineage (base_name, generation);
CREATE INDEX lineage_predecessor ON lineage (predecessor_uid);
