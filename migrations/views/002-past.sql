-- What policies must know of the past, and what a replay under other policies reads. Instants are UTC
-- microseconds.

-- Each request as it was made, and what was said and decided about it (engine/past_requests.cpp).
CREATE TABLE past (
  position    INTEGER PRIMARY KEY,
  request     INTEGER NOT NULL,  -- position of its `created`
  recorded_at INTEGER NOT NULL,
  data        BLOB    NOT NULL
) STRICT;

-- The requests of a requester, for a name, to a signer: each with its number among them.
CREATE TABLE counted (
  member      BLOB    NOT NULL,  -- the group's key
  recorded_at INTEGER NOT NULL,
  position    INTEGER NOT NULL,
  number      INTEGER NOT NULL,  -- 1, 2, 3 …
  PRIMARY KEY (member, recorded_at, position)
) STRICT, WITHOUT ROWID;

-- Uses of each key that say something new: the first, the first by another user, and the first outside the
-- first's lineage.
CREATE TABLE key_use (
  spki     BLOB    NOT NULL,  -- SHA-256
  position INTEGER NOT NULL,
  PRIMARY KEY (spki, position)
) STRICT, WITHOUT ROWID;
