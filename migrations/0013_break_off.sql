-- How far somebody who is filling in a form has come; and, once a form has expired, how many stopped where.

ALTER TABLE draft ADD COLUMN reached text;

COMMENT ON COLUMN draft.reached IS 'The furthest page shown, which is where somebody stops who does not come back. NULL before this column: not counted.';

CREATE TABLE breakoff (
    survey  text   NOT NULL,
    wave    text   NOT NULL,
    variant text   NOT NULL,
    page    text   NOT NULL,
    n       bigint NOT NULL CHECK (n > 0),
    PRIMARY KEY (survey, wave, variant, page)
);

COMMENT ON TABLE breakoff IS 'How many forms expired without having been submitted, by the page they had come to. All that is kept of them.';
