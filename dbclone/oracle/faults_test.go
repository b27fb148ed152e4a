package oracle

import (
	"context"
	"errors"
	"strings"
	"testing"

	"hotclub/dbclone"
)

var errCut = errors.New("ORA-03113: end-of-file on communication channel")

// failing lets the nth statement from now fail, and reports whether it came to that.
func (f *fake) failing(n int, fail func() error) (reached func() bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fault = func(string, string) error {
		n--
		if n == 0 {
			return fail()
		}
		return nil
	}
	return func() bool {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.fault = nil
		return n <= 0
	}
}

// A clone that fails or is cancelled at any statement leaves no user and no label.
func TestHalfMadeClones(t *testing.T) {
	for name, pump := range map[string]func(*fake){
		"ddl":       func(*fake) {},
		"data pump": func(f *fake) { f.granted = append(f.granted, pumpRights...) },
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, pump)
			users, labels := len(s.names(t)), len(s.labels)
			failed := 0
			for n := 1; ; n++ {
				ctx, cancel := context.WithCancel(t.Context())
				want, fail := errCut, func() error { return errCut }
				if n%2 == 0 {
					want, fail = context.Canceled, func() error { cancel(); return context.Canceled }
				}
				reached := s.failing(n, fail)
				at := spot("hcc_owner1_9")
				err := s.Clone(ctx, s.template, at)
				cancel()
				if !reached() {
					ok(t, err)
					break
				}
				if err == nil { // Data Pump that can't be, or a right that Django does without
					t.Fatalf("no error although statement %d failed", n)
				}
				if !errors.Is(err, want) {
					t.Fatalf("statement %d: %v", n, err)
				}
				failed++
				if len(s.names(t)) != users || len(s.labels) != labels {
					t.Fatalf("after statement %d failed: users %v, labels %v", n, s.names(t), sortedKeys(s.labels))
				}
			}
			if failed < 15 {
				t.Errorf("only %d statements", failed)
			}
		})
	}
}

// Whatever fails while contents are put back, the next time they are.
func TestHalfDoneRestores(t *testing.T) {
	for n := 1; ; n++ {
		s := newStage(t)
		s.commits(t, func(u *fakeUser) {
			s.set(u, "NOTES", []string{"1", "changed"})
			s.set(u, "COUNTED")
			u.sequences["TICKETS"] = 61
		})
		reached := s.failing(n, func() error { return errCut })
		_, err := s.Engine.Restore(t.Context(), s.template, s.clone, dbclone.Pristine)
		if !reached() {
			ok(t, err)
			break
		}
		if err == nil {
			s.isPristine(t) // it found another way
			continue
		}
		if !strings.Contains(err.Error(), "try again") {
			t.Errorf("no remedy: %v", err)
		}
		s.restored(t, dbclone.Pristine)
		s.isPristine(t)
		s.isDirty(t, false)
	}
}

// A cut session of the clone's is opened again.
func TestSessionOfACloneIsCut(t *testing.T) {
	s := newStage(t)
	s.commits(t, func(u *fakeUser) {
		s.set(u, "NOTES", []string{"1", "changed"})
		for c := range s.conns {
			if c.user == u {
				c.end()
			}
		}
	})
	s.isDirty(t, true)
	s.restored(t, dbclone.Pristine)
	s.isPristine(t)
}

func TestDataPumpThatCannotBe(t *testing.T) {
	s := newStage(t, func(f *fake) {
		f.granted = append(f.granted, pumpRights...)
		f.fault = func(_, statement string) error {
			if statement == pump {
				return said("ORA-39001", "invalid argument value ORA-12514")
			}
			return nil
		}
	})
	s.isPristine(t)
	tries := 0
	s.fault = func(_, statement string) error {
		if statement == pump {
			tries++
		}
		return nil
	}
	ok(t, s.Clone(t.Context(), s.template, spot("hcc_owner1_3")))
	if tries != 0 {
		t.Error("Data Pump was tried again")
	}
}

// What a session of a test's holds is said, and the clone is as dirty as before.
func TestOpenTransactionIsInTheWay(t *testing.T) {
	s := newStage(t)
	s.commits(t, func(u *fakeUser) { s.set(u, "LINES") })
	s.fault = func(_, statement string) error {
		if strings.HasPrefix(statement, "LOCK TABLE") {
			return said("ORA-00054", "resource busy")
		}
		return nil
	}
	_, err := s.Engine.Restore(t.Context(), s.template, s.clone, dbclone.Pristine)
	if err == nil || !strings.Contains(err.Error(), "left a transaction open") {
		t.Fatal(err)
	}
	s.fault = nil
	s.restored(t, dbclone.Pristine)
	s.isPristine(t)
}

func TestErrorsHaveRemedies(t *testing.T) {
	for number, want := range map[string]string{
		"ORA-01017": "USER and PASSWORD", "ORA-12541": "listener", "ORA-12514": "service", "ORA-01031": "WITH ADMIN OPTION",
		"ORA-01045": "GRANT CREATE SESSION TO SHOP", "ORA-28000": "ACCOUNT UNLOCK", "ORA-01034": "STARTUP",
	} {
		f := newFake()
		f.fault = func(_, statement string) error {
			if statement == "connect" {
				return said(number, "so it says")
			}
			return nil
		}
		_, err := newEngine(f).Meet(t.Context(), shop, dbclone.Owner{ID: "owner1"})
		var refused *dbclone.ServerError
		if !errors.As(err, &refused) || !strings.Contains(refused.Remedy, want) || refused.Server != shopID {
			t.Errorf("%s: %v", number, err)
		}
		if strings.Contains(err.Error(), mainPassword) {
			t.Errorf("a password is in %v", err)
		}
	}
	for number, want := range map[string]string{
		"ORA-00959": "TBLSPACE", "ORA-01536": "DATAFILE_MAXSIZE", "ORA-65096": "pluggable", "ORA-01658": "full", "ORA-02391": "SESSIONS_PER_USER",
		"ORA-28003": "TEST PASSWORD",
	} {
		s := newStage(t)
		s.fault = func(_, statement string) error {
			if strings.HasPrefix(statement, "CREATE USER") {
				return said(number, "so it says")
			}
			return nil
		}
		err := s.Clone(t.Context(), s.template, spot("hcc_owner1_9"))
		var refused *dbclone.ServerError
		if !errors.As(err, &refused) || !strings.Contains(refused.Remedy, want) {
			t.Errorf("%s: %v", number, err)
		}
		if strings.Contains(err.Error(), "Hc1") {
			t.Errorf("a password is in %v", err)
		}
	}
}

func TestServersThatWillNotDo(t *testing.T) {
	for name, test := range map[string]struct {
		set  func(*fake)
		want string
	}{
		"the root of a container":  {func(f *fake) { f.container = "CDB$ROOT" }, "pluggable database"},
		"too old":                  {func(f *fake) { f.version = "12.2.0.1.0" }, "Oracle 19c"},
		"no right to create users": {func(f *fake) { f.granted = []string{"CREATE TABLESPACE"} }, "GRANT CREATE USER"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			test.set(f)
			e := newEngine(f)
			_, err := e.Meet(t.Context(), shop, dbclone.Owner{ID: "owner1"})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v", err)
			}
			if n := len(f.conns); n != 0 {
				t.Errorf("%d connections are left", n)
			}
			if _, err := e.Strays(t.Context(), shopID); !errors.Is(err, dbclone.ErrUnmet) {
				t.Errorf("got %v", err)
			}
		})
	}
}
