package outline

import (
	"fmt"
	"strings"
	"testing"
)

func TestRead(t *testing.T) {
	src := `from .base import (  # the (shared) ones
    Base as B,
    Other,
)
import a.b as c, d.e; import f
from ... import \
    up
from m import *
if TYPE_CHECKING: from never import x
try:
    import g
except ImportError: import h
if __name__ == "__main__":
    import never2
    class Never: pass
else:
    from i import j
Alias = shop.tests.Base
typed: type = B
one = two =  three
four = five == 6
__all__ += ["x"]
del Other, B
class T:
    import inner
    test_x = None
    if FLAG:
        test_y = test_z  # why
        def test_q(self): pass
    test_t: object = (1,
        2)
    def setUp(self):
        test_no = 1
        from no import no
x == 1
half = 
from .q import a, 
`
	var got []string
	m := Read([]byte(src), -1)
	for _, i := range m.Imports {
		got = append(got, fmt.Sprintf("%d: %d %s %s %s %s", i.Line, i.Level, i.Module, i.Name, i.As, marks(i.Optional, i.Never)))
	}
	for _, a := range m.Assigns {
		got = append(got, fmt.Sprintf("%d: %d %d %s=%s %s", a.Line, a.Kind, a.Parent, a.Name, a.Value, marks(a.Optional, a.Never)))
	}
	for _, d := range m.Defs {
		line, column := d.NameAt()
		got = append(got, fmt.Sprintf("%s %d:%d %s", d.Name, line, column, marks(d.Optional, d.Never)))
	}
	want := `0: 1 base Base B 
0: 1 base Other  
4: 0 a.b  c 
4: 0 d.e   
4: 0 f   
5: 3  up  
7: 0 m *  
8: 0 never x  ON
10: 0 g   O
11: 0 h   O
13: 0 never2   ON
16: 0 i j  O
36: 1 q a  
17: 0 -1 Alias=shop.tests.Base 
18: 0 -1 typed=B 
19: 0 -1 one=three 
19: 0 -1 two=three 
20: 0 -1 four=five == 6 
21: 1 -1 __all__=["x"] 
22: 2 -1 Other= 
22: 2 -1 B= 
25: 0 1 test_x=None 
27: 0 1 test_y=test_z  # why O
29: 0 1 test_t=(1,
        2) 
35: 0 -1 half= 
Never 14:10 ON
T 23:6 
test_q 28:12 O
setUp 31:8 `
	if diff := strings.Join(got, "\n"); diff != want {
		t.Errorf("got\n%s\nwant\n%s", diff, want)
	}
}

func marks(optional, never bool) (s string) {
	if optional {
		s = "O"
	}
	if never {
		s += "N"
	}
	return s
}
