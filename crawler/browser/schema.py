"""The index of a crawl as SQLite: what the pages need to find; ledger lines and facts themselves are read in place."""

from __future__ import annotations

VERSION = "1"  # of the tables; another one is built anew
SEGMENT = 1 << 20  # `lines.file` of the nth segment of a merged folder begins at n times this
FIRST_WAITING = 1 << 40  # `lines.number` of URLs that have no line yet; made anew at each update

TABLES = """
CREATE TABLE state (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE policies (id INTEGER PRIMARY KEY, name TEXT UNIQUE);
CREATE TABLE sites (id INTEGER PRIMARY KEY, host TEXT UNIQUE);
CREATE TABLE rules (id INTEGER PRIMARY KEY, name TEXT UNIQUE, effect TEXT, status TEXT, citations TEXT);
CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT);
CREATE TABLE urls (
    id INTEGER PRIMARY KEY,
    sha256 BLOB UNIQUE,              -- of the unmasked address
    url TEXT,                        -- masked
    site INTEGER REFERENCES sites (id),
    accepted INTEGER,                -- whether the frontier has it
    policies INTEGER                 -- under how many policies it has a line
);
CREATE TABLE lines (
    number INTEGER PRIMARY KEY,      -- in the order of the ledger
    url INTEGER REFERENCES urls (id),
    site INTEGER REFERENCES sites (id),
    policy INTEGER REFERENCES policies (id),
    result TEXT,                     -- what the line says
    outcome TEXT,                    -- the same, or pending where no manifest lists the record
    stage TEXT,
    rule INTEGER REFERENCES rules (id),
    note INTEGER REFERENCES notes (id),
    time INTEGER,                    -- seconds since 1970, UTC
    seq INTEGER,
    shard TEXT,                      -- place of the record
    file INTEGER, start INTEGER,     -- where the line stands: ledger file, byte
    counts INTEGER                   -- whether it is the last of its URL and policy
);
CREATE INDEX lines_by_url ON lines (url);
CREATE INDEX lines_lost ON lines (number) WHERE outcome != result;
CREATE TABLE events (
    number INTEGER PRIMARY KEY, seq INTEGER, time TEXT, event TEXT, id TEXT, mark TEXT, by TEXT, reason TEXT, note TEXT
);
CREATE INDEX events_by_id ON events (id);
CREATE TABLE facts (sha256 BLOB, file TEXT, first INTEGER, rows INTEGER);
CREATE TABLE cube (policy INTEGER, site INTEGER, stage TEXT, rule INTEGER, outcome TEXT, pages INTEGER);
CREATE TABLE moments (moment INTEGER, policy INTEGER, outcome TEXT, pages INTEGER);
CREATE TABLE patterns (pattern TEXT PRIMARY KEY, pages INTEGER, example INTEGER) WITHOUT ROWID;
CREATE VIRTUAL TABLE urls_text USING fts5(
    url, content='urls', content_rowid='id', tokenize='trigram', detail='none', columnsize=0);
CREATE VIRTUAL TABLE notes_text USING fts5(text, content='notes', content_rowid='id', columnsize=0);
CREATE VIEW outcomes AS
    SELECT urls.url, sites.host AS site, policies.name AS policy, outcome, stage, rules.name AS rule,
           rules.citations, notes.text AS note, datetime(time, 'unixepoch') AS time, seq, lower(hex(sha256)) AS sha256
    FROM lines JOIN urls ON urls.id = lines.url JOIN sites ON sites.id = lines.site
    JOIN policies ON policies.id = lines.policy LEFT JOIN rules ON rules.id = lines.rule
    LEFT JOIN notes ON notes.id = lines.note WHERE counts;
"""

# Made after the first lines are in, since that is faster.
INDEXES = """
CREATE INDEX IF NOT EXISTS urls_by_site ON urls (site);
CREATE INDEX IF NOT EXISTS lines_by_rule ON lines (rule);
CREATE INDEX IF NOT EXISTS lines_by_outcome ON lines (outcome, policy) WHERE counts AND outcome IN ('held', 'failed');
CREATE INDEX IF NOT EXISTS facts_by_url ON facts (sha256);
"""
