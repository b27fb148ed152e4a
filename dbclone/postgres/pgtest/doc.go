// Package pgtest starts PostgreSQL servers for tests: private ones, unprivileged, on a Unix socket
// that nobody else has, with their data in memory where there is room, and gone with the test.
//
// The programs are looked for in HOTCLUB_POSTGRES_BIN, in PATH and where Debian puts them. A test
// that can't have a server is skipped with the reason, or fails when HOTCLUB_NO_SKIP is 1.
//
// Start reading at cluster.go.
package pgtest
