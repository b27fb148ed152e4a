package lspserver

import (
	"slices"
	"sync"
	"time"

	"hotclub/runner"
)

// afterRefresh is how long questions for lenses may come because the editor was told to ask again:
// they do not tell what a person looks at.
const afterRefresh = time.Second

// attention has the test module that a person works on loaded ahead. LSP tells of no focus: the
// document that was last opened, edited, saved, run or asked about is taken for it.
type attention struct {
	ahead
	c *connection

	asked     sync.Mutex
	refreshed time.Time
}

// wish says that a person works on a document.
func (a *attention) wish(path string) {
	if path != "" {
		a.expect(func() (runner.Request, bool) { return a.c.moduleOf(path) })
	}
}

// looked is wish for a document whose lenses or tests were asked for.
func (a *attention) looked(path string) {
	a.asked.Lock()
	told := time.Since(a.refreshed) < afterRefresh
	a.asked.Unlock()
	if !told {
		a.wish(path)
	}
}

// refresh notes that the editor is told to ask for lenses again.
func (a *attention) refresh() {
	a.asked.Lock()
	defer a.asked.Unlock()
	a.refreshed = time.Now()
}

// moduleOf is a run of a file, if it is one of tests that may be started.
func (c *connection) moduleOf(path string) (expected runner.Request, ok bool) {
	if !c.isTrusted() {
		return expected, false
	}
	p, err := c.space.around(path)
	if err != nil {
		return expected, false // it belongs to no project
	}
	items := p.Tests.File(path)
	if len(items) == 0 || items[0].Label == "" || items[0].Error != nil || !slices.ContainsFunc(items, testItem) {
		return expected, false
	}
	expected.Client, expected.Project = c.clientFor(p)
	expected.Selection.Labels = []string{items[0].Label}
	return expected, true
}

func testItem(item runner.Item) bool { return isTest(&item) }
