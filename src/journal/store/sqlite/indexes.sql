CREATE INDEX entry_position ON entry (position);
