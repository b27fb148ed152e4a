package mysql

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"hotclub/dbclone"
)

// meet makes the owner known as alive, and looks at the server unless that was done.
func (s *server) meet(ctx context.Context, how *settings, owner dbclone.Owner) (string, error) {
	s.connector.settings.Store(how)
	on, err := s.open(ctx, home) // waits for one that is restarted
	if err != nil {
		return "", s.failed(ctx, err, "connect")
	}
	defer on.close()
	if err := s.alive.keep(ctx, owner.ID); err != nil {
		if errors.Is(err, errPooled) || errors.Is(err, dbclone.ErrOwnerTaken) {
			err = &dbclone.ServerError{
				Op: "keep a named lock", Server: s.id, Err: err,
				Remedy: "connect to the server itself, past proxies that share sessions",
			}
		}
		return "", s.failed(ctx, err, "connect")
	}
	s.pool.SetMaxIdleConns(idle)
	s.mu.Lock()
	traits := s.traits
	s.mu.Unlock()
	if traits != "" {
		return traits + "\n" + how.habits, nil
	}
	version, traits, err := look(ctx, on)
	if err != nil {
		return "", s.failed(ctx, err, "ask for the version")
	}
	if err := supported(version); err != nil {
		return "", &dbclone.ServerError{
			Op: "work with " + version, Server: s.id, Err: err,
			Remedy: "use MySQL 8.0 or newer, or MariaDB 10.6 or newer",
		}
	}
	if err := makeRegistry(ctx, on); err != nil {
		return "", s.failed(ctx, err, "make the table of labels %s", labels)
	}
	if err := s.tryOut(ctx, on, owner); err != nil {
		return "", err
	}
	l, err := readLimits(ctx, on)
	if err != nil {
		return "", s.failed(ctx, err, "ask for the number of connections")
	}
	s.pool.SetMaxOpenConns(l.places())
	s.mu.Lock()
	defer s.mu.Unlock()
	s.traits, s.notes = traits, notes(version)
	return traits + "\n" + how.habits, nil
}

// Variables of a server that decide what a migration makes there. Those that only one kind of server
// has are left out by the other.
const traitQuery = `SHOW GLOBAL VARIABLES WHERE Variable_name IN ('version', 'version_comment',
	'character_set_server', 'collation_server', 'character_set_collations', 'default_collation_for_utf8mb4',
	'sql_mode', 'lower_case_table_names', 'default_storage_engine', 'explicit_defaults_for_timestamp',
	'innodb_default_row_format', 'innodb_strict_mode', 'innodb_file_per_table', 'innodb_page_size',
	'sql_generate_invisible_primary_key', 'sql_require_primary_key', 'system_time_zone', 'time_zone', 'old_mode',
	'auto_increment_increment', 'auto_increment_offset', 'default_week_format', 'div_precision_increment')`

func look(ctx context.Context, on *session) (version, traits string, err error) {
	rows, err := on.one(ctx, traitQuery)
	if err != nil {
		return "", "", err
	}
	var all []string
	for _, row := range rows { // in the order of their names
		if row["Variable_name"] == "version" {
			version = row["Value"]
		}
		all = append(all, row["Variable_name"]+"="+row["Value"])
	}
	return version, strings.Join(all, "\n"), nil
}

var versionNumbers = regexp.MustCompile(`^(?:5\.5\.5-)?(\d+)\.(\d+)`)

// supported takes what the server calls its version, as in "10.11.19-MariaDB-0+deb12u1".
func supported(version string) error {
	numbers := versionNumbers.FindStringSubmatch(version)
	if numbers == nil {
		return errors.New("this is no version of MySQL or MariaDB")
	}
	major, _ := strconv.Atoi(numbers[1])
	minor, _ := strconv.Atoi(numbers[2])
	switch {
	case strings.Contains(version, "TiDB"), strings.Contains(version, "Vitess"):
		return errors.New("it only speaks the protocol of MySQL")
	case strings.Contains(version, "MariaDB"):
		if major < 10 || major == 10 && minor < 6 {
			return errors.New("this MariaDB is too old")
		}
	case major < 8:
		return errors.New("this MySQL is too old")
	}
	return nil
}

// notes reports whether a server notes when a table was written to as untouched relies on. Aurora has a
// storage of its own.
func notes(version string) bool {
	return !strings.Contains(version, "MariaDB") && !strings.Contains(version, "aurora")
}

// tryOut makes a database and drops it again: grants come in too many ways to be read.
func (s *server) tryOut(ctx context.Context, on *session, owner dbclone.Owner) error {
	at := dbclone.Spot{
		Name:  fmt.Sprintf("hcc_%s_try", owner.ID),
		Label: dbclone.Label{Format: 1, Home: "trying " + owner.ID, Owner: owner.ID, Kind: dbclone.KindClone},
	}
	err := s.putLabel(ctx, on, at, making)
	if err == nil {
		err = on.run(ctx,
			"CREATE DATABASE IF NOT EXISTS "+name(at.Name),
			"CREATE TABLE "+name(at.Name)+".t (id int PRIMARY KEY)",
			"CREATE VIEW "+name(at.Name)+".v AS SELECT id FROM "+name(at.Name)+".t",
			"DROP DATABASE "+name(at.Name))
	}
	err = s.failed(ctx, err, "create and drop a database %s", at.Name)
	away, cancel := unwatched(ctx)
	defer cancel()
	// Without the right to create it, there is none to drop.
	if err != nil {
		_ = on.run(away, "DROP DATABASE IF EXISTS "+name(at.Name))
	}
	return errors.Join(err, takeLabel(away, on, at.Name))
}
