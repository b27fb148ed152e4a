package mysql

import (
	"database/sql"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"hotclub/dbclone"
)

// What tests do to a database. Many fail, depending on those before, as in life.
var works = []string{
	"INSERT INTO author (name) VALUES (CONCAT('author ', RAND()))",
	"INSERT INTO author (name, best) SELECT CONCAT('copy ', RAND()), MAX(id) FROM book",
	"INSERT INTO book (author_id, title, blurb) VALUES (1, 'new', 'blurb'), (2, 'new', NULL)",
	"INSERT INTO book (title) VALUES ('in vain'); DELETE FROM book WHERE title = 'in vain'",
	"UPDATE book SET price = price + 1 WHERE id < 900",
	"UPDATE book SET price = -price WHERE id = 1",
	"UPDATE book a JOIN book b ON a.id = 1 AND b.id = 2 SET a.title = b.title, b.title = a.title",
	"UPDATE book SET blurb = CONCAT(blurb, 'y') WHERE blurb IS NOT NULL",
	"UPDATE book SET id = 5000 WHERE id = 2",
	"DELETE FROM book WHERE id = 3",
	"DELETE FROM author WHERE id = 1",
	"UPDATE author SET name = 'ab', best = NULL WHERE id = 7",
	"INSERT INTO node VALUES (10, 3); DELETE FROM node WHERE id = 2",
	"UPDATE kinds SET f = f * (1 + 1e-7)",
	"UPDATE kinds SET d = d + 1e-17",
	"UPDATE kinds SET txt = 'it', vb = UNHEX('7300FF27') WHERE txt IS NOT NULL",
	"UPDATE kinds SET e = NULL, s = 'y', j = '[]', bl = NULL",
	"UPDATE kinds SET tiny = NULL, small = 0, big = NULL WHERE id = 3",
	"UPDATE kinds SET hidden = 4, b = b + 1 WHERE id = 1",
	"INSERT INTO kinds () VALUES ()",
	"UPDATE place SET at = POINT(2, 1) WHERE id = 1",
	"UPDATE place SET area = ST_GeomFromText('POLYGON((0 0, 1 0, 1 1, 0 0))', 0) WHERE id = 2",
	"INSERT INTO loose VALUES (9, 'z')",
	"DELETE FROM loose WHERE a = 3; INSERT INTO loose VALUES (3, 'c')",
	"UPDATE loose SET a = 4 - a",
	"DELETE FROM loose WHERE a = 1 LIMIT 1",
	"INSERT INTO `Mixed Case ``table` VALUES (2, 'x')",
	"INSERT INTO old (note) VALUES ('four')",
	"DELETE FROM old WHERE note = 'one'; INSERT INTO old (id, note) VALUES (1, 'one')",
	"UPDATE old SET note = 'a much longer note' WHERE id = 1",
	"INSERT INTO aria VALUES (3, 'c'); DELETE FROM aria WHERE id = 2",
	"UPDATE parted SET y = 2020 WHERE id = 1",
	"INSERT INTO blank (x) VALUES (1), (2)",
	"INSERT INTO blank (x) VALUES (1); DELETE FROM blank",
	"INSERT INTO audit (what) VALUES ('x')",
	"CALL add_audit('y')",
	"SELECT NEXTVAL(numbers)", // of MariaDB alone, as is the next
	"SELECT SETVAL(numbers, 100)",
	"SET foreign_key_checks = 0; TRUNCATE book; TRUNCATE author",
	"UPDATE modern SET kind = 'c''', v = TO_VECTOR('[1, 2.5, -3.5]') WHERE id = 5", // of MySQL alone, to keyless
	"UPDATE modern SET tags = JSON_ARRAY_APPEND(tags, '$', 'z'), at = ST_SRID(POINT(2, 1), 4326)",
	"UPDATE modern SET name = 'SS' WHERE name = 'ß'",
	"INSERT INTO modern (name, at) VALUES (CONCAT('new ', RAND()), ST_SRID(POINT(3, 4), 4326))",
	"DELETE FROM modern WHERE id = 2",
	"INSERT INTO keyless (a) VALUES (4); DELETE FROM keyless WHERE a = 1",
	"UPDATE keyless SET b = 'z' WHERE a = 2",
	"TRUNCATE kinds",
	"TRUNCATE loose",
	"TRUNCATE blank",
	"TRUNCATE old",
	"BEGIN; INSERT INTO book (title) VALUES ('rolled back'); UPDATE author SET name = 'gone' WHERE id = 1; DELETE FROM loose; ROLLBACK",
	"BEGIN; INSERT INTO author (name) VALUES ('rolled back'); SELECT NEXTVAL(numbers); ROLLBACK",
	"ALTER TABLE blank AUTO_INCREMENT = 77",
	"SET foreign_key_checks = 0; DELETE FROM author; DELETE FROM book; DELETE FROM kinds; DELETE FROM loose; DELETE FROM node; DELETE FROM place; DELETE FROM parted; DELETE FROM old; DELETE FROM aria; DELETE FROM `Mixed Case ``table`",
}

// What tests do to a schema.
var redesigns = []string{
	"ALTER TABLE book ADD COLUMN more int NULL",
	"ALTER TABLE book DROP COLUMN blurb",
	"ALTER TABLE book DROP FOREIGN KEY book_author",
	"ALTER TABLE book COMMENT 'another'",
	"ALTER TABLE kinds MODIFY tiny tinyint(2) NULL",
	"CREATE INDEX price ON book (price)",
	"CREATE TABLE brand_new (id int PRIMARY KEY); INSERT INTO brand_new VALUES (1)",
	"DROP TABLE blank",
	"RENAME TABLE blank TO blanked",
	"DROP VIEW a_view",
	"CREATE OR REPLACE VIEW a_view AS SELECT 1 AS one",
	"CREATE VIEW another AS SELECT * FROM book",
	"DROP TRIGGER book_gone",
	"CREATE TRIGGER new_one BEFORE INSERT ON node FOR EACH ROW SET NEW.parent = NULL",
	"CREATE FUNCTION thrice (x int) RETURNS int DETERMINISTIC RETURN x * 3",
	"DROP PROCEDURE add_audit",
	"ALTER EVENT tidy ENABLE",
	"DROP EVENT tidy",
	"CREATE SEQUENCE more_numbers",
	"ALTER DATABASE CHARACTER SET latin1",
	"ALTER TABLE aria ENGINE=InnoDB",
	"ALTER TABLE modern ALTER INDEX unseen VISIBLE",
	"ALTER TABLE modern ALTER CHECK never ENFORCED",
	"ALTER TABLE modern ALTER lower_name SET VISIBLE",
	"ALTER TABLE modern DROP INDEX of_tags",
	"DROP FUNCTION next_number; DROP LIBRARY numbers",
	"DROP VIEW documents",
	"ALTER TABLE modern MODIFY name varchar(50) NOT NULL DEFAULT 'COLLATE x'",
}

// player plays a worker that has one connection to its clone all the time.
type player struct {
	*bench
	random  *rand.Rand
	clone   dbclone.Spot
	workers *sql.DB
	on      *session
	did     []string
}

func (p *player) do(from []string) {
	statement := from[p.random.IntN(len(from))]
	p.did = append(p.did, statement)
	if err := p.on.run(p.t.Context(), statement); err != nil {
		if number(err) == 0 {
			p.t.Fatal(err)
		}
		p.did = append(p.did, "  "+err.Error())
		ok(p.t, p.on.run(p.t.Context(), "ROLLBACK"))
	}
	ok(p.t, p.on.run(p.t.Context(), "SET foreign_key_checks = 1"))
}

func (p *player) connect() {
	if p.on != nil {
		p.on.spoil()
	}
	conn, err := p.workers.Conn(p.t.Context())
	ok(p.t, err)
	p.on = &session{conn: conn, in: p.clone.Name}
	ok(p.t, p.on.run(p.t.Context(), "USE "+p.clone.Name))
	ok(p.t, p.on.run(p.t.Context(), "SET sql_mode = ''"))
}

var counters = regexp.MustCompile(`AUTO_INCREMENT=(\d+ |"\d*")`)

// committed leaves out of a dump what moves without a commit.
func committed(dump []string) (lines []string) {
	for _, line := range dump {
		if !strings.HasPrefix(line, "SELECT * FROM `numbers`") {
			lines = append(lines, counters.ReplaceAllString(line, ""))
		}
	}
	return lines
}

// Case 26, and 17, 20 and 21 with it: random work, restored, leaves nothing that a client could see.
// HOTCLUB_ROUNDS sets the number of rounds, HOTCLUB_SEED where they begin.
func TestCase26RandomWorkIsUndone(t *testing.T) {
	rounds, seed := 200, rand.Uint64()
	if n, err := strconv.Atoi(os.Getenv("HOTCLUB_ROUNDS")); err == nil {
		rounds = n
	}
	if n, err := strconv.ParseUint(os.Getenv("HOTCLUB_SEED"), 10, 64); err == nil {
		seed = n
	}
	t.Logf("HOTCLUB_SEED=%d HOTCLUB_ROUNDS=%d", seed, rounds)
	b := newBench(t, theServer(t))
	if seed%2 == 0 {
		b.servers[b.id].many = 1 // all tables are remembered while nobody writes to them
	}
	template, sealed := b.everything()
	p := &player{bench: b, random: rand.New(rand.NewPCG(seed, 0)), clone: b.clone(template), workers: b.server.Open(t, "")}
	fresh := b.dump(b.clone(template).Name)
	p.connect()
	images := map[dbclone.Image][]string{dbclone.Pristine: fresh}
	holds := fresh // what it holds while it is clean
	for round := range rounds {
		p.did = nil
		for range p.random.IntN(6) {
			p.do(works)
		}
		if p.random.IntN(10) == 0 {
			p.do(redesigns)
		}
		now := p.dump(p.clone.Name)
		redesigned := !slices.Equal(definitions(now), definitions(fresh))
		p.checkDirty(template, now, holds)
		switch {
		case p.random.IntN(12) == 0 && !redesigned:
			image := dbclone.Image("image " + strconv.Itoa(p.random.IntN(8)))
			if images[image] != nil {
				break // it stays what it is
			}
			ok(t, b.Capture(t.Context(), template, p.clone, image))
			images[image], holds = now, now
			p.checkDirty(template, now, holds)
		case p.random.IntN(12) == 0:
			ok(t, b.Accept(t.Context(), template, p.clone))
			holds = now
			p.checkDirty(template, now, holds)
		default:
			holds = p.restore(template, now, holds, images, redesigned)
		}
		if round%50 == 49 {
			ok(t, b.Check(t.Context(), template, sealed))
		}
	}
	ok(t, b.Reset(t.Context(), template, p.clone))
	alike(t, "reset", b.dump(p.clone.Name), fresh)
}

// checkDirty compares what the engine says with dumps.
func (p *player) checkDirty(template dbclone.Spot, now, holds []string) {
	p.t.Helper()
	dirty, err := p.Dirty(p.t.Context(), template, p.clone)
	ok(p.t, err)
	if want := !slices.Equal(committed(now), committed(holds)); dirty != want {
		p.t.Fatalf("dirty: got %v, want %v, after\n%s", dirty, want, strings.Join(p.did, "\n"))
	}
}

// restore puts the clone back to one of the images.
func (p *player) restore(template dbclone.Spot, before, holds []string, images map[dbclone.Image][]string, redesigned bool) []string {
	p.t.Helper()
	image := dbclone.Pristine
	for each := range images {
		if p.random.IntN(3) == 0 {
			image = each
		}
	}
	restored, err := p.Restore(p.t.Context(), template, p.clone, image)
	if image != dbclone.Pristine && redesigned {
		fails(p.t, err, dbclone.ErrNoImage)
		alike(p.t, "left as it is", p.dump(p.clone.Name), before)
		return holds
	}
	if err != nil {
		p.t.Fatalf("%v, after\n%s", err, strings.Join(p.did, "\n"))
	}
	what := "restored to " + string(image) + " after\n" + strings.Join(p.did, "\n")
	alike(p.t, what, p.dump(p.clone.Name), images[image])
	same(p.t, "clean, "+what, restored.Clean, slices.Equal(before, images[image]))
	same(p.t, "replaced ("+restored.Why+"), "+what, restored.Replaced, redesigned)
	if restored.Replaced {
		p.connect()
	}
	return images[image]
}

// definitions leaves the rows out of a dump.
func definitions(dump []string) (lines []string) {
	for _, line := range committed(dump) {
		if !strings.HasPrefix(line, "SELECT * ") {
			lines = append(lines, line)
		}
	}
	return lines
}
