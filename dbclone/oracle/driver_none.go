//go:build !oracle

package oracle

import "database/sql/driver"

// dial says how to get a hotclub that can.
func dial(login) (driver.Connector, error) { return nil, errNoDriver }
