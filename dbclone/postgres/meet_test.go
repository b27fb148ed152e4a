package postgres_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hotclub/dbclone"
	"hotclub/dbclone/postgres/pgtest"
)

// awkward is a name that has to be quoted everywhere, and more so within a quoted value.
const awkward = `Djang"o O'Neil\ ä`

// Cases 11 and 32 among others: names that have to be quoted, roles without rights.
func TestMeet(t *testing.T) {
	c := pgtest.Start(t, pgtest.Loopback)
	c.Exec(t, "postgres", "CREATE ROLE worker LOGIN CREATEDB PASSWORD 'sec''ret'", "CREATE ROLE plain LOGIN",
		"CREATE ROLE "+quoted(awkward)+" LOGIN CREATEDB", "CREATE ROLE "+quoted("The Group")+" CREATEDB", "GRANT "+quoted("The Group")+" TO plain",
		"CREATE DATABASE "+quoted(awkward), "CREATE ROLE hasty LOGIN CREATEDB", "ALTER ROLE hasty SET statement_timeout = 1",
		"ALTER ROLE hasty SET default_transaction_read_only = on", "CREATE ROLE outsider LOGIN CREATEDB")
	c.HBA(t, "local all worker "+pgtest.Password, "local postgres outsider reject", "local all all trust", "host all all all "+pgtest.Password)
	private := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(private, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	local := func(more ...string) dbclone.Server {
		server := dbclone.Server{"host": c.Host, "port": c.Port}
		for i := 0; i < len(more); i += 2 {
			server[more[i]] = more[i+1]
		}
		return server
	}
	passfile := file("pgpass", "*:*:*:worker:sec'ret\n")
	services := file("services", "[shop]\nhost="+c.Host+"\nport="+c.Port+"\nuser=worker\npassword=sec'ret\n")
	for name, test := range map[string]struct {
		server dbclone.Server
		id     string   // if it can be met
		says   []string // else
	}{
		"password":                {local("user", "worker", "password", "sec'ret"), "worker@" + c.Host + ":" + c.Port, nil},
		"password file":           {local("user", "worker", "passfile", passfile), "worker@" + c.Host + ":" + c.Port, nil},
		"service":                 {dbclone.Server{"service": "shop", "servicefile": services}, "worker@" + c.Host + ":" + c.Port, nil},
		"over TCP":                {dbclone.Server{"host": "127.0.0.1", "port": c.Port, "user": "worker", "password": "sec'ret"}, "worker@127.0.0.1:" + c.Port, nil},
		"by its address":          {dbclone.Server{"host": "nowhere.invalid", "hostaddr": "127.0.0.1", "port": c.Port, "user": "worker", "password": "sec'ret"}, "worker@nowhere.invalid:" + c.Port, nil},
		"11 capitals and quotes":  {local("user", awkward, "dbname", awkward), awkward + "@" + c.Host + ":" + c.Port, nil},
		"a role assumed":          {local("user", "plain", "role", "The Group"), "plain as The Group@" + c.Host + ":" + c.Port, nil},
		"limits of an app":        {local("user", "hasty", "options", "-c lock_timeout=1"), "hasty@" + c.Host + ":" + c.Port, nil},
		"parameters for others":   {local("user", "plain", "role", "The Group", "client_encoding", "LATIN1", "keepalives", "1"), "plain as The Group@" + c.Host + ":" + c.Port, nil},
		"no postgres for us":      {local("user", "outsider", "dbname", awkward), "outsider@" + c.Host + ":" + c.Port, nil},
		"no database for us":      {local("user", "outsider", "dbname", "nowhere"), "", []string{"pg_hba.conf on the server has to let it in"}},
		"32 no CREATEDB":          {local("user", "plain"), "", []string{`ALTER ROLE "plain" CREATEDB`}},
		"wrong password":          {local("user", "worker", "password", "wr0ng"), "", []string{"USER and PASSWORD"}},
		"no password":             {local("user", "worker"), "", []string{"PASSWORD"}},
		"no such role":            {local("user", "nobody here"), "", []string{"check USER"}},
		"role not ours to assume": {local("user", "plain", "role", "worker"), "", []string{"GRANT"}},
		"nobody there":            {local("user", "worker", "port", "1"), "", []string{"start the PostgreSQL server", "HOST and PORT"}},
		"nobody there over TCP":   {dbclone.Server{"host": "127.0.0.1", "port": "1", "user": "worker"}, "", []string{"start the PostgreSQL server"}},
		"TLS that it has not":     {dbclone.Server{"host": "127.0.0.1", "port": c.Port, "user": "worker", "password": "sec'ret", "sslmode": "require"}, "", []string{"sslmode"}},
	} {
		t.Run(name, func(t *testing.T) {
			e := engine(t)
			met, err := e.Meet(t.Context(), test.server, dbclone.Owner{ID: "tester"})
			if test.says != nil {
				says(t, err, test.says...)
				for _, secret := range []string{"wr0ng", "sec'ret"} {
					if strings.Contains(err.Error(), secret) {
						t.Errorf("a password is told: %v", err)
					}
				}
				return
			}
			if err != nil || met.ID != test.id {
				t.Fatalf("met %q, error %v, want %q", met.ID, err, test.id)
			}
			again, err := e.Meet(t.Context(), test.server, dbclone.Owner{ID: "tester"})
			if err != nil || again != met {
				t.Errorf("the second time: %+v, error %v", again, err)
			}
			owner := test.server["role"]
			if owner == "" {
				owner, _, _ = strings.Cut(met.ID, "@")
			}
			whole(t, c, e, met.ID, owner)
		})
	}
}

// whole makes a database as Django does, a template of it and a clone, and drops them.
func whole(t *testing.T, c *pgtest.Cluster, e dbclone.ServerEngine, server, owner string) {
	t.Helper()
	at := func(name string) dbclone.Spot {
		return dbclone.Spot{Name: name, Server: server, Label: dbclone.Label{Format: 1, Home: home, Owner: "tester"}}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	c.Exec(t, "template1", "CREATE DATABASE hct_whole OWNER "+quoted(owner))
	_, err := e.Seal(t.Context(), at("hct_whole"))
	must(err)
	must(e.Clone(t.Context(), at("hct_whole"), at("hcc_whole")))
	strays, err := e.Strays(t.Context(), server)
	must(err)
	if len(strays) != 2 || !strays[0].Live {
		t.Errorf("got %+v", strays)
	}
	must(e.Reset(t.Context(), at("hct_whole"), at("hcc_whole")))
	must(e.Drop(t.Context(), at("hcc_whole")))
	must(e.Drop(t.Context(), at("hct_whole")))
}

// What lies in our environment is not the worker's.
func TestEnvironmentIsNotOurs(t *testing.T) {
	d := start(t)
	for name, value := range map[string]string{
		"PGHOST": "192.0.2.1", "PGPORT": "1", "PGUSER": "somebody", "PGPASSWORD": "x", "PGDATABASE": "nowhere", "PGSSLMODE": "require",
		"PGOPTIONS": "-c search_path=nowhere", "PGTZ": "Nowhere", "PGTARGETSESSIONATTRS": "standby", "PGCONNECT_TIMEOUT": "1", "PGAPPNAME": "app",
	} {
		t.Setenv(name, value)
	}
	met, err := engine(t).Meet(t.Context(), dbclone.Server{"host": d.Host, "port": d.Port, "user": "worker"}, dbclone.Owner{ID: "tester"})
	if err != nil || met.ID != "worker@"+d.Host+":"+d.Port {
		t.Errorf("met %q, error %v", met.ID, err)
	}
}

func TestUnmet(t *testing.T) {
	e := engine(t)
	server := dbclone.Server{"host": t.TempDir(), "port": "1", "user": "worker"}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err := e.Meet(ctx, server, dbclone.Owner{ID: "tester"})
	says(t, err, "start the PostgreSQL server")
	at := dbclone.Spot{Name: "hcc_x", Server: "worker@" + server["host"] + ":1"}
	for what, err := range map[string]error{
		"drop": e.Drop(ctx, at), "clone": e.Clone(ctx, at, at), "check": e.Check(ctx, at, dbclone.Sealed{}), "publish": e.Publish(ctx, at, at),
	} {
		if !errors.Is(err, dbclone.ErrUnmet) {
			t.Errorf("%s: got %v", what, err)
		}
	}
}

// A password that was wrong and is corrected is used.
func TestCorrectedPassword(t *testing.T) {
	d := start(t)
	d.Exec(t, "postgres", "ALTER ROLE worker PASSWORD 'right'")
	d.HBA(t, "local all worker "+pgtest.Password, "local all all trust")
	e := engine(t)
	server := d.Keywords("worker")
	server["password"] = "wrong"
	if _, err := e.Meet(t.Context(), server, dbclone.Owner{ID: "tester"}); err == nil {
		t.Fatal("a wrong password was good enough")
	}
	server["password"] = "right"
	if _, err := e.Meet(t.Context(), server, dbclone.Owner{ID: "tester"}); err != nil {
		t.Error(err)
	}
}
