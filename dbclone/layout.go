package dbclone

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// layout knows the names in the state directory; the drawing is in doc.go.
type layout struct {
	dir string // absolute
}

func (l layout) home() string               { return filepath.Join(l.dir, "home") }
func (l layout) janitor() string            { return filepath.Join(l.dir, "janitor.lock") }
func (l layout) owners() string             { return filepath.Join(l.dir, "owners") }
func (l layout) locks() string              { return filepath.Join(l.dir, "locks") }
func (l layout) templates() string          { return filepath.Join(l.dir, "templates") }
func (l layout) project(key string) string  { return filepath.Join(l.templates(), key) }
func (l layout) building(own string) string { return filepath.Join(l.dir, "building", own) }
func (l layout) clones(own string) string   { return filepath.Join(l.dir, "clones", own) }

func (l layout) ownerLock(id string) string { return filepath.Join(l.owners(), id+".lock") }
func (l layout) ownerFile(id string) string { return filepath.Join(l.owners(), id+".json") }

func (l layout) buildLock(s Schema) string {
	return filepath.Join(l.locks(), s.Project+"-"+s.digest()+".lock")
}

// create makes the directories that never go away. What lies in them may be private.
func (l layout) create() error {
	for _, dir := range []string{l.owners(), l.locks(), l.templates(), l.building(""), l.clones("")} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return Storage("create the directory", dir, err)
		}
	}
	return nil
}

// newTemplate names a template that is about to be built. The last part makes it unique: the
// same schema is built again when its inputs change, while the old one may be in use.
func newTemplate(s Schema) string {
	return slug(s.Alias) + "-" + s.digest() + "-" + strings.ToLower(rand.Text()[:8])
}

// Names on servers begin with the kind and six characters of the project's key, which is most often
// a digest: enough for people to see what belongs together.
const (
	templateName   = "hct_%s_%s_%s"
	unfinishedName = "hcb_%s_%s_%s"
	cloneName      = "hcc_%s_%s_%s"
)

// template is the spot of a published template.
func (l layout) template(project, name string) Spot {
	parts := strings.Split("-"+name, "-")
	digest, unique := parts[len(parts)-2], parts[len(parts)-1]
	return Spot{
		Dir:  filepath.Join(l.project(project), name),
		Name: fmt.Sprintf(templateName, short(project, 6), short(digest, 8), short(unique, 8)),
	}
}

// parked is the folder of the clone of a template that waits for the next process.
func (l layout) parked(project, name string) string {
	return filepath.Join(l.project(project), name, "parked")
}

func (l layout) hold(project, name string) string {
	return filepath.Join(l.project(project), name+".hold")
}

// unfinished is the spot where an owner builds its nth database.
func (l layout) unfinished(own string, n int, s Schema, name string) Spot {
	return Spot{
		Dir:  filepath.Join(l.building(own), name),
		Name: fmt.Sprintf(unfinishedName, short(s.Project, 6), own, strconv.FormatInt(int64(n), 36)),
	}
}

func (l layout) clone(own string, n int, s Schema) Spot {
	return Spot{
		Dir:  filepath.Join(l.clones(own), fmt.Sprintf("%d-%s", n, slug(s.Alias))),
		Name: fmt.Sprintf(cloneName, short(s.Project, 6), own, strconv.FormatInt(int64(n), 36)),
	}
}

// short is the safe beginning of a text.
func short(text string, length int) string {
	safe := slug(text)
	return safe[:min(len(safe), length)]
}

// slug makes of an alias, which may hold any characters, something that people recognise in
// a file name on every system. It is never what tells two aliases apart.
func slug(alias string) string {
	safe := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToLower(alias))
	return safe[:min(len(safe), 20)]
}
