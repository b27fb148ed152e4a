// Package mysqltest runs a MariaDB or MySQL server of a test's own: its data in a private folder, in
// memory where there is room, reachable over a Unix socket and a loopback port, gone with the test.
//
// It takes Debian's mariadbd (apt-get install mariadb-server-core mariadb-client-core), or the server
// binary that the environment variable HOTCLUB_MYSQLD names, say a MySQL's that .ci/mysql prints,
// in a folder that the user nobody may enter where root runs the tests. Without one the test is skipped, and
// fails if HOTCLUB_NO_SKIP is set.
package mysqltest
