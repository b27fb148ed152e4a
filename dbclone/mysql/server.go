package mysql

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"strings"
	"sync"
	"time"

	"hotclub/dbclone"
)

// idle is how many sessions are kept open between calls at most. How many there are at once follows from
// the limits of the server; see room.go.
const idle = 3

// server is one that has been met.
type server struct {
	id        string
	connector *connector
	pool      *sql.DB
	alive     *alive

	mu        sync.Mutex
	traits    string    // "": the server has not been looked at
	away      time.Time // since when it can't be reached; zero: it can
	templates map[string]*template
	baselines map[string]*contents // of clones whose contents were accepted, by name
	images    map[string]map[dbclone.Image]*image
	notes     bool // it says when a table was last written to, as untouched wants it
	many      int64
	untouched map[string]*untouched // by the database's name
}

func newServer(id string) *server {
	connector := new(connector)
	pool := sql.OpenDB(connector)
	pool.SetMaxIdleConns(idle)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	return &server{
		id: id, connector: connector, pool: pool, alive: newAlive(id, connector, pool),
		templates: make(map[string]*template),
		baselines: make(map[string]*contents),
		images:    make(map[string]map[dbclone.Image]*image),
		many:      many,
		untouched: make(map[string]*untouched),
	}
}

// leave closes all sessions. Later calls open some for as long as they last.
func (s *server) leave() {
	s.alive.end()
	s.pool.SetMaxIdleConns(-1)
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.images)
	clear(s.baselines)
	clear(s.untouched)
}

// session is a connection while one call has it.
type session struct {
	conn *sql.Conn
	in   string // current database
}

// home is a database that is always there and never ours.
const home = "information_schema"

// open begins a session in a database.
func (s *server) open(ctx context.Context, database string) (*session, error) {
	conn, err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	on := &session{conn: conn, in: home}
	if database != home {
		if err := on.use(ctx, database); err != nil {
			on.close()
			return nil, err
		}
	}
	return on, nil
}

// absence is how long a server that was met is waited for when it is restarted. Of one that is gone
// for longer all callers hear at once: there may be many, one after the other.
const absence = 5 * time.Second

// crowding is how long a server may have no connection left: others come and go. Workers wait as long.
const crowding = 3 * time.Second

func (s *server) connect(ctx context.Context) (*sql.Conn, error) {
	began := time.Now()
	for pause := 10 * time.Millisecond; ; pause = min(2*pause, 500*time.Millisecond) {
		conn, err := s.pool.Conn(ctx)
		if err == nil {
			s.reached()
			return conn, nil
		}
		if ctx.Err() != nil || !s.expected(err) && !(crowded(err) && time.Since(began) < crowding) {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(pause):
		}
	}
}

// expected reports whether a server that could not be reached may be back in a moment.
func (s *server) expected(err error) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !gone(err) || s.traits == "" {
		return false
	}
	if s.away.IsZero() {
		s.away = time.Now()
	}
	return time.Since(s.away) < absence
}

// reached notes that a server can be reached.
func (s *server) reached() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.away = time.Time{}
}

func (on *session) use(ctx context.Context, database string) error {
	on.in = database
	return on.run(ctx, "USE "+name(database))
}

// close gives the connection back as it was: whoever stays in a database counts as a user of it.
func (on *session) close() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if on.in != home && on.use(ctx, home) != nil {
		on.spoil()
	}
	_ = on.conn.Close()
}

// spoil ends a connection, as one in an unknown state must not be used again.
func (on *session) spoil() {
	_ = on.conn.Raw(func(any) error { return driver.ErrBadConn })
}

// run executes statements in one round trip; what they return is ignored.
func (on *session) run(ctx context.Context, statements ...string) error {
	if len(statements) == 0 {
		return nil
	}
	_, err := on.conn.ExecContext(ctx, strings.Join(statements, ";\n"))
	return err
}

// batch bounds how much text goes in one round trip, in bytes. Servers take 16 MB and more.
const batch = 1 << 20

// runAll executes many statements in few round trips.
func (on *session) runAll(ctx context.Context, statements []string) error {
	for len(statements) > 0 {
		n, size := 0, 0
		for n < len(statements) && (n == 0 || size+len(statements[n]) < batch) {
			size += len(statements[n])
			n++
		}
		if err := on.run(ctx, statements[:n]...); err != nil {
			return err
		}
		statements = statements[n:]
	}
	return nil
}

// row is one row of a result, by column names.
type row map[string]string

// query reads all results of some statements in one round trip. NULL reads as "".
func (on *session) query(ctx context.Context, statements ...string) (results [][]row, err error) {
	if len(statements) == 0 {
		return nil, nil
	}
	rows, err := on.conn.QueryContext(ctx, strings.Join(statements, ";\n"))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for {
		result, err := readRows(rows)
		if err != nil {
			return nil, err
		}
		results = append(results, result)
		if !rows.NextResultSet() {
			return results, rows.Err()
		}
	}
}

func readRows(rows *sql.Rows) (result []row, err error) {
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	values := make([]sql.RawBytes, len(columns))
	into := make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		r := make(row, len(columns))
		for i, column := range columns {
			r[column] = string(values[i])
		}
		result = append(result, r)
	}
	return result, rows.Err()
}

// one reads the rows of one statement.
func (on *session) one(ctx context.Context, statement string) ([]row, error) {
	results, err := on.query(ctx, statement)
	if err != nil {
		return nil, err
	}
	return results[0], nil
}
