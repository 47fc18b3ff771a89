-- The journal: entries by their position, and the state of resources.

CREATE TABLE entry (
    sequence INTEGER PRIMARY KEY,    -- the order of arrival: numbers are given under the lock for writing
    identity TEXT NOT NULL UNIQUE,   -- the source's own identity of the event
    source   TEXT NOT NULL,
    id       TEXT NOT NULL,
    type     TEXT NOT NULL,
    subject  TEXT,
    time     INTEGER,                -- microseconds since 1970
    document TEXT NOT NULL,          -- the whole event in the JSON format
    position TEXT NOT NULL,          -- sorts byte by byte, as the journal does
    UNIQUE (source, id)
) STRICT;

CREATE TABLE resource (
    urn      TEXT PRIMARY KEY,
    type     TEXT NOT NULL,
    state    TEXT NOT NULL,
    ordering TEXT NOT NULL,          -- sorts byte by byte
    time     INTEGER,
    source   TEXT NOT NULL,          -- with id: the entry that says so
    id       TEXT NOT NULL,
    data     TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX resource_type ON resource (type, urn);
