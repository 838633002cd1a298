-- Work over many certificates: what each job is, and how far it is with each of its certificates.

CREATE TABLE job (
  name         TEXT    NOT NULL PRIMARY KEY,
  planned_at   INTEGER NOT NULL,  -- position
  planned_time INTEGER NOT NULL,
  plan         TEXT    NOT NULL,  -- the data of its `planned` event
  version      INTEGER NOT NULL,
  targets      INTEGER NOT NULL,  -- recorded so far
  phase        TEXT    NOT NULL,
  before_pause TEXT    NOT NULL,
  stage        INTEGER NOT NULL,
  stage_since  INTEGER NOT NULL,
  paused_since INTEGER NOT NULL,
  paused_by    TEXT    NOT NULL,
  pause_reason TEXT    NOT NULL,
  seen_failed  INTEGER NOT NULL,
  accepted     INTEGER NOT NULL,
  ended        INTEGER NOT NULL,
  done         INTEGER NOT NULL,
  failed       INTEGER NOT NULL,
  missing      TEXT    NOT NULL   -- JSON list of texts
) STRICT, WITHOUT ROWID;

-- What the certificates' own events say of them since they were planned.
CREATE TABLE job_target (
  job        TEXT    NOT NULL,
  uid        TEXT    NOT NULL,
  kind       TEXT    NOT NULL,
  planned_at INTEGER NOT NULL,
  stage      INTEGER NOT NULL,
  begins     INTEGER NOT NULL,  -- after the start of its stage
  name       TEXT    NOT NULL,
  serial     TEXT    NOT NULL,  -- lower-case hex
  phase      TEXT    NOT NULL,
  since      INTEGER NOT NULL,
  attempt    INTEGER NOT NULL,  -- the job's last; 0: none yet
  lasting    INTEGER NOT NULL,  -- 1 = it failed for a reason that stays
  PRIMARY KEY (job, uid)
) STRICT, WITHOUT ROWID;
CREATE INDEX job_target_uid ON job_target (uid);
CREATE INDEX job_target_begins ON job_target (job, stage, phase, begins);
CREATE INDEX job_target_since ON job_target (job, stage, phase, since, lasting, attempt);
