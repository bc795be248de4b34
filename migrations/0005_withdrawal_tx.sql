-- Which transaction took a response back, so that a reader who has the rest learns of exactly the withdrawals since.

ALTER TABLE withdrawal ADD COLUMN tx xid8 NOT NULL DEFAULT pg_current_xact_id();

CREATE INDEX withdrawal_by_wave ON withdrawal (survey, wave, tx);
