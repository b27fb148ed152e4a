//go:build oracle

package oracle

import (
	"database/sql/driver"
	"fmt"
	"net/url"
	"strings"

	goora "github.com/sijms/go-ora/v2"
)

// dial prepares connections of a user, by go-ora.
func dial(l login) (driver.Connector, error) {
	target := url.URL{Scheme: "oracle", User: url.UserPassword(l.user, l.password)}
	if strings.HasPrefix(l.dsn, "(") {
		// go-ora takes a descriptor as an option of an address that it then ignores.
		target.Host, target.RawQuery = "localhost:0", url.Values{"connStr": {l.dsn}}.Encode()
	} else {
		at, err := parseDSN(l.dsn)
		if err != nil {
			return nil, err
		}
		target.Host, target.Path = fmt.Sprintf("%s:%s", at.host, at.port), "/"+at.service
	}
	return goora.NewConnector(target.String()), nil
}
