CREATE TABLE modern (
	id int AUTO_INCREMENT,
	name varchar(50) COLLATE utf8mb4_0900_as_cs NOT NULL DEFAULT 'COLLATE x',
	kind enum('a) COLLATE utf8mb4_bin','b\\','c''') NULL,
	plain char(20) CHARACTER SET utf8mb4 NULL,
	made varchar(40) NOT NULL DEFAULT (UUID()),
	tags json NOT NULL DEFAULT (JSON_ARRAY('a', 1)),
	at point NOT NULL SRID 4326,
	v vector(3) NULL,
	lower_name varchar(50) AS (LOWER(CONCAT(name, ' COLLATE x'))) STORED INVISIBLE,
	PRIMARY KEY (id DESC),
	UNIQUE KEY shout ((UPPER(name)), ((CHAR_LENGTH(name) + 1)) DESC),
	KEY unseen (made) INVISIBLE,
	KEY of_tags ((CAST(tags->'$[*]' AS char(10) ARRAY))),
	SPATIAL KEY (at),
	CONSTRAINT never CHECK (name <> 'ö') NOT ENFORCED,
	CHECK (name <> '' AND name NOT LIKE '%''%')
) COMMENT='COLLATE utf8mb4_bin' COLLATE=utf8mb4_ja_0900_as_cs;
SET sql_generate_invisible_primary_key = 1;
CREATE TABLE keyless (a int, b varchar(20)) CHARACTER SET latin1;
SET sql_generate_invisible_primary_key = 0;
CREATE VIEW ranked AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3)
	SELECT b.id, RANK() OVER (ORDER BY b.price) AS r, l.t FROM THISDB.book b, n, LATERAL (SELECT b.title AS t LIMIT 1) l WHERE n.i = 1;
CREATE VIEW parts AS SELECT j.* FROM THISDB.kinds k, JSON_TABLE(k.j, '$.a[*]' COLUMNS (x varchar(10) PATH '$')) j;
CREATE JSON RELATIONAL DUALITY VIEW documents AS SELECT JSON_DUALITY_OBJECT(WITH(UPDATE) '_id': id, 'what': what) FROM audit;
CREATE LIBRARY numbers LANGUAGE JAVASCRIPT AS 'export function next(n) { return n + 1; }';
CREATE FUNCTION next_number (n int) RETURNS int DETERMINISTIC LANGUAGE JAVASCRIPT USING (numbers AS l) AS 'return l.next(n)';
INSERT INTO modern (id, name, kind, plain, tags, at, v) VALUES
	(5, 'ß', 'c''', 'x', '["y", 2]', ST_SRID(POINT(1, 2), 4326), TO_VECTOR('[1, 2.5, -3]')), (2, 'É', NULL, NULL, DEFAULT, ST_SRID(POINT(0, 0), 4326), NULL);
INSERT INTO keyless (a, b) VALUES (3, 'c'), (1, 'a'), (2, NULL);
