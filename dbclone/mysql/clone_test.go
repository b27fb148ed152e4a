package mysql

import (
	"os"
	"strings"
	"testing"

	"hotclub/dbclone"
)

// everything is a template with all that a database of the server can have.
func (b *bench) everything() (template dbclone.Spot, sealed dbclone.Sealed) {
	b.t.Helper()
	own := "testdata/mysql.sql"
	if b.server.MariaDB() {
		own = "testdata/mariadb.sql"
	}
	common, err := os.ReadFile("testdata/everything.sql")
	ok(b.t, err)
	more, err := os.ReadFile(own)
	ok(b.t, err)
	from, to := b.spot("b"), b.spot("t")
	ok(b.t, b.Prepare(b.t.Context(), from))
	b.exec("", "CREATE DATABASE "+from.Name+" CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")
	conn := b.connect(from.Name, "SET foreign_key_checks = 0, sql_mode = 'NO_AUTO_VALUE_ON_ZERO', time_zone = '+02:00'")
	for statement := range strings.SplitSeq(strings.TrimSpace(string(common)+string(more)), ";\n") {
		if _, err := conn.ExecContext(b.t.Context(), strings.ReplaceAll(statement, "THISDB", from.Name)); err != nil {
			b.t.Fatalf("%v\n%.500s", err, statement)
		}
	}
	ok(b.t, conn.Close())
	b.exec("", "ALTER EVENT "+from.Name+".tidy DISABLE") // as sealing does, for the comparison
	before := b.dump(from.Name)
	b.exec("", "ALTER EVENT "+from.Name+".tidy ENABLE")
	sealed, err = b.Seal(b.t.Context(), from)
	ok(b.t, err)
	alike(b.t, "sealed", b.dump(from.Name), before)
	ok(b.t, b.Publish(b.t.Context(), from, to))
	ok(b.t, b.Check(b.t.Context(), to, sealed))
	alike(b.t, "published", b.dump(to.Name), before)
	same(b.t, "the built one is there", b.exists(from.Name), false)
	return to, sealed
}

// Case 47: foreign keys, views with definer, triggers, events, routines, generated columns,
// AUTO_INCREMENT. Case 48: there is no mysqldump, as the engine starts no process.
func TestCase47And48CloneIsLikeItsTemplate(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	b := newBench(t, theServer(t))
	template, sealed := b.everything()
	clone := b.clone(template)
	alike(t, "clone", b.dump(clone.Name), b.dump(template.Name))
	ok(t, b.Check(t.Context(), template, sealed))
	dirty, err := b.Dirty(t.Context(), template, clone)
	ok(t, err)
	same(t, "dirty", dirty, false)
	restored, err := b.Restore(t.Context(), template, clone, dbclone.Pristine)
	ok(t, err)
	same(t, "restored", restored, dbclone.Restored{Clean: true})
	// What names its own database means the clone's.
	b.exec(clone.Name, "INSERT INTO book (title) VALUES ('Daphne')")
	same(t, "books of the clone", b.value("SELECT "+clone.Name+".qualified()"), "5")
	same(t, "audit of the clone", b.value("SELECT GROUP_CONCAT(what ORDER BY id) FROM "+clone.Name+".audit"), "first,added Daphne")
	same(t, "audit of the template", b.value("SELECT COUNT(*) FROM "+template.Name+".audit"), "0")
	same(t, "next id", b.value("SELECT MAX(id) FROM "+clone.Name+".book"), "1000")
}

// A routine that came in one packet with other statements is shown by MySQL with what ended it.
func TestRoutineOfAScript(t *testing.T) {
	b := newBench(t, theServer(t))
	template, _ := b.template("CREATE TABLE a (id int PRIMARY KEY); CREATE FUNCTION step () RETURNS int DETERMINISTIC RETURN 1; CREATE TRIGGER up BEFORE INSERT ON a FOR EACH ROW SET NEW.id = NEW.id + step();")
	clone := b.clone(template)
	b.exec(clone.Name, "INSERT INTO a VALUES (1)")
	same(t, "id", b.value("SELECT id FROM "+clone.Name+".a"), "2")
	restored, err := b.Restore(t.Context(), template, clone, dbclone.Pristine)
	ok(t, err)
	same(t, "restored", restored, dbclone.Restored{Tables: 1})
}
