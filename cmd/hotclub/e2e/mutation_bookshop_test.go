//go:build linux

package e2e

import (
	littleendian "encoding/binary" // binary is ours
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const catalogue = "mutant/locale/de/LC_MESSAGES/django.mo"

// flips are values that the tests of testdata/mutant want to be 1: each edit of one changes a
// verdict.
var flips = []struct{ what, file, pattern string }{
	{"a function body", "mutant/logic.py", `return (\d)`},
	{"a method of a model", "mutant/models.py", `return (\d)`},
	{"a default of a model", "mutant/models.py", `default=(\d)`},
	{"a signal receiver", "mutant/signals.py", `marked = (\d)`},
	{"a template", "mutant/templates/mutant/page.html", `(\d)\s*$`},
	{"a value of the settings", "mutant/conf.py", `LEVEL = (\d)`},
	{"an environment file", "mutant.env", `=(\d)`},
	{"local settings", "mutant.local", `(\d)`},
	{"a fixture", "mutant/fixtures/gadgets.json", `"size": (\d)`},
	{"a data file read at boot", "mutant/data/table.txt", `(\d)`},
	{"a data file read by tests", "mutant/data/late.txt", `(\d)`},
	{"a migration", "mutant/migrations/0002_rows.py", `ROWS = (\d)`},
	{"a helper of one test module", "mutant/tests/helper.py", `VALUE = (\d)`},
	{"a base class of tests", "mutant/tests/base.py", `size = (\d)`},
	{"a test", "mutant/tests/test_late.py", `expected = (\d)`},
	{"a test", "mutant/tests/test_moving.py", `Equal\((\d)`},
	{"a module imported lazily", "mutant/lazy.py", `VALUE = (\d)`},
}

// appearing are files that the tests of testdata/mutant want not to be there, at the place where
// something looks for them first.
var appearing = []struct{ what, file, text string }{
	{"an optional module", "mutant/optional.py", "VALUE = 2\n"},
	{"an optional module at the top", "mutant_extension.py", "VALUE = 2\n"},
	{"an optional package at the top", "mutant_extension/__init__.py", "VALUE = 2\n"},
	{"a file whose existence counts", "mutant.flag", ""},
	{"a file whose existence counts", "mutant.mark", ""},
	{"a template that goes before another", "bookshop/templates/mutant/page.html", "the value is 2\n"},
	{"a name in a folder", "mutant/data/names/second", ""},
}

// vanishing are files whose absence is no error.
var vanishing = []string{"mutant.env", "mutant.local", catalogue}

var bookshopEdits = slices.Concat(flipEdits(), appearingEdits(), vanishingEdits(), []edit{
	{"a value of the environment", func(m *mutator) string {
		value := "2"
		if m.variables["MUTANT_VARIABLE"] == value {
			value = "1"
		}
		m.variables["MUTANT_VARIABLE"] = value
		return value
	}},
	{"a translation", func(m *mutator) string {
		if !m.has(catalogue) {
			return ""
		}
		value := one(m, "1", "2")
		return value + ", " + m.save(catalogue, translated(value))
	}},
	{"another target of a link", func(m *mutator) string { return m.relink("mutant/data/current.txt", ".txt") }},
	{"another target of a linked folder", func(m *mutator) string { return m.relink("mutant/data/folder", "") }},
	{"a module turned into a package, or back", reshape},
	{"a renamed module", renamePart},
	{"a renamed test module", func(m *mutator) string {
		from, to := "mutant/tests/test_moving.py", "mutant/tests/test_moved.py"
		if m.has(to) {
			from, to = to, from
		}
		if !m.settled(from) || !m.settled(to) {
			return ""
		}
		m.rename(from, to)
		return from + " to " + to
	}},
	{"a new migration, or its end", stackMigration},
	{"a field with its migration, or its end", stackField},
	{"a field without a migration", func(m *mutator) string {
		const name = "mutant/models.py"
		if !m.settled(name) {
			return ""
		}
		return m.spoil(name, strings.Replace(m.text(name), "    def label", "    bare = models.IntegerField(default=1)\n\n    def label", 1))
	}},
	{"a deleted module that a test needs", func(m *mutator) string {
		const name = "mutant/fragile.py"
		if !m.settled(name) {
			return ""
		}
		text := m.text(name)
		m.remove(name)
		m.later(name, "is back", func() { m.save(name, text) })
		return name
	}},
	{"git checkout", func(m *mutator) string {
		if len(m.debts) > 0 || len(m.undo) > 0 {
			return ""
		}
		m.git("add", "-A")
		m.git("commit", "-q", "--allow-empty", "-m", "so far")
		m.git("checkout", "-q", "other")
		m.later(".git", "on main again", func() { m.git("checkout", "-q", "-f", "main") })
		return "other"
	}},
	mutateSources("catalog/isbn.py", "reviews/moderation.py"),
	mutateSources("catalog/isbn.py", "reviews/moderation.py"),
})

func flipEdits() []edit {
	var edits []edit
	for _, f := range flips {
		edits = append(edits, edit{f.what, func(m *mutator) string { return m.flip(f.file, f.pattern) }})
	}
	return edits
}

// appearingEdits make files that are not there, and take them away again.
func appearingEdits() []edit {
	var edits []edit
	for _, a := range appearing {
		edits = append(edits, edit{a.what, func(m *mutator) string {
			if m.has(a.file) {
				m.remove(a.file)
				return a.file + " is gone"
			}
			return a.file + " is new, " + m.save(a.file, a.text)
		}})
	}
	return edits
}

// vanishingEdits take files away, and put them back.
func vanishingEdits() []edit {
	var edits []edit
	for _, name := range vanishing {
		edits = append(edits, edit{"a file that need not be", func(m *mutator) string {
			if !m.settled(name) || !m.has(name) {
				return ""
			}
			text := m.text(name)
			m.remove(name)
			m.later(name, "is back", func() { m.save(name, text) })
			return name + " is gone"
		}})
	}
	return edits
}

// translated is a catalogue of messages with one in it, as msgfmt would write it: the format is
// that of "The Format of GNU MO Files" in the manual of gettext.
func translated(value string) string {
	texts := [][2]string{{"", "Content-Type: text/plain; charset=UTF-8\n"}, {"mutant value", value}}
	const header = 7 * 4
	at := header + len(texts)*2*8 // where the next text goes
	var tables, all []byte
	for side := range 2 { // the originals, the translations
		for _, pair := range texts {
			tables = words(tables, len(pair[side]), at+len(all))
			all = append(all, pair[side]+"\x00"...)
		}
	}
	file := words(nil, 0x950412de, 0, len(texts), header, header+len(texts)*8, 0, at)
	return string(file) + string(tables) + string(all)
}

func words(to []byte, numbers ...int) []byte {
	for _, n := range numbers {
		to = littleendian.LittleEndian.AppendUint32(to, uint32(n))
	}
	return to
}

// relink has a link point to "one" or "two", whichever it does not now.
func (m *mutator) relink(name, suffix string) string {
	now, err := os.Readlink(m.path(name))
	m.must(err)
	target := "one" + suffix
	if now == target {
		target = "two" + suffix
	}
	m.must(os.Symlink(target, m.path(name+".new~")))
	m.rename(name+".new~", name)
	return name + " to " + target
}

// reshape makes a package of a module, with another value, and a module of the package.
func reshape(m *mutator) string {
	if !m.settled("mutant/shape.py") || !m.settled("mutant/shape/__init__.py") {
		return ""
	}
	if m.has("mutant/shape") {
		m.remove("mutant/shape")
		return "a module, " + m.save("mutant/shape.py", "VALUE = 1\n")
	}
	m.remove("mutant/shape.py")
	return "a package, " + m.save("mutant/shape/__init__.py", "VALUE = 2\n")
}

// renamePart renames a module that another one imports, and changes its value.
func renamePart(m *mutator) string {
	from, to, value := "part_one", "part_two", "2"
	if m.has("mutant/part_two.py") {
		from, to, value = to, from, "1"
	}
	if !m.settled("mutant/logic.py") || !m.settled("mutant/"+from+".py") || !m.settled("mutant/"+to+".py") {
		return ""
	}
	m.rename("mutant/"+from+".py", "mutant/"+to+".py")
	m.write("mutant/"+to+".py", "VALUE = "+value+"\n")
	return to + ", " + m.save("mutant/logic.py", strings.Replace(m.text("mutant/logic.py"), from, to, 1))
}

const fieldLine = "    extra = models.IntegerField(default=1)\n"

// stackMigration adds a migration with a row on top of the others, or takes it off again.
func stackMigration(m *mutator) string {
	return m.stack("rows", migratedRows, func() {})
}

// stackField does the same with a migration that adds a field.
func stackField(m *mutator) string {
	const name = "mutant/models.py"
	if !m.settled(name) {
		return ""
	}
	return m.stack("extra", migratedField, func() {
		text := m.text(name)
		if strings.Contains(text, fieldLine) {
			m.save(name, strings.Replace(text, fieldLine, "", 1))
			return
		}
		m.save(name, strings.Replace(text, "    size = ", fieldLine+"    size = ", 1))
	})
}

// stack adds a migration on top of the others, or takes it off when it is there and on top.
func (m *mutator) stack(kind, text string, also func()) string {
	m.t.Helper()
	files, err := filepath.Glob(m.path("mutant/migrations/0*.py"))
	m.must(err)
	top := strings.TrimSuffix(filepath.Base(files[len(files)-1]), ".py")
	name := "mutant/migrations/" + top + ".py"
	if !m.settled(name) {
		return ""
	}
	if strings.HasSuffix(top, "_"+kind) && len(files) > 2 {
		m.remove(name)
		also()
		return top + " is gone"
	}
	added := slices.ContainsFunc(files, func(file string) bool { return strings.HasSuffix(file, "_"+kind+".py") })
	if added && kind != "rows" || len(files) > 4 {
		return ""
	}
	next := fmt.Sprintf("%04d_%s", len(files)+1, kind)
	manner := m.save("mutant/migrations/"+next+".py", fmt.Sprintf(text, top))
	also()
	return next + ", " + manner
}

const migratedRows = `from django.db import migrations


def fill(apps, schema_editor):
    apps.get_model("mutant", "Gadget").objects.create(name="migrated")


class Migration(migrations.Migration):
    dependencies = [("mutant", "%s")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
`

const migratedField = `from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("mutant", "%s")]
    operations = [migrations.AddField("Gadget", "extra", models.IntegerField(default=1))]
`
