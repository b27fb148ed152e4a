// Package sqlite lets dbclone work with SQLite databases in files. It copies bytes and never
// opens a database: a sealed file that is complete in itself can be copied at any time, and a
// copy of its own is what gives each worker its isolation.
//
// For a database that a worker keeps in memory there is only the template here; the worker
// reads it in with SQLite's backup.
//
// Start reading at engine.go, then header.go.
package sqlite
