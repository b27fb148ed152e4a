//go:build linux

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hotclub/runner"
)

// TestEditsBetweenRuns changes a project in every way and runs it at once: what was saved is
// what runs.
func TestEditsBetweenRuns(t *testing.T) {
	t.Parallel()
	forkAtLeast(t, func(t *testing.T, method string) {
		c := newFaults(t)
		c.write("tests/__init__.py", "")
		c.write("shop/data.txt", "1")
		c.write("tests/helper.py", "VALUE = 1\n")
		c.write("tests/test_edited.py", `
import os
from django.conf import settings
from django.test import TestCase
from shop import prices
from shop.models import Item
from tests import helper

HERE = os.path.dirname(__file__)
with open(os.path.join(HERE, "..", "shop", "data.txt")) as file:
    DATA = file.read()

class Edited(TestCase):
    def test_it(self):
        print("test", 1)
        print("helper", helper.VALUE)
        print("data", DATA)
        print("price", prices.PRICE)
        print("flavour", settings.FLAVOUR)
        print("fields", len(Item._meta.fields))
        print("rows", Item.objects.count())
`)
		want := map[string]string{
			"test": "1", "helper": "1", "data": "1", "price": "1", "flavour": "plain", "fields": "2", "rows": "1",
		}
		run := func(step string) story {
			t.Helper()
			s := c.run("--start-method", method, "-n", "1", "tests")
			got := make(map[string]string)
			for row := range strings.Lines(s.tests["tests.test_edited.Edited.test_it"].Output) {
				name, value, _ := strings.Cut(strings.TrimSpace(row), " ")
				got[name] = value
			}
			for name, value := range want {
				if got[name] != value {
					t.Errorf("%s: %s is %q, want %q\n%s", step, name, got[name], value, s.stderr)
				}
			}
			return s
		}
		c.release()
		run("the first time")
		run("the second time")
		for _, edit := range []struct{ step, name, from, to, what, value string }{
			{"a test changes", "tests/test_edited.py", `"test", 1`, `"test", 2`, "test", "2"},
			{"a helper of tests changes", "tests/helper.py", "1", "2", "helper", "2"},
			{"a file that tests read changes", "shop/data.txt", "1", "2", "data", "2"},
			{"a module of the project changes", "shop/prices.py", "1", "2", "price", "2"},
			{"and at once again", "shop/prices.py", "2", "3", "price", "3"},
			{"the settings change", "conf.py", `"plain"`, `"sweet"`, "flavour", "sweet"},
			{"a migration changes", "shop/migrations/0001_initial.py", "    apps.get", "    apps.get_model('shop', 'Item')().save()\n    apps.get", "rows", "2"},
		} {
			c.replace(edit.name, edit.from, edit.to)
			want[edit.what] = edit.value
			run(edit.step)
		}

		c.replace("shop/models.py", "    name =", "    price = models.IntegerField(default=1)\n    name =")
		c.write("shop/migrations/0002_price.py", `
from django.db import migrations, models

class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]
    operations = [migrations.AddField("Item", "price", models.IntegerField(default=1))]
`)
		want["fields"] = "3"
		run("a model changes")

		c.write("tests/test_new.py", emptyTest)
		c.write("tests/deeper/__init__.py", "")
		c.write("tests/deeper/test_deep.py", emptyTest)
		s := run("tests are new")
		for _, label := range []string{"tests.test_new.New.test_it", "tests.deeper.test_deep.New.test_it"} {
			if s.tests[label].State != runner.Passed {
				t.Errorf("%s is new and %q", label, s.tests[label].State)
			}
		}

		c.remove("tests/test_new.py")
		c.remove("tests/deeper/test_deep.py")
		s = run("tests are gone")
		for label := range s.tests {
			if strings.Contains(label, "test_new") || strings.Contains(label, "test_deep") {
				t.Errorf("%s is gone and %s", label, s.tests[label].State)
			}
		}

		c.write("tests/helper/__init__.py", "VALUE = 7\n") // a package goes before a module
		want["helper"] = "7"
		run("a package hides a module")
	})
}

const emptyTest = `
from django.test import SimpleTestCase

class New(SimpleTestCase):
    def test_it(self):
        pass
`

// TestEditWhileARunWaits saves a file after a run was asked for and before its tests begin:
// whichever version runs, it is one that was there, and the next run has the new one.
func TestEditWhileTestsRun(t *testing.T) {
	t.Parallel()
	forkAtLeast(t, func(t *testing.T, method string) {
		c := newFaults(t)
		o := c.begin("--start-method", method, "-n", "1", "tests.test_hold", "tests.test_plain")
		c.awaitSign("one")
		c.replace("tests/test_plain.py", "Item.objects.count(), 2", "Item.objects.count(), 99")
		c.release()
		o.story().complete(t)
		s := c.run("--start-method", method, "tests.test_plain")
		if s.finished.Counts[runner.Failed] != 2 {
			t.Errorf("status %d, %v\n%s", s.status, s.states(), s.stderr)
		}
	})
}

// replace changes a file of the project.
func (c *club) replace(name, from, to string) {
	c.t.Helper()
	text, err := os.ReadFile(filepath.Join(c.root, name))
	if err != nil {
		c.t.Fatal(err)
	}
	changed := strings.ReplaceAll(string(text), from, to)
	if changed == string(text) {
		c.t.Fatalf("%s has no %q", name, from)
	}
	c.write(name, changed)
}

func (c *club) remove(name string) {
	c.t.Helper()
	if err := os.Remove(filepath.Join(c.root, name)); err != nil {
		c.t.Fatal(err)
	}
}
