package mysql

import (
	"context"
	"crypto/x509"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"slices"
	"syscall"

	"github.com/go-sql-driver/mysql"

	"hotclub/dbclone"
)

// Numbers of errors that something here decides by.
const (
	errDatabaseExists = 1007
	errNoDatabase     = 1049
	errNoTable        = 1146
	errNoColumn       = 1054
	errLockWait       = 1205
	errDeadlock       = 1213
	errNoSuchThread   = 1094
	errNoSuchRoutine  = 1305
	errViewInvalid    = 1356

	errConnections     = 1040 // too many of all
	errUserConnections = 1203 // too many of one user
	errUserLimit       = 1226 // the same, by a limit of the account's own
)

// number is the server's number of an error, 0 for one that is not the server's.
func number(err error) uint16 {
	var refused *mysql.MySQLError
	if errors.As(err, &refused) {
		return refused.Number
	}
	return 0
}

// grants names the rights that the user needs.
const grants = "let an administrator run: GRANT ALL PRIVILEGES ON `hotclub`.* TO <user>; and the same ON `hcb\\_%`.*, ON `hct\\_%`.* and ON `hcc\\_%`.*"

// failed says what was tried on the server. An error that already says so stays as it is, and so
// does the end of the context.
func (s *server) failed(ctx context.Context, err error, op string, args ...any) error {
	var already *dbclone.ServerError
	switch {
	case err == nil || errors.As(err, &already):
		return err
	case ctx.Err() != nil:
		return fmt.Errorf("dbclone: could not %s on %s: %w", fmt.Sprintf(op, args...), s.id, context.Cause(ctx))
	}
	return &dbclone.ServerError{Op: fmt.Sprintf(op, args...), Server: s.id, Remedy: remedy(err), Err: err}
}

// gone reports whether a server could not be reached, as while it is restarted.
func gone(err error) bool {
	const shuttingDown = 1053
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ECONNRESET) ||
		errors.Is(err, io.EOF) || errors.Is(err, mysql.ErrInvalidConn) || errors.Is(err, driver.ErrBadConn) || number(err) == shuttingDown
}

// crowded reports whether a server takes no more connections, or none of this user.
func crowded(err error) bool {
	return slices.Contains([]uint16{errConnections, errUserConnections, errUserLimit}, number(err))
}

func remedy(err error) string {
	switch number(err) {
	case 1044, 1142, 1143, 1370, 1410:
		return grants
	case 1227:
		return "a view, trigger or routine has another user as its definer: let an administrator GRANT SET USER ON *.* (MySQL: SET_ANY_DEFINER, SET_USER_ID before 8.2; ALLOW_NONEXISTENT_DEFINER where that user is gone)"
	case 1045, 1698, 1251:
		return "check USER and PASSWORD in DATABASES"
	case 1130:
		return "let the user connect from this host: CREATE USER ... or RENAME USER ... on the server"
	case errConnections, errUserConnections, errUserLimit:
		return "close other connections, or raise max_connections (max_user_connections for one user) on the server"
	case errLockWait, errDeadlock:
		return "a connection to it has a transaction open or a table locked: end it in the test that leaves it behind"
	case 1021, 1114, 3, 1016:
		return "the server's disk may be full: free some space there"
	case 1290, 1836, 1792:
		return "the server only lets databases be read: use one that can be written to"
	case 1153:
		return "raise max_allowed_packet on the server"
	case 1418, 1419:
		return "set log_bin_trust_function_creators=1 on the server, or switch its binary log off"
	}
	return remedyOfConnecting(err)
}

func remedyOfConnecting(err error) string {
	var authority x509.UnknownAuthorityError
	var hostname x509.HostnameError
	var invalid x509.CertificateInvalidError
	var network *net.OpError
	switch {
	case errors.As(err, &authority), errors.As(err, &hostname), errors.As(err, &invalid):
		return "check ssl_ca and ssl_mode in OPTIONS: the server's certificate is not to be trusted as they are"
	case errors.Is(err, mysql.ErrNoTLS):
		return "switch TLS on in the server, or set ssl_mode to PREFERRED or DISABLED in OPTIONS"
	case errors.Is(err, mysql.ErrUnknownPlugin), errors.Is(err, mysql.ErrCleartextPassword), errors.Is(err, mysql.ErrOldPassword):
		return "give the user a password of the kind caching_sha2_password, mysql_native_password or ed25519"
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		return "start the server, or check HOST and PORT (or the socket) in DATABASES"
	case errors.As(err, &network), errors.Is(err, mysql.ErrInvalidConn), errors.Is(err, context.DeadlineExceeded):
		return "check that the server is running and can be reached"
	}
	return ""
}
