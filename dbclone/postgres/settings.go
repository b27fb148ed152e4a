package postgres

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"

	"hotclub/dbclone"
)

// keywords are the connection parameters of libpq that say where a server is and who we are. The
// others tune a worker's connection and mean nothing for ours.
var keywords = []string{
	"host", "port", "user", "password", "passfile", "service", "servicefile", "options", "connect_timeout",
	"sslmode", "sslcert", "sslkey", "sslrootcert", "sslpassword", "sslcertmode", "sslnegotiation", "sslsni",
	"target_session_attrs", "channel_binding", "require_auth", "krbsrvname", "krbspn",
}

// settings are a worker's connection parameters, understood.
type settings struct {
	config *pgx.ConnConfig // without a database
	role   string          // to become after connecting, "": stay who we are
	dbname string          // of the project, which exists for certain when "postgres" does not
}

// understand reads connection parameters. The variables PG* of our own environment are not those of
// the worker, so what the worker does not name gets libpq's default before they are looked at.
func understand(server dbclone.Server) (settings, error) {
	words := neutral()
	if server["service"] != "" {
		clear(words) // a service file names what the parameters don't
	}
	for _, word := range keywords {
		if value := server[word]; value != "" {
			words[word] = value
		}
	}
	address := server["hostaddr"]
	if address != "" && server["host"] == "" {
		words["host"] = address
	}
	var text strings.Builder
	for word, value := range words {
		fmt.Fprintf(&text, "%s='%s' ", word, strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(value))
	}
	config, err := pgx.ParseConfig(text.String())
	if err != nil {
		return settings{}, fmt.Errorf("postgres: the connection parameters %s don't make sense together: %w",
			strings.Join(slices.Sorted(maps.Keys(words)), ", "), withoutText(err))
	}
	for name := range config.RuntimeParams {
		if name != "options" || server["options"] == "" && server["service"] == "" {
			delete(config.RuntimeParams, name)
		}
	}
	config.DialFunc = dialer().DialContext
	if address != "" { // the host is then only what a certificate has to be for
		config.LookupFunc = func(context.Context, string) ([]string, error) { return []string{address}, nil }
	}
	// Whoever is not waited for any more has the server stop too: nothing goes on behind our back.
	config.BuildContextWatcherHandler = func(conn *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: conn, DeadlineDelay: 5 * time.Second}
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 10 * time.Second
	}
	return settings{config: config, role: server["role"], dbname: server["dbname"]}, nil
}

// neutral are the defaults of libpq.
func neutral() map[string]string {
	words := map[string]string{
		"host": defaultHost(), "port": "5432", "password": "", "sslmode": "prefer",
		"target_session_attrs": "any", "connect_timeout": "10",
	}
	if home, err := os.UserHomeDir(); err == nil {
		words["passfile"] = filepath.Join(home, ".pgpass")
	}
	if who, err := user.Current(); err == nil {
		words["user"] = who.Username
	}
	return words
}

// defaultHost is the folder where this system's libpq looks for the socket, or the loopback.
func defaultHost() string {
	for _, dir := range []string{"/var/run/postgresql", "/private/tmp", "/tmp"} {
		if sockets, _ := filepath.Glob(filepath.Join(dir, ".s.PGSQL.*")); len(sockets) > 0 {
			return dir
		}
	}
	return "localhost"
}

// withoutText drops the parameters from an error about them: there may be a password in there.
func withoutText(err error) error {
	var parse *pgconn.ParseConfigError
	switch {
	case !errors.As(err, &parse):
		return err
	case parse.Unwrap() == nil:
		return errors.New("one of them has no meaning")
	}
	return parse.Unwrap()
}

// id names the server, and who we are there, without secrets and the same in every process.
func (s settings) id() string {
	who := s.config.User
	if s.role != "" {
		who += " as " + s.role
	}
	return who + "@" + net.JoinHostPort(s.config.Host, fmt.Sprint(s.config.Port))
}
