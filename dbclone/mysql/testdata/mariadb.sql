CREATE SEQUENCE numbers START WITH 5 INCREMENT BY 3 CACHE 10;
ALTER TABLE author ADD number bigint NOT NULL DEFAULT 0;
UPDATE author SET number = NEXTVAL(numbers);
ALTER TABLE author ALTER number SET DEFAULT nextval(numbers);
ALTER TABLE kinds ADD u uuid NULL, ADD i6 inet6 NULL;
UPDATE kinds SET u = UUID(), i6 = '::1' WHERE id = 1;
CREATE TABLE aria (id int, note text) ENGINE=Aria;
INSERT INTO aria VALUES (2, 'b'), (1, 'a');
