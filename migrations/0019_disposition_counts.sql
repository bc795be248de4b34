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
