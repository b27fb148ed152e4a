// Package mysql lets dbclone work with MySQL 8 and MariaDB 10.6 and newer; it has met MySQL 9.7 and
// MariaDB 10.11. It needs no mysqldump: SHOW CREATE says how to make each object of a database again,
// and INSERT ... SELECT copies the rows inside the server. A database is what MySQL also calls a schema.
//
// # Labels
//
// Databases bear no comments there, so labels lie in the table labels of a database hotclub, which is
// made on first use. A row is there before the database that it names and goes after it, and says
// whether the database is whole: DDL is never rolled back, so that is how one is told whose maker
// was killed. Each process holds a named lock (GET_LOCK) for its owner on one session of its own; the
// server gives it up when the session ends, however that comes about.
//
// # What is compared
//
// No server keeps count of changes that can be trusted, so rows are read: the number of rows of a
// table and the sum of a checksum of each. Where rows have an order of their own (no primary key, or
// an engine other than InnoDB) it is part of the sum. The checksum has 32 bits: a change goes
// unnoticed once in some billions. CHECKSUM TABLE is quicker, but takes 'ab','c' for 'a','bc', and one
// in 8000 swaps of two values for none. A large table is only read again when MySQL can't rule out that
// somebody has written to it (untouched.go). Definitions are compared as SHOW CREATE prints them.
//
// AUTO_INCREMENT values and sequences move although a transaction is rolled back. They are put back
// with the rest, but are no change that [Engine.Dirty] reports.
//
// # What is different in a clone
//
// Events are disabled, in templates as well. A table with system versioning can't be cloned, because
// its history could not be told from what was there: sealing says so.
//
// Start reading at engine.go, then schema.go, contents.go, untouched.go, clone.go and restore.go. How
// many sessions we have, and workers can have, is in room.go.
package mysql
