package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"
)

const (
	flushTables  = 60
	flushClasses = 20 // half of them TransactionTestCases
	flushTests   = 5  // of each
)

// flushHeavy is a suite of which half the classes commit, over many tables: Django empties all of
// them after every such test.
func flushHeavy(kind string, least float64) func(context.Context, *lab) (findings, error) {
	return func(ctx context.Context, l *lab) (findings, error) {
		var f findings
		s, err := l.serve(ctx, kind)
		if err != nil {
			return f, err
		}
		defer s.end()
		there, err := l.on(ctx, s)
		if err != nil {
			return f, err
		}
		root := filepath.Join(l.dir, "flush-"+kind)
		if err := there.generateFlushing(ctx, root, s, flushTables); err != nil {
			return f, err
		}
		c, _, err := there.warmed(ctx, root, "fork")
		if err != nil {
			return f, err
		}
		defer c.end()
		ours, theirs, err := alternate(l.rounds(12), func() (time.Duration, error) {
			if _, err := c.settled(ctx); err != nil {
				return 0, err
			}
			done, err := c.run(ctx, "--parallel=2")
			return done.took, err
		}, there.keeping(ctx, root, "--parallel=2"))
		what := fmt.Sprintf("%d classes, half of them TransactionTestCases, over %d tables on %s, warm, 2 workers, against --parallel 2 --keepdb", flushClasses, flushTables, kind)
		r := row{what, "ms", ours, theirs, bar{}}
		if least > 0 {
			r.bar = times(least, ours, theirs)
		}
		f.rows = append(f.rows, r)
		return f, err
	}
}

// generateFlushing writes the project and has Django write its migration.
func (l *lab) generateFlushing(ctx context.Context, root string, s *server, tables int) error {
	files := plainProject("depot")
	files["settings.py"] = `SECRET_KEY = "benchmark"
INSTALLED_APPS = ["depot"]
DATABASES = ` + s.settings("depot") + `
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
`
	files["depot/models.py"] = flushModels(tables)
	files["depot/migrations/__init__.py"] = ""
	files["depot/tests/__init__.py"] = ""
	for class := range flushClasses {
		files[fmt.Sprintf("depot/tests/test_%02d.py", class)] = flushModule(class)
	}
	if err := write(root, files); err != nil {
		return err
	}
	if _, err := call(ctx, root, l.environ(), l.python, "manage.py", "makemigrations", "depot"); err != nil {
		return err
	}
	return write(root, map[string]string{"depot/migrations/0002_shelves.py": flushRows})
}

// flushModels are the tables, each but the first with a key to another.
func flushModels(tables int) string {
	var b strings.Builder
	b.WriteString("from django.db import models\n")
	for i := range tables {
		fmt.Fprintf(&b, "\n\nclass Part%03d(models.Model):\n    name = models.CharField(max_length=40, db_index=True)\n    count = models.IntegerField(default=0)\n", i)
		if i > 0 {
			fmt.Fprintf(&b, "    whole = models.ForeignKey(\"Part%03d\", models.CASCADE, null=True)\n", (i-1)/2)
		}
	}
	return b.String()
}

// flushRows are rows that every test finds, twenty in each table.
const flushRows = `from django.db import migrations


def fill(apps, schema_editor):
    for model in apps.get_app_config("depot").get_models():
        model.objects.bulk_create(model(name=f"part {i}", count=i) for i in range(20))


class Migration(migrations.Migration):
    dependencies = [("depot", "0001_initial")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
`

// flushModule is a class whose tests write to three tables, and commit where its number is odd.
func flushModule(class int) string {
	base := "TestCase"
	if class%2 == 1 {
		base = "TransactionTestCase"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "from django.test import %s\n\nfrom depot import models\n\n\nclass Case%02dTests(%s):\n", base, class, base)
	for test := range flushTests {
		fmt.Fprintf(&b, "    def test_%d(self):\n", test)
		for i := range 3 {
			model := fmt.Sprintf("models.Part%03d", (class*7+test*3+i*11)%flushTables)
			fmt.Fprintf(&b, "        before = %s.objects.count()\n        %s.objects.create(name=\"new\", count=%d)\n        self.assertEqual(%s.objects.count(), before + 1)\n", model, model, i, model)
		}
		b.WriteString("\n")
	}
	return b.String()
}
