package mysql

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"database/sql/driver"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"hotclub/dbclone"
)

// pulse is how often a session that holds locks is looked at. Others take an owner for dead that had
// no lock in two looks 6 s apart.
const pulse = 2 * time.Second

// alive holds the named locks by which others see that owners live, on one session that nothing
// else uses: the server gives the locks up when it ends. A goroutine watches it between the first
// keep and the end, and makes another when the server was restarted or the network was cut.
type alive struct {
	pool   *sql.DB // of its own, so that it never waits for a place among the others
	others *sql.DB
	suffix string // of names of locks

	mu     sync.Mutex // guards conn and owners
	conn   *sql.Conn
	owners []string

	running sync.Mutex // guards stop
	stop    context.CancelFunc
	watch   sync.WaitGroup
}

func newAlive(server string, connector driver.Connector, others *sql.DB) *alive {
	digest := sha256.Sum256([]byte(server))
	return &alive{pool: sql.OpenDB(connector), others: others, suffix: hex.EncodeToString(digest[:6])}
}

// lock names the lock of an owner. Locks are the server's, not a database's or a user's, and one
// process may come as several users. 64 bytes at most.
func (a *alive) lock(owner string) string { return "hotclub owner " + owner + " " + a.suffix }

// keep makes sure that an owner, and those before, have their locks. The end of the context does
// not end a session that is in order.
func (a *alive) keep(ctx context.Context, owner string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !slices.Contains(a.owners, owner) {
		a.owners = append(a.owners, owner)
	}
	if err := a.renew(ctx, context.WithoutCancel(ctx)); err != nil {
		return err
	}
	a.running.Lock()
	defer a.running.Unlock()
	if a.stop == nil {
		life, stop := context.WithCancel(context.Background())
		a.stop = stop
		a.watch.Go(func() { a.beat(life) })
	}
	return nil
}

// beat renews the session whenever it has to be.
func (a *alive) beat(life context.Context) {
	tick := time.NewTicker(pulse)
	defer tick.Stop()
	for {
		select {
		case <-life.Done():
			return
		case <-tick.C:
			a.mu.Lock()
			_ = a.renew(life, life) // the next call that needs the server reports what is wrong with it
			a.mu.Unlock()
		}
	}
}

// answer is how long a server gets for letting us in and for giving us a lock; soon, for saying that we
// have it: a session on which nothing comes back may have been cut off so that only the server noticed.
const (
	answer = 10 * time.Second
	soon   = 3 * time.Second
)

// renew looks after the session, and makes another one if need be. It connects for as long as one
// context lasts, and asks on the session within the other: the end of that cuts it off.
func (a *alive) renew(connecting, asking context.Context) error {
	asking, cancel := context.WithTimeout(asking, answer)
	defer cancel()
	if a.conn != nil {
		looking, cancel := context.WithTimeout(asking, soon)
		err := a.takeAll(looking)
		cancel()
		if err == nil {
			return nil
		}
		a.drop()
		// Those others that lie idle may have been cut off with it, and would not say so either.
		a.others.SetMaxIdleConns(-1)
		a.others.SetMaxIdleConns(idle)
	}
	connecting, cancel = context.WithTimeout(connecting, answer)
	defer cancel()
	conn, err := a.pool.Conn(connecting)
	if err != nil {
		return err
	}
	a.conn = conn
	if err := a.takeAll(asking); err != nil {
		a.drop()
		return err
	}
	return nil
}

func (a *alive) takeAll(ctx context.Context) error {
	for _, owner := range a.owners {
		err := a.holds(ctx, owner)
		if errors.Is(err, errPooled) {
			err = a.take(ctx, owner)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// take gets the lock of an owner. Nobody else can be it, as an owner is one life of one process: a
// session that has the lock is one of ours that the network has cut off.
func (a *alive) take(ctx context.Context, owner string) error {
	lock := text(a.lock(owner))
	var got, holder sql.NullInt64
	if err := a.conn.QueryRowContext(ctx, "SELECT GET_LOCK("+lock+", 0)").Scan(&got); err != nil {
		return err
	}
	if got.Int64 == 1 {
		return a.holds(ctx, owner)
	}
	if err := a.conn.QueryRowContext(ctx, "SELECT IS_USED_LOCK("+lock+")").Scan(&holder); err != nil {
		return err
	}
	if holder.Valid {
		if _, err := a.conn.ExecContext(ctx, "KILL "+strconv.FormatInt(holder.Int64, 10)); err != nil && number(err) != errNoSuchThread {
			return fmt.Errorf("end the session that has the lock: %w", err)
		}
	}
	if err := a.conn.QueryRowContext(ctx, "SELECT GET_LOCK("+lock+", 5)").Scan(&got); err != nil {
		return err
	}
	if got.Int64 != 1 {
		return dbclone.ErrOwnerTaken
	}
	return a.holds(ctx, owner)
}

// errPooled is said of a lock that was just taken when a proxy gives us another session with each
// statement.
var errPooled = errors.New("a named lock does not stay with the connection that took it")

// holds asks for the lock in the session that should have it.
func (a *alive) holds(ctx context.Context, owner string) error {
	var mine sql.NullBool
	err := a.conn.QueryRowContext(ctx, "SELECT IS_USED_LOCK("+text(a.lock(owner))+") = CONNECTION_ID()").Scan(&mine)
	if err != nil {
		return err
	}
	if !mine.Bool {
		return errPooled
	}
	return nil
}

// end gives all locks up.
func (a *alive) end() {
	a.running.Lock()
	defer a.running.Unlock()
	if a.stop != nil {
		a.stop()
		a.stop = nil
		a.watch.Wait()
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.owners = nil
	a.drop()
}

// drop ends the session, and with it the locks.
func (a *alive) drop() {
	if a.conn == nil {
		return
	}
	(&session{conn: a.conn}).spoil()
	_ = a.conn.Close()
	a.conn = nil
}
