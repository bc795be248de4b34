-- Who answered, as a number that only this service can make: the waves of one survey are linked by it.

ALTER TABLE response ADD COLUMN respondent bigint;

-- Named and apart from its column, because a cluster takes it no other way.
ALTER TABLE response ADD CONSTRAINT response_respondent_is_positive CHECK (respondent > 0);

COMMENT ON COLUMN response.respondent IS
    'The same person''s number in every wave of one survey, another in another survey: a keyed hash (HMAC-SHA256 with '
    'a key of the service, 63 bits) of the survey and the token the person came with. NULL where nothing links waves, '
    'before this column, and after a withdrawal.';
