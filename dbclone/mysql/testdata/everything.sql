CREATE TABLE author (
	id int AUTO_INCREMENT PRIMARY KEY,
	name varchar(100) NOT NULL COMMENT 'it''s AUTO_INCREMENT=7 ) ENGINE=x',
	best bigint unsigned NULL,
	UNIQUE KEY `odd ``key``` (name),
	CONSTRAINT `best of author` FOREIGN KEY (best) REFERENCES book (id) ON DELETE SET NULL
) COMMENT='AUTO_INCREMENT=9';
CREATE TABLE book (
	id bigint unsigned AUTO_INCREMENT,
	author_id int NULL,
	title varchar(200) CHARACTER SET latin1 COLLATE latin1_german1_ci NOT NULL,
	blurb longtext NULL,
	shout varchar(200) AS (UPPER(title)) VIRTUAL,
	length int AS (CHAR_LENGTH(title)) STORED,
	price decimal(8,2) NOT NULL DEFAULT 1.50,
	PRIMARY KEY (id),
	KEY (author_id),
	FULLTEXT KEY words (title),
	CONSTRAINT dear CHECK (price < 10000)
) AUTO_INCREMENT=1000 ROW_FORMAT=DYNAMIC CHARACTER SET utf8mb3;
ALTER TABLE book ADD CONSTRAINT book_author FOREIGN KEY (author_id) REFERENCES author (id) ON DELETE CASCADE;
CREATE TABLE node (id int PRIMARY KEY, parent int, FOREIGN KEY (parent) REFERENCES node (id));
CREATE TABLE kinds (
	id int AUTO_INCREMENT PRIMARY KEY,
	tiny tinyint(1) NULL, small smallint unsigned zerofill NULL, big bigint unsigned NULL,
	f float NULL, d double NULL, n decimal(30,10) NULL, b bit(11) NULL,
	e enum('a','b''c','') NULL, s set('x','y','z') NULL,
	day date NULL, at datetime(6) NULL, stamp timestamp(3) NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
	t time(2) NULL, y year NULL, j json NULL,
	c char(5) CHARACTER SET utf16 NULL, v varchar(50) CHARACTER SET sjis NULL, vb varbinary(50) NULL, bin binary(4) NULL,
	txt tinytext NULL, bl longblob NULL,
	hidden int DEFAULT 3 INVISIBLE
);
CREATE TABLE place (id int AUTO_INCREMENT PRIMARY KEY, at point NOT NULL, area polygon NULL, SPATIAL KEY (at));
CREATE TABLE loose (a int NULL, b varchar(20) NULL, KEY (b));
CREATE TABLE `Mixed Case ``table` (`Ä column` int, `select` varchar(10), PRIMARY KEY (`Ä column`, `select`));
CREATE TABLE old (id int AUTO_INCREMENT PRIMARY KEY, note varchar(30)) ENGINE=MyISAM;
CREATE TABLE parted (id int NOT NULL, y int NOT NULL, PRIMARY KEY (id, y)) PARTITION BY RANGE (y) (PARTITION p0 VALUES LESS THAN (2000), PARTITION p1 VALUES LESS THAN MAXVALUE);
CREATE TABLE audit (id int AUTO_INCREMENT PRIMARY KEY, what varchar(100) NOT NULL);
CREATE TABLE blank (id int AUTO_INCREMENT PRIMARY KEY, x int);

CREATE FUNCTION twice (x int) RETURNS int DETERMINISTIC RETURN x * 2;
CREATE FUNCTION qualified () RETURNS int READS SQL DATA RETURN (SELECT COUNT(*) FROM THISDB.book);
CREATE PROCEDURE add_audit (IN what varchar(100)) COMMENT 'it''s' MODIFIES SQL DATA SQL SECURITY INVOKER BEGIN DECLARE n int; SET n = 1; INSERT INTO audit (what) VALUES (what); END;
CREATE VIEW z_view AS SELECT b.id, b.title, twice(b.id) AS t, a.name FROM book b LEFT JOIN THISDB.author a ON a.id = b.author_id;
CREATE VIEW a_view AS SELECT id, title FROM z_view WHERE id > 0 AND title <> 'ö; "x" `y`';
CREATE ALGORITHM=MERGE DEFINER='nobody'@'%' SQL SECURITY INVOKER VIEW cheap AS SELECT * FROM book WHERE price < 5 WITH CASCADED CHECK OPTION;
CREATE TRIGGER book_added AFTER INSERT ON book FOR EACH ROW INSERT INTO audit (what) VALUES (CONCAT('added ', NEW.title));
CREATE TRIGGER book_added_first AFTER INSERT ON book FOR EACH ROW PRECEDES book_added INSERT INTO THISDB.audit (what) VALUES ('first');
CREATE DEFINER='nobody'@'%' TRIGGER book_gone AFTER DELETE ON book FOR EACH ROW INSERT INTO audit (what) VALUES (CONCAT('gone ', OLD.title));
CREATE TRIGGER book_price BEFORE UPDATE ON book FOR EACH ROW SET NEW.price = ABS(NEW.price);
CREATE EVENT tidy ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' ON COMPLETION PRESERVE ENABLE COMMENT 'ON COMPLETION PRESERVE ENABLE' DO DELETE FROM audit WHERE id < 0;

INSERT INTO author (id, name) VALUES (1, 'Django'), (2, 'Stéphane'), (7, 'Grappelli; --'), (0, 'zero');
INSERT INTO book (id, author_id, title, blurb, price) VALUES (1, 1, 'Nuages', NULL, 4), (2, 1, 'Swing 39', 'a ''blurb''', 5.25), (3, 2, 'Übung', '', 9999.99), (900, NULL, 'Minor \\ Swing', REPEAT('x', 70000), 0);
UPDATE author SET best = 1 WHERE id = 1;
INSERT INTO node VALUES (1, NULL), (2, 1), (3, 3);
INSERT INTO kinds (tiny, small, big, f, d, n, b, e, s, day, at, stamp, t, y, j, c, v, vb, bin, txt, bl) VALUES
	(1, 7, 18446744073709551615, 0.1, 0.1e0 + 0.2e0, 1234567890.0123456789, b'10101010101', 'b''c', 'x,z', '1000-01-01', '2026-02-03 04:05:06.789012', '2026-03-29 01:30:00.123', '-838:59:59', 2155, '{"a": [1, "ä"]}', 'é𝄞', 'ｱ日本', 0x00FF27, 0x01, 'it''s', UNHEX('00FFFE0A0D1A')),
	(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	(0, 0, 0, -1.17549e-38, -0e0, 0, b'0', '', '', '0000-00-00', '0000-00-00 00:00:00', '2026-10-25 01:30:00', '00:00:00.01', 0, '""', '', '', '', '', '', '');
INSERT INTO place (at, area) VALUES (POINT(1, 2.5), NULL), (POINT(-1, 0), ST_GeomFromText('POLYGON((0 0, 1 0, 1 1, 0 0))', 4326));
INSERT INTO loose VALUES (3, 'c'), (1, 'a'), (2, 'b'), (1, 'a'), (NULL, NULL);
INSERT INTO `Mixed Case ``table` VALUES (1, 'x'), (1, 'y');
INSERT INTO old (note) VALUES ('one'), ('two'), ('three');
DELETE FROM old WHERE note = 'two';
INSERT INTO parted VALUES (1, 1999), (2, 2001);
DELETE FROM audit;
