-- The timers follow the rules that stand, and the scheduler reads each of them once.

-- Grows with each row that is added: what came since a look, whatever its due time. How events were cut into
-- batches decides it, so it says nothing of the log.
ALTER TABLE timer ADD COLUMN added INTEGER NOT NULL DEFAULT 0;
CREATE INDEX timer_added ON timer (added);

-- What was left half-done.
DROP INDEX timer_kind;
CREATE INDEX timer_unfinished ON timer (due) WHERE kind IN ('sign', 'resume-sign');

-- At most one row: the rules have changed, and so far the timers of requests up to a name were computed anew.
CREATE TABLE timer_pass (
  id           INTEGER PRIMARY KEY CHECK (id = 1),
  all_requests INTEGER NOT NULL,
  signers      TEXT    NOT NULL,  -- JSON array
  policies     TEXT    NOT NULL,  -- JSON array
  after        TEXT    NOT NULL,  -- the last name that was done
  wraps        INTEGER NOT NULL,  -- 1 = behind the last name it begins again with the first
  until        TEXT               -- the last name of the last round; null = all
) STRICT;
