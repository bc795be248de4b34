-- A response on its way in. A batch is sent as one array of these: the driver checks and encodes one value for each
-- response instead of one for each of its columns.

CREATE TYPE arriving_response AS (
    bucket             smallint,
    id                 uuid,
    survey             text,
    wave               text,
    instrument_version int,
    variant            text,
    locale             text,
    mode               text,
    disposition        text,
    synthetic          boolean,
    receipt            bigint,
    respondent         bigint,
    content_sha256     bytea,
    codes              bytea,
    extra              jsonb
);
