package lspserver

import (
	"hash/maphash"
	"os"
	"sync"
	"time"

	"go.lsp.dev/protocol"

	"hotclub/lspserver/text"
	"hotclub/runner"
)

// savedTexts are the tests of a file as they were last saved, for all versions of its buffer: a
// verdict is about what was saved, test by test.
type savedTexts struct {
	mu    sync.Mutex
	last  *document            // the version that was saved
	at    time.Time            // when it was, as far as is known
	tests map[string]savedText // of it, by label; nil before the first look
	known int                  // renewals of the buffer when its tests were last looked for
}

// savedText is the text of a test, and since when it is so.
type savedText struct {
	sum   uint64
	since time.Time
}

var seed = maphash.MakeSeed()

// newSavedTexts begins with the version that was opened.
func newSavedTexts(d *document) *savedTexts { return &savedTexts{last: d} }

// look works them out, so that the time of the file is that of its opening.
func (s *savedTexts) look() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.learn(s.last)
}

// learn looks for the tests of the saved text that were not known to be tests before: other files and
// workers tell of more. The caller holds mu.
func (s *savedTexts) learn(now *document) {
	if s.tests != nil && now.renewals <= s.known {
		return
	}
	if s.tests == nil { // its texts may be as old as they like: all that is known is when the file was written
		s.tests = make(map[string]savedText)
		if info, err := os.Stat(s.last.path); err == nil {
			s.at = info.ModTime()
		}
	}
	s.known = now.renewals
	then := now
	if now.buffer != s.last.buffer {
		then = now.with(s.last.buffer, text.Whole)
	}
	for label, sum := range then.sums() {
		if _, ok := s.tests[label]; !ok {
			s.tests[label] = savedText{sum, s.at}
		}
	}
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
	s.learn(d)
	texts := make(map[string]savedText)
	for label, sum := range d.sums() {
		texts[label] = savedText{sum, now}
		if was, ok := s.tests[label]; ok && was.sum == sum {
			texts[label] = was
		}
	}
	s.last, s.at, s.tests = d, now, texts
}

// since tells when the text of a test became what it is; not ok is one whose text was not saved.
func (s *savedTexts) since(d *document, item runner.Item) (since time.Time, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	saved, ok := s.tests[item.Label]
	if !ok {
		s.learn(d)
		saved, ok = s.tests[item.Label]
	}
	if !ok || saved.sum != d.sum(item) {
		return time.Time{}, false
	}
	return saved.since, true
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
