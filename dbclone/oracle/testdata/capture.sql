SHOP> SELECT l."USERNAME", l."LABEL", l."MARK", u.user_id FROM "HOTCLUB_LABELS" l
  LEFT JOIN all_users u ON u.username = l."USERNAME" WHERE l."NAME" = :1
  -- [hct_abc_1]

SHOP> INSERT INTO "HOTCLUB_LABELS" ("NAME", "USERNAME", "LABEL", "IMAGE") VALUES (:1, :2, :3, :4)
  -- [hci_owner1_1 HCI_OWNER1_1 {"hotclub":1,"home":"home1","owner":"owner1","project":"p1","alias":"default","kind":"clone","created":"…","used":"…"} flushed]

SHOP> CREATE USER "HCI_OWNER1_1" IDENTIFIED BY "Hc1eokf27zlrapgl4o6dhe5sehpih" DEFAULT TABLESPACE "HOTCLUB_SHOP" QUOTA 500M ON "HOTCLUB_SHOP"

SHOP> GRANT CREATE SESSION, CREATE TABLE, CREATE SEQUENCE, CREATE PROCEDURE, CREATE TRIGGER TO "HCI_OWNER1_1"

SHOP> GRANT CREATE VIEW TO "HCI_OWNER1_1"

SHOP> GRANT CREATE MATERIALIZED VIEW TO "HCI_OWNER1_1"

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

HCC_OWNER1_2> BEGIN
  DBMS_METADATA.SET_TRANSFORM_PARAM(DBMS_METADATA.SESSION_TRANSFORM, 'SEGMENT_ATTRIBUTES', FALSE);
  DBMS_METADATA.SET_TRANSFORM_PARAM(DBMS_METADATA.SESSION_TRANSFORM, 'STORAGE', FALSE);
  DBMS_METADATA.SET_TRANSFORM_PARAM(DBMS_METADATA.SESSION_TRANSFORM, 'TABLESPACE', FALSE);
  DBMS_METADATA.SET_TRANSFORM_PARAM(DBMS_METADATA.SESSION_TRANSFORM, 'REF_CONSTRAINTS', FALSE);
  DBMS_METADATA.SET_TRANSFORM_PARAM(DBMS_METADATA.SESSION_TRANSFORM, 'SQLTERMINATOR', FALSE);
END;

HCC_OWNER1_2> SELECT object_name, DBMS_METADATA.GET_DDL(:1, object_name) FROM user_objects WHERE object_type = :2
AND generated = 'N' AND secondary = 'N' AND object_name NOT LIKE 'BIN$%' AND object_name NOT LIKE 'ISEQ$$%'
AND (object_type <> 'INDEX' OR object_name NOT IN (SELECT index_name FROM user_constraints WHERE index_name IS NOT NULL))
AND (object_type <> 'TABLE' OR object_name NOT IN (SELECT container_name FROM user_mviews)
  AND object_name NOT IN (SELECT table_name FROM user_tables WHERE nested = 'YES' OR iot_type IN ('IOT_OVERFLOW', 'IOT_MAPPING')))
ORDER BY object_id
  -- [TYPE_SPEC TYPE]

HCC_OWNER1_2> SELECT object_name, DBMS_METADATA.GET_DDL(:1, object_name) FROM user_objects WHERE object_type = :2
  -- and so on, as before
  -- [TYPE_BODY TYPE BODY]

HCC_OWNER1_2> SELECT object_name, DBMS_METADATA.GET_DDL(:1, object_name) FROM user_objects WHERE object_type = :2
  -- and so on, as before
  -- [SEQUENCE SEQUENCE]

HCC_OWNER1_2> SELECT object_name, DBMS_METADATA.GET_DDL(:1, object_name) FROM user_objects WHERE object_type = :2
  -- and so on, as before
  -- [TABLE TABLE]

HCC_OWNER1_2> SELECT object_name, DBMS_METADATA.GET_DDL(:1, object_name) FROM user_objects WHERE object_type = :2
  -- and so on, as before
  -- [FUNCTION FUNCTION]

HCC_OWNER1_2> SELECT object_name, DBMS_METADATA.GET_DDL(:1, object_name) FROM user_objects WHERE object_type = :2
  -- and so on, as before
  -- [PROCEDURE PROCEDURE]

HCC_OWNER1_2> SELECT object_name, DBMS_METADATA.GET_DDL(:1, object_name) FROM user_objects WHERE object_type = :2
  -- and so on, as before
  -- [PACKAGE_SPEC PACKAGE]

HCC_OWNER1_2> SELECT object_name, DBMS_METADATA.GET_DDL(:1, object_name) FROM user_objects WHERE object_type = :2
  -- and so on, as before
  -- [PACKAGE_BODY PACKAGE BODY]

HCC_OWNER1_2> SELECT object_name, DBMS_METADATA.GET_DDL(:1, object_name) FROM user_objects WHERE object_type = :2
  -- and so on, as before
  -- [SYNONYM SYNONYM]

HCC_OWNER1_2> SELECT object_name, DBMS_METADATA.GET_DDL(:1, object_name) FROM user_objects WHERE object_type = :2
  -- and so on, as before
  -- [INDEX INDEX]

HCC_OWNER1_2> SELECT constraint_name, DBMS_METADATA.GET_DDL('REF_CONSTRAINT', constraint_name) FROM user_constraints
WHERE constraint_type = 'R' AND constraint_name NOT LIKE 'BIN$%' ORDER BY table_name, constraint_name

HCC_OWNER1_2> SELECT object_name, DBMS_METADATA.GET_DDL(:1, object_name) FROM user_objects WHERE object_type = :2
  -- and so on, as before
  -- [VIEW VIEW]

HCC_OWNER1_2> SELECT object_name, DBMS_METADATA.GET_DDL(:1, object_name) FROM user_objects WHERE object_type = :2
  -- and so on, as before
  -- [MATERIALIZED_VIEW MATERIALIZED VIEW]

HCC_OWNER1_2> SELECT object_name, DBMS_METADATA.GET_DDL(:1, object_name) FROM user_objects WHERE object_type = :2
  -- and so on, as before
  -- [TRIGGER TRIGGER]

HCC_OWNER1_2> SELECT table_name, NULL, comments FROM user_tab_comments WHERE comments IS NOT NULL AND table_name NOT LIKE 'BIN$%'
  -- and so on, as before

HCI_OWNER1_1> ALTER SESSION SET DDL_LOCK_TIMEOUT = 5

HCI_OWNER1_1> CREATE SEQUENCE "HCI_OWNER1_1"."TICKETS" START WITH 21 CACHE 20

HCI_OWNER1_1> CREATE TABLE "HCI_OWNER1_1"."COUNTED" ("ID" NUMBER GENERATED BY DEFAULT AS IDENTITY, "NAME" VARCHAR2, PRIMARY KEY ("ID"))

HCI_OWNER1_1> CREATE TABLE "HCI_OWNER1_1"."GONE_WITH" ("ID" NUMBER, "NOTE_ID" NUMBER, PRIMARY KEY ("ID"))

HCI_OWNER1_1> CREATE TABLE "HCI_OWNER1_1"."LINES" ("ID" NUMBER, "NOTE_ID" NUMBER, PRIMARY KEY ("ID"))

HCI_OWNER1_1> CREATE TABLE "HCI_OWNER1_1"."NOTES" ("ID" NUMBER GENERATED BY DEFAULT ON NULL AS IDENTITY, "BODY" NCLOB, PRIMARY KEY ("ID"))

HCI_OWNER1_1> CREATE TABLE "HCI_OWNER1_1"."STRICT" ("ID" NUMBER, "NOTE_ID" NUMBER, PRIMARY KEY ("ID"))

HCC_OWNER1_2> ALTER SESSION SET DDL_LOCK_TIMEOUT = 5

HCC_OWNER1_2> BEGIN
  EXECUTE IMMEDIATE 'GRANT READ ON "COUNTED" TO "HCI_OWNER1_1"';
  EXECUTE IMMEDIATE 'GRANT READ ON "GONE_WITH" TO "HCI_OWNER1_1"';
  EXECUTE IMMEDIATE 'GRANT READ ON "LINES" TO "HCI_OWNER1_1"';
  EXECUTE IMMEDIATE 'GRANT READ ON "NOTES" TO "HCI_OWNER1_1"';
  EXECUTE IMMEDIATE 'GRANT READ ON "STRICT" TO "HCI_OWNER1_1"';
END;

HCI_OWNER1_1> INSERT /*+ APPEND */ INTO "COUNTED" ("ID", "NAME") SELECT "ID", "NAME" FROM "HCC_OWNER1_2"."COUNTED"

HCI_OWNER1_1> INSERT /*+ APPEND */ INTO "GONE_WITH" ("ID", "NOTE_ID") SELECT "ID", "NOTE_ID" FROM "HCC_OWNER1_2"."GONE_WITH"

HCI_OWNER1_1> INSERT /*+ APPEND */ INTO "LINES" ("ID", "NOTE_ID") SELECT "ID", "NOTE_ID" FROM "HCC_OWNER1_2"."LINES"

HCI_OWNER1_1> INSERT /*+ APPEND */ INTO "NOTES" ("ID", "BODY") SELECT "ID", "BODY" FROM "HCC_OWNER1_2"."NOTES"

HCI_OWNER1_1> INSERT /*+ APPEND */ INTO "STRICT" ("ID", "NOTE_ID") SELECT "ID", "NOTE_ID" FROM "HCC_OWNER1_2"."STRICT"

HCI_OWNER1_1> ALTER TABLE "HCI_OWNER1_1"."GONE_WITH" ADD CONSTRAINT "GONE_FK" FOREIGN KEY ("NOTE_ID") REFERENCES "HCI_OWNER1_1"."NOTES" ("ID") ON DELETE CASCADE ENABLE

HCI_OWNER1_1> ALTER TABLE "HCI_OWNER1_1"."LINES" ADD CONSTRAINT "LINES_FK" FOREIGN KEY ("NOTE_ID") REFERENCES "HCI_OWNER1_1"."NOTES" ("ID") DEFERRABLE INITIALLY DEFERRED ENABLE

HCI_OWNER1_1> ALTER TABLE "HCI_OWNER1_1"."STRICT" ADD CONSTRAINT "STRICT_FK" FOREIGN KEY ("NOTE_ID") REFERENCES "HCI_OWNER1_1"."NOTES" ("ID") ENABLE

HCI_OWNER1_1> CREATE OR REPLACE FORCE VIEW "HCI_OWNER1_1"."TITLES" AS SELECT * FROM "HCI_OWNER1_1"."NOTES"

HCI_OWNER1_1> CREATE OR REPLACE TRIGGER "HCI_OWNER1_1"."STAMP" BEFORE INSERT ON "HCI_OWNER1_1"."NOTES" BEGIN NULL; END;

HCI_OWNER1_1> ALTER TRIGGER "HCI_OWNER1_1"."STAMP" ENABLE

HCI_OWNER1_1> ALTER TABLE "COUNTED" MODIFY ("ID" GENERATED ALWAYS AS IDENTITY (START WITH 41))

HCI_OWNER1_1> SELECT t.table_name, t.temporary, NVL(t.iot_type, '-'), t.partitioned FROM user_tables t
WHERE t.nested = 'NO' AND t.secondary = 'N' AND t.dropped = 'NO' AND NVL(t.iot_type, '-') NOT IN ('IOT_OVERFLOW', 'IOT_MAPPING')
AND t.table_name NOT IN (SELECT container_name FROM user_mviews) ORDER BY t.table_name

HCI_OWNER1_1> SELECT table_name, column_name, data_type, data_length, char_used, data_precision, data_scale, nullable,
virtual_column, identity_column, default_on_null, collation, data_default FROM user_tab_cols WHERE hidden_column = 'NO' ORDER BY table_name, column_id

HCI_OWNER1_1> SELECT c.table_name, c.constraint_name, c.constraint_type, c.generated,
(SELECT LISTAGG(k.column_name, ',') WITHIN GROUP (ORDER BY k.position, k.column_name) FROM user_cons_columns k WHERE k.constraint_name = c.constraint_name),
r.table_name, c.delete_rule, c.deferrable, c.deferred, c.status, c.validated, c.search_condition_vc FROM user_constraints c
LEFT JOIN user_constraints r ON r.constraint_name = c.r_constraint_name
WHERE c.constraint_name NOT LIKE 'BIN$%'

HCI_OWNER1_1> SELECT i.table_name, i.index_name, i.generated, i.index_type, i.uniqueness, i.status, i.visibility,
(SELECT LISTAGG(k.column_name || ' ' || k.descend, ',') WITHIN GROUP (ORDER BY k.column_position) FROM user_ind_columns k WHERE k.index_name = i.index_name)
FROM user_indexes i WHERE i.index_type <> 'LOB' AND i.index_name NOT LIKE 'BIN$%'

HCI_OWNER1_1> SELECT index_name, column_position, column_expression FROM user_ind_expressions ORDER BY index_name, column_position

HCI_OWNER1_1> SELECT table_name, trigger_name, status FROM user_triggers WHERE trigger_name NOT LIKE 'BIN$%' ORDER BY trigger_name

HCI_OWNER1_1> SELECT type, name, line, text FROM user_source WHERE name NOT LIKE 'BIN$%' ORDER BY type, name, line

HCI_OWNER1_1> SELECT view_name, text FROM user_views ORDER BY view_name

HCI_OWNER1_1> SELECT mview_name, query FROM user_mviews ORDER BY mview_name

HCI_OWNER1_1> SELECT sequence_name, min_value, max_value, increment_by, cycle_flag, order_flag, cache_size, last_number FROM user_sequences
WHERE sequence_name NOT IN (SELECT sequence_name FROM user_tab_identity_cols) ORDER BY sequence_name

HCI_OWNER1_1> SELECT i.table_name, i.column_name, i.generation_type, s.last_number FROM user_tab_identity_cols i
JOIN user_sequences s ON s.sequence_name = i.sequence_name ORDER BY i.table_name

HCI_OWNER1_1> SELECT table_name, NULL, comments FROM user_tab_comments WHERE comments IS NOT NULL AND table_name NOT LIKE 'BIN$%'
UNION ALL SELECT table_name, column_name, comments FROM user_col_comments WHERE comments IS NOT NULL AND table_name NOT LIKE 'BIN$%' ORDER BY 1, 2 NULLS FIRST

HCI_OWNER1_1> SELECT DISTINCT object_type FROM user_objects WHERE generated = 'N' AND object_name NOT LIKE 'BIN$%' ORDER BY object_type

HCI_OWNER1_1> ALTER TABLE "NOTES" MODIFY ("ID" GENERATED BY DEFAULT ON NULL AS IDENTITY (START WITH 41))
