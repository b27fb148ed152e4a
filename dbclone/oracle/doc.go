// Package oracle clones Oracle databases for tests.
//
// IT HAS NOT MET A REAL SERVER. None can be had where it was written. It follows the documentation
// of Oracle 19c to 23ai and Django's own backend (django/db/backends/oracle/creation.py of 4.2 to
// 6.1); its tests talk to a server that is played, in fake_test.go, and hold its statements against
// the golden files in testdata. Expect to find faults when you use it first.
//
// # A user is a database
//
// Oracle has no databases under one roof that a test could be given; Django makes a user, whose
// schema is the test database, and switches the settings from the main user to it. So do we:
// everything here is keyed on the user, whose name is the spot's in upper case, and never on NAME,
// which is the same for all of them. The main user's connection is one of its own and is kept for
// life: nothing that a clone's user is or does takes it away.
//
// Users can't be renamed. A template is therefore a user under the name that it was built with, and
// publishing is one UPDATE of its label.
//
// # One tablespace for all
//
// Django makes two tablespaces for each test user, because it has one test user. We make one for
// all, HOTCLUB_<main user>, with a quota for each user: a tablespace is a file of 50 MB that has to
// be formatted, a checkpoint when it is dropped, one of DB_FILES (200 unless somebody raised it),
// and a leftover that makes the next run fail with ORA-01543. A dropped user leaves nothing in a
// shared one. Django's DATAFILE_MAXSIZE, the most that one test database may take, becomes the
// quota. With CREATE_DB = False, TEST TBLSPACE is used as it is; without the right to create one, the
// main user's own default tablespace.
//
// # Contents
//
// By Data Pump inside the database, over a database link to itself with REMAP_SCHEMA, when the main
// user has both DATAPUMP roles and may create links; otherwise by the DDL that DBMS_METADATA gives a
// user of its own schema, and INSERT /*+ APPEND */ SELECT. Names of our users are like nothing else,
// so that replacing them in the DDL is safe. Both ways end in a comparison of the two schemas.
//
// What is not copied is refused when a template is sealed (jobs, queues, Java, links of its own), and
// grants to others are left out. An index that a constraint uses under another name than its own gets
// the constraint's name, which the comparison refuses. The numbers that sequences give next in a clone
// are those of LAST_NUMBER: what the build had left in the cache is skipped, as after a restart of
// the server.
//
// # What changed
//
// A table is untouched when the number of its rows and the highest ORA_ROWSCN are what they were: a
// commit later than the last look raises the SCN of each block it touched above all that were there,
// and a block that has lost all its rows shows in the count. The other way round it proves nothing,
// as what was rolled back and late block clean-outs raise it too. So what moved is compared, row by
// row: with the template, or, after [Engine.Accept], with itself AS OF the SCN of then. A change of
// the schema shows in USER_OBJECTS, and the dictionary decides whether it made a difference.
// DBA_TAB_MODIFICATIONS is not used: it is late, and counts what was rolled back.
//
// Sequences are compared by LAST_NUMBER, which moves with the first number drawn after a start, but
// not with each one out of the cache: after an Accept, numbers drawn are not seen.
//
// # Putting back
//
// DELETE and INSERT SELECT of the tables that changed, in one transaction with deferred constraints;
// then ALTER SEQUENCE … RESTART, which every Oracle has that Django 4.2 accepts (19c). FLASHBACK
// TABLE is not used: it wants row movement on every table, which no other clone of Django's has; it
// depends on undo that nobody promises to keep; it leaves its SYS_TEMP_FBT in the schema, where
// introspection sees it; and it knows one image, the past, while we need two. When the schema itself
// changed, all that the user owns is dropped and made again, which needs no right to end sessions.
//
// # Alive
//
// An owner holds a DBMS_LOCK as long as it lives, or, where that is not granted, the lock on its row
// of HOTCLUB_OWNERS (an open transaction: it keeps an undo segment from shrinking). Labels are rows of
// HOTCLUB_LABELS. Both tables lie in the main user's schema.
//
// The engine works on database/sql; only driver.go, behind the build tag oracle, knows a driver.
//
// Start reading at engine.go, then server.go, clone.go and dirt.go.
package oracle
