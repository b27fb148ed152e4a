package mysql

import (
	"database/sql"
	"slices"
	"strings"
	"testing"

	"hotclub/dbclone"
	"hotclub/dbclone/clonetest"
)

// harness plays Django: a database has a table that holds one text.
func harness(t *testing.T) clonetest.Harness {
	s := theServer(t)
	db := s.Open(t, "")
	exec := func(t testing.TB, statement string, args ...any) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), statement, args...); err != nil {
			t.Fatal(err)
		}
	}
	write := func(t testing.TB, location, text string) {
		t.Helper()
		exec(t, "CREATE DATABASE IF NOT EXISTS "+location)
		exec(t, "CREATE TABLE IF NOT EXISTS "+location+".content (id int AUTO_INCREMENT PRIMARY KEY, text varchar(100) NOT NULL)")
		exec(t, "DELETE FROM "+location+".content")
		exec(t, "INSERT INTO "+location+".content (text) VALUES (?)", text)
	}
	engines := []*Engine{New()}
	t.Cleanup(func() {
		for _, each := range engines {
			each.Leave()
		}
	})
	return clonetest.Harness{
		Engine: engines[0],
		Write:  write,
		// What was killed while it made the first table.
		Tear: func(t testing.TB, location string) { exec(t, "CREATE DATABASE "+location) },
		Read: func(t testing.TB, location string) string {
			t.Helper()
			var text string
			if err := db.QueryRowContext(t.Context(), "SELECT text FROM "+location+".content").Scan(&text); err != nil {
				t.Fatal(err)
			}
			return text
		},
		Dirty: write,
		Exists: func(t testing.TB, location string) bool {
			t.Helper()
			return slices.Contains(databases(t, db), location)
		},
		Lose:   func(t testing.TB, location string) { exec(t, "DROP DATABASE IF EXISTS "+location) },
		Server: s.Settings(),
		Names:  func(t testing.TB) []string { return databases(t, db) },
		Fresh: func(testing.TB) dbclone.Engine {
			engines = append(engines, New())
			return engines[len(engines)-1]
		},
	}
}

// databases lists those that are somebody's.
func databases(t testing.TB, db *sql.DB) (list []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		list = append(list, name)
	}
	return list
}

func TestEngine(t *testing.T) {
	h := harness(t)
	clonetest.Run(t, h)
	for _, name := range h.Names(t) {
		if strings.HasPrefix(name, "hcc_") || strings.HasPrefix(name, "hcb_") {
			t.Errorf("%s was left on the server", name)
		}
	}
}
