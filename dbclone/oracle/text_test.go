package oracle

import (
	"errors"
	"strings"
	"testing"

	"hotclub/dbclone"
)

// The worker computes the same; runner/worker/python/hotclub_worker has the other half of this.
func TestPassword(t *testing.T) {
	s, err := parseSettings(shop)
	ok(t, err)
	for _, user := range []string{"hcc_abc_1", "HCC_ABC_1"} {
		if got := s.password(user); got != "Hc1zvcyrisj2s3uufjut55dzf3dxc" {
			t.Error(got)
		}
	}
	if s.password("HCC_ABC_1") == s.password("HCC_ABC_2") || s.password("HCC_ABC_1") == s.sealedPassword("HCC_ABC_1") {
		t.Error("a password serves twice")
	}
	s.testPassword = "chosen"
	if got := s.password("HCC_ABC_1"); got != "chosen" {
		t.Error(got)
	}
	if len(s.sealedPassword("X")) > 30 {
		t.Error("too long for Oracle")
	}
}

func TestDSN(t *testing.T) {
	for dsn, want := range map[string]string{
		"db:1522/xepdb1":                "db:1522/xepdb1",
		"db/xepdb1":                     "db:1521/xepdb1",
		"//db.example:1521/x:dedicated": "db.example:1521/x",
		"tcps://db:2484/x?wallet=1":     "db:2484/x",
		"[::1]:1521/x":                  "[::1]:1521/x",
		"(DESCRIPTION=(ADDRESS=(PROTOCOL=TCP)(HOST=db)(PORT=1530))(CONNECT_DATA=(SID=xe)))":       "db:1530/xe",
		"(description = (address = (host = db)) (connect_data = (service_name = x.example.com)))": "db:1521/x.example.com",
	} {
		at, err := parseDSN(dsn)
		ok(t, err)
		if got := at.host + ":" + at.port + "/" + at.service; got != want {
			t.Errorf("%s: got %s", dsn, got)
		}
	}
	for _, dsn := range []string{"orcl", "", "(DESCRIPTION=)", "host:port/"} {
		if at, err := parseDSN(dsn); err == nil {
			t.Errorf("%q: got %+v", dsn, at)
		}
	}
}

func TestSettings(t *testing.T) {
	for name, change := range map[string]dbclone.Server{
		"an alias of tnsnames.ora": {"dsn": "orcl"},
		"no user":                  {"user": ""},
		"no password":              {"password": ""},
		"a quotation mark":         {"password": `a"b`},
		"a size that is SQL":       {"test_datafile_maxsize": "1M; DROP USER SHOP"},
		"no server":                {"dsn": ""},
	} {
		server := dbclone.Server{}
		for _, from := range []dbclone.Server{shop, change} {
			for key, value := range from {
				server[key] = value
			}
		}
		_, err := New().Meet(t.Context(), server, dbclone.Owner{ID: "owner1"})
		if err == nil || strings.Contains(err.Error(), mainPassword) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRenamer(t *testing.T) {
	rename := renamer("HCB_O_1", "HCC_O_22")
	for text, want := range map[string]string{
		`"HCB_O_1"."T"`:              `"HCC_O_22"."T"`,
		`SELECT * FROM hcb_o_1.t`:    `SELECT * FROM hcc_o_22.t`,
		`WHERE owner = 'HCB_O_1'`:    `WHERE owner = 'HCC_O_22'`,
		`"HCB_O_12"."T" XHCB_O_1`:    `"HCB_O_12"."T" XHCB_O_1`,
		`"HCB_O_1"."HCB_O_1_SEQ" $1`: `"HCC_O_22"."HCB_O_1_SEQ" $1`,
	} {
		if got := rename(text); got != want {
			t.Errorf("%s: got %s", text, got)
		}
	}
}

func TestQuoting(t *testing.T) {
	if got := quote(`a"b`); got != `"ab"` {
		t.Error(got)
	}
	if got := literal("it's"); got != "'it''s'" {
		t.Error(got)
	}
	if got := unquoted("shop"); got != "SHOP" {
		t.Error(got)
	}
	if got := unquoted(`"Shop"`); got != "Shop" {
		t.Error(got)
	}
}

// DBMS_METADATA puts two statements into the text of a trigger.
func TestStatements(t *testing.T) {
	trigger := "\n  CREATE OR REPLACE TRIGGER \"U\".\"G\" BEFORE INSERT ON \"U\".\"T\"\nBEGIN\n  NULL;\nEND;\nALTER TRIGGER \"U\".\"G\" ENABLE"
	got := statements(trigger)
	if len(got) != 2 || !strings.HasSuffix(got[0], "END;") || got[1] != `ALTER TRIGGER "U"."G" ENABLE` {
		t.Errorf("%q", got)
	}
	if got := statements("  CREATE VIEW V"); len(got) != 1 || got[0] != "CREATE VIEW V" {
		t.Errorf("%q", got)
	}
}

func TestCompare(t *testing.T) {
	for name, kinds := range map[string][]string{
		"a type of the user's": {"NUMBER", "SHOP_POINT"}, "xml": {"NUMBER", "XMLTYPE"}, "long": {"LONG"},
		"large objects without a key": {"NCLOB"},
	} {
		table := &table{name: "T"}
		for _, kind := range kinds {
			table.columns = append(table.columns, columnDef{name: kind, kind: kind})
		}
		if got := compare(table, "l", "r"); got != "" {
			t.Errorf("%s: got %s", name, got)
		}
	}
	for _, kind := range []string{"TIMESTAMP(6)", "TIMESTAMP(6) WITH TIME ZONE", "INTERVAL DAY(9) TO SECOND(6)", "NVARCHAR2", "DATE"} {
		if !builtIn(kind) {
			t.Errorf("%s is taken for a type of the user's", kind)
		}
	}
}

func TestErrorNumbers(t *testing.T) {
	if got := ora(errors.New("ORA-1017")); got != "ORA-01017" {
		t.Error(got)
	}
	err := errors.New("ORA-06550: line 4, column 13:\nPLS-00201: identifier 'DBMS_LOCK' must be declared error occur at position: 0")
	if !is(err, notCompiled) || is(nil, notCompiled) || ora(errors.New("x")) != "" {
		t.Error(ora(err))
	}
	for number, text := range remedies {
		if strings.Contains(strings.ReplaceAll(text, "%[1]s", ""), "%") || len(number) != 9 {
			t.Errorf("%s: %s", number, text)
		}
	}
}
