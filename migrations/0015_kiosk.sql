-- Answers also come in at kiosks, which are nobody's own device.

ALTER TABLE response
    DROP CONSTRAINT response_mode_check,
    ADD CONSTRAINT response_mode_check
        CHECK (mode IN ('web', 'phone', 'paper', 'assisted', 'kiosk', 'import')) NOT VALID;

ALTER TABLE response VALIDATE CONSTRAINT response_mode_check;
