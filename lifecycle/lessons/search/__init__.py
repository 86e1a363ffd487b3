"""Full-text search over post-mortems: SQLite's FTS5 or PostgreSQL's tsvector, kept in step in the deed's transaction."""
