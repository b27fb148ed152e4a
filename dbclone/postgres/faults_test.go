package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"hotclub/dbclone"
	"hotclub/dbclone/clonetest"
	"hotclub/dbclone/postgres"
)

// bench is an engine that has met a server, with a template there. The numbers of the tests are those of
// dbclone/failures_test.go.
type bench struct {
	django
	*postgres.Engine
	t        testing.TB
	server   string
	template dbclone.Spot
	sealed   dbclone.Sealed
}

const home = "home of the tests"

func newBench(t testing.TB, settings ...string) *bench {
	t.Helper()
	return setUp(t, start(t, append(settings, "max_prepared_transactions=10")...))
}

func setUp(t testing.TB, d django) *bench {
	t.Helper()
	b := &bench{django: d, Engine: engine(t), t: t}
	b.meet("tester")
	b.build()
	return b
}

// build makes the template.
func (b *bench) build() {
	b.t.Helper()
	building := b.spot("hcb_x_1", dbclone.KindUnfinished)
	b.ok(b.Prepare(b.t.Context(), building))
	b.write(b.t, building.Name, "migrated")
	var err error
	b.sealed, err = b.Seal(b.t.Context(), building)
	b.ok(err)
	b.template = b.spot("hct_x", dbclone.KindTemplate)
	b.ok(b.Publish(b.t.Context(), building, b.template))
}

func (b *bench) ok(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// run runs tests one after the other, and drops the clones that they have made.
func (b *bench) run(t *testing.T, tests map[string]func(*testing.T, *bench)) {
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			one := *b
			one.t = t
			test(t, &one)
			for _, name := range one.Databases(t, "hcc") {
				one.ok(one.Drop(t.Context(), one.spot(name, dbclone.KindClone)))
			}
		})
	}
}

func (b *bench) meet(owner string) dbclone.Met {
	b.t.Helper()
	met, err := b.Meet(b.t.Context(), b.Keywords(b.role), dbclone.Owner{ID: owner})
	b.ok(err)
	b.server = met.ID
	return met
}

func (b *bench) spot(name string, kind dbclone.Kind) dbclone.Spot {
	label := dbclone.Label{Format: 1, Home: home, Owner: "tester", Project: "p1", Alias: "default", Kind: kind}
	return dbclone.Spot{Name: name, Server: b.server, Label: label}
}

func (b *bench) clone(name string) dbclone.Spot {
	b.t.Helper()
	at := b.spot(name, dbclone.KindClone)
	b.ok(b.Clone(b.t.Context(), b.template, at))
	return at
}

// holds makes sure what a database holds.
func (b *bench) holds(at dbclone.Spot, text string) {
	b.t.Helper()
	if got := b.read(b.t, at.Name); got != text {
		b.t.Errorf("%s holds %q, want %q", at.Name, got, text)
	}
}

func (b *bench) there(want ...string) {
	b.t.Helper()
	if got := b.Databases(b.t, "hc"); fmt.Sprint(got) != fmt.Sprint(want) {
		b.t.Errorf("got databases %q, want %q", got, want)
	}
}

// says makes sure that an error is for people: what was tried, and what to do.
func says(t testing.TB, err error, words ...string) {
	t.Helper()
	var server *dbclone.ServerError
	if !errors.As(err, &server) {
		t.Fatalf("got %v, want a ServerError", err)
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q is missing in: %v", word, err)
		}
	}
	t.Log(err)
}

// within makes sure that something does not take long.
func within(t testing.TB, limit time.Duration, do func()) {
	t.Helper()
	began := time.Now()
	do()
	if took := time.Since(began); took > limit {
		t.Errorf("it took %v, want at most %v", took, limit)
	}
}

// brake takes a lock that a statement of ours will wait for, until it is let go.
func (b *bench) brake(statements ...string) (letGo func()) {
	b.t.Helper()
	conn := b.Conn(b.t, "template1")
	for _, statement := range append([]string{"BEGIN"}, statements...) {
		if _, err := conn.Exec(b.t.Context(), statement); err != nil {
			b.t.Fatal(err)
		}
	}
	return func() { _ = conn.Close(context.Background()) }
}

// waits waits until a statement is at work on the server.
func (b *bench) waits(statement string) {
	b.t.Helper()
	conn := b.Conn(b.t, "template1")
	defer conn.Close(context.Background())
	clonetest.Eventually(b.t, statement+" is at work", func() bool {
		var n int
		err := conn.QueryRow(b.t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND starts_with(query, $1)", statement).Scan(&n)
		return err == nil && n > 0
	})
}

// goes runs something and returns where its result will be.
func goes(do func() error) <-chan error {
	result := make(chan error, 1)
	go func() { result <- do() }()
	return result
}

func quoted(name string) string { return pgx.Identifier{name}.Sanitize() }

func doubled(text string) string { return strings.ReplaceAll(text, "'", "''") }

func containsAny(text string, parts ...string) bool {
	for _, part := range parts {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}
