package lsptest

import (
	"runtime"
	"testing"
	"testing/synctest"
)

// Bubble runs a test on a clock of its own, on which no time passes while anybody works: what depends
// on time does so alike on every machine. It is synctest.Test for what asks the other side by package
// jsonrpc2, which keeps the channels of its calls in a sync.Pool, of which none may leave its bubble.
func Bubble(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	emptyPools()
	defer emptyPools()
	synctest.Test(t, test)
}

// emptyPools has every sync.Pool forget what it holds, which takes two collections.
func emptyPools() {
	runtime.GC()
	runtime.GC()
}
