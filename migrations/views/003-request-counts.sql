-- How many requests are there, by signer and state; no row says none.
CREATE TABLE request_count (
  signer   TEXT    NOT NULL,
  state    TEXT    NOT NULL,  -- engine/request_state.hpp
  requests INTEGER NOT NULL,
  PRIMARY KEY (signer, state)
) STRICT, WITHOUT ROWID;
