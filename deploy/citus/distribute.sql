-- Spread the tables that grow with respondents over a Citus cluster. On the coordinator, once, after `survey migrate`
-- and before the first response:  psql "$SURVEY_DATABASE_URL" -v ON_ERROR_STOP=1 -f deploy/citus/distribute.sql
-- No table, key or query changes for it; tests/db/test_cluster_rules.py holds the schema to the rules that it needs.

BEGIN;

-- What people change, and few rows: a copy on every node. Published instruments and recordings are guarded by a
-- statement trigger, which Citus takes on a table of its own only when told that it touches nothing elsewhere.
SET LOCAL citus.enable_unsafe_triggers = on;
SELECT create_reference_table('survey');
SELECT create_reference_table('instrument');
SELECT create_reference_table('recording');
SELECT create_reference_table('wave');
SELECT create_reference_table('collector');

-- What grows. Everything about one response lies on one node, by its bucket.
SELECT create_distributed_table('response', 'bucket', shard_count => 32);
SELECT create_distributed_table('contact', 'bucket', colocate_with => 'response');
SELECT create_distributed_table('withdrawal', 'bucket', colocate_with => 'response');
SELECT create_distributed_table('ticket', 'bucket', colocate_with => 'response');
SELECT create_distributed_table('disposition_count', 'bucket', colocate_with => 'response');
SELECT create_distributed_table('entry', 'bucket', colocate_with => 'response');
SELECT create_distributed_table('draft', 'id', shard_count => 32, colocate_with => 'none');
SELECT create_distributed_table('participation', 'token_hash', shard_count => 32, colocate_with => 'none');

-- Stay on the coordinator: account, tally, breakoff, migration.

COMMIT;
