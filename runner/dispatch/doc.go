// Package dispatch carries out one run.
//
// The goroutine that calls [Run] owns all that is visible of the run: which test is where,
// what has been dealt, the single ordered stream of events. Two kinds of goroutine work for it
// and reach it only through its inbox: one conductor, which makes the run ready (generation,
// collection, databases, checks), and an executor for each worker, which runs the units that it
// is dealt. Cancelling, time limits, crashes and failfast are all decided in the owner.
//
// The states of a run:
//
//	preparing ──► running ──► finishing ──► done
//	    │            │ cancel, failfast, error
//	    │            ▼
//	    └───────► stopping ──► done
//
// Read run.go first, then conductor.go and executor.go. What the conductor has found out is in plan.go,
// and units.go has its tests in the words of the domain. How an executor gets a worker and gives it back
// is in hire.go, what becomes of a test's output in output.go, of a worker's death in death.go.
package dispatch
