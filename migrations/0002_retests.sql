-- Who took which test when, by a hash of the token they came with: the same form stays locked for a while.

CREATE TABLE participation (
    token_hash         bytea       NOT NULL CHECK (length(token_hash) = 32),
    survey             text        NOT NULL,
    instrument_version int         NOT NULL,
    response_id        uuid        NOT NULL,
    taken_at           timestamptz NOT NULL,
    PRIMARY KEY (token_hash, survey, instrument_version)
);
