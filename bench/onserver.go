package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"
)

// wholeOn is all tests of the example with its databases on a server, warm, beside what people use
// who keep their test databases: Django's own runner and pytest-django.
func wholeOn(kind string, least float64) func(context.Context, *lab) (findings, error) {
	return func(ctx context.Context, l *lab) (findings, error) {
		var f findings
		c, end, err := l.clubOn(ctx, kind)
		if err != nil {
			return f, err
		}
		defer end()
		l = c.lab
		ours, theirs, err := alternate(l.rounds(12), c.whole(ctx), l.keeping(ctx, c.root, "--parallel=2"))
		r := row{fmt.Sprintf("the whole example on %s, warm (%d tests, 2 workers), against --parallel 2 --keepdb", kind, l.tests), "ms", ours, theirs, bar{}}
		if least > 0 {
			r.bar = times(least, ours, theirs)
		}
		f.rows = append(f.rows, r)
		if err != nil {
			return f, err
		}
		if err := f.pytest(ctx, c, kind); err != nil {
			return f, err
		}
		s, err := c.warm(ctx)
		f.note("the whole example on %s, warm: %s; %s in all", kind, stretches([]story{s}), quantity(s.finished.DurationMs, "ms"))
		return f, err
	}
}

// oneOn is one test on a server, warm, beside Django's own runner with its databases kept: run from a
// shell, and clicked in an editor.
func oneOn(kind string, least float64) func(context.Context, *lab) (findings, error) {
	return func(ctx context.Context, l *lab) (findings, error) {
		var f findings
		c, end, err := l.clubOn(ctx, kind)
		if err != nil {
			return f, err
		}
		defer end()
		all, err := c.tell(ctx)
		if err != nil {
			return f, err
		}
		test := typical(slices.DeleteFunc(all.nameable(), func(test line) bool { return test.Queries == 0 }))
		known, err := c.tell(ctx, test.Label) // from now on it is known where it is
		if err != nil {
			return f, err
		}
		keeping := c.lab.keeping(ctx, c.root, test.Label)
		compare := func(what string, run func() (time.Duration, error)) error {
			ours, theirs, err := alternate(l.rounds(15), run, keeping)
			r := row{what + ", against --keepdb: `" + test.Label + "`", "ms", ours, theirs, bar{}}
			if least > 0 {
				r.bar = times(least, ours, theirs)
			}
			f.rows = append(f.rows, r)
			return err
		}
		if err := compare("one test on "+kind+", warm, the whole process", c.runs(ctx, test.Label)); err != nil {
			return f, err
		}
		e, err := c.edit(ctx, false)
		if err != nil {
			return f, err
		}
		defer e.end(ctx)
		clicked, err := e.lensOf(ctx, c.root, test.ID)
		if err != nil {
			return f, err
		}
		err = compare("the same clicked in an editor, until its verdict is there", func() (time.Duration, error) {
			if _, err := c.settled(ctx); err != nil {
				return 0, err
			}
			took, _, _, err := e.click(ctx, clicked, test.ID, false)
			return time.Duration(took * float64(time.Millisecond)), err
		})
		if err != nil {
			return f, err
		}
		f.note("`%s` by itself, first in its process, takes %s", test.Label, quantity(known.tests[0].DurationMs, "ms"))
		return f, nil
	}
}

// runs measures hotclub run of a label, when the club has come to rest.
func (c *club) runs(ctx context.Context, label string) func() (time.Duration, error) {
	return func() (time.Duration, error) {
		if _, err := c.settled(ctx); err != nil {
			return 0, err
		}
		done, err := c.run(ctx, label)
		return done.took, err
	}
}

// clubOn is a warm club on the bookshop with a server of its own, both of which end ends.
func (l *lab) clubOn(ctx context.Context, kind string) (c *club, end func(), err error) {
	s, err := l.serve(ctx, kind)
	if err != nil {
		return nil, nil, err
	}
	there, err := l.on(ctx, s)
	if err != nil {
		s.end()
		return nil, nil, err
	}
	c, _, err = there.warmClub(ctx, "fork")
	if err != nil {
		s.end()
		return nil, nil, err
	}
	return c, func() { c.end(); s.end() }, nil
}

// keeping measures manage.py test --keepdb, whose databases are there from the second time on. Then
// tests may fail on what the first time has left: TransactionTestCases flush the rows of migrations.
func (l *lab) keeping(ctx context.Context, root string, args ...string) func() (time.Duration, error) {
	made := false
	args = append([]string{"--keepdb"}, args...)
	return func() (time.Duration, error) {
		if !made {
			if _, err := l.django(ctx, root, args...); err != nil {
				return 0, err
			}
			made = true
		}
		done, err := call(ctx, root, l.environ(), l.python, append([]string{"manage.py", "test", "--noinput"}, args...)...)
		if err != nil && !bytes.Contains(done.stderr, []byte("\nFAILED (")) {
			return 0, err
		}
		return done.took, nil
	}
}

// pytestFiles has pytest run the example as manage.py test runs it.
var pytestFiles = map[string]string{
	"pytest_settings.py": `from bookshop.settings import *

# What the settings say where "test" stands in sys.argv.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
SHOP_GATEWAY_LATENCY = 0.005
`,
	"pytest.ini": `[pytest]
DJANGO_SETTINGS_MODULE = pytest_settings
python_files = tests.py test_*.py
addopts = -q -p no:cacheprovider
`,
}

// pytest adds a row that compares the whole example with pytest-django.
func (f *findings) pytest(ctx context.Context, c *club, kind string) error {
	root := filepath.Join(c.lab.dir, "pytest-"+kind)
	if err := os.CopyFS(root, os.DirFS(c.root)); err != nil {
		return err
	}
	if err := write(root, pytestFiles); err != nil {
		return err
	}
	passed := regexp.MustCompile(`(?m)(\d+) passed`)
	var count string
	theirs := func() (time.Duration, error) {
		done, err := call(ctx, root, c.lab.environ(), c.lab.python, "-m", "pytest", "-n", "2", "--reuse-db")
		if err != nil && !bytes.Contains(done.stdout, []byte(" failed, ")) { // on what was flushed, as above
			return 0, err
		}
		if found := passed.FindSubmatch(done.stdout); found != nil {
			count = string(found[1])
		}
		return done.took, nil
	}
	if _, err := theirs(); err != nil { // makes the databases
		return err
	}
	ours, reused, err := alternate(c.lab.rounds(6), c.whole(ctx), theirs)
	f.rows = append(f.rows, row{fmt.Sprintf("the same against pytest-django, -n 2 --reuse-db (%s of the tests)", count), "ms", ours, reused, bar{}})
	return err
}
