package lspserver

import (
	"hash/maphash"
	"os"
	"sync"
	"time"

	"go.lsp.dev/protocol"

	"hotclub/runner"
)

// savedTexts are the tests of a file as they were last saved, for all versions of its buffer: a
// verdict is about what was saved, test by test.
type savedTexts struct {
	mu    sync.Mutex
	tests func() map[string]savedText // by label
}

// savedText is the text of a test, and since when it is so.
type savedText struct {
	sum   uint64
	since time.Time
}

var seed = maphash.MakeSeed()

// newSavedTexts begins with the version that was opened. Its texts may be as old as they like:
// all that is known is when the file was written.
func newSavedTexts(d *document) *savedTexts {
	return &savedTexts{tests: sync.OnceValue(func() map[string]savedText {
		var since time.Time
		if info, err := os.Stat(d.path); err == nil {
			since = info.ModTime()
		}
		texts := make(map[string]savedText)
		for label, sum := range d.sums() {
			texts[label] = savedText{sum, since}
		}
		return texts
	})}
}

// look works them out, so that the time of the file is that of its opening.
func (s *savedTexts) look() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tests()
}

// clockTick is how far the time of a file may lie before the moment at which it was written.
const clockTick = 10 * time.Millisecond

// save takes the version that is on the disk now.
func (s *savedTexts) save(d *document) {
	now := time.Now()
	if info, err := os.Stat(d.path); err == nil && info.ModTime().Add(clockTick).Before(now) {
		now = info.ModTime().Add(clockTick)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	before, texts := s.tests(), make(map[string]savedText)
	for label, sum := range d.sums() {
		texts[label] = savedText{sum, now}
		if was, ok := before[label]; ok && was.sum == sum {
			texts[label] = was
		}
	}
	s.tests = func() map[string]savedText { return texts }
}

// since tells when the text of a test became what it is; not ok is one whose text was not saved.
func (s *savedTexts) since(d *document, item runner.Item) (since time.Time, ok bool) {
	s.mu.Lock()
	saved := s.tests()
	s.mu.Unlock()
	text, ok := saved[item.Label]
	if !ok || text.sum != d.sum(item) {
		return time.Time{}, false
	}
	return text.since, true
}

// sums are the texts of a buffer's tests, in short, by label.
func (d *document) sums() map[string]uint64 {
	sums := make(map[string]uint64)
	for _, item := range d.items() {
		if isTest(&item) {
			sums[item.Label] = d.sum(item)
		}
	}
	return sums
}

func (d *document) sum(item runner.Item) uint64 {
	from := d.buffer.Offset(protocol.Position{Line: uint32(item.Range.First)})
	to := d.buffer.Offset(protocol.Position{Line: uint32(item.Range.Last + 1)})
	return maphash.String(seed, d.buffer.Text()[from:to])
}

func isTest(item *runner.Item) bool {
	return item.Kind == runner.KindTest || item.Kind == runner.KindCase
}
