package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"hotclub/dbclone"
)

const (
	pulse    = 2 * time.Second // how often we make sure that the server knows that we are alive
	answer   = 3 * time.Second // how long a server gets to answer that; others take us for dead after two looks 6 s apart
	patience = 5 * time.Second // with a server that restarts, and with sessions that have to end
	droppers = 8               // databases dropped at once: they share the checkpoint that each asks for
)

// creators is how many databases are made at once. A run that is on shall feel little of them, and mostly
// the server has the processors of this machine.
func creators() int { return max(1, runtime.GOMAXPROCS(0)/4) }

// server is one that was met. It holds one connection in a maintenance database for as long as it
// is known: with that come the lock that says we live, and a place when all others are taken.
// Connections for what takes long are opened when needed, a bounded number of them.
type server struct {
	id  string
	log *slog.Logger

	turn  chan struct{} // whoever has put something in may use what follows
	conn  *pgx.Conn     // nil: not connected
	away  time.Time     // since when it could not be made again; zero: it has been
	turns atomic.Int64  // so often somebody had the turn: who waits sees whether it goes on

	creating chan struct{}
	dropping chan struct{}
	places   places // for all sessions but the held one
	lines    lines
	repairs  repairs

	stop  context.CancelFunc // of the watch; nil until the first meeting
	watch sync.WaitGroup

	mu          sync.Mutex
	settings    settings
	owners      []dbclone.Owner // that live in this process: one, but for tests
	maintenance string          // database of conn, "" until the first meeting
	facts       facts
	life        int // counts connections of conn: whatever was known before may have been lost
	templates   map[string]*template
	clones      map[string]*clone
}

func newServer(id string, log *slog.Logger) *server {
	return &server{
		id: id, log: log.With("server", id),
		turn: make(chan struct{}, 1), creating: make(chan struct{}, creators()), dropping: make(chan struct{}, droppers),
		templates: make(map[string]*template), clones: make(map[string]*clone),
	}
}

// known returns the settings and facts as they are now.
func (s *server) known() (settings, facts) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.settings, s.facts
}

// maintenanceName is "" until the server was met.
func (s *server) maintenanceName() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.maintenance
}

// met reports whether anybody has reached it yet.
func (s *server) met() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.life > 0
}

// admin does something quick on the held connection. It is done again on a new one when the
// connection turns out to be lost, so it must be something that can be.
func (s *server) admin(ctx context.Context, do func(*pgx.Conn) error) error {
	if err := enter(ctx, s.turn); err != nil {
		return err
	}
	defer func() { <-s.turn }()
	s.turns.Add(1)
	for again := false; ; again = true {
		if s.conn == nil {
			if err := s.reconnect(ctx, patience); err != nil {
				return err
			}
		}
		err := do(s.conn)
		if err == nil || !s.conn.IsClosed() {
			return err
		}
		s.conn = nil
		if again || ctx.Err() != nil {
			return err
		}
	}
}

// work does something slow on a connection of its own to the maintenance database, and on the held
// one if there is no place for another.
func (s *server) work(ctx context.Context, gate chan struct{}, do func(*pgx.Conn) error) error {
	if err := enter(ctx, gate); err != nil {
		return err
	}
	defer func() { <-gate }()
	if !s.placeAside() {
		return s.admin(ctx, do)
	}
	defer s.places.leave()
	conn, err := s.connect(ctx, s.maintenanceName())
	switch {
	case noSlot(err):
		return s.admin(ctx, do)
	case err != nil && ctx.Err() == nil:
		// Perhaps it is restarting. The held connection knows how to wait for that.
		if err := s.ping(ctx); err != nil {
			return err
		}
		conn, err = s.connect(ctx, s.maintenanceName())
	}
	if err != nil {
		return err
	}
	defer hangUp(conn)
	if err = do(conn); err != nil && conn.IsClosed() && ctx.Err() == nil {
		err = fmt.Errorf("%w: %w", errRestart, err)
	}
	return err
}

// enter waits for a place in a channel that is used as a semaphore.
func enter(ctx context.Context, gate chan struct{}) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	select {
	case gate <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// ping finds out whether the held connection is alive, and gets another one if it is not.
func (s *server) ping(ctx context.Context) error {
	return s.admin(ctx, func(conn *pgx.Conn) error { return conn.Ping(ctx) })
}

// reconnect makes the held connection; the caller has the turn. It goes on trying for a while as
// long as it looks as if the server were on its way. Of a server that is gone for longer all callers
// hear at once: there may be many, one after the other.
func (s *server) reconnect(ctx context.Context, patience time.Duration) error {
	first := !s.met()
	if s.away.IsZero() {
		s.away = time.Now()
	}
	deadline := s.away.Add(patience)
	for pause := 10 * time.Millisecond; ; pause = min(2*pause, 500*time.Millisecond) {
		conn, database, err := s.open(ctx)
		if err == nil {
			return s.settle(ctx, conn, database)
		}
		if ctx.Err() != nil || !starting(err) && (first || !away(err)) || time.Now().After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
	}
}

// open connects to the maintenance database. That is "postgres" unless the server has none or does
// not let us in; then it is the project's own. It can't be template1, which nobody could copy while
// we are in it.
func (s *server) open(ctx context.Context) (*pgx.Conn, string, error) {
	if database := s.maintenanceName(); database != "" {
		conn, err := s.connect(ctx, database)
		return conn, database, err
	}
	conn, err := s.connect(ctx, "postgres")
	settings, _ := s.known()
	if settings.dbname != "" && (stateIs(err, "3D000") || stateIs(err, "42501") || stateIs(err, "28000")) {
		if conn, other := s.connect(ctx, settings.dbname); other == nil {
			return conn, settings.dbname, nil
		}
	}
	return conn, "postgres", err
}

// settle takes a new connection as the held one. That we are alive comes before anything else.
func (s *server) settle(ctx context.Context, conn *pgx.Conn, database string) error {
	s.mu.Lock()
	owners := s.owners
	s.mu.Unlock()
	var learned facts
	var limits limits
	err := direct(ctx, conn)
	for _, owner := range owners {
		if err == nil {
			err = proclaim(ctx, conn, owner)
		}
	}
	if err == nil {
		learned, err = learn(ctx, conn)
	}
	if err == nil {
		limits, err = readLimits(ctx, conn)
	}
	if err != nil {
		hangUp(conn)
		return err
	}
	s.conn, s.away = conn, time.Time{}
	s.limitPlaces(limits.places())
	s.mu.Lock()
	defer s.mu.Unlock()
	s.maintenance, s.facts, s.life = database, learned, s.life+1
	if s.life > 1 {
		s.log.Warn("connected to the database server again; clones made before will be made anew when they are used")
	}
	return nil
}

// direct makes sure that we speak with the server itself: a pooler gives statements of one client to
// different sessions, and keeps databases open that have to be dropped.
func direct(ctx context.Context, conn *pgx.Conn) error {
	results, err := conn.PgConn().Exec(ctx, "SELECT pg_backend_pid()::text").ReadAll()
	if err != nil {
		return err
	}
	if pid := string(results[0].Rows[0][0]); pid != uint32Text(conn.PgConn().PID()) {
		return errPooler
	}
	return nil
}

// beat says at every pulse that we are alive, until the context ends.
func (s *server) beat(ctx context.Context) {
	tick := time.NewTicker(pulse)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := s.beatOnce(ctx); err != nil && ctx.Err() == nil {
			s.log.Debug("the database server does not answer", "error", err)
		}
	}
}

// beatOnce does not wait for a server that is away: the next pulse comes soon enough. A connection that
// nothing comes back on may have been cut so that only the server noticed; another one is made. Of one that
// somebody waits on, only the server can tell.
func (s *server) beatOnce(ctx context.Context) error {
	waiting, cancel := context.WithTimeout(ctx, answer)
	defer cancel()
	turns := s.turns.Load()
	if err := enter(waiting, s.turn); err != nil {
		if s.turns.Load() != turns || ctx.Err() != nil {
			return err // there are many, one after the other
		}
		return s.lookAside(ctx)
	}
	defer func() { <-s.turn }()
	if s.conn != nil {
		line := s.conn.PgConn().Conn()
		_ = line.SetDeadline(time.Now().Add(answer)) // a context's would first have the server asked to stop
		err := s.lookAfterLines(ctx, s.conn)
		_ = line.SetDeadline(time.Time{})
		if err == nil || !s.conn.IsClosed() {
			return err
		}
		s.conn = nil
	}
	return s.reconnect(ctx, 0)
}

// leave ends all connections.
func (s *server) leave() {
	s.mu.Lock()
	stop := s.stop
	s.mu.Unlock()
	if stop != nil {
		stop()
		s.watch.Wait()
	}
	s.turn <- struct{}{}
	hangUp(s.conn)
	s.conn = nil
	<-s.turn
	s.mu.Lock()
	clones := s.clones
	s.clones = make(map[string]*clone)
	s.mu.Unlock()
	for _, c := range clones {
		s.hangUpOn(c)
	}
}

// stateIs reports whether a server answered with this SQLSTATE.
func stateIs(err error, state string) bool {
	var refused *pgconn.PgError
	return errors.As(err, &refused) && refused.Code == state
}

// said is what a server said when it refused something, without what we make of that.
func said(err error) string {
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		return refused.Message
	}
	return err.Error()
}
