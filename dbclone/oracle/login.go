package oracle

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"hotclub/dbclone"
)

// login is how one user connects.
type login struct{ user, password, dsn string }

// settings are what Django's settings say about one server. The keywords of [dbclone.Server] are
//
//	user, password            of the main user
//	dsn                       as django.db.backends.oracle.utils.dsn gives it, tnsnames resolved
//	test_password             TEST PASSWORD: of every test user
//	test_create_db            TEST CREATE_DB, "false": the tablespaces are there
//	test_tblspace             TEST TBLSPACE, used only then
//	test_tblspace_tmp         TEST TBLSPACE_TMP, used only then
//	test_datafile             TEST DATAFILE and so on, of the tablespace that we make
//	test_datafile_size
//	test_datafile_extsize
//	test_datafile_maxsize     of one test database
//	test_oracle_managed_files
type settings struct {
	main         login
	testPassword string
	createDB     bool
	tablespace   string
	temporary    string
	datafile     string
	size         string
	extension    string
	quota        string
	managed      bool
}

func parseSettings(server dbclone.Server) (settings, error) {
	s := settings{
		main:         login{user: unquoted(server["user"]), password: server["password"], dsn: server["dsn"]},
		testPassword: server["test_password"],
		createDB:     !strings.EqualFold(server["test_create_db"], "false"),
		tablespace:   unquoted(server["test_tblspace"]),
		temporary:    unquoted(server["test_tblspace_tmp"]),
		datafile:     server["test_datafile"],
		size:         orElse(server["test_datafile_size"], "50M"),
		extension:    orElse(server["test_datafile_extsize"], "25M"),
		quota:        strings.ToUpper(orElse(server["test_datafile_maxsize"], "500M")),
		managed:      strings.EqualFold(server["test_oracle_managed_files"], "true"),
	}
	for name, value := range map[string]string{"DATAFILE_SIZE": s.size, "DATAFILE_EXTSIZE": s.extension, "DATAFILE_MAXSIZE": s.quota} {
		if !size.MatchString(value) {
			return settings{}, fmt.Errorf("oracle: TEST %s %q is no size such as 500M", name, value)
		}
	}
	switch {
	case s.main.user == "":
		return settings{}, s.refuse(errors.New("the settings name no USER"), "set USER to a user that may create users")
	case s.main.password == "" && s.testPassword == "":
		return settings{}, s.refuse(errors.New("the main user has no password"), "set PASSWORD, or TEST PASSWORD if the main user is known by a wallet or the operating system")
	case strings.Contains(s.main.password+s.testPassword, `"`):
		return settings{}, s.refuse(errors.New(`a password holds the character ", which Oracle does not allow`), "change the password")
	case s.main.dsn == "":
		return settings{}, s.refuse(errors.New("the settings name no server"), "set NAME, or NAME, HOST and PORT")
	}
	if _, err := parseDSN(s.main.dsn); err != nil {
		return settings{}, s.refuse(err, "write NAME as host:port/service, or resolve the alias of tnsnames.ora to its description")
	}
	return s, nil
}

func (s settings) refuse(err error, remedy string) error {
	return &dbclone.ServerError{Op: "read the settings", Server: orElse(s.main.dsn, "Oracle"), Remedy: remedy, Err: err}
}

var size = regexp.MustCompile(`(?i)^(unlimited|[0-9]+[kmgtpe]?)$`)

func orElse(value, fallback string) string {
	if value == "" {
		return fallback
	}
	return value
}

// id names the server and the main user, without secrets.
func (s settings) id() string {
	at, _ := parseDSN(s.main.dsn)
	return strings.ToLower(fmt.Sprintf("%s@%s:%s/%s", s.main.user, at.host, at.port, at.service))
}

// password is what a test user logs in with, who is named as [Engine.Locate] does. A worker computes
// the same by itself, so that no password has to be kept or sent. Letters of both cases and digits satisfy Oracle's own checks of
// passwords as far as Django's random ones do; 29 characters are within its 30.
func (s settings) password(user string) string {
	if s.testPassword != "" {
		return s.testPassword
	}
	return derive(s.main.password, "hotclub oracle "+strings.ToLower(user))
}

// sealedPassword is what a sealed template's user has: nobody who built it can log in any more.
func (s settings) sealedPassword(user string) string {
	return derive(orElse(s.main.password, s.testPassword), "hotclub oracle sealed "+strings.ToLower(user))
}

func derive(secret, text string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(text))
	return "Hc1" + strings.ToLower(base32.StdEncoding.EncodeToString(mac.Sum(nil)))[:26]
}

func (s settings) as(user string) login {
	return login{user: user, password: s.password(user), dsn: s.main.dsn}
}

func (s settings) asSealed(user string) login {
	return login{user: user, password: s.sealedPassword(user), dsn: s.main.dsn}
}

// address is where a server listens, and which database of it is meant.
type address struct{ host, port, service string }

var (
	easy       = regexp.MustCompile(`^(?:(?:tcp|tcps):)?(?://)?(\[[0-9a-fA-F:]+\]|[^/:?()]+)(?::([0-9]+))?/([^/:?]+)(?:[:/?].*)?$`)
	descriptor = map[string]*regexp.Regexp{
		"host":    regexp.MustCompile(`(?i)\(\s*HOST\s*=\s*([^)\s]+)\s*\)`),
		"port":    regexp.MustCompile(`(?i)\(\s*PORT\s*=\s*([0-9]+)\s*\)`),
		"service": regexp.MustCompile(`(?i)\(\s*(?:SERVICE_NAME|SID)\s*=\s*([^)\s]+)\s*\)`),
	}
)

// parseDSN reads a connect descriptor or Oracle's easy connect, host[:port]/service.
func parseDSN(dsn string) (address, error) {
	at := address{port: "1521"}
	if strings.HasPrefix(strings.TrimSpace(dsn), "(") {
		for name, into := range map[string]*string{"host": &at.host, "port": &at.port, "service": &at.service} {
			if found := descriptor[name].FindStringSubmatch(dsn); found != nil {
				*into = found[1]
			}
		}
	} else if found := easy.FindStringSubmatch(dsn); found != nil {
		at = address{host: found[1], port: orElse(found[2], at.port), service: found[3]}
	}
	if at.host == "" || at.service == "" {
		return address{}, fmt.Errorf("%q names no host and service", dsn)
	}
	return at, nil
}
