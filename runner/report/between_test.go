package report

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestBetween(t *testing.T) {
	for _, test := range []struct {
		name string
		tty  bool
		want string
	}{
		{"whole lines", false, "waiting for a save\n\n15:04:05  shop/models.py changed, shop/urls.py is gone and 3 more\nno watcher\nwaiting for a save\n"},
		{"a terminal of 40 columns", true, "\rwaiting for a save\x1b[K" + "\r\x1b[K" +
			"\n── 15:04:05  shop/models.py changed, s…\n" + "no watcher\n" + "\rwaiting for a save\x1b[K" + "\r\x1b[K"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var b bytes.Buffer
			between := NewBetween(&b, Settings{
				TTY: test.tty, Width: func() int { return 40 },
				Now: func() time.Time { return time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC) },
			})
			between.Wait("waiting for a save")
			between.Heading("shop/models.py changed, shop/urls.py is gone and 3 more")
			between.Say("no watcher\n")
			between.Wait("waiting for a save")
			between.Clear()
			if diff := cmp.Diff(test.want, b.String()); diff != "" {
				t.Error(diff)
			}
			if between.Err() != nil {
				t.Error(between.Err())
			}
		})
	}
}
