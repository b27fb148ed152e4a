package mysql

import (
	"context"
	"maps"
	"slices"
	"testing"
	"time"

	"hotclub/dbclone"
	"hotclub/dbclone/clonetest"
)

// large is a schema whose tables are large for a server to which three rows are many.
const large = `CREATE TABLE big (id int AUTO_INCREMENT PRIMARY KEY, a int, last varchar(20));
	INSERT INTO big (a, last) VALUES (1, 'x'), (2, 'y'), (3, NULL);
	CREATE TABLE kid (id int AUTO_INCREMENT PRIMARY KEY, big_id int, FOREIGN KEY (big_id) REFERENCES big (id) ON DELETE CASCADE);
	INSERT INTO kid (big_id) VALUES (1), (2), (2);
	CREATE TABLE small (id int AUTO_INCREMENT PRIMARY KEY, b int); INSERT INTO small (b) VALUES (1);
	CREATE TABLE twin (id int AUTO_INCREMENT PRIMARY KEY, c int, FOREIGN KEY (c) REFERENCES big (id) ON DELETE SET NULL);
	INSERT INTO twin (c) VALUES (1), (2), (3);
	CREATE TABLE other (id int AUTO_INCREMENT PRIMARY KEY, c int, FOREIGN KEY (c) REFERENCES big (id) ON DELETE SET NULL);
	INSERT INTO other (c) VALUES (3), (2), (1);
	CREATE TABLE old (id int AUTO_INCREMENT PRIMARY KEY, d int) ENGINE=MyISAM; INSERT INTO old (d) VALUES (1), (2), (3);
	CREATE TABLE parted (id int PRIMARY KEY, e int) PARTITION BY HASH (id) PARTITIONS 2; INSERT INTO parted VALUES (1, 1), (2, 2), (3, 3)`

// Whatever is done to a table that is remembered, it is read again.
func TestLargeTablesAreReadWhenTheyWereWrittenTo(t *testing.T) {
	b := newBench(t, theServer(t))
	s := b.servers[b.id]
	s.many = 3
	template, _ := b.template(large)
	if b.server.MariaDB() {
		same(t, "remembered on a MariaDB", s.untouchedIn(template.Name) == nil, true)
		return
	}
	works := []string{
		"INSERT INTO big (a) VALUES (1)",
		"UPDATE big SET a = 4 - a",
		"DELETE FROM big WHERE id = 3",
		"BEGIN; UPDATE big SET a = 7 WHERE id = 2; SAVEPOINT s; DELETE FROM kid; ROLLBACK TO s; COMMIT",
		"XA START 'x'; UPDATE big SET a = 7 WHERE id = 2; XA END 'x'; XA PREPARE 'x'; XA COMMIT 'x'",
		"DELETE FROM big WHERE id = 2", // and two of kid with it
		"TRUNCATE kid",
		"ALTER TABLE big DROP COLUMN last, ALGORITHM=INSTANT; ALTER TABLE big ADD COLUMN last varchar(20), ALGORITHM=INSTANT",
		"CREATE TABLE more LIKE kid; RENAME TABLE kid TO less, more TO kid; DROP TABLE less; ALTER TABLE kid ADD FOREIGN KEY (big_id) REFERENCES big (id) ON DELETE CASCADE",
		"RENAME TABLE twin TO third, other TO twin, third TO other",
	}
	clones := make([]dbclone.Spot, len(works))
	for i := range works {
		clones[i] = b.clone(template)
	}
	believed, busy := b.clone(template), b.clone(template)
	fresh := b.dump(b.clone(template).Name)
	for i, work := range works {
		t.Run(work, func(t *testing.T) {
			b := *b
			b.t = t
			u := b.remembering(template, clones[i])
			same(t, "remembered", slices.Equal(slices.Sorted(maps.Keys(u.tables)), []string{"big", "kid"}), true)
			b.exec(clones[i].Name, work)
			same(t, "dirty", b.dirty(template, clones[i]), true)
			_, err := b.Restore(t.Context(), template, clones[i], dbclone.Pristine)
			ok(t, err)
			alike(t, "restored", b.dump(clones[i].Name), fresh)
			same(t, "dirty", b.dirty(template, clones[i]), false)
		})
	}
	t.Run("nothing", func(t *testing.T) { // what is remembered is believed
		u := b.remembering(template, believed)
		wrong := u.tables["big"]
		wrong.sum.rows++
		u.tables["big"] = wrong
		same(t, "dirty", b.dirty(template, believed), true)
		b.exec(believed.Name, "UPDATE big SET a = a + 1; UPDATE big SET a = a - 1")
		same(t, "dirty", b.dirty(template, believed), false)
	})
	t.Run("something at the moment", func(t *testing.T) {
		u := b.remembering(template, busy)
		other := b.connect(busy.Name)
		asleep := make(chan error)
		go func() {
			_, err := other.ExecContext(context.Background(), "SELECT SLEEP(60)")
			asleep <- err
		}()
		clonetest.Eventually(t, "the server begins with what sleeps, and nothing is remembered", func() bool {
			same(t, "dirty", b.dirty(template, busy), false)
			return len(u.tables) == 0
		})
		same(t, "dirty", b.dirty(template, busy), false)
		same(t, "remembered", len(u.tables), 0)
		ok(t, b.Drop(t.Context(), busy))
		<-asleep
	})
}

// remembering asks until large tables of a clone are remembered: nobody may have written to them for some seconds.
func (b *bench) remembering(template, clone dbclone.Spot) *untouched {
	b.t.Helper()
	u := b.servers[b.id].untouchedIn(clone.Name)
	clonetest.EventuallyIn(b.t, 30*time.Second, "large tables are remembered", func() bool {
		same(b.t, "dirty", b.dirty(template, clone), false)
		return len(u.tables) > 0
	})
	return u
}

func (b *bench) dirty(template, clone dbclone.Spot) bool {
	b.t.Helper()
	dirty, err := b.Dirty(b.t.Context(), template, clone)
	ok(b.t, err)
	return dirty
}

func TestStampsOfAClockThatWasSet(t *testing.T) {
	now := time.Now()
	before := stamp{noted: "a", server: 1000, asked: now}
	for _, each := range []struct {
		what   string
		server float64
		ours   time.Duration
		noted  string
		want   bool
	}{
		{"the same", 1010, 10 * time.Second, "a", true},
		{"another time", 1010, 10 * time.Second, "b", false},
		{"set back", 1005, 10 * time.Second, "a", false},
		{"set forward", 1015, 10 * time.Second, "a", false},
		{"a little late", 1010.7, 10 * time.Second, "a", true},
	} {
		later := stamp{noted: each.noted, server: each.server, asked: now.Add(each.ours)}
		same(t, each.what, later.since(before), each.want)
	}
}
