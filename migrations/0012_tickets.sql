-- Links that can be used once: invitations of people on a list, and links to rate one matter. Of a link only a hash of
-- its token is kept, and never which response it led to: what somebody answered cannot be found from an invitation.

CREATE TABLE ticket (
    bucket      smallint    NOT NULL CHECK (bucket BETWEEN 0 AND 63),
    token_hash  bytea       NOT NULL CHECK (length(token_hash) = 32),
    survey      text        NOT NULL,
    wave        text        NOT NULL,
    invited     boolean     NOT NULL,
    stratum     text        NOT NULL DEFAULT '',
    reminders   smallint    NOT NULL DEFAULT 0,
    disposition text        NOT NULL DEFAULT 'unknown',
    issued_at   timestamptz NOT NULL DEFAULT now(),
    settled_at  timestamptz,
    PRIMARY KEY (bucket, token_hash),
    CONSTRAINT ticket_has_a_known_disposition CHECK (
        disposition IN ('unknown', 'complete', 'partial', 'refusal', 'not_eligible', 'undeliverable', 'other'))
);

CREATE INDEX ticket_by_wave ON ticket (survey, wave, invited, disposition, stratum);

COMMENT ON COLUMN ticket.invited IS 'Drawn from a list of people, so that it counts in response rates.';
COMMENT ON COLUMN ticket.disposition IS 'What came of it, in the groups of the AAPOR Standard Definitions.';
