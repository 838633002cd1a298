-- Notifications that are not delivered; what they say is in their streams.
CREATE TABLE open_delivery (
  stream TEXT    PRIMARY KEY,      -- delivery/<sink>/<position>
  dead   INTEGER NOT NULL          -- 1: it is kept, and tried again only when a person asks
) STRICT, WITHOUT ROWID;
