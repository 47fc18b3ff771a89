-- The tables as version 1 had them.

CREATE TABLE entry (
    sequence INTEGER PRIMARY KEY,
    identity TEXT NOT NULL UNIQUE,   -- the source's own identity of the event
    source   TEXT NOT NULL,
    id       TEXT NOT NULL,
    type     TEXT NOT NULL,
    subject  TEXT,
    time     INTEGER,                -- microseconds since 1970
    document TEXT NOT NULL,          -- the whole event in the JSON format
    UNIQUE (source, id)
) STRICT;

-- Each of these holds the sequence behind its column, so that pages come in order without sorting.
CREATE INDEX entry_source ON entry (source);
CREATE INDEX entry_type ON entry (type);
CREATE INDEX entry_subject ON entry (subject);
CREATE INDEX entry_time ON entry (time);

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

PRAGMA user_version = 1;
