package postgres

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"hotclub/dbclone"
)

var (
	errPooler   = errors.New("something in between (PgBouncer, Pgpool) hands sessions of the server around")
	errTooOld   = errors.New("the server is too old")
	errNoRight  = errors.New("permission denied to create databases")
	errRestart  = errors.New("the connection to the server was lost meanwhile")
	errOccupied = errors.New("it is being used")
)

// fail puts together what was tried on this server, what came of it and what the user can do. When
// the context ended that is what counts.
func (s *server) fail(ctx context.Context, op string, err error) error {
	_, facts := s.known()
	return failure(ctx, op, s.id, facts.role, err)
}

func failure(ctx context.Context, op, server, role string, err error) error {
	var already *dbclone.ServerError
	switch {
	case err == nil || errors.As(err, &already) || errors.Is(err, dbclone.ErrNotOurs) ||
		errors.Is(err, dbclone.ErrNotBuilt) || errors.Is(err, dbclone.ErrTemplateGone) || errors.Is(err, dbclone.ErrNoImage):
		return err
	case ctx.Err() != nil:
		return fmt.Errorf("postgres: could not %s: %w", op, context.Cause(ctx))
	}
	return &dbclone.ServerError{Op: op, Server: server, Remedy: remedy(err, role), Err: err}
}

// remedies by SQLSTATE, see the appendix of PostgreSQL's manual.
var remedies = map[string]string{
	"28P01": "check USER and PASSWORD of this alias in DATABASES, or the password file",
	"28000": "check USER of this alias in DATABASES; if the role exists, pg_hba.conf on the server has to let it in from here",
	"3D000": `make the maintenance database with "CREATE DATABASE postgres", or let NAME of this alias exist`,
	"53300": "run fewer workers, close other clients, or raise max_connections in postgresql.conf and restart the server",
	"53100": "free some space on the server's disk, or drop databases that nobody needs (hotclub db sweep)",
	"53200": "the server is short of memory: run fewer workers",
	"57P01": "the server was stopped or restarted: run again once it is up",
	"57P02": "the server crashed and recovers: run again once it is up; its log says why",
	"57P03": "the server is starting up or shutting down: run again once it is up",
	"22023": "check OPTIONS of this alias in DATABASES",
}

func remedy(err error, role string) string {
	var refused *pgconn.PgError
	switch {
	case errors.Is(err, errPooler):
		return "let HOST and PORT in the settings that tests run with name the PostgreSQL server itself, not the pooler"
	case errors.Is(err, errTooOld):
		return fmt.Sprintf("use PostgreSQL %d or newer", oldest)
	case errors.Is(err, errNoRight):
		return fmt.Sprintf("as a superuser, run: ALTER ROLE %s CREATEDB", identifier(role))
	case errors.Is(err, errOccupied):
		return "end those sessions"
	case errors.As(err, &refused):
		if refused.Code == "42501" && strings.Contains(refused.Message, "create database") {
			return remedy(errNoRight, role)
		}
		if refused.Code == "42501" && strings.Contains(refused.Message, "must be owner of database") {
			return "drop it as the role that made it or as a superuser, or let USER of this alias be that role"
		}
		if refused.Code == "28000" && strings.Contains(refused.Message, "no encryption") && !strings.Contains(refused.Message, "[local]") {
			return refusedTLS
		}
		if refused.Code == "42501" && strings.Contains(refused.Message, "set role") {
			return "let USER of this alias be a member of the role that OPTIONS has it assume, with GRANT"
		}
		return remedies[refused.Code]
	case overTLS(err):
		return refusedTLS
	case lost(err):
		return "see whether the server was restarted or crashed (its log says so), and run again"
	case away(err):
		return "start the PostgreSQL server, or check HOST and PORT of this alias in DATABASES"
	}
	return ""
}

const refusedTLS = "check sslmode, sslrootcert, sslcert and sslkey in OPTIONS of this alias, and ssl and pg_hba.conf on the server"

func overTLS(err error) bool {
	var header tls.RecordHeaderError
	var alert tls.AlertError
	var verification *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	return errors.As(err, &header) || errors.As(err, &alert) || errors.As(err, &verification) || errors.As(err, &authority) ||
		errors.As(err, &name) || err != nil && strings.Contains(err.Error(), "server refused TLS")
}

// starting reports whether a server is there but not ready yet.
func starting(err error) bool { return stateIs(err, "57P03") }

// away reports whether no server could be spoken with.
func away(err error) bool {
	var network net.Error
	return errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, fs.ErrNotExist) || errors.As(err, &network) || lost(err) ||
		stateIs(err, "57P01") || stateIs(err, "57P02")
}

// lost reports whether a server hung up.
func lost(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) ||
		errors.Is(err, syscall.EPIPE) || errors.Is(err, pgconn.ErrConnClosed) || errors.Is(err, net.ErrClosed) || errors.Is(err, errRestart)
}

// noSlot reports whether a server takes no more connections.
func noSlot(err error) bool { return stateIs(err, "53300") }

// unwatched is a context for what has to be done although another one has ended.
func unwatched(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
}
