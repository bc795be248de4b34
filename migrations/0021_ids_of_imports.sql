-- Rows of a table that is imported get ids that begin alike, so that they lie side by side in every index. Waves that
-- are there already keep the ids without an order: the same table again must be found, not added a second time.

ALTER TABLE wave ADD COLUMN scattered boolean NOT NULL DEFAULT true;
ALTER TABLE wave ALTER COLUMN scattered SET DEFAULT false;

COMMENT ON COLUMN wave.scattered IS 'Ids of imported rows have no order here: the wave is older than migration 21.';
