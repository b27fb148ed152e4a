package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgproto3"

	"hotclub/dbclone"
	"hotclub/dbclone/postgres"
	"hotclub/dbclone/postgres/pgtest"
)

// Case 28: whatever happens to the server, what we hold is put right afterwards.
func TestRestart(t *testing.T) {
	for how, end := range map[string]func(*bench){
		"stopped":               func(b *bench) { b.Stop(b.t) },
		"stopped immediately":   func(b *bench) { b.StopImmediate(b.t) },
		"its first process -9d": func(b *bench) { b.Kill(b.t) },
	} {
		t.Run("28 "+how, func(t *testing.T) {
			b := newBench(t)
			one, two := b.clone("hcc_one"), b.clone("hcc_two")
			b.dirty(t, one.Name, "changed")
			end(b)
			says(t, b.Check(t.Context(), b.template, b.sealed), "start the PostgreSQL server")
			b.Cluster.Restart(t)
			b.ok(b.Check(t.Context(), b.template, b.sealed))
			b.meet("tester")
			for _, at := range []dbclone.Spot{one, two} {
				restored, err := b.Restore(t.Context(), b.template, at, dbclone.Pristine)
				b.ok(err)
				if !restored.Replaced {
					t.Errorf("%s was trusted after the server had gone: %+v", at.Name, restored)
				}
				b.holds(at, "migrated")
			}
			b.dirty(t, one.Name, "changed")
			restored, err := b.Restore(t.Context(), b.template, one, dbclone.Pristine)
			b.ok(err)
			if restored.Replaced {
				t.Errorf("it is repaired no more: %+v", restored)
			}
			b.alive(true)
		})
	}
}

// alive makes sure what others think of the owner "tester".
func (b *bench) alive(want bool) {
	b.t.Helper()
	other := engine(b.t)
	met, err := other.Meet(b.t.Context(), b.Keywords(b.role), dbclone.Owner{ID: "onlooker"})
	b.ok(err)
	strays, err := other.Strays(b.t.Context(), met.ID)
	b.ok(err)
	if len(strays) == 0 || strays[0].Live != want {
		b.t.Errorf("live: want %v, got %+v", want, strays)
	}
}

func TestRestartInTheMiddle(t *testing.T) {
	for name, test := range map[string]struct {
		statement string
		brake     []string
		do        func(b *bench, ctx context.Context, at dbclone.Spot) error
	}{
		"CREATE": {"CREATE DATABASE", []string{"LOCK TABLE pg_database IN SHARE MODE"}, func(b *bench, ctx context.Context, at dbclone.Spot) error {
			return b.Clone(ctx, b.template, b.spot("hcc_new", dbclone.KindClone))
		}},
		"DROP": {"DROP DATABASE", []string{"COMMENT ON DATABASE hcc_old IS 'locked'"}, func(b *bench, ctx context.Context, at dbclone.Spot) error { return b.Drop(ctx, at) }},
	} {
		for how, end := range map[string]func(*bench){"28 stopped": func(b *bench) { b.Stop(b.t) }, "29 killed": func(b *bench) { b.Kill(b.t) }} {
			t.Run(how+" in "+name, func(t *testing.T) {
				b := newBench(t)
				at := b.clone("hcc_old")
				letGo := b.brake(test.brake...)
				result := goes(func() error { return test.do(b, t.Context(), at) })
				b.waits(test.statement)
				end(b)
				letGo()
				b.Cluster.Restart(t)
				says(t, <-result)
				b.ok(b.Drop(t.Context(), b.spot("hcc_new", dbclone.KindClone)))
				b.ok(b.Drop(t.Context(), at))
				b.there("hct_x")
				b.ok(b.Check(t.Context(), b.template, b.sealed))
				b.holds(b.clone("hcc_again"), "migrated")
			})
		}
	}
}

// Case 29 while files are being copied: a folder may be left that no SQL removes, but no database.
func TestKilledWhileCopying(t *testing.T) {
	b := newBench(t)
	b.ok(b.Drop(t.Context(), b.template))
	b.write(t, "hct_big", "migrated")
	b.in(t, "hct_big", "CREATE TABLE big AS SELECT n, repeat('x', 1000) FROM generate_series(1, 100000) n")
	template := b.spot("hct_big", dbclone.KindTemplate)
	sealed, err := b.Seal(t.Context(), template)
	b.ok(err)
	at := b.spot("hcc_half", dbclone.KindClone)
	result := goes(func() error { return b.Clone(t.Context(), template, at) })
	b.waits("CREATE DATABASE")
	b.Kill(t)
	b.Cluster.Restart(t)
	if err := <-result; err != nil {
		says(t, err, "run again")
		b.there("hct_big")
	}
	b.ok(b.Drop(t.Context(), at))
	b.ok(b.Check(t.Context(), template, sealed))
	b.ok(b.Clone(t.Context(), template, at))
	b.holds(at, "migrated")
}

func TestFaults(t *testing.T) {
	b := newBench(t)
	for name, test := range map[string]func(*testing.T, *bench){
		"cancelled while it is being made":        cancelledCreate,
		"30 half dropped":                         halfDropped,
		"15 prepared transactions are no hurdle":  dropPrepared,
		"a closed database with a prepared one":   dropClosedPrepared,
		"dropped under many connections":          dropOccupied,
		"a dead owner's CREATE is waited for":     deadCreate,
		"32 the right to create is taken away":    rightTakenAway,
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
	} {
		t.Run(name, func(t *testing.T) {
			one := *b
			one.t = t
			test(t, &one)
			for _, name := range b.Databases(t, "hcc") {
				b.ok(b.Drop(context.Background(), b.spot(name, dbclone.KindClone)))
			}
		})
	}
}

func cancelledCreate(t *testing.T, b *bench) {
	letGo := b.brake("LOCK TABLE pg_database IN SHARE MODE")
	defer letGo()
	ctx, cancel := context.WithCancel(t.Context())
	at := b.spot("hcc_cancelled", dbclone.KindClone)
	result := goes(func() error { return b.Clone(ctx, b.template, at) })
	b.waits("CREATE DATABASE")
	cancel()
	eventually(t, "the server stopped", func() bool {
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

func halfDropped(t *testing.T, b *bench) {
	at := b.clone("hcc_half")
	b.Exec(t, "postgres", "UPDATE pg_database SET datconnlimit = -2 WHERE datname = 'hcc_half'")
	b.ok(setUpOther(t, b).Reset(t.Context(), b.template, at))
	b.holds(at, "migrated")
	b.Exec(t, "postgres", "UPDATE pg_database SET datconnlimit = -2 WHERE datname = 'hcc_half'")
	b.ok(b.Drop(t.Context(), at))
	b.there("hct_x")
}

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

func connectionCut(t *testing.T, b *bench) {
	held := b.HeldPID(b.server)
	b.Exec(t, "postgres", fmt.Sprintf("SELECT pg_terminate_backend(%d)", held))
	eventually(t, "the connection is made again without being asked for", func() bool {
		pid := b.HeldPID(b.server)
		return pid != 0 && pid != held
	})
	b.alive(true)
}

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

// nextProcess finds a template that it has not built, and knows nothing of the clones.
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

func ownerAgain(t *testing.T, b *bench) {
	b.clone("hcc_mine")
	again := engine(t)
	_, err := again.Meet(t.Context(), b.Keywords(b.role), dbclone.Owner{ID: "tester"})
	b.ok(err)
	again.Leave()
	b.alive(true)
}

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

// Case 31: all connections are taken but the one that we hold.
func TestNoConnectionsLeft(t *testing.T) {
	b := newBench(t, "max_connections=20", "superuser_reserved_connections=2")
	b.clone("hcc_before")
	var taken []*pgx.Conn
	for {
		conn, err := b.dial(t, "postgres")
		if err != nil {
			break
		}
		taken = append(taken, conn)
	}
	letGo := func() {
		for _, conn := range taken {
			conn.Close(context.Background())
		}
	}
	defer letGo()
	at := b.clone("hcc_full")
	b.ok(b.Check(t.Context(), b.template, b.sealed))
	b.ok(b.Reset(t.Context(), b.template, at))
	b.ok(b.Drop(t.Context(), at))
	at = b.clone("hcc_full")
	_, err := engine(t).Meet(t.Context(), b.Keywords(b.role), dbclone.Owner{ID: "late"})
	says(t, err, "max_connections")
	letGo()
	restored, err := b.Restore(t.Context(), b.template, at, dbclone.Pristine)
	b.ok(err)
	if !restored.Replaced { // nobody could look at it when it was made
		t.Errorf("got %+v", restored)
	}
	b.pristine(at)
}

// Case 10: the disk is full.
func TestDiskFull(t *testing.T) {
	b := newBench(t)
	dir := filepath.Join(b.Dir, "small")
	b.ok(os.Mkdir(dir, 0o700))
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=24m,mode=1777", "tmpfs", dir).CombinedOutput(); err != nil {
		if os.Getenv("HOTCLUB_NO_SKIP") == "1" && os.Getuid() == 0 {
			t.Fatalf("mount: %v: %s", err, out)
		}
		t.Skipf("a small file system can't be mounted here: %s", out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", "--lazy", dir).CombinedOutput(); err != nil {
			t.Errorf("umount: %s", out)
		}
	})
	space := filepath.Join(dir, "space")
	b.ok(os.Mkdir(space, 0o777))
	b.ok(os.Chmod(space, 0o777))
	if os.Getuid() == 0 {
		b.ok(os.Chown(space, 65534, 65534))
	}
	b.Exec(t, "postgres", "CREATE TABLESPACE small LOCATION '"+space+"'", "GRANT CREATE ON TABLESPACE small TO worker")
	b.in(t, "postgres", "CREATE DATABASE hct_small TABLESPACE small")
	b.in(t, "hct_small", "CREATE TABLE shop AS SELECT 1 AS id, 'small'::text AS text")
	template := b.spot("hct_small", dbclone.KindTemplate)
	_, err := b.Seal(t.Context(), template)
	b.ok(err)
	var full error
	var made []dbclone.Spot
	for n := 0; full == nil && n < 10; n++ {
		at := b.spot(fmt.Sprintf("hcc_small_%d", n), dbclone.KindClone)
		if full = b.Clone(t.Context(), template, at); full == nil {
			made = append(made, at)
		}
	}
	says(t, full, "free some space on the server's disk")
	if got := b.Databases(t, "hcc"); len(got) != len(made) {
		t.Errorf("got %q, want %d", got, len(made))
	}
	for _, at := range made {
		b.ok(b.Drop(t.Context(), at))
	}
	at := b.spot("hcc_small_again", dbclone.KindClone)
	b.ok(b.Clone(t.Context(), template, at))
	b.holds(at, "small")
}

// Case 33: a pooler in between.
func TestPooler(t *testing.T) {
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		if program = "/usr/sbin/pgbouncer"; !exists(program) {
			if os.Getenv("HOTCLUB_NO_SKIP") == "1" {
				t.Fatal("no pgbouncer: apt-get install pgbouncer")
			}
			t.Skip("no pgbouncer: apt-get install pgbouncer")
		}
	}
	b := newBench(t)
	for _, mode := range []string{"transaction", "session"} {
		t.Run("33 "+mode, func(t *testing.T) {
			port := b.pool(t, program, mode)
			keywords := dbclone.Server{"host": b.Host, "port": port, "user": "worker"}
			_, err := engine(t).Meet(t.Context(), keywords, dbclone.Owner{ID: "tester"})
			says(t, err, "pooler", "HOST and PORT")
			keywords["options"] = "-c search_path=public"
			_, err = engine(t).Meet(t.Context(), keywords, dbclone.Owner{ID: "tester"})
			says(t, err, "pooler", "HOST and PORT")
		})
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// pool runs PgBouncer in front of the server until the test ends, on a socket beside the server's.
func (b *bench) pool(t *testing.T, program, mode string) (port string) {
	t.Helper()
	port = "6432"
	dir := t.TempDir()
	for path := dir; path != os.TempDir() && path != "/"; path = filepath.Dir(path) {
		_ = os.Chmod(path, 0o755) // for who is not root
	}
	config := filepath.Join(dir, "pgbouncer.ini")
	text := fmt.Sprintf("[databases]\n* = host=%s port=%s\n[pgbouncer]\nlisten_addr=\nunix_socket_dir=%s\nlisten_port=%s\nauth_type=any\nauth_file=\npool_mode=%s\nlogfile=%s\n",
		b.Host, b.Port, b.Host, port, mode, filepath.Join(b.Dir, "pgbouncer.log"))
	text = strings.ReplaceAll(text, "* = host=", "* = user=worker host=")
	b.ok(os.WriteFile(config, []byte(text), 0o644))
	cmd := exec.Command(program, config)
	pgtest.Unprivileged(cmd)
	b.ok(cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_ = os.Remove(filepath.Join(b.Host, ".s.PGSQL."+port))
	})
	eventually(t, "PgBouncer listens", func() bool { return exists(filepath.Join(b.Host, ".s.PGSQL."+port)) })
	return port
}
