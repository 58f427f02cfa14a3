-- A day on which nothing was told of a counter is a gap, not a zero.
CREATE TABLE metric_day_with_gaps (
  connection_id TEXT NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
  day           BIGINT NOT NULL,
  views         BIGINT,
  likes         BIGINT,
  comments      BIGINT,
  shares        BIGINT,
  readings      BIGINT NOT NULL,
  PRIMARY KEY (connection_id, day)
);
INSERT INTO metric_day_with_gaps SELECT connection_id, day, views, likes, comments, shares, readings FROM metric_day;
DROP TABLE metric_day;
ALTER TABLE metric_day_with_gaps RENAME TO metric_day;
CREATE INDEX metric_day_age ON metric_day (day);
