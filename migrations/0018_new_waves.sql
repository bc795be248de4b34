-- A new wave is as fast as the first, however much other waves hold.

-- Where people stop is counted from the drafts of the wave, not by a pass over everybody's.
CREATE INDEX draft_by_wave ON draft (survey, wave);

-- By default a table of a hundred million rows is looked at again when ten million are new: until then the planner has
-- never heard of a new wave and takes it for empty.
ALTER TABLE response SET (autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 100000);
