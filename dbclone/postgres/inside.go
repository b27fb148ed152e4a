package postgres

import (
	"context"
	"sync"

	"github.com/jackc/pgx/v5"
)

// clone is what this process knows of a clone that it made. Calls for one clone come one at a time.
type clone struct {
	name  string
	life  int       // of the server, when the following was learned
	holds *image    // nil: we don't know
	base  *baseline // when it held that
	clean *baseline // since when changes count as dirt: base, or later

	busy sync.Mutex // while somebody works in it

	mu   sync.Mutex
	conn *pgx.Conn // kept open between uses as long as nobody needs its place, or nil
}

// known notes what a clone holds from now on.
func (c *clone) known(holds *image, base *baseline) { c.holds, c.base, c.clean = holds, base, base }

// tracked returns what is known of a clone; of one that another life of this process made, nothing.
func (s *server) tracked(name string) *clone {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.clones[name]
	if c == nil {
		c = &clone{name: name}
		s.clones[name] = c
	}
	return c
}

// within does something in a clone. It is done again when the connection turns out to be lost: a test
// may have ended all sessions but its own. After a loss of the server's held connection nothing that
// we knew of the clone need be true: what was committed last may be lost, and unlogged tables are empty.
func (s *server) within(ctx context.Context, c *clone, do func(*pgx.Conn) error) error {
	c.busy.Lock()
	defer func() {
		c.busy.Unlock()
		s.places.wake() // the session that is kept need not be
	}()
	for again := false; ; again = true {
		conn, err := s.enterClone(ctx, c)
		if err != nil {
			return err
		}
		err = do(conn)
		closed := conn.IsClosed()
		if closed {
			s.hangUpOn(c)
		}
		if err == nil || !closed || again || ctx.Err() != nil {
			return err
		}
	}
}

// enterClone returns the connection to a clone, a new one if need be.
func (s *server) enterClone(ctx context.Context, c *clone) (*pgx.Conn, error) {
	c.mu.Lock()
	conn := c.conn
	c.mu.Unlock()
	if conn == nil {
		// The held connection notices a restart that nobody has noticed yet.
		if err := s.ping(ctx); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	life := s.life
	s.mu.Unlock()
	if c.holds != nil && c.life != life {
		c.known(nil, nil)
		return nil, errRestart
	}
	c.life = life
	if conn != nil {
		return conn, nil
	}
	if err := s.placeInside(ctx); err != nil {
		return nil, err
	}
	conn, err := s.connect(ctx, c.name)
	if err == nil {
		err = prepareSession(ctx, conn)
	}
	if err != nil {
		hangUp(conn)
		s.places.leave()
		return nil, err
	}
	c.mu.Lock()
	c.conn = conn
	c.mu.Unlock()
	return conn, nil
}

// hangUpOn ends the connection to a clone, if there is one.
func (s *server) hangUpOn(c *clone) bool {
	open := c.leave()
	if open {
		s.places.leave()
	}
	return open
}

func (c *clone) leave() bool {
	c.mu.Lock()
	conn := c.conn
	c.conn = nil
	c.mu.Unlock()
	hangUp(conn)
	return conn != nil
}

// forget ends what we know of a database.
func (s *server) forget(name string) {
	s.mu.Lock()
	c := s.clones[name]
	delete(s.clones, name)
	delete(s.templates, name)
	s.mu.Unlock()
	if c != nil {
		s.hangUpOn(c)
	}
}
