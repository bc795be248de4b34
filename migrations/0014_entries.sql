-- Paper typed in: what each person typed of a sheet, and what was decided where two of them differ.

CREATE TABLE entry (
    bucket      smallint    NOT NULL CHECK (bucket BETWEEN 0 AND 63),
    response_id uuid        NOT NULL,
    turn        smallint    NOT NULL CHECK (turn BETWEEN 1 AND 3),
    survey      text        NOT NULL,
    wave        text        NOT NULL,
    sheet       text        NOT NULL,
    typed_by    text        NOT NULL,
    typed_at    timestamptz NOT NULL,
    variant     text        NOT NULL,
    locale      text        NOT NULL,
    sealed      bytea       NOT NULL,
    fields      int         NOT NULL DEFAULT 0,
    differing   int         NOT NULL DEFAULT 0,
    kept        boolean     NOT NULL,
    PRIMARY KEY (bucket, response_id, turn)
);

CREATE INDEX entry_by_sheet ON entry (survey, wave, sheet);

COMMENT ON TABLE entry IS
    'Sheets of paper as they were typed in. Only ever added to; what was typed is erased when its response is withdrawn.';
COMMENT ON COLUMN entry.turn IS '1 the first entry, 2 the second by another person, 3 what was decided where they differ.';
COMMENT ON COLUMN entry.response_id IS 'The id that the response of this sheet has, once it is kept.';
COMMENT ON COLUMN entry.sealed IS 'What was typed, sealed with the service''s key; empty when it was erased.';
COMMENT ON COLUMN entry.fields IS 'Second entries: how many fields were compared, and how many of them differ.';
COMMENT ON COLUMN entry.kept IS 'With this entry the sheet became a response; the others of a sheet are held back.';

-- People who type paper in, and see nothing else.

ALTER TABLE account DROP CONSTRAINT account_role_check;
ALTER TABLE account ADD CONSTRAINT account_role_is_known CHECK (role IN ('administrator', 'evaluator', 'clerk'));
