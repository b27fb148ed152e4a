package main

import (
	"context"
	"errors"
	"strings"
	"testing"

	"hotclub/dbclone"
	"hotclub/dbclone/sqlite"
	"hotclub/runner/config"
	"hotclub/runner/worker"
)

// meeting is an engine with a server that says one thing to all who want to meet it.
type meeting struct {
	dbclone.ServerEngine
	met dbclone.Met
	err error
}

func (m meeting) Meet(context.Context, dbclone.Server, dbclone.Owner) (dbclone.Met, error) {
	return m.met, m.err
}

func TestDoctorOnDatabases(t *testing.T) {
	postgres := worker.Configured{Alias: "default", Backend: "django.db.backends.postgresql", Vendor: "postgresql", Server: map[string]string{"password": "s3cret"}}
	changed := func(change func(*worker.Configured)) worker.Configured {
		other := postgres
		change(&other)
		return other
	}
	for _, c := range []struct {
		name     string
		database worker.Configured
		server   meeting
		want     config.Check
	}{
		{
			"a file",
			worker.Configured{Alias: "default", Vendor: "sqlite"},
			meeting{},
			config.Check{State: config.OK, Detail: "SQLite; every worker gets a clone"},
		},
		{
			"a server that is willing", postgres,
			meeting{met: dbclone.Met{ID: "me@localhost:5432"}},
			config.Check{State: config.OK, Detail: "PostgreSQL, me@localhost:5432; every worker gets a clone"},
		},
		{
			"a server that refuses", postgres,
			meeting{err: &dbclone.ServerError{Op: "create databases", Server: "me@localhost:5432", Remedy: "ALTER ROLE me CREATEDB", Err: errors.New("permission denied")}},
			config.Check{State: config.Fail, Detail: "PostgreSQL: could not create databases on me@localhost:5432: permission denied", Remedy: "ALTER ROLE me CREATEDB"},
		},
		{
			"another error", postgres,
			meeting{err: errors.New("no such luck")},
			config.Check{State: config.Fail, Detail: "no such luck"},
		},
		{
			"no driver", changed(func(d *worker.Configured) {
				d.Vendor, d.Error = "", "ImproperlyConfigured: Error loading psycopg2 or psycopg module"
			}),
			meeting{},
			config.Check{
				State: config.Fail, Detail: "django.db.backends.postgresql: ImproperlyConfigured: Error loading psycopg2 or psycopg module",
				Remedy: `/venv/bin/python -m pip install "psycopg[binary]"`,
			},
		},
		{
			"a mirror", changed(func(d *worker.Configured) { d.Mirror = "main" }),
			meeting{err: errors.New("was asked")},
			config.Check{State: config.OK, Detail: `a mirror of "main" in tests`},
		},
		{
			"a backend with its own way", changed(func(d *worker.Configured) { d.Why = "its backend mine overrides _clone_test_db" }),
			meeting{err: errors.New("was asked")},
			config.Check{State: config.Warn, Detail: "its backend mine overrides _clone_test_db", Remedy: "none needed: one worker runs everything on the databases that your own runner sets up, which is slower"},
		},
		{
			"a kind that nobody clones",
			worker.Configured{Alias: "default", Vendor: "oracle"},
			meeting{},
			config.Check{State: config.Warn, Detail: "databases of Oracle are not cloned", Remedy: "none needed: one worker runs everything on the databases that your own runner sets up, which is slower"},
		},
	} {
		t.Run(strings.ReplaceAll(c.name, " ", "-"), func(t *testing.T) {
			d := databaseDoctor{engines: map[string]dbclone.Engine{"sqlite": sqlite.Engine{}, "postgresql": c.server}, python: "/venv/bin/python"}
			c.want.Name = `database "default"`
			if got := d.check(t.Context(), c.database); got != c.want {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
		})
	}
}
