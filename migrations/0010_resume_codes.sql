-- A form can be gone on with on another device, by a code of which only a keyed hash is kept.

ALTER TABLE draft ADD COLUMN resume_hash bytea CHECK (length(resume_hash) = 32);

CREATE INDEX draft_by_resume ON draft (resume_hash) WHERE resume_hash IS NOT NULL;

COMMENT ON COLUMN draft.resume_hash IS 'Keyed hash of the code by which this form can be gone on with elsewhere; NULL until its owner asks for one.';
