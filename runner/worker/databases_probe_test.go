package worker_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hotclub/runner/worker"
)

func TestProbeDatabases(t *testing.T) {
	const django = "django.db.backends."
	for _, c := range []struct {
		name      string
		databases string // the end of the settings
		want      []worker.Configured
		err       string
	}{
		{
			name:      "a file and its mirror",
			databases: `DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "x"}, "replica": {"ENGINE": "django.db.backends.sqlite3", "NAME": "y", "TEST": {"MIRROR": "default"}}}`,
			want: []worker.Configured{
				{Alias: "default", Backend: django + "sqlite3", Vendor: "sqlite"},
				{Alias: "replica", Backend: django + "sqlite3", Vendor: "sqlite", Mirror: "default"},
			},
		},
		{
			name:      "a driver that is missing",
			databases: `DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "x", "PASSWORD": "s3cret"}}`,
			want:      []worker.Configured{{Alias: "default", Backend: django + "postgresql", Error: "ImproperlyConfigured: Error loading psycopg2 or psycopg module"}},
		},
		{
			name:      "settings that print",
			databases: "print('{}')\nDATABASES = {}",
			want:      []worker.Configured{},
		},
		{name: "settings that do not import", databases: "PASSWORD = 's3cret'\nimport no_such_thing", err: "ModuleNotFoundError: No module named 'no_such_thing'"},
		{name: "settings that end the process", databases: "import os\nos._exit(0)", err: "ended before it had named their databases"},
		{name: "settings that kill the process", databases: "import os\nos._exit(7)", err: "exit status 7"},
	} {
		t.Run(strings.ReplaceAll(c.name, " ", "-"), func(t *testing.T) {
			dir := t.TempDir()
			manage := filepath.Join(dir, "manage.py")
			for path, text := range map[string]string{
				manage: "import os, sys\nif __name__ == '__main__':\n    os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'conf')\n" +
					"    from django.core.management import execute_from_command_line\n    execute_from_command_line(sys.argv)\n",
				filepath.Join(dir, "conf.py"): "SECRET_KEY = 'x'\n" + c.databases + "\n",
			} {
				if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			got, err := worker.ProbeDatabases(t.Context(), os.Getenv("DJANGO_PYTHON"), os.Environ(), dir, manage)
			if (err != nil) != (c.err != "") || err != nil && (!strings.Contains(err.Error(), c.err) || strings.Contains(err.Error(), "s3cret")) {
				t.Fatalf("got the error %v, want %q", err, c.err)
			}
			for i := range got {
				got[i].Server = nil
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("want, got:\n%s", diff)
			}
		})
	}
}
