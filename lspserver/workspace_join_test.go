package lspserver

import (
	"testing"

	"hotclub/runner/project"
)

// A project that can be seen is subscribed to: between the two another client's scan could bring the
// tests, and nothing would tell of them.
func TestMembersAreSubscribedTo(t *testing.T) {
	heard := 0
	var tasks background
	held := make(chan struct{})
	w := workspace{
		open: func(string) (*project.Project, error) { return &project.Project{}, nil },
		subscribe: func(*project.Project) func() {
			heard++
			return func() { heard-- }
		},
		met:   func(*project.Project) { <-held },
		left:  func(*project.Project) {},
		tasks: &tasks,
	}
	if _, err := w.at("/anywhere"); err != nil {
		t.Fatal(err)
	}
	if len(w.list()) != 1 || heard != 1 {
		t.Errorf("%d projects, %d subscriptions", len(w.list()), heard)
	}
	w.dismiss(func(*member) bool { return true })
	if len(w.list()) != 0 || heard != 0 {
		t.Errorf("%d projects, %d subscriptions at the end", len(w.list()), heard)
	}
	close(held)
	tasks.group.Wait()
}
