-- What came of the people invited, counted as it happens: a page that shows response rates must not read every ticket.

CREATE TABLE disposition_count (
    bucket      smallint NOT NULL CHECK (bucket BETWEEN 0 AND 63),
    survey      text     NOT NULL,
    wave        text     NOT NULL,
    disposition text     NOT NULL,
    n           bigint   NOT NULL,
    PRIMARY KEY (survey, wave, bucket, disposition)
);

COMMENT ON TABLE disposition_count IS
    'How many tickets of people invited have each disposition, by bucket, so that few wait for each other.';

INSERT INTO disposition_count (bucket, survey, wave, disposition, n)
SELECT bucket, survey, wave, disposition, count(*)
  FROM ticket
 WHERE invited
 GROUP BY bucket, survey, wave, disposition;

-- What was typed in from paper is erased some time after it counts; until then it is found by its age.

CREATE INDEX entry_not_erased ON entry (typed_at) WHERE sealed <> '';

COMMENT ON TABLE entry IS
    'Sheets of paper as they were typed in. What was typed is erased when its response is withdrawn, and some time after it counts; a sheet that never came to count is forgotten.';
