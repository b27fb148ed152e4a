package clonetest

import (
	"testing"
	"time"
)

// limit is for what happens within moments where it happens at all, and what a busy machine adds.
const limit = 20 * time.Second

// Eventually waits for something that happens elsewhere, of which nobody tells: it asks again and again,
// and fails the test that has waited for 20 seconds. It says then what never came.
func Eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	EventuallyIn(t, limit, what, is)
}

// EventuallyIn is for what has to have happened by a time, or may take longer.
func EventuallyIn(t testing.TB, limit time.Duration, what string, is func() bool) {
	t.Helper()
	began := time.Now()
	for !is() {
		if time.Since(began) > limit {
			t.Fatalf("not within %v: %s", limit, what)
		}
		time.Sleep(10 * time.Millisecond)
	}
}
