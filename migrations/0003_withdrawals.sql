-- A respondent took their answers back: identifiers and free text are erased, and no count has them any more.

CREATE TABLE withdrawal (
    bucket       smallint    NOT NULL,
    response_id  uuid        NOT NULL,
    survey       text        NOT NULL,
    wave         text        NOT NULL,
    withdrawn_at timestamptz NOT NULL,
    PRIMARY KEY (bucket, response_id)
);
