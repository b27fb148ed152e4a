package oracle

import (
	"context"
	"database/sql"
)

// session is one connection of a user's own, in which names mean what the user owns.
type session struct {
	user string
	db   *sql.DB
	conn *sql.Conn
}

// DDL of ours may meet a transaction that is just ending.
const waitForLocks = `ALTER SESSION SET DDL_LOCK_TIMEOUT = 5`

func (s *server) session(ctx context.Context, l login) (*session, error) {
	db, err := s.pool(l, 1)
	if err != nil {
		return nil, err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		_ = db.Close()
		return nil, err
	}
	in := &session{user: l.user, db: db, conn: conn}
	if err := in.exec(ctx, waitForLocks); err != nil {
		in.close()
		return nil, err
	}
	return in, nil
}

// close ends the connection: a user that is connected can't be dropped.
func (s *session) close() {
	if s != nil {
		_ = s.conn.Close()
		_ = s.db.Close()
	}
}

func (s *session) exec(ctx context.Context, statements ...string) error {
	for _, statement := range statements {
		if _, err := s.conn.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}
