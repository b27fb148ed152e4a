SHOP> SELECT l."USERNAME", l."LABEL", l."MARK", u.user_id FROM "HOTCLUB_LABELS" l
  LEFT JOIN all_users u ON u.username = l."USERNAME" WHERE l."NAME" = :1
  -- [hcb_owner1_1]

SHOP> UPDATE "HOTCLUB_LABELS" SET "NAME" = :1, "LABEL" = :2 WHERE "NAME" = :3 AND "MARK" IS NOT NULL
  -- [hct_abc_1 {"hotclub":1,"home":"home1","owner":"owner1","project":"p1","alias":"default","kind":"clone","created":"…","used":"…"} hcb_owner1_1]
