-- Where the entries of a source, type or subject are, or of two or all of these together, in the journal's order. The key is a
-- hash of what they have in common: who looks here compares the entries, too.
CREATE TABLE filed (
    key      INTEGER NOT NULL,
    position TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    PRIMARY KEY (key, position, sequence)
) STRICT, WITHOUT ROWID;

-- Up to which entry those of an older release are still to be filed; 0 if its indexes are still to be dropped. Else empty.
CREATE TABLE unfiled (sequence INTEGER NOT NULL) STRICT;

-- The same of those that version 4 did not file under all three together.
CREATE TABLE unfiled_three (sequence INTEGER NOT NULL) STRICT;

-- Tells this journal from all others.
CREATE TABLE journal (name TEXT NOT NULL) STRICT;
INSERT INTO journal VALUES (lower(hex(randomblob(6))));
