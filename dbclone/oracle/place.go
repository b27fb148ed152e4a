package oracle

import (
	"context"
	"fmt"
)

// tablespaces are where test users keep what they own; doc.go says why all share one.
type tablespaces struct {
	name      string
	temporary string // "": the database's default
	quota     string
}

// findPlace decides on the tablespaces and makes ours when it is not there.
func (s *server) findPlace(ctx context.Context, own string) error {
	s.place = tablespaces{name: own, quota: s.settings.quota}
	switch {
	case !s.settings.createDB:
		if s.settings.tablespace != "" {
			s.place.name = s.settings.tablespace
		}
		s.place.temporary = s.settings.temporary
		return nil
	case !s.can.tablespace:
		return nil
	}
	s.place.name = cutName("HOTCLUB_" + s.settings.main.user)
	err := s.exec(ctx, s.createTablespace())
	if is(err, tablespaceThere) {
		return nil
	}
	return err
}

// createTablespace follows Django's statement (creation.py, _execute_test_db_creation), but that it
// is shared: it grows as far as the disk does, and REUSE could take the file of somebody else's.
func (s *server) createTablespace() string {
	file := "DATAFILE"
	if !s.settings.managed {
		file += " " + literal(orElse(s.settings.datafile, s.place.name+".dbf"))
	}
	return fmt.Sprintf("CREATE TABLESPACE %s %s SIZE %s AUTOEXTEND ON NEXT %s MAXSIZE UNLIMITED",
		quote(s.place.name), file, s.settings.size, s.settings.extension)
}

// cutName shortens a name of ours to what every Oracle takes.
func cutName(name string) string { return name[:min(len(name), longest)] }
