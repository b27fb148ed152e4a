package bridge_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"go.lsp.dev/protocol"

	"hotclub/lspserver/lsptest"
	"hotclub/lspserver/text"
)

// Daemons that die at any moment never make the last one see another text than the editor.
func TestTextSurvivesAnyDeaths(t *testing.T) {
	for seed := range uint64(30) {
		run(t, func(b *bundle) {
			random := rand.New(rand.NewPCG(seed, 0))
			d := start(b)
			open(b, "file:///a.py", "")
			version, want := 1, ""
			for range 60 {
				switch random.IntN(6) {
				case 0:
					d = b.replace(d, random)
				case 1:
					d.Close() // and edits come before anybody has noticed
					fallthrough
				default:
					version++
					at := random.IntN(len(want) + 1)
					by := fmt.Sprint(version, ",")
					edit(b, "file:///a.py", version, 0, at, at, by)
					want = want[:at] + by + want[at:]
				}
			}
			d = b.replace(d, random)
			b.Notify("x/done", nil)
			d.WaitMethod("x/done", 1)
			if got := textOf(t, d.Log()); got.Text() != want || int(got.Version()) != version {
				t.Errorf("seed %d: version %d is %q; want version %d, %q", seed, got.Version(), got.Text(), version, want)
			}
		})
	}
}

// replace kills a daemon and waits for one that takes the session; some die on the way.
func (b *bundle) replace(d *daemon, random *rand.Rand) *daemon {
	b.t.Helper()
	d.Close()
	for dead := range 4 {
		n := b.daemon()
		greeting := n.WaitMethod("initialize", 1)
		if dead < 3 && random.IntN(3) == 0 {
			n.Close()
			continue
		}
		n.reply(greeting, welcome(2))
		n.WaitMethod("textDocument/didOpen", 1)
		if dead < 3 && random.IntN(3) == 0 {
			n.Close()
			continue
		}
		time.Sleep(time.Minute) // or there would be too many deaths in too short a time
		return n
	}
	panic("not reached")
}

// textOf is what a daemon has been told.
func textOf(t *testing.T, log []lsptest.Message) (b *text.Buffer) {
	t.Helper()
	for _, m := range log {
		switch {
		case strings.HasSuffix(m.Method, "/didOpen"):
			var p protocol.DidOpenTextDocumentParams
			if err := protocol.Unmarshal(m.Params, &p); err != nil {
				t.Fatal(err)
			}
			b = text.New(p.TextDocument.Version, p.TextDocument.Text, text.UTF16)
		case strings.HasSuffix(m.Method, "/didChange"):
			var p protocol.DidChangeTextDocumentParams
			if err := protocol.Unmarshal(m.Params, &p); err != nil {
				t.Fatal(err)
			}
			next, _, err := b.Apply(p.TextDocument.Version, p.ContentChanges)
			if err != nil || p.TextDocument.Version != b.Version()+1 {
				t.Fatalf("version %d after %d, %v", p.TextDocument.Version, b.Version(), err)
			}
			b = next
		}
	}
	return b
}
