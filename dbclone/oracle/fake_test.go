package oracle

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"testing"
)

// fake plays an Oracle server as far as this package speaks with one: users with tables, sequences,
// keys, triggers and views, sessions, transactions, locks, the dictionary and the two tables of
// ours. What it does not understand is an error. It was written from the documentation, by the same
// hands as the engine: what both have misunderstood it can't find.
type fake struct {
	mu          sync.Mutex
	users       map[string]*fakeUser
	tablespaces map[string]bool
	granted     []string // to the main user
	hidden      bool     // V$SESSION
	noLocks     bool     // DBMS_LOCK is not granted
	container   string
	version     string
	scn         int64
	second      int // of the clock
	ids         int64
	labels      map[string]*fakeLabel
	owners      map[string]string
	locks       map[int64]*fakeConn
	rowLocks    map[string]*fakeConn
	conns       map[*fakeConn]bool
	log         []string
	fault       func(user, statement string) error // asked before each statement
}

type fakeLabel struct {
	user, label, mark, image string
	bytes                    int64
	scn                      int64
}

type fakeUser struct {
	name, password string
	locked         bool
	id             int64
	tables         map[string]*fakeTable
	sequences      map[string]int64
	keys           map[string]*fakeKey
	triggers       map[string]*fakeTrigger
	views          map[string]string
	readers        map[string]bool // who may read the tables
	strange        []string
}

type fakeTable struct {
	columns []fakeColumn
	key     string
	next    int64 // of the identity column
	rows    [][]string
	scn     int64 // of the last change that stayed or was rolled back
	made    int   // second
	id      int64
	past    []fakePast
}

type fakePast struct {
	scn  int64
	rows [][]string
}

type fakeColumn struct{ name, kind, generation string }

type fakeKey struct {
	table, column, parent, rule string
	deferrable, enabled         bool
}

type fakeTrigger struct {
	table   string
	enabled bool
	made    int
}

const mainUser, mainPassword = "SHOP", "tiger"

func newFake() *fake {
	f := &fake{
		users: make(map[string]*fakeUser), tablespaces: map[string]bool{"USERS": true, "TEMP": true},
		granted:   []string{"CREATE USER", "ALTER USER", "DROP USER", "CREATE TABLESPACE", "ALTER SYSTEM"},
		container: "FREEPDB1", version: "23.0.0.0.0", scn: 1000, second: 100,
		labels: make(map[string]*fakeLabel), owners: make(map[string]string),
		locks: make(map[int64]*fakeConn), rowLocks: make(map[string]*fakeConn), conns: make(map[*fakeConn]bool),
	}
	f.add(mainUser, mainPassword)
	return f
}

func (f *fake) add(name, password string) *fakeUser {
	f.ids++
	u := &fakeUser{
		name: name, password: password, id: f.ids, tables: make(map[string]*fakeTable), sequences: make(map[string]int64),
		keys: make(map[string]*fakeKey), triggers: make(map[string]*fakeTrigger), views: make(map[string]string), readers: make(map[string]bool),
	}
	f.users[name] = u
	return u
}

// said is an error as a driver passes it on.
func said(number, text string) error { return fmt.Errorf("%s: %s", number, text) }

func (f *fake) dial(l login) (driver.Connector, error) { return fakeConnector{f, l}, nil }

type fakeConnector struct {
	*fake
	login
}

func (c fakeConnector) Driver() driver.Driver { return nil }

func (c fakeConnector) Connect(ctx context.Context) (driver.Conn, error) {
	f := c.fake
	f.mu.Lock()
	defer f.mu.Unlock()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if f.fault != nil {
		if err := f.fault(c.user, "connect"); err != nil {
			return nil, err
		}
	}
	u := f.users[c.user]
	switch {
	case u == nil || u.password != c.password:
		return nil, said("ORA-01017", "invalid username/password; logon denied")
	case u.locked:
		return nil, said("ORA-28000", "the account is locked")
	}
	conn := &fakeConn{fake: f, user: u}
	f.conns[conn] = true
	return conn, nil
}

type fakeConn struct {
	*fake
	user  *fakeUser
	dead  bool
	tx    bool
	saved map[string]*fakeTable // what a rollback brings back
	held  string                // row of an owner
}

func (c *fakeConn) Prepare(string) (driver.Stmt, error) {
	return nil, errors.New("fake: prepares nothing")
}

func (c *fakeConn) Begin() (driver.Tx, error) {
	return c.BeginTx(context.Background(), driver.TxOptions{})
}

func (c *fakeConn) Ping(context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.dead {
		return driver.ErrBadConn
	}
	return nil
}

func (c *fakeConn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.end()
	return nil
}

// end is what the server does with a session that is over.
func (c *fakeConn) end() {
	c.rollback()
	c.dead = true
	delete(c.conns, c)
	for id, holder := range c.locks {
		if holder == c {
			delete(c.locks, id)
		}
	}
}

func (c *fakeConn) BeginTx(context.Context, driver.TxOptions) (driver.Tx, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tx = true
	c.saved = make(map[string]*fakeTable)
	for name, t := range c.user.tables {
		copied := *t
		copied.rows = cloneRows(t.rows)
		c.saved[name] = &copied
	}
	return c, nil
}

func (c *fakeConn) Commit() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.dead {
		return driver.ErrBadConn
	}
	if err := c.user.checkKeys(); err != nil {
		c.rollback()
		return said("ORA-02091", "transaction rolled back: "+err.Error())
	}
	c.finish()
	return nil
}

func (c *fakeConn) Rollback() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rollback()
	return nil
}

func (c *fakeConn) rollback() {
	if c.tx {
		for name, t := range c.saved {
			if now := c.user.tables[name]; now != nil {
				t.scn = now.scn // blocks keep the mark of what was undone
				c.user.tables[name] = t
			}
		}
	}
	c.finish()
}

func (c *fakeConn) finish() {
	c.tx, c.saved = false, nil
	if c.held != "" {
		delete(c.rowLocks, c.held)
		c.held = ""
	}
}

func (c *fakeConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	_, n, err := c.run(ctx, query, args)
	return driver.RowsAffected(n), err
}

func (c *fakeConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	rows, _, err := c.run(ctx, query, args)
	if err != nil {
		return nil, err
	}
	return &fakeRows{rows: rows}, nil
}

func (c *fakeConn) run(ctx context.Context, query string, args []driver.NamedValue) (rows [][]driver.Value, n int64, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.dead {
		return nil, 0, driver.ErrBadConn
	}
	if ctx.Err() != nil {
		return nil, 0, ctx.Err()
	}
	values := make([]driver.Value, len(args))
	for i, arg := range args {
		values[i] = arg.Value
	}
	entry := c.user.name + "> " + query
	if len(values) > 0 {
		entry += fmt.Sprintf("\n  -- %v", values)
	}
	c.log = append(c.log, entry)
	if c.fault != nil {
		if err := c.fault(c.user.name, query); err != nil {
			return nil, 0, err
		}
	}
	if ctx.Err() != nil { // a fault may be that
		return nil, 0, ctx.Err()
	}
	return c.answer(query, values)
}

// fakeRows are an answer; a query without rows still has columns, of which nobody asks the names.
type fakeRows struct {
	rows [][]driver.Value
	at   int
}

func (r *fakeRows) Columns() []string {
	width := 1
	if len(r.rows) > 0 {
		width = len(r.rows[0])
	}
	return make([]string, width)
}

func (r *fakeRows) Close() error { return nil }

func (r *fakeRows) Next(into []driver.Value) error {
	if r.at >= len(r.rows) {
		return io.EOF
	}
	copy(into, r.rows[r.at])
	r.at++
	return nil
}

func cloneRows(rows [][]string) [][]string {
	copied := make([][]string, len(rows))
	for i, row := range rows {
		copied[i] = slices.Clone(row)
	}
	return copied
}

// sessions of a user.
func (f *fake) sessions(name string) (n int64) {
	for c := range f.conns {
		if c.user.name == name {
			n++
		}
	}
	return n
}

// changed notes a change of a table's rows.
func (f *fake) changed(t *fakeTable) {
	t.past = append(t.past, fakePast{f.scn, nil})
	f.scn += 3
	t.scn = f.scn
	t.past[len(t.past)-1] = fakePast{t.scn, cloneRows(t.rows)}
}

// asOf are the rows of a table at a moment.
func (t *fakeTable) asOf(scn int64) [][]string {
	var rows [][]string
	for _, p := range t.past {
		if p.scn <= scn {
			rows = p.rows
		}
	}
	return rows
}

func (u *fakeUser) checkKeys() error {
	for _, name := range sortedKeys(u.keys) {
		if key := u.keys[name]; key.enabled && len(u.orphans(key)) > 0 {
			return said("ORA-02291", "integrity constraint "+name+" violated - parent key not found")
		}
	}
	return nil
}

// orphans are the children of a key that have no parent.
func (u *fakeUser) orphans(key *fakeKey) (rows [][]string) {
	child, parent := u.tables[key.table], u.tables[key.parent]
	for _, row := range child.rows {
		value := row[child.index(key.column)]
		found := slices.ContainsFunc(parent.rows, func(p []string) bool { return p[parent.index(parent.key)] == value })
		if value != "" && !found {
			rows = append(rows, row)
		}
	}
	return rows
}

func (t *fakeTable) index(column string) int {
	return slices.IndexFunc(t.columns, func(c fakeColumn) bool { return c.name == column })
}

func (f *fake) names(t testing.TB) []string {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	return sortedKeys(f.users)
}

// recorded takes what was said since the last time.
func (f *fake) recorded() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	log := f.log
	f.log = nil
	return log
}
