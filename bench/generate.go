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
	files := plainProject("many")
	files["many/tests/__init__.py"] = ""
	for i := range modules {
		files[fmt.Sprintf("many/tests/test_%03d.py", i)] = module()
	}
	return write(root, files)
}

// plainProject is a project of one app that has nothing in it.
func plainProject(app string) map[string]string {
	return map[string]string{
		"manage.py": `import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    execute_from_command_line(sys.argv)
`,
		"settings.py": `SECRET_KEY = "benchmark"
INSTALLED_APPS = ["` + app + `"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
USE_TZ = True
`,
		app + "/__init__.py": "",
	}
}

// generateWide writes a project that reads so many small files of its own while it starts: nine of
// ten are modules, the others templates.
func generateWide(root string, count int) error {
	files := plainProject("wide")
	files["wide/tests.py"] = `from django.test import SimpleTestCase


class WideTests(SimpleTestCase):
    def test_nothing(self):
        pass
`
	files["wide/apps.py"] = `import importlib

from django.apps import AppConfig


class WideConfig(AppConfig):
    name = "wide"

    def ready(self):
        from django.template.loader import get_template

        with open(f"{self.path}/names.txt") as names:
            for name in names.read().split():
                if name.endswith(".html"):
                    get_template(name)
                else:
                    importlib.import_module(name)
`
	var names strings.Builder
	for i := range count {
		folder := fmt.Sprintf("part%02d", i/100)
		if i%10 == 9 {
			name := fmt.Sprintf("%s/page%02d.html", folder, i%100)
			files["wide/templates/"+name] = fmt.Sprintf("<p>%d</p>\n", i)
			fmt.Fprintln(&names, name)
			continue
		}
		files["wide/"+folder+"/__init__.py"] = ""
		files[fmt.Sprintf("wide/%s/module%02d.py", folder, i%100)] = fmt.Sprintf("NUMBER = %d\n", i)
		fmt.Fprintf(&names, "wide.%s.module%02d\n", folder, i%100)
	}
	files["wide/names.txt"] = names.String()
	return write(root, files)
}

// write writes files by their names below root, which have slashes.
func write(root string, files map[string]string) error {
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
