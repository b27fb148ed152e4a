package dbclone

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"regexp"
	"strings"
)

// Schema says what a migrated database depends on, as far as that is known before building.
type Schema struct {
	Project string `json:"project"`          // key of the project: letters, digits, "-" and "_", at most 64
	Alias   string `json:"alias"`            // in DATABASES, any characters
	Engine  string `json:"engine"`           // Django's vendor
	Key     string `json:"key"`              // digest of everything else; what has the same key has the same schema
	Memory  bool   `json:"memory"`           // the worker keeps its clone in memory
	Server  string `json:"server,omitempty"` // [Met.ID], of engines with servers
	Display string `json:"display"`          // for people: the project and alias

	// A template for the same base and some of the same steps is a beginning for one with all of
	// them. Base digests what the key does but for the steps; "" for a schema without any.
	Base  string            `json:"base,omitempty"`
	Steps map[string]string `json:"steps,omitempty"` // migrations: absolute path and digest

	// Facts are values that a build may turn out to depend on, or digests of them, by name. What
	// is not among them is absent.
	Facts map[string]string `json:"-"`
}

// Place is where a build has to write one migrated database.
type Place struct {
	Schema Schema
	Path   string // as [Engine.Locate] gives it
	Label  string // for the database on its server, as soon as it is there; "" for none

	// The steps that are missing in what is there already, a copy of an older template; nil when
	// nothing is there. The build may also begin from nothing.
	Missing []string
	Note    string // of the build of what is there
}

// Build creates and migrates the databases, all of them, writes each to its place and closes
// it. It returns what it depended on, over and above what the schemas' keys cover. Scratch
// files beside a place are removed afterwards.
type Build func(ctx context.Context, places []Place) (Built, error)

// Built is what a build depended on.
type Built struct {
	Inputs []Input
	Afresh bool   // the build began from nothing, also where there was something
	Note   string // for the builds that go on with these databases
	Coarse bool   // files count whole of which only parts may matter; see [Manager.Refine]
}

var projectKey = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`)

func (s Schema) validate() error {
	switch {
	case !projectKey.MatchString(s.Project):
		return fmt.Errorf("dbclone: project key %q: want letters, digits, - and _, at most 64", s.Project)
	case s.Alias == "":
		return fmt.Errorf("dbclone: schema of project %s without an alias", s.Project)
	case s.Key == "":
		return fmt.Errorf("dbclone: schema of alias %q without a key", s.Alias)
	}
	return nil
}

// same reports whether one template serves both. How a clone is kept and what it is called
// makes no difference.
func (s Schema) same(other Schema) bool {
	return s.Project == other.Project && s.Alias == other.Alias &&
		s.Engine == other.Engine && s.Server == other.Server && s.Key == other.Key
}

// digest names the schema within its project, in 13 characters that are safe in any file or
// database name. Records hold the whole schema, and that is compared.
func (s Schema) digest() string {
	hash := sha256.New()
	for _, part := range []string{"hotclub template", s.Engine, s.Server, s.Alias, s.Key} {
		hash.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		hash.Write([]byte(part))
	}
	return strings.ToLower(base32.StdEncoding.EncodeToString(hash.Sum(nil)))[:13]
}

// id tells schemas apart that one template does not serve.
func (s Schema) id() string { return s.Project + "/" + s.digest() }

// lineage is what templates of the past are counted by.
func (s Schema) lineage() string { return s.Project + "\x00" + s.Alias }
