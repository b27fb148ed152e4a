SHOP> SELECT l."USERNAME", l."LABEL", l."MARK", u.user_id FROM "HOTCLUB_LABELS" l
  LEFT JOIN all_users u ON u.username = l."USERNAME" WHERE l."NAME" = :1
  -- [hcc_owner1_2]

SHOP> UPDATE "HOTCLUB_LABELS" SET "LABEL" = :1 WHERE "NAME" = :2
  -- [{"hotclub":1,"home":"home1","owner":"owner1","project":"p1","alias":"default","kind":"clone","created":"…","used":"…"} hcc_owner1_2]

SHOP> SELECT MAX(ORA_ROWSCN) FROM "HOTCLUB_LABELS" WHERE "NAME" = :1
  -- [hcc_owner1_2]

HCC_OWNER1_2> SELECT object_type, object_name, status, TO_CHAR(last_ddl_time, 'YYYYMMDDHH24MISS'), TO_CHAR(SYSDATE, 'YYYYMMDDHH24MISS')
FROM user_objects WHERE object_name NOT LIKE 'BIN$%' ORDER BY object_type, object_name, object_id

HCC_OWNER1_2> SELECT sequence_name, last_number FROM user_sequences ORDER BY sequence_name

HCC_OWNER1_2> SELECT 'COUNTED', COUNT(*), MAX(ORA_ROWSCN) FROM "COUNTED"
UNION ALL SELECT 'GONE_WITH', COUNT(*), MAX(ORA_ROWSCN) FROM "GONE_WITH"
UNION ALL SELECT 'LINES', COUNT(*), MAX(ORA_ROWSCN) FROM "LINES"
UNION ALL SELECT 'NOTES', COUNT(*), MAX(ORA_ROWSCN) FROM "NOTES"
UNION ALL SELECT 'STRICT', COUNT(*), MAX(ORA_ROWSCN) FROM "STRICT"
