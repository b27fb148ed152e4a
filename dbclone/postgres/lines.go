package postgres

import (
	"context"
	"maps"
	"net"
	"slices"
	"sync"

	"github.com/jackc/pgx/v5"
)

// lines are the connections of our sessions. The network may cut one so that only the server notices. Nothing
// comes back on it then, as nothing does while gigabytes are copied; so no time limit tells the one from the
// other, but the server does, when it is asked which of our sessions it still has.
type lines struct {
	mu       sync.Mutex
	backends map[net.Conn]uint32 // the server's process at the other end of each; of those that have ended until the next look
}

func (l *lines) add(conn *pgx.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.backends == nil {
		l.backends = make(map[net.Conn]uint32)
	}
	l.backends[conn.PgConn().Conn()] = conn.PgConn().PID()
}

// known is a copy.
func (l *lines) known() map[net.Conn]uint32 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.backends)
}

// cut closes lines: whoever waits on one hears that it is lost.
func (l *lines) cut(those []net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, line := range those {
		_ = line.Close()
		delete(l.backends, line)
	}
}

// lookAfterLines closes those at whose other end is nobody any more. The question reads no table, which
// somebody could have locked.
func (s *server) lookAfterLines(ctx context.Context, conn *pgx.Conn) error {
	known := s.lines.known() // before the server is asked: it has these, or had them
	rows, err := conn.Query(ctx, "SELECT pid::bigint FROM pg_stat_get_activity(NULL) WHERE pid = ANY($1)", slices.Collect(maps.Values(known)))
	if err != nil {
		return err
	}
	living, err := pgx.CollectRows(rows, pgx.RowTo[uint32])
	if err != nil {
		return err
	}
	var dead []net.Conn
	for line, backend := range known {
		if !slices.Contains(living, backend) {
			dead = append(dead, line)
		}
	}
	s.lines.cut(dead)
	return nil
}

// lookAside looks after the lines on one of its own, as the held one is busy or dead. Dead ones may have
// all places; the server has long given theirs to others.
func (s *server) lookAside(ctx context.Context) error {
	if !s.placeAside() {
		s.places.insist()
	}
	defer s.places.leave()
	conn, err := s.connect(ctx, s.maintenanceName())
	if err != nil {
		return err
	}
	defer hangUp(conn)
	return s.lookAfterLines(ctx, conn)
}
