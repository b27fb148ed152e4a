package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"hotclub/dbclone"
	"hotclub/dbclone/clonetest"
	"hotclub/dbclone/postgres"
)

func TestFaults(t *testing.T) {
	newBench(t).run(t, map[string]func(*testing.T, *bench){
		"cancelled while it is being made":        cancelledCreate,
		"30 half dropped":                         halfDropped,
		"15 prepared transactions are no hurdle":  dropPrepared,
		"a closed database with a prepared one":   dropClosedPrepared,
		"dropped under many connections":          dropOccupied,
		"a dead owner's CREATE is waited for":     deadCreate,
		"32 the right to create is taken away":    rightTakenAway,
		"32 it belongs to another role":           notItsOwner,
		"rows are recognised":                     rowsAreRecognised,
		"images are bounded":                      imagesAreBounded,
		"34 a lost connection is made again":      connectionCut,
		"35 a slow drop keeps nobody from theirs": slowDrop,
		"37 without our mark it is nobody's":      foreignUntouched,
		"39 the next process goes on":             nextProcess,
		"40 an owner's id comes again":            ownerAgain,
		"12 killed in a transaction":              killedInTransaction,
		"14 twenty connections are left":          twentyConnections,
		"a test ends all other sessions":          sessionsEnded,
		"a test drops its own database":           ownDatabaseDropped,
		"images are put back in place or not":     imagesInPlace,
	})
}

func cancelledCreate(t *testing.T, b *bench) {
	letGo := b.brake("LOCK TABLE pg_database IN SHARE MODE")
	defer letGo()
	ctx, cancel := context.WithCancel(t.Context())
	at := b.spot("hcc_cancelled", dbclone.KindClone)
	result := goes(func() error { return b.Clone(ctx, b.template, at) })
	b.waits("CREATE DATABASE")
	cancel()
	clonetest.Eventually(t, "the server stopped", func() bool {
		n := 0
		conn := b.Conn(t, "template1")
		defer conn.Close(context.Background())
		b.ok(conn.QueryRow(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND starts_with(query, 'CREATE DATABASE')").Scan(&n))
		return n == 0
	})
	letGo()
	if err := <-result; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	b.there("hct_x")
}

// Case 30: databases as a server leaves them that was stopped while it dropped them.
func halfDropped(t *testing.T, b *bench) {
	at := b.clone("hcc_half")
	b.Exec(t, "postgres", "UPDATE pg_database SET datconnlimit = -2 WHERE datname = 'hcc_half'")
	b.ok(setUpOther(t, b).Reset(t.Context(), b.template, at))
	b.holds(at, "migrated")
	b.Exec(t, "postgres", "UPDATE pg_database SET datconnlimit = -2 WHERE datname = 'hcc_half'")
	b.ok(b.Drop(t.Context(), at))
	b.there("hct_x")
}

// Case 15.
func dropPrepared(t *testing.T, b *bench) {
	at := b.clone("hcc_prepared")
	b.prepare(t, at.Name, "one's")
	b.ok(b.Reset(t.Context(), b.template, at))
	b.prepare(t, at.Name, "one's")
	b.ok(b.Drop(t.Context(), at))
	b.there("hct_x")
}

func dropClosedPrepared(t *testing.T, b *bench) {
	at := b.clone("hcc_closed")
	b.prepare(t, at.Name, "closed")
	b.in(t, "postgres", "ALTER DATABASE hcc_closed ALLOW_CONNECTIONS false")
	b.ok(b.Drop(t.Context(), at))
	b.there("hct_x")
}

func dropOccupied(t *testing.T, b *bench) {
	at := b.clone("hcc_busy")
	for range 5 {
		conn := b.connect(t, at.Name)
		defer conn.Close(context.Background())
	}
	within(t, 2*time.Second, func() { b.ok(b.Drop(t.Context(), at)) })
	b.there("hct_x")
}

// deadCreate: the daemon was killed, but its backend is still at it, and nobody sees the database yet.
func deadCreate(t *testing.T, b *bench) {
	letGo := b.brake("LOCK TABLE pg_database IN SHARE MODE")
	dead := b.connect(t, "postgres")
	class, key := postgres.NameLock("hcc_late")
	if _, err := dead.Exec(t.Context(), "SELECT pg_advisory_lock($1, $2)", class, key); err != nil {
		t.Fatal(err)
	}
	wire, err := dead.PgConn().Hijack()
	b.ok(err)
	wire.Frontend.Send(&pgproto3.Query{String: "CREATE DATABASE hcc_late TEMPLATE hct_x"})
	b.ok(wire.Frontend.Flush())
	b.waits("CREATE DATABASE")
	b.ok(wire.Conn.Close())
	dropped := goes(func() error { return b.Drop(t.Context(), b.spot("hcc_late", dbclone.KindClone)) })
	b.waits("SELECT pg_advisory_lock")
	letGo()
	b.ok(<-dropped)
	b.there("hct_x")
}

// Case 32: with no right to create any more, what is there is still repaired.
func rightTakenAway(t *testing.T, b *bench) {
	at := b.clone("hcc_kept")
	b.Exec(t, "postgres", "ALTER ROLE worker NOCREATEDB")
	says(t, b.Clone(t.Context(), b.template, b.spot("hcc_more", dbclone.KindClone)), `ALTER ROLE "worker" CREATEDB`)
	_, err := b.Meet(t.Context(), b.Keywords(b.role), dbclone.Owner{ID: "tester"})
	says(t, err, `ALTER ROLE "worker" CREATEDB`)
	b.dirty(t, at.Name, "changed")
	b.ok(b.Reset(t.Context(), b.template, at)) // repair needs no such right
	b.holds(at, "migrated")
	b.Exec(t, "postgres", "ALTER ROLE worker CREATEDB")
	b.meet("tester")
	b.clone("hcc_more")
}

// Case 32: USER of the project was changed. What the other role has made stays as it is, and who
// wants to drop or restore it hears who can.
func notItsOwner(t *testing.T, b *bench) {
	at := b.clone("hcc_elders")
	b.Exec(t, "postgres", "CREATE ROLE successor LOGIN CREATEDB")
	next := engine(t)
	met, err := next.Meet(t.Context(), b.Keywords("successor"), dbclone.Owner{ID: "next"})
	b.ok(err)
	at.Server = met.ID
	template := b.template
	template.Server = met.ID
	says(t, next.Drop(t.Context(), at), "as the role that made it")
	_, err = next.Restore(t.Context(), template, at, dbclone.Pristine)
	says(t, err, "as the role that made it")
	b.pristine(at)
}

// Case 34.
func connectionCut(t *testing.T, b *bench) {
	held := b.HeldPID(b.server)
	b.Exec(t, "postgres", fmt.Sprintf("SELECT pg_terminate_backend(%d)", held))
	clonetest.Eventually(t, "the connection is made again without being asked for", func() bool {
		pid := b.HeldPID(b.server)
		return pid != 0 && pid != held
	})
	b.alive(true)
}

// Case 35.
func slowDrop(t *testing.T, b *bench) {
	slow, other := b.clone("hcc_slow"), b.clone("hcc_other")
	conn := b.Conn(t, "postgres")
	class, key := postgres.NameLock(slow.Name)
	if _, err := conn.Exec(t.Context(), "SELECT pg_advisory_lock($1, $2)", class, key); err != nil {
		t.Fatal(err)
	}
	dropped := goes(func() error { return b.Drop(t.Context(), slow) })
	b.waits("SELECT pg_advisory_lock")
	within(t, 3*time.Second, func() {
		b.ok(b.Check(t.Context(), b.template, b.sealed))
		b.dirty(t, other.Name, "changed")
		_, err := b.Restore(t.Context(), b.template, other, dbclone.Pristine)
		b.ok(err)
		b.clone("hcc_third")
	})
	select {
	case err := <-dropped:
		t.Errorf("the drop was not slow: %v", err)
	default:
	}
	b.ok(conn.Close(t.Context()))
	b.ok(<-dropped)
}

// Cases 37 and 38: what bears no label, another one, or another home's.
func foreignUntouched(t *testing.T, b *bench) {
	mine := map[string]string{"hcc_p1_mine": "", "hct_mine": "my notes on hotclub", "hcb_mine": `{"hotclub": "is nice"}`, "test_shop_hc_x": `{"home": "sweet"}`}
	for name, comment := range mine {
		b.in(t, "postgres", "CREATE DATABASE "+name, "COMMENT ON DATABASE "+name+" IS '"+comment+"'")
		defer b.lose(t, name)
	}
	b.write(t, "hcc_theirs", "theirs")
	defer b.lose(t, "hcc_theirs")
	label := dbclone.Label{Format: 1, Home: "elsewhere", Owner: "somebody", Kind: dbclone.KindClone}
	b.in(t, "postgres", "COMMENT ON DATABASE hcc_theirs IS '"+doubled(label.String())+"'")
	strays, err := b.Strays(t.Context(), b.server)
	b.ok(err)
	for _, stray := range strays {
		if _, is := mine[stray.Name]; is {
			t.Errorf("taken for one of ours: %+v", stray)
		}
		if stray.Name == "hcc_theirs" && stray.Live {
			t.Errorf("a dead owner lives: %+v", stray)
		}
	}
	at := b.spot("hcc_theirs", dbclone.KindClone)
	for what, err := range map[string]error{
		"drop": b.Drop(t.Context(), at), "prepare": b.Prepare(t.Context(), at), "reset": b.Reset(t.Context(), b.template, at),
		"touch": b.Touch(t.Context(), at, b.template.Label),
	} {
		if !errors.Is(err, dbclone.ErrNotOurs) {
			t.Errorf("%s: got %v", what, err)
		}
	}
	b.holds(at, "theirs")
}

// Case 39: the next process finds a template that it has not built. The clones of one that was killed are
// dropped, as nobody knows any more what was clean in them; those that were parked are taken over.
func nextProcess(t *testing.T, b *bench) {
	left := b.clone("hcc_left")
	next := setUpOther(t, b)
	b.ok(next.Check(t.Context(), b.template, b.sealed))
	at := next.clone("hcc_next")
	for range 2 {
		b.dirty(t, at.Name, "changed")
		restored, err := next.Restore(t.Context(), b.template, at, dbclone.Pristine)
		b.ok(err)
		if restored.Replaced || restored.Tables != 2 {
			t.Errorf("got %+v", restored)
		}
		b.holds(at, "migrated")
	}
	b.ok(next.Drop(t.Context(), left))
}

// Case 40: the lock of one is not given up with that of the other.
func ownerAgain(t *testing.T, b *bench) {
	b.clone("hcc_mine")
	again := engine(t)
	_, err := again.Meet(t.Context(), b.Keywords(b.role), dbclone.Owner{ID: "tester"})
	b.ok(err)
	again.Leave()
	b.alive(true)
}

// Case 12.
func killedInTransaction(t *testing.T, b *bench) {
	at := b.clone("hcc_worker")
	conn := b.connect(t, at.Name)
	for _, statement := range []string{"INSERT INTO other VALUES (100)", "BEGIN", "DELETE FROM other"} {
		if _, err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := conn.PgConn().Conn().Close(); err != nil { // as when its process is killed
		t.Fatal(err)
	}
	within(t, 3*time.Second, func() { b.ok(b.Reset(t.Context(), b.template, at)) })
	b.pristine(at)
}

// pristine makes sure that a clone is as its template was.
func (b *bench) pristine(at dbclone.Spot) {
	b.t.Helper()
	b.holds(at, "migrated")
	conn := b.connect(b.t, at.Name)
	defer conn.Close(context.Background())
	var n, next int
	b.ok(conn.QueryRow(b.t.Context(), "SELECT count(*), nextval('shop_id_seq') FROM other").Scan(&n, &next))
	if n != 20 || next != 2 {
		b.t.Errorf("%d rows, next id %d", n, next)
	}
}

// Case 14: each in a transaction and with a lock.
func twentyConnections(t *testing.T, b *bench) {
	at := b.clone("hcc_many")
	for n := range 20 {
		conn := b.connect(t, at.Name)
		defer conn.Close(context.Background())
		for _, statement := range []string{"BEGIN", fmt.Sprintf("INSERT INTO other VALUES (%d)", 100+n), "SELECT pg_advisory_lock_shared(1)"} {
			if _, err := conn.Exec(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
	}
	within(t, 5*time.Second, func() { b.ok(b.Reset(t.Context(), b.template, at)) })
	b.pristine(at)
}

func sessionsEnded(t *testing.T, b *bench) {
	at := b.clone("hcc_alone")
	b.dirty(t, at.Name, "changed")
	b.in(t, at.Name, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
	restored, err := b.Restore(t.Context(), b.template, at, dbclone.Pristine)
	b.ok(err)
	if restored.Replaced {
		t.Errorf("got %+v", restored)
	}
	b.pristine(at)
}

func ownDatabaseDropped(t *testing.T, b *bench) {
	at := b.clone("hcc_suicide")
	b.lose(t, at.Name)
	restored, err := b.Restore(t.Context(), b.template, at, dbclone.Pristine)
	b.ok(err)
	if !restored.Replaced {
		t.Errorf("got %+v", restored)
	}
	b.pristine(at)
}

// A name stands for rows and their order, whichever image a clone was put to before.
func rowsAreRecognised(t *testing.T, b *bench) {
	one, two := b.clone("hcc_one"), b.clone("hcc_two")
	name := func(at dbclone.Spot) string {
		t.Helper()
		found, err := b.Identify(t.Context(), b.template, at)
		b.ok(err)
		return found
	}
	pristine := name(one)
	if name(two) != pristine {
		t.Error("two clones nobody has touched are not the same")
	}
	for _, at := range []dbclone.Spot{one, two} {
		b.in(t, at.Name, "INSERT INTO shop (text) VALUES ('a'), ('b')")
	}
	more := name(one)
	if more == pristine || name(two) != more {
		t.Error("rows that were added to both are not recognised")
	}
	b.in(t, two.Name, "DELETE FROM shop WHERE text = 'b'")
	if name(two) == more {
		t.Error("a row is missing, and it is the same")
	}
	b.ok(b.Capture(t.Context(), b.template, one, "more"))
	_, err := b.Restore(t.Context(), b.template, two, "more")
	b.ok(err)
	if name(one) != more || name(two) != more {
		t.Error("an image is not what it was captured from")
	}
	b.in(t, one.Name, "CREATE TABLE another (id int)")
	if found, err := b.Identify(t.Context(), b.template, one); err == nil {
		t.Errorf("another schema is %s", found)
	}
}

// The oldest images make room.
func imagesAreBounded(t *testing.T, b *bench) {
	one := b.clone("hcc_one")
	for i := range 40 {
		b.in(t, one.Name, "UPDATE shop SET text = 'number "+strconv.Itoa(i)+"'")
		b.ok(b.Capture(t.Context(), b.template, one, dbclone.Image("image"+strconv.Itoa(i))))
	}
	if _, err := b.Restore(t.Context(), b.template, one, "image3"); !errors.Is(err, dbclone.ErrNoImage) {
		t.Errorf("got %v", err)
	}
	_, err := b.Restore(t.Context(), b.template, one, "image20")
	b.ok(err)
	_, err = b.Restore(t.Context(), b.template, one, dbclone.Pristine)
	b.ok(err)
	b.pristine(one)
}

func imagesInPlace(t *testing.T, b *bench) {
	one, two := b.clone("hcc_one"), b.clone("hcc_two")
	b.in(t, one.Name, "TRUNCATE shop, other RESTART IDENTITY", "INSERT INTO shop (text) VALUES ('flushed')")
	b.ok(b.Capture(t.Context(), b.template, one, "flushed"))
	if dirty, err := b.Dirty(t.Context(), b.template, one); err != nil || dirty {
		t.Errorf("dirty %v, error %v", dirty, err)
	}
	worker := b.connect(t, two.Name)
	defer worker.Close(context.Background())
	restored, err := b.Restore(t.Context(), b.template, two, "flushed")
	b.ok(err)
	if restored.Replaced {
		t.Errorf("got %+v", restored)
	}
	b.holds(two, "flushed")
	b.ok(worker.Ping(t.Context()))
	// With another schema it can't be had in place, so it can't be had.
	b.in(t, two.Name, "CREATE TABLE more (id int)")
	if _, err := b.Restore(t.Context(), b.template, two, "flushed"); !errors.Is(err, dbclone.ErrNoImage) {
		t.Errorf("got %v", err)
	}
	if err := b.Capture(t.Context(), b.template, two, "other"); err == nil {
		t.Error("an image of another schema was captured")
	}
	restored, err = b.Restore(t.Context(), b.template, two, dbclone.Pristine)
	b.ok(err)
	if !restored.Replaced {
		t.Errorf("got %+v", restored)
	}
	b.pristine(two)
	b.ok(b.Reset(t.Context(), b.template, one))
	b.pristine(one)
}
