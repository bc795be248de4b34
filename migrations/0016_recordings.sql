-- Recorded audio of an instrument's questions, kept with the version that names it.

CREATE TABLE recording (
    survey     text  NOT NULL,
    version    int   NOT NULL,
    file       text  NOT NULL CHECK (file ~ '^[A-Za-z0-9][A-Za-z0-9_-]{0,99}\.(mp3|m4a)$'),
    media_type text  NOT NULL CHECK (media_type IN ('audio/mpeg', 'audio/mp4')),
    sha256     bytea NOT NULL CHECK (length(sha256) = 32),
    content    bytea NOT NULL CHECK (octet_length(content) BETWEEN 1 AND 524288),
    PRIMARY KEY (survey, version, file),
    FOREIGN KEY (survey, version) REFERENCES instrument (survey, version)
);

-- Audio is compressed already.
ALTER TABLE recording ALTER COLUMN content SET STORAGE EXTERNAL;

CREATE TRIGGER recording_is_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON recording
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
