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
