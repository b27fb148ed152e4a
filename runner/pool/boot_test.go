package pool

import (
	"errors"
	"testing"
	"testing/synctest"

	"hotclub/runner"
)

// A save may mend a project in the moment in which it is told that it does not start: what is begun
// then is another boot, and does not get the fault of the one that has just failed.
func TestBootBehindOneThatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		told := make(chan runner.PoolChange, 1)
		p := New(Settings{Tell: func(change runner.PoolChange) { told <- change }}, nil, nil, nil)
		held, fault := make(chan struct{}), errors.New("it does not start")
		get := func(boot func() error) chan error {
			got := make(chan error, 1)
			go func() {
				_, err := p.boots.get(t.Context(), &p.tasks, "", func() (*Generation, error) { return nil, boot() })
				got <- err
			}()
			return got
		}
		first := get(func() error {
			p.failed(fault)
			<-held
			return fault
		})
		if change := <-told; change.Kind != runner.BootFailed {
			t.Fatalf("got %+v", change)
		}
		second := get(func() error { return nil })
		synctest.Wait()
		close(held)
		if err := <-second; err != nil {
			t.Errorf("the second got %v", err)
		}
		if err := <-first; !errors.Is(err, fault) {
			t.Errorf("the first got %v", err)
		}
		p.tasks.Wait()
	})
}
