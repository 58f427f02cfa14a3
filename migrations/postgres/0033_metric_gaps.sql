-- A day on which nothing was told of a counter is a gap, not a zero.
ALTER TABLE metric_day ALTER COLUMN views DROP NOT NULL;
ALTER TABLE metric_day ALTER COLUMN likes DROP NOT NULL;
ALTER TABLE metric_day ALTER COLUMN comments DROP NOT NULL;
ALTER TABLE metric_day ALTER COLUMN shares DROP NOT NULL;
