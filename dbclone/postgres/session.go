package postgres

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgproto3"
)

// connect opens a session in a database, as the role that the project's Django works as, and frees
// it of limits that the role, the database or the project's options may have set for queries of an
// application.
func (s *server) connect(ctx context.Context, database string) (*pgx.Conn, error) {
	settings, _ := s.known()
	config := settings.config.Copy()
	config.Database = database
	conn, err := pgx.ConnectConfig(ctx, config)
	if stateIs(err, "08P01") {
		// What PgBouncer answers to a greeting that it does not like: a database or a parameter that its
		// configuration does not name. A server would say it otherwise.
		return nil, fmt.Errorf("%w: it says %q", errPooler, said(err))
	}
	if err != nil {
		return nil, err
	}
	s.lines.add(conn)
	// One round trip, and a pooler in between does not mind.
	if _, err := conn.PgConn().Exec(ctx, settings.opening(conn)).ReadAll(); err != nil {
		hangUp(conn)
		return nil, err
	}
	return conn, nil
}

func (s settings) opening(conn *pgx.Conn) string {
	statements := []string{
		"SET statement_timeout = 0", "SET lock_timeout = 0", "SET idle_in_transaction_session_timeout = 0",
		"SET default_transaction_read_only = off", "SET standard_conforming_strings = on",
	}
	if major(conn) >= 14 {
		statements = append(statements, "SET idle_session_timeout = 0")
	}
	if major(conn) >= 17 {
		statements = append(statements, "SET transaction_timeout = 0")
	}
	if s.role != "" {
		statements = append(statements, "SET ROLE "+identifier(s.role))
	}
	return strings.Join(statements, "; ")
}

// major is the server's version as it says with its greeting; 0 when it says nothing of the kind.
func major(conn *pgx.Conn) int {
	version := conn.PgConn().ParameterStatus("server_version")
	digits := strings.IndexFunc(version, func(r rune) bool { return r < '0' || r > '9' })
	if digits >= 0 {
		version = version[:digits]
	}
	n, _ := strconv.Atoi(version)
	return n
}

// hangUp ends a session politely and returns once the server has let go of it, so that its place is
// free for another: the server closes the connection after everything else. It does not wait for a
// server that says nothing.
func hangUp(conn *pgx.Conn) {
	if conn == nil || conn.IsClosed() {
		return
	}
	raw, err := conn.PgConn().Hijack()
	if err != nil { // it is in the middle of something
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = conn.Close(ctx) // there is nothing to be done about it
		return
	}
	defer raw.Conn.Close()
	_ = raw.Conn.SetDeadline(time.Now().Add(time.Second))
	raw.Frontend.Send(&pgproto3.Terminate{})
	if raw.Frontend.Flush() == nil {
		_, _ = io.Copy(io.Discard, raw.Conn)
	}
}

// identifier quotes a name: any characters, capitals and quotes included.
func identifier(name string) string { return pgx.Identifier{name}.Sanitize() }

// literal quotes a text; see standard_conforming_strings above.
func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
