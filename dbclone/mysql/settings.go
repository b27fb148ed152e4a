package mysql

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"os"
	"os/user"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-sql-driver/mysql"

	"hotclub/dbclone"
)

// settings say how to reach a server.
type settings struct {
	id     string // user@host:port or user@/path/to/socket
	config *mysql.Config
	begin  []string // statements that each session begins with
	habits string   // see below
}

// keywords that Django's backend passes on, and what read_default_file may call them.
var keywords = map[string]string{
	"host": "host", "port": "port", "user": "user", "password": "password", "socket": "unix_socket",
	"ssl-ca": "ssl_ca", "ssl-cert": "ssl_cert", "ssl-key": "ssl_key", "ssl-mode": "ssl_mode",
	"ssl": "ssl", "ssl-verify-server-cert": "ssl_verify_server_cert", "init-command": "init_command",
}

// newSettings reads host (a name, an address or the path of a socket), port, unix_socket, user,
// password, ssl_ca, ssl_cert, ssl_key, ssl_mode, read_default_file, read_default_group, init_command
// and sql_mode. What is given comes before what a file says.
func newSettings(given dbclone.Server) (*settings, error) {
	all, err := withDefaults(given)
	if err != nil {
		return nil, err
	}
	config := mysql.NewConfig()
	config.User, config.Passwd = all["user"], all["password"]
	if config.User == "" {
		config.User = login()
	}
	config.MultiStatements, config.InterpolateParams = true, true
	config.Timeout = 10 * time.Second
	config.Logger = &mysql.NopLogger{} // errors are returned as well
	if config.Net, config.Addr, err = address(all); err != nil {
		return nil, err
	}
	if config.Net == "tcp" {
		if err := secure(config, all); err != nil {
			return nil, err
		}
	}
	s := &settings{id: config.User + "@" + config.Addr, config: config, habits: habits(all)}
	if command := all["init_command"]; command != "" {
		s.begin = append(s.begin, command)
	}
	s.begin = append(s.begin, manners, rememberManners)
	return s, nil
}

// manners make a session show definitions and take rows as they are, whatever the server's defaults
// are. What only one of the two kinds of server knows stands in comments that the other skips.
const manners = `SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO', time_zone = '+00:00', autocommit = 1,
	foreign_key_checks = 0, unique_checks = 1, sql_safe_updates = 0, sql_quote_show_create = 1, sql_notes = 0,
	sql_select_limit = DEFAULT, sql_big_selects = 1, lock_wait_timeout = 3, innodb_lock_wait_timeout = 3,
	wait_timeout = 2000000
	/*M!100600 , check_constraint_checks = 0, max_statement_time = 0 */
	/*!80000 , information_schema_stats_expiry = 0, max_execution_time = 0 */
	/*!80030 , show_gipk_in_create_table_and_information_schema = 1 */`

// rememberManners notes what ownManners puts back after a program was made.
const (
	rememberManners = "SET @hotclub_mode = @@sql_mode, @hotclub_client = @@character_set_client, @hotclub_connection = @@collation_connection, @hotclub_zone = @@time_zone"
	ownManners      = "SET sql_mode = @hotclub_mode, character_set_client = @hotclub_client, collation_connection = @hotclub_connection, time_zone = @hotclub_zone"
)

func withDefaults(given dbclone.Server) (map[string]string, error) {
	all := make(map[string]string)
	if file := given["read_default_file"]; file != "" {
		groups := []string{"client", "client-server", "client-mariadb"}
		if group := given["read_default_group"]; group != "" {
			groups = append(groups, group)
		}
		found, err := readOptions(file, groups)
		if err != nil {
			return nil, fmt.Errorf("mysql: read_default_file %s: %w", file, err)
		}
		for option, value := range found {
			if keyword, known := keywords[option]; known {
				all[keyword] = value
			}
		}
	}
	for keyword, value := range given {
		if value != "" {
			all[keyword] = value
		}
	}
	return all, nil
}

func login() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return ""
}

// Where libmysqlclient and libmariadb look for the socket of a server on this host, as built by
// distributions.
var sockets = []string{"/run/mysqld/mysqld.sock", "/var/run/mysqld/mysqld.sock", "/tmp/mysql.sock", "/var/lib/mysql/mysql.sock", "/opt/homebrew/var/mysql/mysql.sock"}

// address chooses as the C library does: "localhost" is the socket, where there is one.
func address(all map[string]string) (network, addr string, err error) {
	host, port := all["host"], all["port"]
	if port == "" || port == "0" {
		port = "3306"
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return "", "", fmt.Errorf("mysql: PORT %q is no port", port)
	}
	switch {
	case strings.HasPrefix(host, "/"): // Django takes it for the socket's path
		return "unix", host, nil
	case host != "" && host != "localhost":
		return "tcp", net.JoinHostPort(host, port), nil
	case all["unix_socket"] != "":
		return "unix", all["unix_socket"], nil
	}
	if runtime.GOOS != "windows" {
		for _, path := range append([]string{os.Getenv("MYSQL_UNIX_PORT")}, sockets...) {
			if info, err := os.Stat(path); err == nil && info.Mode()&os.ModeSocket != 0 {
				return "unix", path, nil
			}
		}
	}
	return "tcp", net.JoinHostPort("127.0.0.1", port), nil
}

// secure sets TLS up as ssl_mode says; without it, as Django's drivers do: a certificate authority
// asks for TLS, else it is taken when the server offers it.
func secure(config *mysql.Config, all map[string]string) error {
	mode := strings.ToUpper(all["ssl_mode"])
	if mode == "" {
		mode = "PREFERRED"
		if all["ssl_ca"] != "" {
			mode = "VERIFY_CA"
		}
	}
	if mode == "DISABLED" {
		return nil
	}
	secured := &tls.Config{InsecureSkipVerify: true} // REQUIRED and PREFERRED only want it encrypted
	if all["ssl_ca"] != "" {
		pem, err := os.ReadFile(all["ssl_ca"])
		if err != nil {
			return fmt.Errorf("mysql: ssl_ca: %w", err)
		}
		secured.RootCAs = x509.NewCertPool()
		if !secured.RootCAs.AppendCertsFromPEM(pem) {
			return fmt.Errorf("mysql: ssl_ca: %s holds no certificate", all["ssl_ca"])
		}
	}
	if all["ssl_cert"] != "" {
		pair, err := tls.LoadX509KeyPair(all["ssl_cert"], all["ssl_key"])
		if err != nil {
			return fmt.Errorf("mysql: ssl_cert and ssl_key: %w", err)
		}
		secured.Certificates = []tls.Certificate{pair}
	}
	switch mode {
	case "PREFERRED":
		config.AllowFallbackToPlaintext = true
	case "REQUIRED":
	case "VERIFY_CA":
		secured.VerifyConnection = func(state tls.ConnectionState) error { return verifyChain(state, secured.RootCAs) }
	case "VERIFY_IDENTITY":
		secured.InsecureSkipVerify = false
	default:
		return fmt.Errorf("mysql: ssl_mode %q: want DISABLED, PREFERRED, REQUIRED, VERIFY_CA or VERIFY_IDENTITY", all["ssl_mode"])
	}
	config.TLS = secured
	return nil
}

// verifyChain trusts a certificate of the authority's, whatever host it is for.
func verifyChain(state tls.ConnectionState, roots *x509.CertPool) error {
	between := x509.NewCertPool()
	for _, each := range state.PeerCertificates[1:] {
		between.AddCert(each)
	}
	_, err := state.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: between})
	return err
}

// habits digests what of the settings changes what a migration makes. An init_command may hold
// anything, so it is not shown.
func habits(given map[string]string) string {
	digest := sha256.Sum256([]byte(given["init_command"] + "\x00" + given["sql_mode"]))
	return fmt.Sprintf("%x", digest[:6])
}

// connector opens sessions that begin with some statements. The settings may change meanwhile, say
// the password.
type connector struct {
	settings atomic.Pointer[settings]
	sessions numbers
}

func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	now := c.settings.Load()
	inner, err := mysql.NewConnector(now.config)
	if err != nil {
		return nil, err
	}
	conn, err := inner.Connect(ctx)
	if err != nil {
		return nil, err
	}
	for _, statement := range now.begin {
		if _, err := conn.(driver.ExecerContext).ExecContext(ctx, statement, nil); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
	}
	number, err := numberOf(ctx, conn)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	c.sessions.add(number)
	return conn, nil
}

func (*connector) Driver() driver.Driver { return mysql.MySQLDriver{} }
