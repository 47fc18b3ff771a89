-- Idempotency keys, in the columns and units of Powertools' table in DynamoDB.

CREATE TABLE record (
    id                     TEXT PRIMARY KEY,
    status                 TEXT NOT NULL,      -- INPROGRESS or COMPLETED
    expiration             INTEGER NOT NULL,   -- the last second at which the record counts, since 1970
    in_progress_expiration INTEGER,            -- the last millisecond of the lease, since 1970
    data                   TEXT,               -- the result's JSON
    validation             TEXT                -- the payload's hash
) STRICT, WITHOUT ROWID;

CREATE INDEX record_expiration ON record (expiration);
