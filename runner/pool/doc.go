// Package pool keeps the warm workers of one project, booted before anybody asks.
//
// A [Pool] serves one project in one environment. What its workers were booted from is a
// [Generation]; when a file that went into it changes, the next [Pool.Acquire] boots another
// one, and the old one lives on until the runs on it have ended. A generation lends
// [Member] workers to runs and makes new ones in their place:
//
//	creating ──► booting ──► attaching ──► ready ◄──► running
//	    │           │            │           │           │
//	    └───────────┴────────────┴─────┬─────┴───────────┤
//	                                   ▼                 ▼
//	                                 dead ◄────────── draining
//
// A forked worker skips booting. A worker serves one run and drains, forked or spawned: what
// tests leave behind in a process, manage.py test would show to no later run. It goes from
// running back to ready only when it has done nothing but load tests: then it waits for a run
// of just these. The layer from which workers are forked goes creating, booting, ready and
// stays there.
//
// How many workers with databases there are at once is for their servers to say; see room.go.
//
// The one rule of the design is kept in freshness.go: before a run gets a generation, a
// collection or a worker, everything that went into it is held against the disk.
package pool
