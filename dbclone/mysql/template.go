package mysql

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"hotclub/dbclone"
)

// template is a sealed database, read once for all that is done with it.
type template struct {
	mu       sync.Mutex
	contents *contents // nil: not read yet
	token    string    // of the rows when they were read; "": they had been written to just before
}

// patience is how long a database's last users are waited for before their sessions are ended.
const patience = 2 * time.Second

// seal makes a template of what a build left.
func (s *server) seal(ctx context.Context, on *session, at dbclone.Spot) (dbclone.Sealed, error) {
	e, err := ours(ctx, on, at)
	if err != nil {
		return dbclone.Sealed{}, err
	}
	if !e.present {
		return dbclone.Sealed{}, fmt.Errorf("%w: %s", dbclone.ErrNotBuilt, at.Name)
	}
	if err := vacate(ctx, on, at.Name, patience); err != nil {
		return dbclone.Sealed{}, err
	}
	if err := on.use(ctx, at.Name); err != nil {
		return dbclone.Sealed{}, err
	}
	if err := disableEvents(ctx, on); err != nil {
		return dbclone.Sealed{}, err
	}
	read := new(template)
	if err := read.load(ctx, on); err != nil {
		return dbclone.Sealed{}, err
	}
	if len(read.contents.schema.of(baseTable)) == 0 {
		return dbclone.Sealed{}, fmt.Errorf("%w: %s has no tables", dbclone.ErrNotBuilt, at.Name)
	}
	size, err := sizeOf(ctx, on, at.Name)
	if err != nil {
		return dbclone.Sealed{}, err
	}
	if err := s.putLabel(ctx, on, at, whole); err != nil {
		return dbclone.Sealed{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.templates[at.Name] = read
	return dbclone.Sealed{Size: size, Mark: read.contents.mark()}, nil
}

func disableEvents(ctx context.Context, on *session) error {
	events, err := on.one(ctx, "SELECT EVENT_NAME AS name FROM information_schema.EVENTS WHERE STATUS = 'ENABLED' AND EVENT_SCHEMA = "+text(on.in))
	if err != nil {
		return err
	}
	for _, each := range events {
		if err := on.run(ctx, "ALTER EVENT "+name(each["name"])+" DISABLE"); err != nil {
			return err
		}
	}
	return nil
}

func sizeOf(ctx context.Context, on *session, database string) (int64, error) {
	rows, err := on.one(ctx, "SELECT IFNULL(SUM(DATA_LENGTH + INDEX_LENGTH), 0) AS size FROM information_schema.TABLES WHERE TABLE_SCHEMA = "+text(database))
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(rows[0]["size"], 10, 64)
}

// load reads the database that a session is in.
func (t *template) load(ctx context.Context, on *session) error {
	token, err := tokenOf(ctx, on)
	if err != nil {
		return err
	}
	read, err := readContents(ctx, on)
	if err != nil {
		return err
	}
	if err := read.schema.clonable(); err != nil {
		return err
	}
	t.contents, t.token = read, token
	return nil
}

// tokenOf changes when somebody writes to a table: InnoDB notes in memory when that was, to the
// second, so there is none within two seconds of that. It also changes when a table leaves the
// server's cache.
func tokenOf(ctx context.Context, on *session) (string, error) {
	rows, err := on.one(ctx, `SELECT TABLE_NAME AS name, CREATE_TIME AS made, UPDATE_TIME AS written, AUTO_INCREMENT AS counter,
		IFNULL(UPDATE_TIME, CREATE_TIME) > NOW() - INTERVAL 2 SECOND AS fresh
		FROM information_schema.TABLES WHERE TABLE_SCHEMA = `+text(on.in)+" ORDER BY TABLE_NAME")
	if err != nil {
		return "", err
	}
	var token strings.Builder
	for _, row := range rows {
		if row["fresh"] == "1" {
			return "", nil
		}
		fmt.Fprintf(&token, "%q %s %s %s\n", row["name"], row["made"], row["written"], row["counter"])
	}
	return token.String(), nil
}

// find makes sure that a template is there, and whole.
func (s *server) find(ctx context.Context, on *session, at dbclone.Spot) (*template, error) {
	e, err := lookUp(ctx, on, at.Name)
	if err != nil {
		return nil, err
	}
	if !e.present {
		s.forget(at.Name)
		return nil, fmt.Errorf("%w: %s", dbclone.ErrTemplateGone, at.Name)
	}
	if e.state != whole {
		return nil, fmt.Errorf("mysql: the template %s was never finished", at.Name)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.templates[at.Name]
	if t == nil {
		t = new(template)
		s.templates[at.Name] = t
	}
	return t, nil
}

// sealed is what a template holds.
func (s *server) sealed(ctx context.Context, on *session, at dbclone.Spot) (*contents, error) {
	t, err := s.find(ctx, on, at)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.contents == nil {
		was := on.in
		if err := on.use(ctx, at.Name); err != nil {
			return nil, err
		}
		if err := errors.Join(t.load(ctx, on), on.use(ctx, was)); err != nil {
			return nil, err
		}
	}
	return t.contents, nil
}

// check compares a template with what it was when it was sealed. Definitions are read each time;
// rows only when the server has noted a change of theirs since the last time in this process.
func (s *server) check(ctx context.Context, on *session, at dbclone.Spot, as dbclone.Sealed) error {
	t, err := s.find(ctx, on, at)
	if err != nil {
		return err
	}
	if err := on.use(ctx, at.Name); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.unchanged(ctx, on) {
		if err := t.load(ctx, on); err != nil {
			return err
		}
	}
	if t.contents.mark() != as.Mark {
		return fmt.Errorf("mysql: the template %s was changed after it was sealed", at.Name)
	}
	return nil
}

func (t *template) unchanged(ctx context.Context, on *session) bool {
	if t.contents == nil {
		return false
	}
	token, err := tokenOf(ctx, on)
	if err != nil || token == "" || token != t.token {
		return false
	}
	now, err := readSchema(ctx, on)
	return err == nil && now.digest == t.contents.schema.digest
}

// forget lets go of what is known of a database that is gone.
func (s *server) forget(database string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.templates, database)
	delete(s.images, database)
	delete(s.baselines, database)
	delete(s.untouched, database)
}
