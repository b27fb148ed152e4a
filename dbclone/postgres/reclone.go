package postgres

import (
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
)

// errReclone is found in errors that say: this database can't be put back exactly, or only at more
// cost than making it anew. See whyReclone for the reason.
var errReclone = errors.New("it has to be cloned anew")

type recloneError struct {
	why string
	err error // nil, or what the server said
}

func (e *recloneError) Error() string {
	if e.err != nil {
		return e.why + ": " + e.err.Error()
	}
	return e.why
}

func (e *recloneError) Is(target error) bool { return target == errReclone }
func (e *recloneError) Unwrap() error        { return e.err }

func reclone(format string, args ...any) error {
	return &recloneError{why: fmt.Sprintf(format, args...)}
}

// whyReclone is the reason in an errReclone, for people.
func whyReclone(err error) string {
	var because *recloneError
	if errors.As(err, &because) {
		return because.Error()
	}
	return err.Error()
}

// refused turns what the server refused to do into an errReclone: whatever the cause is, a fresh
// clone does not have it. Lost connections and ended contexts stay what they are.
func refused(err error, doing string) error {
	var said *pgconn.PgError
	switch {
	case err == nil || errors.Is(err, errReclone):
		return err
	case !errors.As(err, &said) || said.SeverityUnlocalized == "FATAL" || said.Code[:2] == "57": // an administrator steps in
		return fmt.Errorf("postgres: %s: %w", doing, err)
	case said.Code == lockNotAvailable:
		return &recloneError{why: "another session holds a lock", err: err}
	}
	return &recloneError{why: doing + " failed", err: err}
}

const (
	lockNotAvailable  = "55P03"
	undefinedFunction = "42883"
)
