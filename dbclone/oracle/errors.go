package oracle

import (
	"context"
	"errors"
	"fmt"
	"net"
	"regexp"
	"strings"

	"hotclub/dbclone"
)

var errNoDriver = errors.New("this hotclub was built without Oracle")

// ora is an error's number, as in ORA-01017, or "". Drivers have it in the text; go-ora leaves the
// zeros out where it has no text for a number, and the listener's own are TNS's.
func ora(err error) string {
	if err == nil {
		return ""
	}
	found := number.FindStringSubmatch(err.Error())
	if found == nil {
		return ""
	}
	return "ORA-" + strings.Repeat("0", 5-len(found[1])) + found[1]
}

var number = regexp.MustCompile(`(?:ORA|TNS)-([0-9]{1,5})\b`)

func is(err error, numbers ...string) bool {
	found := ora(err)
	for _, each := range numbers {
		if found == each {
			return true
		}
	}
	return false
}

const (
	uniqueViolated  = "ORA-00001"
	resourceBusy    = "ORA-00054"
	nameTaken       = "ORA-00955"
	noTable         = "ORA-00942"
	noRight         = "ORA-01031"
	tablespaceThere = "ORA-01543"
	noUser          = "ORA-01918"
	userThere       = "ORA-01920"
	userConnected   = "ORA-01940"
	snapshotTooOld  = "ORA-01555"
	tableRedefined  = "ORA-01466"
	lockTaken       = "ORA-20054" // raised by our own statement, see alive.go
	notCompiled     = "ORA-06550" // such as a package that is not granted
)

// grants is what Django's manual wants for running tests, and all that we need.
const grants = "GRANT CREATE USER, ALTER USER, DROP USER, CREATE TABLESPACE TO %[1]s; " +
	"GRANT CREATE SESSION, CREATE TABLE, CREATE SEQUENCE, CREATE PROCEDURE, CREATE TRIGGER, CREATE VIEW TO %[1]s WITH ADMIN OPTION"

// remedies say what to do, by error number; %[1]s is the main user.
var remedies = map[string]string{
	"ORA-01017": "check USER and PASSWORD of the settings",
	"ORA-28000": "the account is locked: ALTER USER %[1]s ACCOUNT UNLOCK as an administrator",
	"ORA-28001": "the password has expired: ALTER USER %[1]s IDENTIFIED BY a new one",
	"ORA-28003": "the server's rule for passwords refuses ours: set TEST PASSWORD to one that it takes",
	"ORA-12541": "nothing listens there: start the listener, or check HOST and PORT",
	"ORA-12514": "the listener does not know this service: check NAME (lsnrctl services lists them), and wait if the database has just started",
	"ORA-12505": "the listener does not know this SID: with HOST and PORT, NAME is a SID; for a pluggable database set NAME to host:port/service and leave HOST and PORT out",
	"ORA-12154": "tnsnames.ora has no such alias: write NAME as host:port/service",
	"ORA-12170": "the server does not answer: check HOST, PORT and the firewall",
	"ORA-12516": "the server has no free process: raise PROCESSES, or use fewer workers",
	"ORA-12519": "the server has no free process: raise PROCESSES, or use fewer workers",
	"ORA-12520": "the server has no free process: raise PROCESSES, or use fewer workers",
	"ORA-00020": "the server has no free process: raise PROCESSES, or use fewer workers",
	"ORA-00018": "the server has no free session: raise SESSIONS, or use fewer workers",
	"ORA-02391": "the profile of this user allows no more sessions: raise its SESSIONS_PER_USER, or use fewer workers",
	"ORA-01033": "the server is starting or stopping: try again in a moment",
	"ORA-01034": "the database is not started: STARTUP as an administrator",
	"ORA-00028": "the connection was cut, or the server restarted: try again",
	"ORA-01012": "the connection was cut, or the server restarted: try again",
	"ORA-03113": "the connection was cut, or the server restarted: try again",
	"ORA-03114": "the connection was cut, or the server restarted: try again",
	"ORA-03135": "the connection was cut, or the server restarted: try again",
	"ORA-01031": "the main user lacks a right; as an administrator: " + grants,
	"ORA-01045": "GRANT CREATE SESSION TO %[1]s WITH ADMIN OPTION as an administrator",
	"ORA-65096": "this is the root of a container database, where test users can't be made: connect to a pluggable database, as NAME = host:port/FREEPDB1",
	"ORA-00959": "TEST TBLSPACE or TBLSPACE_TMP names a tablespace that is not there: create it, or let CREATE_DB be True",
	"ORA-01119": "the server can't create the data file: set TEST DATAFILE to a path that it can write, or ORACLE_MANAGED_FILES to True",
	"ORA-01536": "a test database has reached its quota: raise TEST DATAFILE_MAXSIZE, or set it to UNLIMITED",
	"ORA-01652": "the tablespace is full: make room on the server, or let its data file grow",
	"ORA-01653": "the tablespace is full: make room on the server, or let its data file grow",
	"ORA-01658": "the tablespace is full: make room on the server, or let its data file grow",
	"ORA-01659": "the tablespace is full: make room on the server, or let its data file grow",
	"ORA-01950": "a user has no quota on its tablespace; for the main user: ALTER USER %[1]s QUOTA UNLIMITED ON its default tablespace",
	"ORA-12528": "the server is starting or stopping: try again in a moment",
	"ORA-12564": "the listener refuses: check NAME, HOST and PORT",
	"ORA-00059": "the server has no room for another data file: raise DB_FILES, or set CREATE_DB to False and TEST TBLSPACE to a tablespace that is there",
	"ORA-00054": "a session holds a lock there: a test has left a transaction open",
	"ORA-01940": "somebody is connected as this user: end the session, or GRANT ALTER SYSTEM TO %[1]s so that hotclub can",
	"ORA-01920": "a user of this name is there, which is not hotclub's to drop: drop it if nobody needs it",
	"ORA-00257": "the archive log is full: make room on the server",
}

func remedy(err error, main string) string {
	text := remedies[ora(err)]
	var unreachable *net.OpError
	if text == "" && errors.As(err, &unreachable) {
		text = remedies["ORA-12541"]
	}
	return strings.ReplaceAll(text, "%[1]s", main)
}

// explain makes a [dbclone.ServerError] of what a server said. What has one already, is a
// decision of dbclone's or the end of a context stays as it is.
func (s *server) explain(ctx context.Context, op string, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return fmt.Errorf("oracle: %s: %w", op, context.Cause(ctx))
	}
	var already *dbclone.ServerError
	if errors.As(err, &already) || errors.Is(err, dbclone.ErrTemplateGone) || errors.Is(err, dbclone.ErrNotOurs) ||
		errors.Is(err, dbclone.ErrNotBuilt) || errors.Is(err, dbclone.ErrNoImage) {
		return err
	}
	if errors.Is(err, errNoDriver) {
		return s.fail(op, err, "build one with it: go install -tags oracle hotclub/cmd/hotclub")
	}
	return s.fail(op, err, remedy(err, s.settings.main.user))
}

func (s *server) fail(op string, err error, remedy string) error {
	return &dbclone.ServerError{Op: op, Server: s.id, Remedy: remedy, Err: err}
}
