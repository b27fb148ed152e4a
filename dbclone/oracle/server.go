package oracle

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"hotclub/dbclone"
)

// server is one database, entered by one main user, whose connections are kept for life.
type server struct {
	engine   *Engine
	id       string
	owner    dbclone.Owner
	settings settings

	// Set once, when it is opened.
	main   *sql.DB
	traits string
	place  tablespaces
	can    rights

	mu      sync.Mutex // of what follows; not held while a clone is worked on
	alive   *pulse
	pump    bool                // Data Pump has not failed yet
	clones  map[string]*clone   // by the spot's name
	sources map[string]*source  // by user: what clones are made of
	images  map[imageKey]string // users of captured images
	counter int                 // of images
}

// rights are what the main user may do beside what it must.
type rights struct {
	seeSessions bool // V$SESSION
	endSessions bool // ALTER SYSTEM
	dataPump    bool // both roles, and links
	tablespace  bool // CREATE TABLESPACE
}

type imageKey struct {
	template string
	image    dbclone.Image
}

func newServer(e *Engine, settings settings, owner dbclone.Owner) *server {
	return &server{
		engine: e, id: settings.id(), owner: owner, settings: settings,
		clones: make(map[string]*clone), sources: make(map[string]*source), images: make(map[imageKey]string),
	}
}

// mainConnections are the most that the main user has at once: one is the pulse, and each copy by
// Data Pump takes one for as long as it runs.
const mainConnections = 8

// open connects and finds out what there is.
func (s *server) open(ctx context.Context) (err error) {
	if s.main, err = s.pool(s.settings.main, mainConnections); err != nil {
		return err
	}
	if err := s.main.PingContext(ctx); err != nil {
		return err
	}
	if err := s.greet(ctx); err != nil {
		return err
	}
	s.pump = s.can.dataPump
	s.alive, err = takePulse(ctx, s.main, s.owner.ID)
	return err
}

// revive takes the lock again that a restart of the server, or a cut, has taken from us.
func (s *server) revive(ctx context.Context) error {
	s.mu.Lock()
	alive := s.alive
	s.mu.Unlock()
	if alive.beats(ctx) {
		return nil
	}
	alive.stop()
	// What the pool keeps is most likely as dead.
	s.main.SetMaxIdleConns(0)
	s.main.SetMaxIdleConns(mainConnections)
	alive, err := takePulse(ctx, s.main, s.owner.ID)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.alive = alive
	return nil
}

const (
	askServer = `SELECT SYS_CONTEXT('USERENV', 'CON_NAME'),
  (SELECT MAX(version) FROM product_component_version WHERE product LIKE 'Oracle%'),
  (SELECT value FROM nls_database_parameters WHERE parameter = 'NLS_CHARACTERSET'),
  (SELECT value FROM nls_database_parameters WHERE parameter = 'NLS_NCHAR_CHARACTERSET'),
  (SELECT default_tablespace FROM user_users), (SELECT temporary_tablespace FROM user_users) FROM DUAL`
	askRights   = `SELECT privilege FROM session_privs UNION SELECT role FROM session_roles`
	askSessions = `SELECT COUNT(*) FROM v$session WHERE username = :1`
)

// greet finds out what there is and makes what we need for ourselves.
func (s *server) greet(ctx context.Context) error {
	var container, version, charset, national, own, temporary sql.NullString
	row := s.main.QueryRowContext(ctx, askServer)
	if err := row.Scan(&container, &version, &charset, &national, &own, &temporary); err != nil {
		return err
	}
	if container.String == "CDB$ROOT" {
		return errors.New("ORA-65096: connected to the root of a container database")
	}
	if major, _ := strconv.Atoi(strings.SplitN(version.String, ".", 2)[0]); major < 19 {
		return s.fail("use Oracle "+version.String, errors.New("it is too old"), "Django 4.2 and later need Oracle 19c, and so does hotclub")
	}
	s.traits = fmt.Sprintf("Oracle %s %s %s", version.String, charset.String, national.String)
	if err := s.findRights(ctx); err != nil {
		return err
	}
	if err := makeTables(ctx, s.main); err != nil {
		return err
	}
	return s.findPlace(ctx, own.String)
}

func (s *server) findRights(ctx context.Context) error {
	granted := make(map[string]bool)
	names, err := column(ctx, s.main, askRights)
	if err != nil {
		return err
	}
	for _, name := range names {
		granted[name] = true
	}
	for _, needed := range []string{"CREATE USER", "ALTER USER", "DROP USER"} {
		if !granted[needed] {
			return fmt.Errorf("%s: the main user %s has no right to %s", noRight, s.settings.main.user, needed)
		}
	}
	var n int
	err = s.main.QueryRowContext(ctx, askSessions, s.settings.main.user).Scan(&n)
	if err != nil && !is(err, noTable, noRight) {
		return err
	}
	s.can = rights{
		seeSessions: err == nil,
		endSessions: err == nil && granted["ALTER SYSTEM"],
		dataPump: granted["DATAPUMP_EXP_FULL_DATABASE"] && granted["DATAPUMP_IMP_FULL_DATABASE"] &&
			granted["CREATE DATABASE LINK"],
		tablespace: granted["CREATE TABLESPACE"],
	}
	return nil
}

func (s *server) pool(l login, most int) (*sql.DB, error) {
	connector, err := s.engine.dial(l)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(most)
	db.SetMaxIdleConns(most)
	return db, nil
}

func (s *server) leave() {
	ctx, cancel := context.WithTimeout(context.Background(), cleaning)
	defer cancel()
	s.mu.Lock()
	images := s.images
	s.images = make(map[imageKey]string)
	s.mu.Unlock()
	for _, user := range images {
		_ = s.dropImage(ctx, user) // what stays is a stray with a dead owner
	}
	if s.can.dataPump {
		_ = s.dropLink(ctx)
	}
	s.mu.Lock()
	s.alive.resign(ctx)
	s.mu.Unlock()
	s.disconnect()
}

// disconnect ends all connections.
func (s *server) disconnect() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.clones {
		c.disconnect()
	}
	s.alive.stop()
	if s.main != nil {
		_ = s.main.Close()
	}
}

// exec runs a statement of the main user's.
func (s *server) exec(ctx context.Context, statement string, args ...any) error {
	_, err := s.main.ExecContext(ctx, statement, args...)
	return err
}

// column reads the only column of a query.
func column(ctx context.Context, q querier, query string, args ...any) (values []string, err error) {
	err = each(ctx, q, query, args, func(scan func(...any) error) error {
		var value sql.NullString
		err := scan(&value)
		values = append(values, value.String)
		return err
	})
	return values, err
}

type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// each calls back for each row of a query.
func each(ctx context.Context, q querier, query string, args []any, row func(scan func(...any) error) error) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}
