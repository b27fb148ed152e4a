// Package postgres lets dbclone work with PostgreSQL servers, 12 and newer, as any role that may
// create databases.
//
// # What lies on the server
//
// Databases named hcb_… (being built by the project's Django), hct_… (templates) and hcc_… (clones),
// each with a label in its comment. Nothing else: no extension, no schema, no table, no trigger in
// anybody's database, and no setting of the server is touched. A database that bears another home's
// label, or that nobody here has written down, is left alone.
//
// A template is frozen, closed to connections and marked as a template. So it is always ready to be
// copied: the server refuses to copy a database that somebody is in, after five seconds. Its contents,
// which repairs need, are therefore read from the first clone that a process makes.
//
// # Connections
//
// For each server one session is held in a maintenance database for as long as the server is known
// (server.go). It does what is quick, it keeps a place for us when the server takes no more
// connections, and it carries the advisory lock that says that this process lives (live.go). When it
// is lost it is made again, at the latest at the next beat, with the lock first; others that look
// for dead owners look twice, further apart than that. A cut that only the server notices is found out
// by asking it at each beat which of our sessions it still has (lines.go): no statement has a time limit,
// as nobody knows how long a large database takes to be copied. Whatever we knew about clones before is then
// forgotten, as the server may have lost what was committed last.
//
// What is slow, CREATE and DROP DATABASE, gets a session for the purpose, a bounded number at once,
// and falls back to the held one when there is no place. Under an advisory lock of its name a
// database is made by one session at a time and dropped by none meanwhile, which also holds against a
// process that was killed while the server was still copying for it.
//
// A session in a clone is opened when it is made, when that is slow, and kept for repairs as long as
// nobody else needs its place (inside.go, places.go). The places of these two kinds are a fixed part of
// the server's connections; what is left, others' sessions aside, is said to be the workers' (room.go).
//
// # Back to the template
//
// While a worker stays connected, or after it has gone, what its tests have committed is found and put
// back, to the order of the rows; see glance.go, dirt.go and repair.go. What can't be put back is made
// anew. Nobody has to say what they have changed, and what was rolled back is no change.
//
// # Waiting
//
// The server itself waits in steps of 100 ms, and up to five seconds, for sessions to end before it
// copies or drops a database. So it is only asked once nobody is left (database.go).
//
// Start reading at engine.go, then server.go, seal.go, clone.go, restore.go and drop.go.
package postgres
