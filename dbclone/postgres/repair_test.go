package postgres

import (
	"testing"
)

// TestCase26RepairOfEverything changes every table at once, in all ways.
func TestCase26RepairOfEverything(t *testing.T) {
	for _, role := range []string{"superuser", "owner"} {
		t.Run(role, func(t *testing.T) {
			l := newLab(t, role, everything)
			p := l.clone(t)
			if d := p.dirt(t); !d.clean() {
				t.Fatalf("a fresh clone is dirty: %+v", d)
			}
			must(t, p.worker, `UPDATE auth_user SET active = false WHERE id = 2; INSERT INTO auth_user (username) VALUES ('new');
				DELETE FROM types WHERE id = 3; UPDATE toasted SET body = 'short'; INSERT INTO log (at, line) VALUES ('2020-06-01', 'x');
				SELECT nextval('plain'), nextval('cached'); UPDATE measured SET span = '3'; INSERT INTO nothing DEFAULT VALUES`)
			d := p.dirt(t)
			if d.clean() {
				t.Fatal("not seen")
			}
			p.cured(t)
			p.dumpsAlike(t)
		})
	}
}

// TestNewFiles puts back large tables: in new files, unless somebody refers to them.
func TestNewFiles(t *testing.T) {
	for _, role := range []string{"superuser", "owner"} {
		t.Run(role, func(t *testing.T) {
			l := newLab(t, role, `
				CREATE TABLE alone (id serial PRIMARY KEY, name text UNIQUE);
				CREATE TABLE referred (id serial PRIMARY KEY, up integer REFERENCES referred (id) DEFERRABLE INITIALLY DEFERRED);
				CREATE TABLE child (id serial PRIMARY KEY, up integer REFERENCES referred (id) DEFERRABLE INITIALLY DEFERRED);
				INSERT INTO alone (name) SELECT 'name ' || g FROM generate_series(2000, 1, -1) g;
				INSERT INTO referred (up) SELECT CASE WHEN g > 1 THEN g - 1 END FROM generate_series(1, 2000) g;
				INSERT INTO child (up) SELECT g FROM generate_series(1, 10) g;`)
			p := l.clone(t)
			file := func(table string) (n int64) {
				t.Helper()
				if err := p.reader.QueryRow(t.Context(), "SELECT pg_relation_filenode($1::regclass)::bigint", table).Scan(&n); err != nil {
					t.Fatal(err)
				}
				return n
			}
			empty := p.empty(t, "alone, referred, child")
			for range 3 {
				alone, referred := file("alone"), file("referred")
				must(t, p.worker, "UPDATE alone SET name = 'other' WHERE id = 5", "DELETE FROM child", "DELETE FROM referred WHERE id > 1000")
				p.cured(t)
				if file("alone") == alone || file("referred") != referred {
					t.Error("only the table that nobody refers to gets new files")
				}
				if why := p.repair(t, empty); why != "" {
					t.Fatal(why)
				}
				must(t, p.worker, "INSERT INTO alone (name) VALUES ('one'), ('two')")
				p.cured(t)
			}
			if loose := p.base.loose; len(loose) != 2 {
				t.Errorf("%d tables to be compacted, want those two that were deleted from", len(loose))
			}
			p.dumpsAlike(t)
		})
	}
}

// empty is the image of a clone without the rows of some tables.
func (p *patient) empty(t *testing.T, tables string) *image {
	t.Helper()
	must(t, p.worker, "TRUNCATE "+tables)
	img := p.capture(t)
	img.verifyEvery = 1
	p.cured(t)
	return img
}
