package oracle

import (
	"errors"
	"strings"
	"testing"

	"hotclub/dbclone"
)

// Case 50 of the failure cases: leftovers, two aliases with one NAME, long names, and the switch
// between main and test user.

// Two aliases that name the same database with the same main user are two users there.
func TestTwoAliasesWithOneName(t *testing.T) {
	s := newStage(t)
	other := spot("hcc_owner1_3")
	other.Label.Alias = "reports"
	ok(t, s.Clone(t.Context(), s.template, other))
	s.commits(t, func(u *fakeUser) { s.set(u, "NOTES", []string{"1", "changed"}) })
	dirty, err := s.Engine.Dirty(t.Context(), s.template, other)
	ok(t, err)
	if dirty {
		t.Error("what one alias wrote is seen by the other")
	}
	ok(t, s.Drop(t.Context(), s.clone))
	dirty, err = s.Engine.Dirty(t.Context(), s.template, other)
	ok(t, err)
	if dirty || s.users["HCC_OWNER1_3"] == nil {
		t.Error("the other alias went with the first")
	}
}

// Two aliases whose main users differ are two servers, with two sets of labels.
func TestTwoMainUsers(t *testing.T) {
	f := newFake()
	f.add("AUDIT", "tiger")
	e := met(t, f, "owner1")
	f.fault = func(user, statement string) error {
		if user == "AUDIT" && statement == askServer {
			return said("ORA-01031", "and that is enough to see who asks")
		}
		return nil
	}
	audit := dbclone.Server{"user": "audit", "password": "tiger", "dsn": shop["dsn"]}
	_, err := e.Meet(t.Context(), audit, dbclone.Owner{ID: "owner1"})
	var refused *dbclone.ServerError
	if !errors.As(err, &refused) || refused.Server != "audit@db.example:1521/freepdb1" {
		t.Errorf("got %v", err)
	}
}

// A user and a tablespace that are there already do not stop anybody; Django would ask whether to
// drop them, and with nobody to answer end the run.
func TestLeftovers(t *testing.T) {
	f := newFake()
	f.tablespaces["HOTCLUB_SHOP"] = true
	e := met(t, f, "owner1")
	f.migrate(t, "HCB_OWNER1_1", "of a run that was killed")
	draft := spot("hcb_owner1_1")
	ok(t, e.Prepare(t.Context(), draft))
	if n := len(f.users["HCB_OWNER1_1"].tables); n != 0 {
		t.Errorf("%d tables were left", n)
	}
	if _, err := e.Seal(t.Context(), draft); !errors.Is(err, dbclone.ErrNotBuilt) {
		t.Errorf("got %v", err)
	}
	if _, err := e.Seal(t.Context(), spot("hcb_owner1_2")); !errors.Is(err, dbclone.ErrNotBuilt) {
		t.Errorf("got %v", err)
	}
	ok(t, e.Drop(t.Context(), draft))
	if names := f.names(t); len(names) != 1 || len(f.labels) != 0 {
		t.Errorf("left: %v", names)
	}
}

// A clone is never made over something that is there, and what was there stays.
func TestCloneOverSomething(t *testing.T) {
	s := newStage(t)
	s.fake.add("HCC_OWNER1_7", "somebody's")
	err := s.Clone(t.Context(), s.template, spot("hcc_owner1_7"))
	if err == nil || !strings.Contains(err.Error(), "ORA-01920") {
		t.Fatal(err)
	}
	if s.users["HCC_OWNER1_7"] == nil {
		t.Error("somebody's user was dropped")
	}
}

// A build may begin with a copy of an older template, in the user that was prepared for it; when the
// copy fails at any statement the user is as empty as before.
func TestBuildBeginsWithACopy(t *testing.T) {
	s := newStage(t)
	draft := spot("hcb_owner1_5")
	ok(t, s.Prepare(t.Context(), draft))
	for n := 1; ; n++ {
		reached := s.failing(n, func() error { return errCut })
		err := s.Clone(t.Context(), s.template, draft)
		if !reached() {
			ok(t, err)
			break
		}
		if err == nil {
			t.Fatalf("no error although statement %d failed", n)
		}
		if u := s.users["HCB_OWNER1_5"]; u == nil || len(u.tables)+len(u.sequences)+len(u.views) > 0 {
			t.Fatalf("after statement %d failed: %+v", n, u)
		}
	}
	if got, want := s.dump(t, s.Locate(draft)), s.dump(t, s.Locate(s.template)); got != want {
		t.Errorf("the copy differs:\n%s\nwant\n%s", got, want)
	}
	if n := s.fake.sessions("HCB_OWNER1_5"); n != 0 {
		t.Errorf("%d sessions would keep the build from being sealed", n)
	}
	if err := s.Clone(t.Context(), s.template, draft); err == nil {
		t.Error("a copy was made over another")
	}
	_, err := s.Seal(t.Context(), draft)
	ok(t, err)
}

func TestNamesThatWillNotDo(t *testing.T) {
	s := newStage(t)
	for _, name := range []string{
		"hcc_" + strings.Repeat("x", 27), `hcc"; DROP USER SHOP CASCADE; --`, "HCC_UPPER", "", "hcc_ünï", "1abc",
	} {
		if err := s.Clone(t.Context(), s.template, spot(name)); err == nil {
			t.Errorf("a clone was made as %q", name)
		}
		if err := s.Drop(t.Context(), spot(name)); err == nil {
			t.Errorf("%q was dropped", name)
		}
	}
	longest := "hcc_" + strings.Repeat("x", 26)
	ok(t, s.Clone(t.Context(), s.template, spot(longest)))
	ok(t, s.Drop(t.Context(), spot(longest)))
}

// What belongs to another home is not touched, by its label, whatever it is called; nor are users
// that have our prefix and no label, but under the very name that this home wrote down.
func TestNotOurs(t *testing.T) {
	s := newStage(t)
	foreign := spot("hcc_other_1")
	foreign.Label.Home = "home2"
	ok(t, s.Clone(t.Context(), s.template, foreign))
	s.fake.add("HCC_SOMEBODY", "x")

	mine := foreign
	mine.Label.Home = "home1"
	byUser := spot("hct_abc_1") // the user of a template has another name than its label
	byUser.Name, byUser.Label.Home = "hcb_owner1_1", "home2"
	for _, at := range []dbclone.Spot{mine, byUser} {
		for what, try := range map[string]func() error{
			"drop":    func() error { return s.Drop(t.Context(), at) },
			"prepare": func() error { return s.Prepare(t.Context(), at) },
		} {
			if err := try(); !errors.Is(err, dbclone.ErrNotOurs) {
				t.Errorf("%s %s: %v", what, at.Name, err)
			}
		}
	}
	if err := s.Touch(t.Context(), mine, mine.Label); !errors.Is(err, dbclone.ErrNotOurs) {
		t.Errorf("touch: %v", err)
	}
	strays, err := s.Strays(t.Context(), shopID)
	ok(t, err)
	for _, stray := range strays {
		if stray.Name == "hcc_somebody" {
			t.Error("a user without a label is listed")
		}
	}
	if s.users["HCC_SOMEBODY"] == nil || s.users["HCC_OTHER_1"] == nil || s.users["HCB_OWNER1_1"] == nil {
		t.Error("a user that is not ours was dropped")
	}
}

// The build's password serves nobody once the template is sealed, and the developer's own user is
// only ever logged in as, never changed.
func TestMainAndTestUser(t *testing.T) {
	s := newStage(t)
	set, err := parseSettings(shop)
	ok(t, err)
	for user, want := range map[string]bool{"HCB_OWNER1_1": false, "HCC_OWNER1_2": true} {
		connector := fakeConnector{s.fake, set.as(user)}
		conn, err := connector.Connect(t.Context())
		if (err == nil) != want {
			t.Errorf("logging in as %s: %v", user, err)
		}
		if conn != nil {
			ok(t, conn.Close())
		}
	}
	for _, entry := range s.log {
		user, statement, _ := strings.Cut(entry, "> ")
		if user != mainUser && strings.Contains(statement, `USER "`) {
			t.Errorf("%s administers users: %s", user, statement)
		}
		if user == mainUser && strings.Contains(statement, "DROP TABLE") || strings.Contains(statement, `"SHOP"."`) {
			t.Errorf("the developer's schema was touched: %s", statement)
		}
	}
}

func TestAlive(t *testing.T) {
	for name, noLocks := range map[string]bool{"by a lock": false, "by a row": true} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, func(f *fake) { f.noLocks = noLocks })
			second := met(t, s.fake, "owner2")
			lives := func(want bool) {
				t.Helper()
				strays, err := second.Strays(t.Context(), shopID)
				ok(t, err)
				if len(strays) != 2 {
					t.Fatalf("strays: %+v", strays)
				}
				for _, stray := range strays {
					if stray.Live != want || stray.Label.Home != "home1" {
						t.Errorf("%s: %+v", stray.Name, stray)
					}
				}
			}
			lives(true)
			s.restart()
			lives(false)
			// Meeting again notices, and takes the lock anew.
			met, err := s.Meet(t.Context(), shop, dbclone.Owner{ID: "owner1"})
			ok(t, err)
			if met.ID != shopID || met.Traits != "Oracle 23.0.0.0.0 AL32UTF8 AL16UTF16" {
				t.Errorf("met %+v", met)
			}
			lives(true)
			s.isDirty(t, false)
			s.Leave()
			lives(false)
			if len(s.owners) != 1 {
				t.Errorf("owners: %v", s.owners)
			}
			if n := s.fake.sessions("HCC_OWNER1_2"); n != 0 {
				t.Errorf("%d sessions are left", n)
			}
		})
	}
}

// restart ends all sessions of the first engine's, as far as the fake can tell them: all of them.
func (s *stage) restart() {
	s.fake.mu.Lock()
	defer s.fake.mu.Unlock()
	for c := range s.conns {
		c.end()
	}
}

func TestSealWaitsForTheBuild(t *testing.T) {
	f := newFake()
	e := met(t, f, "owner1")
	draft := spot("hcb_owner1_1")
	ok(t, e.Prepare(t.Context(), draft))
	f.migrate(t, "HCB_OWNER1_1", "migrated")
	looks := 0
	worker := &fakeConn{fake: f, user: f.users["HCB_OWNER1_1"]}
	f.conns[worker] = true
	f.fault = func(_, statement string) error {
		if statement == askSessions {
			if looks++; looks == 3 {
				worker.end()
			}
		}
		return nil
	}
	_, err := e.Seal(t.Context(), draft)
	ok(t, err)
	if looks != 3 {
		t.Errorf("looked %d times", looks)
	}
}

func TestStrangeObjectsAreNotCloned(t *testing.T) {
	f := newFake()
	e := met(t, f, "owner1")
	draft := spot("hcb_owner1_1")
	ok(t, e.Prepare(t.Context(), draft))
	f.migrate(t, "HCB_OWNER1_1", "migrated")
	f.users["HCB_OWNER1_1"].strange = []string{"JOB", "QUEUE"}
	_, err := e.Seal(t.Context(), draft)
	if err == nil || !strings.Contains(err.Error(), "JOB, QUEUE") {
		t.Error(err)
	}
}
