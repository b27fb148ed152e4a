// Package dbclone owns the test databases of Hotclub: templates that a project's own Django
// has migrated once, clones of them that one worker each works on, and the leases between the
// two. It also cleans up after processes that died.
//
// It knows no SQL and never starts a process. What a kind of database can do is an [Engine]
// (see the packages below this one); how the migrated database comes to be is the caller's
// [Build]. What this package adds is that a template is built once however many ask, in this
// process and in others; that a half-built one is never used; that one whose inputs changed
// is not used again; and that nothing is left behind, whoever gets killed.
//
// # States
//
// A template:
//
//	absent ──> building ──> sealed ──> dropped
//	   ^          │          │  ^         ^
//	   └──────────┘          v  │         │
//	  error, cancel,        stale ────────┘
//	  killed builder
//
// It is built in a folder of its builder's, sealed, and published by a rename. Stale means
// that a file which the build read has changed; when the file changes back (another branch and
// back again) the template serves once more. Dropped are templates that nobody holds and that
// are too old or too many, see retention.go.
//
// A lease, and with it the clone:
//
//	creating ──> leased ──> resetting
//	    │         │  ^          │ │
//	    │         │  └──────────┘ │
//	    v         v               v
//	  gone <── gone <───────── condemned
//
// A reset that failed condemns: what the clone holds is unknown, so it is only dropped.
//
// On a server, where making a database takes long, a clone outlives its lease. Given back, it is put
// in order in the background and waits for the next:
//
//	being made ──> ready <── put in order
//	                 │            ^
//	                 v            │
//	              leased ─────────┘
//
// One more than are leased is made in advance. While it is leased the worker has it restored in
// place, with its connections open (see [Lease.Restore]). A template that lacks nothing but steps of
// migration begins as a copy of the nearest older one (see extend.go); one that was built in a hurry
// is studied when nobody waits (see refine.go).
//
// # On servers
//
// Every database there bears a [Label]: the state directory that has its record (its home), who
// made it, what it is. Names are written down here before they are made there, so a home finds what
// its dead owners left by its own records. What is labelled and in no record any more, because the
// state directory was lost or belongs to somebody else, is judged by its label, and by whether its
// owner shows to be alive on the server: see meet.go. What bears no label is never touched.
//
// # On disk
//
//	owners/<owner>.lock, .json       who is alive: the lock falls when its process dies
//	locks/<project>-<digest>.lock    one builder at a time for what has this digest
//	building/<owner>/<template>/     unfinished; garbage as soon as its owner is dead
//	templates/<project>/<template>/  sealed: template.json, the database, serialized
//	templates/<project>/<template>.hold   locked shared by every manager that uses it
//	clones/<owner>/<n>-<alias>/      clone.json and the database
//	janitor.lock                     taken while owners register and while the dead are found
//	home                             the id of this directory, for labels on servers
//
// Liveness is always a lock that the kernel gives back, never a process id: those are reused.
//
// How many workers a server has connections for is asked, and left to the caller to keep to: room.go.
//
// Start reading at engine.go, then templates.go, then lease.go; for servers server.go, then
// stock.go.
package dbclone
