//go:build linux

package e2e

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// Every verdict on a database server equals that of the serial manage.py test on the same server:
// of the example, or of those third-party suites that HOTCLUB_PARITY names and that can be pointed
// at a PostgreSQL. HOTCLUB_PARITY=all is every suite on every Django.
func TestParityOnServers(t *testing.T) {
	if asked := os.Getenv("HOTCLUB_PARITY"); asked != "" {
		thirdPartyOnPostgres(t, asked)
		return
	}
	type combination struct {
		django, kind, driver string
		start                func(*testing.T) *served
		methods              []string
	}
	onPostgres := func(t *testing.T) *served { return startPostgres(t) }
	onMariaDB := func(t *testing.T) *served { return startMariaDB(t) }
	both := []string{"fork", "spawn"}
	combinations := unlessEverything([]combination{
		{"5.2", "postgresql", "psycopg", onPostgres, both[:1]},
		{"6.1", "postgresql", "psycopg", onPostgres, both[1:]},
		{"5.2", "mariadb", "MySQLdb", onMariaDB, both[:1]},
	}, []combination{
		{"4.2", "postgresql", "psycopg", onPostgres, both},
		{"5.2", "postgresql", "psycopg", onPostgres, both},
		{"6.1", "postgresql", "psycopg", onPostgres, both},
		{"5.2", "mariadb", "MySQLdb", onMariaDB, both},
		{"5.2", "mysql", "MySQLdb", startMySQL, both},
	})
	for _, each := range combinations {
		t.Run(each.kind+"/django"+each.django, func(t *testing.T) {
			t.Parallel()
			d := databaseDjango(t, each.django)
			if d.missing(t, each.driver) {
				t.Skipf("%s has no %s", d.python, each.driver)
			}
			s := each.start(t)
			p := onServer{server: s, python: d.python, root: copyOf(t, "../../../examples/bookshop"), env: s.environ()}
			p.compare(t, each.methods)
		})
	}
}

// postgresSuites are the third-party suites whose settings, those of .ci/suites, take a PostgreSQL
// from POSTGRES_HOST and the like.
var postgresSuites = []string{"django-simple-history", "django-model-utils"}

func thirdPartyOnPostgres(t *testing.T, asked string) {
	names := slices.Collect(strings.SplitSeq(asked, ","))
	for _, name := range unlessEverything(postgresSuites[:1], postgresSuites) {
		methods := unlessEverything([]string{"fork"}, []string{"fork", "spawn"})
		if asked != "all" && !slices.Contains(names, name) {
			continue
		}
		for _, suite := range fetched(t, name) {
			if asked != "all" && !strings.HasPrefix(suite.Django, "5.2") {
				continue // the other versions take as long and have shown the same
			}
			t.Run(fmt.Sprintf("%s-%s/django%s", suite.Name, suite.Version, suite.Django), func(t *testing.T) {
				packages := append([]string{suite.Python, suite.Django}, suite.Pip...)
				python := script(t, "venv", append(packages, "psycopg==3.2.13", "psycopg-binary==3.2.13")...)
				s := startPostgres(t)
				p := onServer{
					server: s, python: strings.TrimSpace(python), root: suite.Directory, labels: suite.Labels, known: known(t, suite.Name),
					env: []string{"POSTGRES_HOST=" + s.address.Hostname(), "POSTGRES_PORT=" + s.address.Port(), "POSTGRES_USER=" + developer, "POSTGRES_PASSWORD=" + secret},
				}
				p.compare(t, methods)
			})
		}
	}
}

// onServer is a suite and the server that it runs on.
type onServer struct {
	server       *served
	python, root string
	labels, env  []string
	known        map[string]string
}

// compare runs the suite serially with nothing of ours, and then twice with each method: on new
// clones, and on those that have been put back.
func (p onServer) compare(t *testing.T, methods []string) {
	want, output := recorded(t, p.python, p.root, p.labels, p.env)
	if len(want.Tests) == 0 {
		t.Fatalf("the reference ran no test\n%s", output)
	}
	for _, method := range methods {
		t.Run(method, func(t *testing.T) {
			c := newClubAt(t, p.python, p.root)
			c.env = append(c.env, p.env...)
			for _, round := range []string{"new", "used"} {
				got := c.run(append([]string{"--start-method", method, "-n", "2"}, p.labels...)...)
				for _, difference := range compare(want, got, p.known) {
					t.Errorf("%s clones: %s", round, difference)
				}
				if t.Failed() {
					t.Fatalf("%s\n%s", got.finished.Error, got.stderr)
				}
			}
			if len(c.agrees(p.server)) == 0 {
				t.Error("the verdicts came from no clone: there is none on the server")
			}
		})
	}
}
