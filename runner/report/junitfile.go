package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

func encode(run xmlRun) []byte {
	var b bytes.Buffer
	b.WriteString(xml.Header)
	encoder := xml.NewEncoder(&b)
	encoder.Indent("", "  ")
	if err := encoder.Encode(run); err != nil {
		panic(fmt.Sprintf("report: the JUnit document has a type that XML can't hold: %v", err))
	}
	b.WriteByte('\n')
	return b.Bytes()
}

// writeFile puts the file in its place whole, or not at all. What is no regular file,
// such as /dev/stdout, is written to and not replaced.
func writeFile(path string, content []byte) error {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	err := place(path, content)
	if err == nil {
		return nil
	}
	remedy := "choose another place with --junit FILE"
	if errors.Is(err, fs.ErrPermission) {
		remedy = "make " + filepath.Dir(path) + " writable, or " + remedy
	}
	return fmt.Errorf("writing the JUnit file %s: %w; %s", path, err, remedy)
}

func place(path string, content []byte) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return os.WriteFile(path, content, 0o666)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	// Not os.CreateTemp: its mode 0600 would lock the build server's agent out.
	temporary := fmt.Sprintf("%s.%d.tmp", path, os.Getpid())
	err := create(temporary, content)
	if err == nil {
		err = os.Rename(temporary, path)
	}
	if err != nil {
		_ = os.Remove(temporary) // the first error tells more
	}
	return err
}

// create writes a file that is not there yet; a link planted under its name is not followed.
func create(path string, content []byte) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Close())
}
