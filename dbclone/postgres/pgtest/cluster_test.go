package pgtest_test

import (
	"os"
	"testing"

	"hotclub/dbclone/postgres/pgtest"
)

func TestCluster(t *testing.T) {
	var dir string
	t.Run("serves", func(t *testing.T) {
		c := pgtest.Start(t)
		dir = c.Dir
		c.Exec(t, "postgres", "CREATE DATABASE shop", "CREATE TABLE kept (id int)")
		for name, end := range map[string]func(testing.TB){"stop": c.Stop, "immediate": c.StopImmediate, "kill": c.Kill, "none": func(testing.TB) {}} {
			end(t)
			c.Restart(t)
			if got := c.Databases(t, "sh"); len(got) != 1 || got[0] != "shop" {
				t.Errorf("after %s: got databases %q", name, got)
			}
		}
		c.Exec(t, "postgres", "DROP DATABASE shop")
	})
	if _, err := os.Stat(dir); dir != "" && !os.IsNotExist(err) {
		t.Errorf("%s was left: %v", dir, err)
	}
}

func TestLoopback(t *testing.T) {
	c := pgtest.Start(t, pgtest.Loopback)
	c.Host = "127.0.0.1"
	c.Exec(t, "postgres", "SELECT 1")
}
