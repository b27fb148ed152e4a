SHOP> SELECT l."USERNAME", l."LABEL", l."MARK", u.user_id FROM "HOTCLUB_LABELS" l
  LEFT JOIN all_users u ON u.username = l."USERNAME" WHERE l."NAME" = :1
  -- [hct_abc_1]

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

SHOP> SELECT l."USERNAME", l."LABEL", l."MARK", u.user_id FROM "HOTCLUB_LABELS" l
  -- and so on, as before
  -- [hcc_owner1_2]

SHOP> INSERT INTO "HOTCLUB_LABELS" ("NAME", "USERNAME", "LABEL", "IMAGE") VALUES (:1, :2, :3, :4)
  -- [hcc_owner1_2 HCC_OWNER1_2 {"hotclub":1,"home":"home1","owner":"owner1","project":"p1","alias":"default","kind":"clone","created":"…","used":"…"} <nil>]

SHOP> CREATE USER "HCC_OWNER1_2" IDENTIFIED BY "Hc13gtve6vkjbu7yy6vuiunua6xil" DEFAULT TABLESPACE "HOTCLUB_SHOP" QUOTA 500M ON "HOTCLUB_SHOP"

SHOP> GRANT CREATE SESSION, CREATE TABLE, CREATE SEQUENCE, CREATE PROCEDURE, CREATE TRIGGER TO "HCC_OWNER1_2"

SHOP> GRANT CREATE VIEW TO "HCC_OWNER1_2"

SHOP> GRANT CREATE MATERIALIZED VIEW TO "HCC_OWNER1_2"

HCC_OWNER1_2> ALTER SESSION SET DDL_LOCK_TIMEOUT = 5

SHOP> CREATE DATABASE LINK "HCL_OWNER1" CONNECT TO "SHOP" IDENTIFIED BY "tiger" USING 'db.example:1521/FREEPDB1'

SHOP> DECLARE
  link VARCHAR2(128) := :1;
  name VARCHAR2(128) := :2;
  source VARCHAR2(128) := :3;
  target VARCHAR2(128) := :4;
  job NUMBER;
  state VARCHAR2(30);
BEGIN
  job := DBMS_DATAPUMP.OPEN(operation => 'IMPORT', job_mode => 'SCHEMA', remote_link => link, job_name => name);
  DBMS_DATAPUMP.METADATA_FILTER(job, 'SCHEMA_LIST', DBMS_ASSERT.ENQUOTE_LITERAL(source));
  DBMS_DATAPUMP.METADATA_FILTER(job, 'EXCLUDE_PATH_EXPR',
    'IN (''USER'', ''SYSTEM_GRANT'', ''ROLE_GRANT'', ''DEFAULT_ROLE'', ''TABLESPACE_QUOTA'', ''OBJECT_GRANT'', ''STATISTICS'')');
  DBMS_DATAPUMP.METADATA_REMAP(job, 'REMAP_SCHEMA', source, target);
  DBMS_DATAPUMP.METADATA_TRANSFORM(job, 'SEGMENT_ATTRIBUTES', 0);
  DBMS_DATAPUMP.START_JOB(job);
  DBMS_DATAPUMP.WAIT_FOR_JOB(job, state);
  IF state <> 'COMPLETED' THEN
    RAISE_APPLICATION_ERROR(-20055, 'Data Pump ended as ' || state);
  END IF;
END;
  -- [HCL_OWNER1 HOTCLUB_HCC_OWNER1_2 HCB_OWNER1_1 HCC_OWNER1_2]

HCB_OWNER1_1> ALTER SESSION SET DDL_LOCK_TIMEOUT = 5

HCB_OWNER1_1> BEGIN
  EXECUTE IMMEDIATE 'GRANT READ ON "COUNTED" TO "HCC_OWNER1_2"';
  EXECUTE IMMEDIATE 'GRANT READ ON "GONE_WITH" TO "HCC_OWNER1_2"';
  EXECUTE IMMEDIATE 'GRANT READ ON "LINES" TO "HCC_OWNER1_2"';
  EXECUTE IMMEDIATE 'GRANT READ ON "NOTES" TO "HCC_OWNER1_2"';
  EXECUTE IMMEDIATE 'GRANT READ ON "STRICT" TO "HCC_OWNER1_2"';
END;

HCC_OWNER1_2> SELECT t.table_name, t.temporary, NVL(t.iot_type, '-'), t.partitioned FROM user_tables t
WHERE t.nested = 'NO' AND t.secondary = 'N' AND t.dropped = 'NO' AND NVL(t.iot_type, '-') NOT IN ('IOT_OVERFLOW', 'IOT_MAPPING')
AND t.table_name NOT IN (SELECT container_name FROM user_mviews) ORDER BY t.table_name

HCC_OWNER1_2> SELECT table_name, column_name, data_type, data_length, char_used, data_precision, data_scale, nullable,
virtual_column, identity_column, default_on_null, collation, data_default FROM user_tab_cols WHERE hidden_column = 'NO' ORDER BY table_name, column_id

HCC_OWNER1_2> SELECT c.table_name, c.constraint_name, c.constraint_type, c.generated,
(SELECT LISTAGG(k.column_name, ',') WITHIN GROUP (ORDER BY k.position, k.column_name) FROM user_cons_columns k WHERE k.constraint_name = c.constraint_name),
r.table_name, c.delete_rule, c.deferrable, c.deferred, c.status, c.validated, c.search_condition_vc FROM user_constraints c
LEFT JOIN user_constraints r ON r.constraint_name = c.r_constraint_name
WHERE c.constraint_name NOT LIKE 'BIN$%'

HCC_OWNER1_2> SELECT i.table_name, i.index_name, i.generated, i.index_type, i.uniqueness, i.status, i.visibility,
(SELECT LISTAGG(k.column_name || ' ' || k.descend, ',') WITHIN GROUP (ORDER BY k.column_position) FROM user_ind_columns k WHERE k.index_name = i.index_name)
FROM user_indexes i WHERE i.index_type <> 'LOB' AND i.index_name NOT LIKE 'BIN$%'

HCC_OWNER1_2> SELECT index_name, column_position, column_expression FROM user_ind_expressions ORDER BY index_name, column_position

HCC_OWNER1_2> SELECT table_name, trigger_name, status FROM user_triggers WHERE trigger_name NOT LIKE 'BIN$%' ORDER BY trigger_name

HCC_OWNER1_2> SELECT type, name, line, text FROM user_source WHERE name NOT LIKE 'BIN$%' ORDER BY type, name, line

HCC_OWNER1_2> SELECT view_name, text FROM user_views ORDER BY view_name

HCC_OWNER1_2> SELECT mview_name, query FROM user_mviews ORDER BY mview_name

HCC_OWNER1_2> SELECT sequence_name, min_value, max_value, increment_by, cycle_flag, order_flag, cache_size, last_number FROM user_sequences
WHERE sequence_name NOT IN (SELECT sequence_name FROM user_tab_identity_cols) ORDER BY sequence_name

HCC_OWNER1_2> SELECT i.table_name, i.column_name, i.generation_type, s.last_number FROM user_tab_identity_cols i
JOIN user_sequences s ON s.sequence_name = i.sequence_name ORDER BY i.table_name

HCC_OWNER1_2> SELECT table_name, NULL, comments FROM user_tab_comments WHERE comments IS NOT NULL AND table_name NOT LIKE 'BIN$%'
UNION ALL SELECT table_name, column_name, comments FROM user_col_comments WHERE comments IS NOT NULL AND table_name NOT LIKE 'BIN$%' ORDER BY 1, 2 NULLS FIRST

HCC_OWNER1_2> SELECT DISTINCT object_type FROM user_objects WHERE generated = 'N' AND object_name NOT LIKE 'BIN$%' ORDER BY object_type

SHOP> UPDATE "HOTCLUB_LABELS" SET "BYTES" = :1 WHERE "NAME" = :2
  -- [1048576 hcc_owner1_2]

HCC_OWNER1_2> SELECT object_type, object_name, status, TO_CHAR(last_ddl_time, 'YYYYMMDDHH24MISS'), TO_CHAR(SYSDATE, 'YYYYMMDDHH24MISS')
FROM user_objects WHERE object_name NOT LIKE 'BIN$%' ORDER BY object_type, object_name, object_id

HCC_OWNER1_2> SELECT sequence_name, last_number FROM user_sequences ORDER BY sequence_name

HCC_OWNER1_2> SELECT 'COUNTED', COUNT(*), MAX(ORA_ROWSCN) FROM "COUNTED"
UNION ALL SELECT 'GONE_WITH', COUNT(*), MAX(ORA_ROWSCN) FROM "GONE_WITH"
UNION ALL SELECT 'LINES', COUNT(*), MAX(ORA_ROWSCN) FROM "LINES"
UNION ALL SELECT 'NOTES', COUNT(*), MAX(ORA_ROWSCN) FROM "NOTES"
UNION ALL SELECT 'STRICT', COUNT(*), MAX(ORA_ROWSCN) FROM "STRICT"
