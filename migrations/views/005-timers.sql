-- The timers follow the rules that stand, and the scheduler reads each of them once.

-- Grows with each row that is added: what came since a look, whatever its due time. How events were cut into
-- batches decides it, so it says nothing of the log.
ALTER TABLE timer ADD COLUMN added INTEGER NOT NULL DEFAULT 0;
CREATE INDEX timer_added ON timer (added);

-- What was left half-done.
DROP INDEX timer_kind;
CREATE INDEX timer_unfinished ON timer (due) WHERE kind IN ('sign', 'resume-sign');
