SHOP> SELECT l."USERNAME", l."LABEL", l."MARK", u.user_id FROM "HOTCLUB_LABELS" l
  LEFT JOIN all_users u ON u.username = l."USERNAME" WHERE l."NAME" = :1
  -- [hcb_owner1_1]

SHOP> ALTER USER "HCB_OWNER1_1" IDENTIFIED BY "Hc1gvpl7o7ygthgc4544pyw3gh4ic"

SHOP> SELECT COUNT(*) FROM v$session WHERE username = :1
  -- [HCB_OWNER1_1]

HCB_OWNER1_1> ALTER SESSION SET DDL_LOCK_TIMEOUT = 5

HCB_OWNER1_1> SELECT t.table_name, t.temporary, NVL(t.iot_type, '-'), t.partitioned FROM user_tables t
WHERE t.nested = 'NO' AND t.secondary = 'N' AND t.dropped = 'NO' AND NVL(t.iot_type, '-') NOT IN ('IOT_OVERFLOW', 'IOT_MAPPING')
AND t.table_name NOT IN (SELECT container_name FROM user_mviews) ORDER BY t.table_name

HCB_OWNER1_1> SELECT table_name, column_name, data_type, data_length, char_used, data_precision, data_scale, nullable,
virtual_column, identity_column, default_on_null, collation, data_default FROM user_tab_cols WHERE hidden_column = 'NO' ORDER BY table_name, column_id

HCB_OWNER1_1> SELECT c.table_name, c.constraint_name, c.constraint_type, c.generated,
(SELECT LISTAGG(k.column_name, ',') WITHIN GROUP (ORDER BY k.position, k.column_name) FROM user_cons_columns k WHERE k.constraint_name = c.constraint_name),
r.table_name, c.delete_rule, c.deferrable, c.deferred, c.status, c.validated, c.search_condition_vc FROM user_constraints c
LEFT JOIN user_constraints r ON r.constraint_name = c.r_constraint_name
WHERE c.constraint_name NOT LIKE 'BIN$%'

HCB_OWNER1_1> SELECT i.table_name, i.index_name, i.generated, i.index_type, i.uniqueness, i.status, i.visibility,
(SELECT LISTAGG(k.column_name || ' ' || k.descend, ',') WITHIN GROUP (ORDER BY k.column_position) FROM user_ind_columns k WHERE k.index_name = i.index_name)
FROM user_indexes i WHERE i.index_type <> 'LOB' AND i.index_name NOT LIKE 'BIN$%'

HCB_OWNER1_1> SELECT index_name, column_position, column_expression FROM user_ind_expressions ORDER BY index_name, column_position

HCB_OWNER1_1> SELECT table_name, trigger_name, status FROM user_triggers WHERE trigger_name NOT LIKE 'BIN$%' ORDER BY trigger_name

HCB_OWNER1_1> SELECT type, name, line, text FROM user_source WHERE name NOT LIKE 'BIN$%' ORDER BY type, name, line

HCB_OWNER1_1> SELECT view_name, text FROM user_views ORDER BY view_name

HCB_OWNER1_1> SELECT mview_name, query FROM user_mviews ORDER BY mview_name

HCB_OWNER1_1> SELECT sequence_name, min_value, max_value, increment_by, cycle_flag, order_flag, cache_size, last_number FROM user_sequences
WHERE sequence_name NOT IN (SELECT sequence_name FROM user_tab_identity_cols) ORDER BY sequence_name

HCB_OWNER1_1> SELECT i.table_name, i.column_name, i.generation_type, s.last_number FROM user_tab_identity_cols i
JOIN user_sequences s ON s.sequence_name = i.sequence_name ORDER BY i.table_name

HCB_OWNER1_1> SELECT table_name, NULL, comments FROM user_tab_comments WHERE comments IS NOT NULL AND table_name NOT LIKE 'BIN$%'
UNION ALL SELECT table_name, column_name, comments FROM user_col_comments WHERE comments IS NOT NULL AND table_name NOT LIKE 'BIN$%' ORDER BY 1, 2 NULLS FIRST

HCB_OWNER1_1> SELECT DISTINCT object_type FROM user_objects WHERE generated = 'N' AND object_name NOT LIKE 'BIN$%' ORDER BY object_type

HCB_OWNER1_1> BEGIN
  DBMS_METADATA.SET_TRANSFORM_PARAM(DBMS_METADATA.SESSION_TRANSFORM, 'SEGMENT_ATTRIBUTES', FALSE);
  DBMS_METADATA.SET_TRANSFORM_PARAM(DBMS_METADATA.SESSION_TRANSFORM, 'STORAGE', FALSE);
  DBMS_METADATA.SET_TRANSFORM_PARAM(DBMS_METADATA.SESSION_TRANSFORM, 'TABLESPACE', FALSE);
  DBMS_METADATA.SET_TRANSFORM_PARAM(DBMS_METADATA.SESSION_TRANSFORM, 'REF_CONSTRAINTS', FALSE);
  DBMS_METADATA.SET_TRANSFORM_PARAM(DBMS_METADATA.SESSION_TRANSFORM, 'SQLTERMINATOR', FALSE);
END;

HCB_OWNER1_1> SELECT object_name, DBMS_METADATA.GET_DDL(:1, object_name) FROM user_objects WHERE object_type = :2
AND generated = 'N' AND secondary = 'N' AND object_name NOT LIKE 'BIN$%' AND object_name NOT LIKE 'ISEQ$$%'
AND (object_type <> 'INDEX' OR object_name NOT IN (SELECT index_name FROM user_constraints WHERE index_name IS NOT NULL))
AND (object_type <> 'TABLE' OR object_name NOT IN (SELECT container_name FROM user_mviews)
  AND object_name NOT IN (SELECT table_name FROM user_tables WHERE nested = 'YES' OR iot_type IN ('IOT_OVERFLOW', 'IOT_MAPPING')))
ORDER BY object_id
  -- [TYPE_SPEC TYPE]

HCB_OWNER1_1> SELECT object_name, DBMS_METADATA.GET_DDL(:1, object_name) FROM user_objects WHERE object_type = :2
  -- and so on, as before
  -- [TYPE_BODY TYPE BODY]

HCB_OWNER1_1> SELECT object_name, DBMS_METADATA.GET_DDL(:1, object_name) FROM user_objects WHERE object_type = :2
  -- and so on, as before
  -- [SEQUENCE SEQUENCE]

HCB_OWNER1_1> SELECT object_name, DBMS_METADATA.GET_DDL(:1, object_name) FROM user_objects WHERE object_type = :2
  -- and so on, as before
  -- [TABLE TABLE]

HCB_OWNER1_1> SELECT object_name, DBMS_METADATA.GET_DDL(:1, object_name) FROM user_objects WHERE object_type = :2
  -- and so on, as before
  -- [FUNCTION FUNCTION]

HCB_OWNER1_1> SELECT object_name, DBMS_METADATA.GET_DDL(:1, object_name) FROM user_objects WHERE object_type = :2
  -- and so on, as before
  -- [PROCEDURE PROCEDURE]

HCB_OWNER1_1> SELECT object_name, DBMS_METADATA.GET_DDL(:1, object_name) FROM user_objects WHERE object_type = :2
  -- and so on, as before
  -- [PACKAGE_SPEC PACKAGE]

HCB_OWNER1_1> SELECT object_name, DBMS_METADATA.GET_DDL(:1, object_name) FROM user_objects WHERE object_type = :2
  -- and so on, as before
  -- [PACKAGE_BODY PACKAGE BODY]

HCB_OWNER1_1> SELECT object_name, DBMS_METADATA.GET_DDL(:1, object_name) FROM user_objects WHERE object_type = :2
  -- and so on, as before
  -- [SYNONYM SYNONYM]

HCB_OWNER1_1> SELECT object_name, DBMS_METADATA.GET_DDL(:1, object_name) FROM user_objects WHERE object_type = :2
  -- and so on, as before
  -- [INDEX INDEX]

HCB_OWNER1_1> SELECT constraint_name, DBMS_METADATA.GET_DDL('REF_CONSTRAINT', constraint_name) FROM user_constraints
WHERE constraint_type = 'R' AND constraint_name NOT LIKE 'BIN$%' ORDER BY table_name, constraint_name

HCB_OWNER1_1> SELECT object_name, DBMS_METADATA.GET_DDL(:1, object_name) FROM user_objects WHERE object_type = :2
  -- and so on, as before
  -- [VIEW VIEW]

HCB_OWNER1_1> SELECT object_name, DBMS_METADATA.GET_DDL(:1, object_name) FROM user_objects WHERE object_type = :2
  -- and so on, as before
  -- [MATERIALIZED_VIEW MATERIALIZED VIEW]

HCB_OWNER1_1> SELECT object_name, DBMS_METADATA.GET_DDL(:1, object_name) FROM user_objects WHERE object_type = :2
  -- and so on, as before
  -- [TRIGGER TRIGGER]

HCB_OWNER1_1> SELECT table_name, NULL, comments FROM user_tab_comments WHERE comments IS NOT NULL AND table_name NOT LIKE 'BIN$%'
  -- and so on, as before

HCB_OWNER1_1> SELECT SUM(bytes) FROM user_segments

SHOP> UPDATE "HOTCLUB_LABELS" SET "MARK" = :1, "BYTES" = :2 WHERE "NAME" = :3
  -- [user 2… 1048576 hcb_owner1_1]
