package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const (
	classesInModule = 10
	testsInClass    = 10
)

// generate writes a project whose tests do nothing, so that all that is left is the price of
// running them.
func generate(root string, modules int) error {
	files := map[string]string{
		"manage.py": `import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    execute_from_command_line(sys.argv)
`,
		"settings.py": `SECRET_KEY = "benchmark"
INSTALLED_APPS = ["many"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
USE_TZ = True
`,
		"many/__init__.py":       "",
		"many/tests/__init__.py": "",
	}
	for i := range modules {
		files[fmt.Sprintf("many/tests/test_%03d.py", i)] = module()
	}
	for name, text := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

func module() string {
	var b strings.Builder
	b.WriteString("from django.test import SimpleTestCase\n")
	for class := range classesInModule {
		fmt.Fprintf(&b, "\n\nclass Case%dTests(SimpleTestCase):\n", class)
		for test := range testsInClass {
			fmt.Fprintf(&b, "    def test_%d(self):\n        pass\n\n", test)
		}
	}
	return b.String()
}
