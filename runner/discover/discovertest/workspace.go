// Package discovertest writes large workspaces of tests, for measuring: how long a tree of 10,000 tests
// takes, and what an edit in it does. Tests and ./bench share it, so that they speak of the same tree.
package discovertest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Workspace writes a Django project of so many test files with ten tests each below root:
// apps of ten files, whose classes inherit from bases of their app and of the project, with
// tags and imports as real ones have them. It returns the paths of the test files.
func Workspace(root string, files int) (paths []string, err error) {
	w := writer{root: root}
	w.write("manage.py", manage)
	w.write("settings.py", "SECRET_KEY = \"x\"\nINSTALLED_APPS = []\nDATABASES = {\"default\": {\"ENGINE\": \"django.db.backends.sqlite3\", \"NAME\": \":memory:\"}}\nUSE_TZ = True\n")
	w.write("common/__init__.py", "")
	w.write("common/cases.py", "from django.test import TestCase\n\n\nclass ProjectTestCase(TestCase):\n    def helper(self):\n        return 1\n")
	for i := range files {
		app := fmt.Sprintf("app%03d", i/10)
		if i%10 == 0 {
			w.write(app+"/__init__.py", "")
			w.write(app+"/tests/__init__.py", "")
			w.write(app+"/tests/base.py", base)
		}
		paths = append(paths, w.write(fmt.Sprintf("%s/tests/test_%d.py", app, i%10), file))
	}
	return paths, w.err
}

// Module is the text of one test file of at least so many lines, with ten tests in each of
// its classes.
func Module(lines int) []byte {
	var b strings.Builder
	b.WriteString("from unittest import skip\n\nfrom django.test import SimpleTestCase, TestCase, tag\n\nfrom .base import AppMixin, AppTestCase\n")
	for class, n := 0, 5; n < lines; class++ {
		text := strings.Replace(classText, "Case", fmt.Sprintf("Case%d", class), 1)
		for test := range 10 {
			text += fmt.Sprintf(testText, test)
		}
		b.WriteString(text)
		n += strings.Count(text, "\n")
	}
	return []byte(b.String())
}

type writer struct {
	root string
	err  error
}

func (w *writer) write(name, text string) string {
	path := filepath.Join(w.root, filepath.FromSlash(name))
	if w.err == nil {
		w.err = os.MkdirAll(filepath.Dir(path), 0o755)
	}
	if w.err == nil {
		w.err = os.WriteFile(path, []byte(text), 0o644)
	}
	return path
}

const manage = `import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    execute_from_command_line(sys.argv)
`

const base = `from common.cases import ProjectTestCase


class AppMixin:
    def test_inherited(self):
        self.assertEqual(self.helper(), 1)


class AppTestCase(ProjectTestCase):
    pass
`

const classText = `

@tag("slow")
class Case(AppMixin, AppTestCase):
    """Tests of a thing.

    With more to say about it.
    """

    def setUp(self):
        self.values = {"a": [1, 2, (3, 4)]}
`

const testText = `
    def test_%d(self):
        """One thing is another."""
        for value in self.values["a"]:
            with self.subTest(value=value):
                self.assertIn(
                    value,
                    [1, 2, (3, 4)],
                )
        self.assertEqual(f"{self.values['a']!r}", "[1, 2, (3, 4)]")
`

var file = smallFile()

// smallFile has two classes with nine tests of their own and one that is inherited.
func smallFile() string {
	var b strings.Builder
	b.WriteString("from django.test import SimpleTestCase, tag\n\nfrom .base import AppMixin, AppTestCase\n")
	b.WriteString(strings.Replace(classText, "Case", "FirstTests", 1))
	for test := range 4 {
		fmt.Fprintf(&b, testText, test)
	}
	b.WriteString("\n\nclass SecondTests(SimpleTestCase):\n    values = {\"a\": []}\n")
	for test := range 5 {
		fmt.Fprintf(&b, testText, test)
	}
	return b.String()
}
