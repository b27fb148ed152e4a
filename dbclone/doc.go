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
// # On disk
//
//	owners/<owner>.lock, .json       who is alive: the lock falls when its process dies
//	locks/<project>-<digest>.lock    one builder at a time for what has this digest
//	building/<owner>/<template>/     unfinished; garbage as soon as its owner is dead
//	templates/<project>/<template>/  sealed: template.json, the database, serialized
//	templates/<project>/<template>.hold   locked shared by every manager that uses it
//	clones/<owner>/<n>-<alias>/      clone.json and the database
//	janitor.lock                     taken while owners register and while the dead are found
//
// Liveness is always a lock that the kernel gives back, never a process id: those are reused.
//
// Start reading at engine.go, then templates.go, then lease.go.
package dbclone
