-- Reference tables: few rows, changed by people. On a cluster they are copied to every node.

CREATE TABLE survey (
    slug       text        PRIMARY KEY CHECK (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE instrument (
    survey       text        NOT NULL REFERENCES survey (slug),
    version      int         NOT NULL CHECK (version > 0),
    definition   text        NOT NULL CHECK (definition::jsonb ? 'sections'),
    sha256       bytea       NOT NULL CHECK (length(sha256) = 32),
    published_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (survey, version)
);

COMMENT ON COLUMN instrument.definition IS 'JSON to the letter, because sha256 is taken of it; cast to jsonb to query.';

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is immutable: a published version never changes; publish a new one', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER instrument_is_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON instrument
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE wave (
    survey             text        NOT NULL,
    wave               text        NOT NULL CHECK (wave ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$'),
    instrument_version int         NOT NULL,
    opens_at           timestamptz NOT NULL,
    closes_at          timestamptz CHECK (closes_at > opens_at),
    synthetic          boolean     NOT NULL DEFAULT false,
    PRIMARY KEY (survey, wave),
    FOREIGN KEY (survey, instrument_version) REFERENCES instrument (survey, version)
);

CREATE TABLE account (
    name       text        PRIMARY KEY,
    role       text        NOT NULL CHECK (role IN ('administrator', 'evaluator')),
    token_hash bytea       NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    created_at timestamptz NOT NULL DEFAULT now()
);

-- Tables that grow with respondents. Every unique key has the distribution key (bucket), no sequences, no triggers,
-- so that they can be spread over a cluster unchanged.

CREATE TABLE response (
    bucket             smallint    NOT NULL CHECK (bucket BETWEEN 0 AND 63),
    id                 uuid        NOT NULL,
    survey             text        NOT NULL,
    wave               text        NOT NULL,
    instrument_version int         NOT NULL,
    variant            text        NOT NULL,
    locale             text        NOT NULL,
    mode               text        NOT NULL CHECK (mode IN ('web', 'phone', 'paper', 'assisted', 'import')),
    disposition        text        NOT NULL,
    synthetic          boolean     NOT NULL DEFAULT false,
    receipt            bigint      NOT NULL,
    received_at        timestamptz NOT NULL DEFAULT now(),
    tx                 xid8        NOT NULL DEFAULT pg_current_xact_id(),
    content_sha256     bytea       NOT NULL CHECK (length(content_sha256) = 32),
    codes              bytea       NOT NULL,
    extra              jsonb       NOT NULL DEFAULT '{}',
    PRIMARY KEY (bucket, id),
    UNIQUE (bucket, receipt),
    FOREIGN KEY (survey, wave) REFERENCES wave (survey, wave)
);

CREATE INDEX response_by_wave ON response (survey, wave, tx);

COMMENT ON COLUMN response.codes IS
    'One byte a column of the code book of this instrument version: 255 not asked, 254 skipped, 253 refused, '
    '252 not applicable, 251 do not know, otherwise the position in the column''s list of codes.';

CREATE TABLE contact (
    bucket      smallint NOT NULL,
    response_id uuid     NOT NULL,
    item        text     NOT NULL,
    sealed      bytea    NOT NULL,
    held        boolean  NOT NULL DEFAULT false,
    PRIMARY KEY (bucket, response_id, item)
);

COMMENT ON TABLE contact IS 'Contact data, sealed with the service''s key and apart from every answer.';
COMMENT ON COLUMN contact.held IS 'Waits for a supervisor''s decision before anybody may call.';

CREATE TABLE draft (
    id           uuid        PRIMARY KEY,
    survey       text        NOT NULL,
    wave         text        NOT NULL,
    variant      text        NOT NULL,
    locale       text        NOT NULL,
    sealed       bytea       NOT NULL,
    started_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    submitted_at timestamptz,
    expires_at   timestamptz NOT NULL
);

CREATE INDEX draft_by_expiry ON draft (expires_at);
CREATE INDEX draft_by_submission ON draft (submitted_at) WHERE submitted_at IS NOT NULL;

COMMENT ON COLUMN draft.sealed IS 'The fields as typed and the values known beforehand, sealed with the service''s key.';
COMMENT ON COLUMN draft.submitted_at IS 'The core was submitted; only the optional last page is open.';

CREATE TABLE tally (
    survey text   NOT NULL,
    wave   text   NOT NULL,
    name   text   NOT NULL,
    day    date   NOT NULL DEFAULT current_date,
    n      bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (survey, wave, name, day)
);

COMMENT ON TABLE tally IS 'Counts of what must not be kept itself, such as a respondent sent to the emergency number.';
