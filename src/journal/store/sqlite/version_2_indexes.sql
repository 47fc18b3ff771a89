-- The indexes as versions 2 and 3 had them.
CREATE INDEX entry_position ON entry (position);
CREATE INDEX entry_source ON entry (source, position);
CREATE INDEX entry_type ON entry (type, position);
CREATE INDEX entry_subject ON entry (subject, position);
