//go:build linux

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// migrating is a club whose migrations leave a line in a journal each time they are carried out.
type migrating struct {
	*club
	method  string
	journal string
}

func newMigrating(t *testing.T, python, method string) *migrating {
	t.Helper()
	c := newClub(t, python, "templates")
	m := &migrating{club: c, method: method, journal: filepath.Join(t.TempDir(), "journal")}
	c.env = append(c.env, "JOURNAL="+m.journal)
	return m
}

// noted counts the lines of one kind.
func (m *migrating) noted(word string) int {
	text, _ := os.ReadFile(m.journal)
	return strings.Count(string(text), word+"\n")
}

// studied waits until it is known of every template what it depends on: those that were built in a
// hurry are built a second time when nobody waits.
func (m *migrating) studied() {
	m.t.Helper()
	eventually(m.t, "all templates are studied", func() bool {
		r := m.hotclub("db", "list", "--json", "--python", m.python)
		return r.status == 0 && !strings.Contains(r.stdout, `"coarse":true`)
	})
}

func (m *migrating) args(labels ...string) []string {
	return append([]string{"--start-method", m.method, "-n", "1"}, labels...)
}

// rows runs the test that prints what the database holds, and returns that.
func (m *migrating) rows(step string) string {
	m.t.Helper()
	s := m.run(m.args("tests.test_rows.Rows")...)
	test := s.tests["tests.test_rows.Rows.test_it"]
	if s.status != 0 {
		m.t.Fatalf("%s: status %d\n%s\n%+v", step, s.status, s.stderr, test)
	}
	return strings.TrimSpace(test.Output)
}

// unfinished lists what lies half-built in the state directory.
func (m *migrating) unfinished() []string {
	found, _ := filepath.Glob(filepath.Join(m.state, "hotclub", "databases", "building", "*", "*"))
	return found
}

const rowsOfFirst = "called/code computed/code setting/code fixture/\nid name code\nid x"

const second = `
from django.db import migrations, models

class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]
    operations = [migrations.AddField("Item", "price", models.IntegerField(default=1))]
`

// TestTemplatesFollowEdits: what can change a migrated database makes another template, nothing
// else does, and what was there before is found again.
//
// Case 6 (dbclone/failures_test.go): among what changes are functions that a migration calls.
func TestTemplatesFollowEdits(t *testing.T) {
	t.Parallel()
	// The oldest Python watches calls in another way than the newest.
	for method, d := range map[string]django{"fork": djangos(t)[0], "spawn": newest(t)} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			m := newMigrating(t, d.python, method)
			if got := m.rows("first"); got != rowsOfFirst {
				t.Fatalf("first: %q", got)
			}
			m.studied()
			each := m.noted("migrated") // 2 where there was something to study
			for _, edit := range []struct {
				step, file, from, to string
				builds               int
				rows                 string // in place of a part of the rows; "": they stay
			}{
				{"a method of a model", "shop/models.py", "return self.name", "return self.name + '!'", 0, ""},
				{"a comment", "shop/models.py", "class Item", "# an item\nclass Item", 0, ""},
				{"a method of a model without migrations", "loose/models.py", "self.x * 2", "self.x + self.x", 0, ""},
				{"a function that no migration calls", "shop/helpers.py", `["never"]`, `["ever"]`, 0, ""},
				{"a method of a field that no migration calls", "shop/helpers.py", "super().formfield", "None or super().formfield", 0, ""},
				{"a function that a migration calls", "shop/helpers.py", `["called"]`, `["CALLED"]`, 1, "called:CALLED"},
				{"and back", "shop/helpers.py", `["CALLED"]`, `["called"]`, 0, ""},
				{"a function called at import", "shop/helpers.py", `["computed"]`, `["COMPUTED"]`, 1, "computed:COMPUTED"},
				{"and back", "shop/helpers.py", `["COMPUTED"]`, `["computed"]`, 0, ""},
				{"a constant", "shop/helpers.py", "COMPUTED = compute()", `COMPUTED = ["constant"]`, 1, "computed:constant"},
				{"and back", "shop/helpers.py", `COMPUTED = ["constant"]`, "COMPUTED = compute()", 0, ""},
				{"a default", "shop/helpers.py", `"code"`, `"CODE"`, 1, "/code:/CODE"},
				{"and back", "shop/helpers.py", `"CODE"`, `"code"`, 0, ""},
				{"a method of a field", "shop/helpers.py", "return super().db_type(connection)", `return "varchar(30)"`, 1, ""},
				{"and back", "shop/helpers.py", `return "varchar(30)"`, "return super().db_type(connection)", 0, ""},
				{"a setting", "conf.py", `"setting"`, `"SETTING"`, 1, "setting:SETTING"},
				{"and back", "conf.py", `"SETTING"`, `"setting"`, 0, ""},
				{"a setting that no migration reads", "conf.py", "SEED =", "OTHER = 1\nSEED =", 0, ""},
				{"a fixture", "shop/fixtures/more.json", `"fixture"`, `"FIXTURE"`, 1, "fixture/:FIXTURE/"},
				{"and back", "shop/fixtures/more.json", `"FIXTURE"`, `"fixture"`, 0, ""},
				{"a field without migrations", "loose/models.py", "    def double", "    y = models.IntegerField(null=True)\n\n    def double", 1, "id x:id x y"},
				{"and back", "loose/models.py", "    y = models.IntegerField(null=True)\n\n", "", 0, ""},
				{"a field of a model with migrations, but no migration", "shop/models.py", "max_length=80", "max_length=90", 1, ""},
			} {
				before := m.noted("migrated")
				m.replace(edit.file, edit.from, edit.to)
				want := rowsOfFirst
				if from, to, ok := strings.Cut(edit.rows, ":"); ok {
					want = strings.ReplaceAll(want, from, to)
				}
				if got := m.rows(edit.step); got != want {
					t.Errorf("%s: %q, want %q", edit.step, got, want)
				}
				m.studied()
				if got := m.noted("migrated") - before; got != edit.builds*each {
					t.Errorf("%s: migrated %d times, want %d", edit.step, got, edit.builds*each)
				}
			}
		})
	}
}

// TestTemplatesFollowMigrations: new, edited, removed and squashed ones.
//
// Case 7.
func TestTemplatesFollowMigrations(t *testing.T) {
	t.Parallel()
	forkAtLeast(t, func(t *testing.T, method string) {
		m := newMigrating(t, newest(t).python, method)
		m.rows("first")
		steps := []struct {
			name    string
			edit    func()
			builds  int
			columns string
		}{
			// The first migration is not applied again for what only adds to it.
			{"new", func() { m.write("shop/migrations/0002_price.py", second) }, 0, "id name code price"},
			{"edited", func() { m.replace("shop/migrations/0002_price.py", `"price"`, `"cost"`) }, 0, "id name code cost"},
			{"edited back", func() { m.replace("shop/migrations/0002_price.py", `"cost"`, `"price"`) }, 0, "id name code price"},
			{"a comment in it", func() { m.write("shop/migrations/0002_price.py", second+"# more\n") }, 0, "id name code price"},
			{"with code of its own", func() {
				m.replace("shop/migrations/0002_price.py", "operations = [", "operations = [migrations.RunPython(migrations.RunPython.noop), ")
			}, 1, "id name code price"},
			{"with a model", func() {
				m.write("shop/migrations/0002_price.py", second+`    operations.append(migrations.CreateModel("Price", [("id", models.AutoField(primary_key=True))]))`+"\n")
			}, 0, "id name code price"},
			{"removed", func() { m.remove("shop/migrations/0002_price.py") }, 0, "id name code"},
			{"new again", func() { m.write("shop/migrations/0002_price.py", second) }, 0, "id name code price"},
			{"squashed", func() {
				m.remove("shop/migrations/0002_price.py")
				m.replace("shop/migrations/0001_initial.py", "    operations = [", `    replaces = [("shop", "0001_initial"), ("shop", "0002_price")]
    operations = [`)
				if err := os.Rename(filepath.Join(m.root, "shop/migrations/0001_initial.py"), filepath.Join(m.root, "shop/migrations/0001_squashed.py")); err != nil {
					t.Fatal(err)
				}
			}, 1, "id name code"},
		}
		for _, step := range steps {
			before := m.noted("migrated")
			step.edit()
			if got := strings.Split(m.rows(step.name), "\n")[1]; got != step.columns {
				t.Errorf("%s: columns %q, want %q", step.name, got, step.columns)
			}
			if got := m.noted("migrated") - before; got != step.builds {
				t.Errorf("%s: migrated %d times, want %d", step.name, got, step.builds)
			}
		}
	})
}

// TestTemplatesOfBranches: the templates of four branches are all kept, and found again also by
// another daemon.
func TestTemplatesOfBranches(t *testing.T) {
	t.Parallel()
	m := newMigrating(t, newest(t).python, "fork") // how workers are made is nothing to templates
	git := func(args ...string) {
		t.Helper()
		command := exec.Command("git", append([]string{"-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=b0"}, args...)...)
		command.Dir = m.root
		if output, err := command.CombinedOutput(); err != nil {
			t.Fatalf("git %q: %v\n%s", args, err, output)
		}
	}
	m.write(".gitignore", "__pycache__/\n")
	git("init", "-q")
	git("add", ".")
	git("commit", "-qm", "b0")
	columns := []string{"id name code"}
	for i := 1; i < 4; i++ {
		git("checkout", "-q", "-b", fmt.Sprintf("b%d", i), "b0")
		name := fmt.Sprintf("price%d", i)
		m.write("shop/migrations/0002_price.py", strings.ReplaceAll(second, "price", name))
		git("add", ".")
		git("commit", "-qm", name)
		columns = append(columns, "id name code "+name)
	}
	templates := func() int {
		found, _ := filepath.Glob(filepath.Join(m.state, "hotclub", "databases", "templates", "*", "*", "template.json"))
		return len(found)
	}
	visit := func(branch, builds int) {
		t.Helper()
		before := templates()
		git("checkout", "-q", fmt.Sprintf("b%d", branch))
		if got := strings.Split(m.rows("checkout"), "\n")[1]; got != columns[branch] {
			t.Errorf("branch %d: columns %q, want %q", branch, got, columns[branch])
		}
		if got := templates() - before; got != builds {
			t.Errorf("branch %d: %d new templates, want %d", branch, got, builds)
		}
	}
	for branch := range columns {
		visit(branch, 1)
	}
	for _, branch := range []int{0, 1, 2, 3, 1, 0} {
		visit(branch, 0)
	}
	m.hotclub("stop", "--all")
	for _, branch := range []int{3, 2, 0} {
		visit(branch, 0)
	}
}

// TestSupersededBuildEnds: a save ends the build that nobody waits for, and nothing of it is left.
func TestSupersededBuildEnds(t *testing.T) {
	t.Parallel()
	forkAtLeast(t, func(t *testing.T, method string) {
		m := newMigrating(t, newest(t).python, method)
		const migration = "shop/migrations/0001_initial.py"
		m.replace(migration, `    journal.note("migrated")`, `    journal.note("held")
    journal.wait("go")
    journal.note("migrated")`)
		first := m.begin(m.args("tests.test_rows.Rows")...)
		eventually(t, "a build is on", func() bool { return m.noted("held") == 1 })
		first.signal(syscall.SIGINT)
		first.wait()
		if len(m.unfinished()) == 0 {
			t.Error("the build ended with the run that asked for it")
		}
		m.replace(migration, `    journal.wait("go")`+"\n", "")
		if got := m.rows("saved"); got != rowsOfFirst {
			t.Errorf("after the save: %q", got)
		}
		eventually(t, "nothing of the first build is left", func() bool { return len(m.unfinished()) == 0 })
		if err := os.WriteFile(m.journal+".go", nil, 0o600); err != nil {
			t.Fatal(err)
		}
		m.rows("once more")
		if held, migrated := m.noted("held"), m.noted("migrated"); held != 2 || migrated != 1 {
			t.Errorf("%d builds were begun and %d went to their end", held, migrated)
		}
	})
}

// TestSerializedContentsAreKept: Django's contents for serialized_rollback are made once.
func TestSerializedContentsAreKept(t *testing.T) {
	t.Parallel()
	forkAtLeast(t, func(t *testing.T, method string) {
		m := newMigrating(t, newest(t).python, method)
		kept := func() []string {
			found, _ := filepath.Glob(filepath.Join(m.state, "hotclub", "databases", "templates", "*", "*", "serialized*"))
			return found
		}
		m.rows("first")
		if found := kept(); len(found) != 0 {
			t.Errorf("serialized before anybody asked: %q", found)
		}
		var written os.FileInfo
		for range 2 {
			if s := m.run(m.args("tests.test_rows.Rolls")...); s.status != 0 {
				t.Fatalf("status %d\n%s", s.status, s.stdout)
			}
			found := kept()
			if len(found) != 1 {
				t.Fatalf("kept %q", found)
			}
			info, err := os.Stat(found[0])
			if err != nil {
				t.Fatal(err)
			}
			if written != nil && !os.SameFile(written, info) {
				t.Error("it was written again")
			}
			written = info
		}
	})
}
