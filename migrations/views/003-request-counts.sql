-- How many requests are there, by signer and state; no row says none.
CREATE TABLE request_count (
  signer   TEXT    NOT NULL,
  state    TEXT    NOT NULL,  -- engine/request_state.hpp
  requests INTEGER NOT NULL,
  PRIMARY KEY (signer, state)
) STRICT, WITHOUT ROWID;

-- Certificates that are neither replaced nor known to have ended.
CREATE TABLE unreplaced (
  signed_at INTEGER PRIMARY KEY,  -- position
  not_after INTEGER NOT NULL
) STRICT;
CREATE INDEX unreplaced_not_after ON unreplaced (not_after);
