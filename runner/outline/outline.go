package outline

// Kind tells a class from a function.
type Kind uint8

const (
	Class Kind = iota
	Function
	AsyncFunction
)

// A Def is one class or function statement. Lines count from zero.
type Def struct {
	Kind       Kind
	Name       string
	Parent     int      // index of the enclosing Def, or -1
	Line       int      // line of the def or class keyword
	FirstLine  int      // line of the first decorator, or Line
	EndLine    int      // last line of the body that holds code
	Bases      string   // text between the parentheses of a class
	Decorators []string // text after each @
	Optional   bool     // stands in an if, try or the like, not directly in its module, class or function
	Never      bool     // stands where an import of the module does not come by, such as below if TYPE_CHECKING

	indent, body         int // of its first line; of the first statement in it, or -1
	nameLine, nameColumn int
}

// NameAt is where the name begins. Lines and columns count from zero, columns are bytes.
func (d Def) NameAt() (line, column int) { return d.nameLine, d.nameColumn }

// Module is what a text says that decides which tests are in it, each list in source order.
type Module struct {
	Defs    []Def
	Imports []Import // of the module itself, not those within its functions and classes
	Assigns []Assign // in the module and in its classes
}

// Scan lists the definitions of src in source order.
func Scan(src []byte) []Def { return Read(src, -1).Defs }

// Read also lists imports and assignments, of a text whose last edit ended at the offset edited,
// which is where a string that is not closed has most likely been opened. Negative: not known.
func Read(src []byte, edited int) Module {
	s := scan(src, nil)
	if s.openString && edited >= 0 {
		s = s.blame(edited)
	}
	// A string that was never closed swallows the rest of the file, or worse, turns the
	// inside of every later string out. Distrust the first one that looks like code.
	for range 4 {
		if !s.openString {
			break
		}
		at := s.suspect()
		if at < 0 {
			break
		}
		s = scan(src, append(s.distrust, at))
	}
	return Module{s.defs, s.imports, s.assigns}
}

// Enclosing returns the index of the innermost definition around a line (from 0),
// decorators included, or -1.
func Enclosing(defs []Def, line int) int {
	found := -1
	for i, d := range defs {
		if d.FirstLine <= line && line <= d.EndLine {
			found = i // those inside it come later in the source
		}
	}
	return found
}
