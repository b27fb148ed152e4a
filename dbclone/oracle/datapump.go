package oracle

import (
	"context"
	"fmt"
	"strings"
)

// pumped copies by Data Pump, from this database to itself, when the main user may. When it can't be
// for a reason that lies in the server, the other way is taken from then on.
func (s *server) pumped(ctx context.Context, from *source, to *session) (bool, error) {
	s.mu.Lock()
	may := s.pump
	s.mu.Unlock()
	if !may {
		return false, nil
	}
	err := s.makeLink(ctx)
	if err == nil {
		err = s.exec(ctx, pump, s.link(), "HOTCLUB_"+to.user, from.user, to.user)
	}
	if err == nil {
		// What a clone is compared with later.
		return true, s.letRead(ctx, from, to.user)
	}
	if ctx.Err() != nil {
		s.stopPump(ctx, to.user)
		return false, context.Cause(ctx)
	}
	if !is(err, unpumpable...) {
		return false, fmt.Errorf("importing by Data Pump: %w", err)
	}
	s.mu.Lock()
	s.pump = false
	s.mu.Unlock()
	return false, wipe(ctx, to) // the import may have begun
}

// unpumpable are errors that would come back for every clone: no such package or right, no link to
// itself (a name that does not resolve on the server, GLOBAL_NAMES), no pool for streams.
var unpumpable = []string{
	notCompiled, noRight, "ORA-31631", "ORA-31626", "ORA-39001", "ORA-12154", "ORA-12514", "ORA-12541", "ORA-02085", "ORA-02019",
	"ORA-39149", "ORA-04031", "ORA-01017",
}

// pump is one job: metadata and rows of a schema, under the name of another user, who is there.
// Everything about the user itself is left out.
const pump = `DECLARE
  link VARCHAR2(128) := :1;
  name VARCHAR2(128) := :2;
  source VARCHAR2(128) := :3;
  target VARCHAR2(128) := :4;
  job NUMBER;
  state VARCHAR2(30);
BEGIN
  job := DBMS_DATAPUMP.OPEN(operation => 'IMPORT', job_mode => 'SCHEMA', remote_link => link, job_name => name);
  DBMS_DATAPUMP.METADATA_FILTER(job, 'SCHEMA_LIST', DBMS_ASSERT.ENQUOTE_LITERAL(source));
  DBMS_DATAPUMP.METADATA_FILTER(job, 'EXCLUDE_PATH_EXPR',
    'IN (''USER'', ''SYSTEM_GRANT'', ''ROLE_GRANT'', ''DEFAULT_ROLE'', ''TABLESPACE_QUOTA'', ''OBJECT_GRANT'', ''STATISTICS'')');
  DBMS_DATAPUMP.METADATA_REMAP(job, 'REMAP_SCHEMA', source, target);
  DBMS_DATAPUMP.METADATA_TRANSFORM(job, 'SEGMENT_ATTRIBUTES', 0);
  DBMS_DATAPUMP.START_JOB(job);
  DBMS_DATAPUMP.WAIT_FOR_JOB(job, state);
  IF state <> 'COMPLETED' THEN
    RAISE_APPLICATION_ERROR(-20055, 'Data Pump ended as ' || state);
  END IF;
END;`

// A job goes on when the session that waits for it does not, and would fill a user that is dropped.
const stopPump = `BEGIN
  DBMS_DATAPUMP.STOP_JOB(DBMS_DATAPUMP.ATTACH(job_name => :1), immediate => 1, keep_master => 0);
END;`

func (s *server) stopPump(ctx context.Context, user string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleaning)
	defer cancel()
	_ = s.exec(ctx, stopPump, "HOTCLUB_"+user) // ORA-31626: there was none
}

// link is the name of this owner's database link; it leaves with the owner.
func (s *server) link() string { return cutName("HCL_" + strings.ToUpper(s.owner.ID)) }

func (s *server) makeLink(ctx context.Context) error {
	target := s.settings.main.dsn
	err := s.exec(ctx, fmt.Sprintf("CREATE DATABASE LINK %s CONNECT TO %s IDENTIFIED BY %s USING %s",
		quote(s.link()), quote(s.settings.main.user), quote(s.settings.main.password), literal(target)))
	if is(err, "ORA-02011") { // it is there
		return nil
	}
	return err
}

func (s *server) dropLink(ctx context.Context) error {
	err := s.exec(ctx, "DROP DATABASE LINK "+quote(s.link()))
	if is(err, "ORA-02024") { // it never was
		return nil
	}
	return err
}
