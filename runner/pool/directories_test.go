package pool

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"hotclub/runner/worker"
)

func TestDirectories(t *testing.T) {
	file := func(path string) worker.Read { return worker.Read{Path: path, Kind: worker.ReadFile} }
	got := Directories("/p", []worker.Read{
		file("/p/shop/models.py"), file("/p/manage.py"), file("/p/.venv/lib/python3.11/site-packages/django/apps.py"),
		file("/usr/lib/python3.11/os.py"), file("/etc/mime.types"), file("/home/me/library/mine/__init__.py"),
		{Path: "/p/shop/migrations", Kind: worker.ReadPackages},
		{Path: "/p/.env", Kind: worker.ReadAbsent},
		{Path: "/home/me", Kind: worker.ReadNames},
		{Path: "/p/pipes/x", Kind: worker.ReadOther},
		file("/pp/x.json"),
	})
	if diff := cmp.Diff([]string{"/p", "/p/shop", "/p/shop/migrations", "/home/me/library/mine"}, got); diff != "" {
		t.Error(diff)
	}
}
