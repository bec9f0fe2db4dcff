"""The tables of the reference server, in SQLite with its full-text engine FTS5."""

from __future__ import annotations

from typing import Final

# Marks a file as a database of this server ("CLIN" in ASCII), so that it never changes another one.
APPLICATION_ID: Final = 0x434C494E
VERSION: Final = 1

MEMBERS: Final = (
    "id",
    "name",
    "display_name",
    "first_name",
    "last_name",
    "title",
    "role",
    "email",
    "bio",
    "photo_url",
    "qualifications",
    "registration_number",
    "professional_registration_body",
    "is_active",
    "is_bookable_online",
    "created_at",
    "updated_at",
)

# `number` is the order of insertion. It identifies a clinician in the text index and in
# clinician_locations, because an integer is smaller than an id of 36 characters.
# `clinicians_in_order` serves a page at any offset: it has the columns of the order and of the boolean
# filters, so that skipped records are never read. `clinicians_by_id` starts with the organisation, so
# that another organisation's id fails at the same step as an unknown id and takes the same time.
TABLES: Final = """
CREATE TABLE organisations (id TEXT PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE api_keys (
    key_hash TEXT PRIMARY KEY,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    scopes TEXT NOT NULL,
    revoked INTEGER NOT NULL
);
CREATE TABLE locations (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    name TEXT NOT NULL
);
CREATE TABLE clinicians (
    number INTEGER PRIMARY KEY,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    display_name TEXT,
    first_name TEXT,
    last_name TEXT,
    title TEXT,
    role TEXT,
    email TEXT,
    bio TEXT,
    photo_url TEXT,
    qualifications TEXT,
    registration_number TEXT,
    professional_registration_body TEXT,
    is_active INTEGER NOT NULL,
    is_bookable_online INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
);
CREATE TABLE clinician_locations (
    location INTEGER NOT NULL REFERENCES locations (number),
    clinician INTEGER NOT NULL REFERENCES clinicians (number),
    PRIMARY KEY (location, clinician)
) WITHOUT ROWID;
CREATE VIRTUAL TABLE clinicians_text USING fts5 (
    name, display_name, email,
    content = 'clinicians', content_rowid = 'number',
    tokenize = "unicode61 remove_diacritics 2"
);
"""

# Created after the rows are inserted, which is many times faster than updating them row by row.
INDEXES: Final = """
CREATE UNIQUE INDEX clinicians_by_id ON clinicians (organisation_id, id);
CREATE INDEX clinicians_in_order
    ON clinicians (organisation_id, created_at, id, is_active, is_bookable_online);
INSERT INTO clinicians_text (clinicians_text) VALUES ('rebuild');
INSERT INTO clinicians_text (clinicians_text) VALUES ('optimize');
CREATE TRIGGER clinicians_inserted AFTER INSERT ON clinicians BEGIN
    INSERT INTO clinicians_text (rowid, name, display_name, email)
    VALUES (new.number, new.name, new.display_name, new.email);
END;
CREATE TRIGGER clinicians_deleted AFTER DELETE ON clinicians BEGIN
    INSERT INTO clinicians_text (clinicians_text, rowid, name, display_name, email)
    VALUES ('delete', old.number, old.name, old.display_name, old.email);
END;
CREATE TRIGGER clinicians_updated AFTER UPDATE ON clinicians BEGIN
    INSERT INTO clinicians_text (clinicians_text, rowid, name, display_name, email)
    VALUES ('delete', old.number, old.name, old.display_name, old.email);
    INSERT INTO clinicians_text (rowid, name, display_name, email)
    VALUES (new.number, new.name, new.display_name, new.email);
END;
ANALYZE;
"""
