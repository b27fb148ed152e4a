package mysqltest

import (
	"os"
	"testing"
)

func TestServerComesAndGoes(t *testing.T) {
	s := Start(t)
	var version string
	if err := s.Open(t, "").QueryRow("SELECT VERSION()").Scan(&version); err != nil {
		t.Fatal(err)
	}
	for name, stop := range map[string]func() error{"in good order": s.Down, "killed": s.Kill} {
		if err := stop(); err != nil {
			t.Fatal(name, err)
		}
		if err := s.Up(t.Context()); err != nil {
			t.Fatal(name, err)
		}
		var again string
		if err := s.Open(t, "").QueryRow("SELECT VERSION()").Scan(&again); err != nil || again != version {
			t.Fatalf("%s: version %q, %v", name, again, err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(s.Dir); !os.IsNotExist(err) {
		t.Fatal("the folder was left:", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal("closed twice:", err)
	}
}
