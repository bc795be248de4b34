-- Where a survey is offered: a window, a hall, a matter. Each has an address and a poster of its own.

CREATE TABLE collector (
    code       text        PRIMARY KEY CHECK (code ~ '^[0-9a-z]{8}$'),
    survey     text        NOT NULL REFERENCES survey (slug),
    place      text        NOT NULL CHECK (length(place) BETWEEN 1 AND 100),
    prefill    jsonb       NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (survey, place)
);

COMMENT ON COLUMN collector.prefill IS 'What is known beforehand of whoever answers there, such as the district.';
